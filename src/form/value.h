/* One certificate's values as rules and computed fields see them, by the indices of the template's fields and groups. */
#ifndef FORM_VALUE_H
#define FORM_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct value {
    bool present;
    int64_t number;   /* by the field's type, see enum field_type */
    const char *text; /* of texts and letters; lives in the record's arena */
};

struct rows {
    size_t count;
    struct value *cells; /* rows times the group's fields, row by row */
};

#endif
