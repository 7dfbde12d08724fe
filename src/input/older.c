#include "input/older.h"

static const char *const names[OLDER_COUNT][2] = {
    [OLDER_ISSUED] = {"issued", "issue_date"},
    [OLDER_WAGE_YEAR] = {"wage_year", "calendar_year"},
    [OLDER_CORRECTED] = {"corrected", "amended"},
    [OLDER_WHO] = {"who", "approved_by"},
};

const char *older_before(enum older key)
{
    return names[key][0];
}

const char *older_now(enum older key)
{
    return names[key][1];
}

bool older_rename(json_t *object, enum older key, const char *file, unsigned *seen, struct tc_error *err)
{
    json_t *value = json_object_get(object, names[key][0]);

    if (!value)
        return true;
    if (json_object_get(object, names[key][1]))
        return error_set(err, TC_INPUT, file, NULL, "older-key",
                         "%s was formerly called %s: both are given in one place; give only one of them", names[key][1], names[key][0]);
    if (json_object_set(object, names[key][1], value) != 0)
        return error_memory(err);
    json_object_del(object, names[key][0]);
    if (seen)
        *seen |= 1u << key;
    return true;
}

bool older_declarations(json_t *list, const char *file, unsigned *seen, struct tc_error *err)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);

        if (!older_rename(one, OLDER_WAGE_YEAR, file, seen, err) || !older_rename(one, OLDER_CORRECTED, file, seen, err))
            return false;
    }
    return true;
}

bool older_head(json_t *head, const char *file, unsigned *seen, struct tc_error *err)
{
    return older_rename(head, OLDER_ISSUED, file, seen, err) && older_declarations(json_object_get(head, "declarations"), file, seen, err);
}
