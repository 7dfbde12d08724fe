/* Tickets into a payroll that is there: its bytes stay, but for the ticket of each certificate. */
#ifndef IMPORT_INTO_H
#define IMPORT_INTO_H

#include "base/stream.h"
#include "import/gather.h"

struct into;

/* Looks for the payroll's certificates; *year: the payroll's. NULL with err. */
struct into *into_open(const char *path, int *year, struct tc_error *err);
/* Finds each certificate's ticket; what is wrong is told. */
bool into_choose(struct into *into, struct gather *rows, struct origins *o, long *tickets, struct tc_error *err);
/* The payroll with them. */
bool into_write(struct into *into, struct stream *to, struct tc_error *err);
size_t into_count(const struct into *into);
void into_close(struct into *into);

#endif
