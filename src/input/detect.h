/* What a JSON file is, from as little of it as tells. */
#ifndef INPUT_DETECT_H
#define INPUT_DETECT_H

#include <stdbool.h>

/* False where the file is something else: it says so by a "format" of ours, or is a whole document without certificates.
 * True also where that cannot be told: a broken payroll must not be overlooked, its run says what is wrong. */
bool detect_payroll(const char *path);

#endif
