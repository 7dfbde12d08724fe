/* Fatal errors. See struct tc_error in taxcert.h; findings about one person are not errors. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "taxcert.h"

/* Sets err unless it is set already. Always returns false, so that callers can `return error_set(..)`.
 * file and pointer may be NULL; a long file name keeps its tail. format must not quote input. */
bool error_set(struct tc_error *err, enum tc_code code, const char *file, const char *pointer, const char *rule, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* The error for a failed allocation. */
bool error_memory(struct tc_error *err);
bool error_is_memory(const struct tc_error *err);
/* What a file that cannot be opened or read is, by errno: TC_IO where the machine lacks something, else the given code. */
enum tc_code error_lack(enum tc_code otherwise);

/* What errno says, in words where there are usual ones, else its name. */
const char *error_cause(int code);

/* For the calls of taxcert.h: what an earlier one left is no error of this one. */
void error_reset(struct tc_error *err);

#endif
