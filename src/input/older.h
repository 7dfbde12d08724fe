/* Keys of the input that earlier versions called otherwise: they are still read, and told, so that whoever writes the files can change them. */
#ifndef INPUT_OLDER_H
#define INPUT_OLDER_H

#include "base/json.h"

enum older { OLDER_ISSUED, OLDER_WAGE_YEAR, OLDER_CORRECTED, OLDER_WHO, OLDER_COUNT };

/* What it was called, and what it is called now. Static. */
const char *older_before(enum older key);
const char *older_now(enum older key);

/* Calls the object's member by its name of now; what is no object stays as it is. *seen, which may be NULL: bits by enum older of what was
 * renamed. False with err where the object has both, or memory ran out. */
bool older_rename(json_t *object, enum older key, const char *file, unsigned *seen, struct tc_error *err);
/* The same of a list of declarations, and of a payroll's head with its declarations. */
bool older_declarations(json_t *list, const char *file, unsigned *seen, struct tc_error *err);
bool older_head(json_t *head, const char *file, unsigned *seen, struct tc_error *err);

#endif
