/* An address as it is written on a letter, by what the form says of it. */
#ifndef DELIVER_ADDRESS_H
#define DELIVER_ADDRESS_H

#include "base/buf.h"
#include "input/record.h"

/* Replaces out by the lines, each ended by a newline, terminated. countries: what the caption keys of countries' names begin with; foreign: the
 * country stands there, by its name, else by its code. */
void address_write(const struct template *t, const struct record *record, const char *countries, bool foreign, struct buf *out);

#endif
