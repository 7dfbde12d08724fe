/* One certificate's values by field index, read and typed as the template says. */
#ifndef INPUT_RECORD_H
#define INPUT_RECORD_H

#include "base/finding.h"
#include "form/template.h"
#include "form/value.h"
#include "input/trail.h"

struct record {
    struct value *values; /* one a field; of an amount in a group the sum over its rows, of anything else there absent */
    struct rows *groups;
    bool incomplete; /* an amount could not be read: it is in no sum */
};

/* What a certificate consists of. Borrowed; an absent object is NULL. */
struct sources {
    const struct datum *at[PLACE_COUNT];
    const char *pointers[PLACE_COUNT]; /* JSON pointer of each in its file */
    enum input_file files[PLACE_COUNT];
};

/* Reads all fields and groups, adds up the entries, booking each in the trail, and computes computed fields. Everything goes
 * into arena; trail is {0} before; what is wrong becomes findings. False only when memory ran out. wages may be NULL where the input has no wage types. */
bool record_read(const struct template *t, const struct sources *sources, const struct wages *wages, struct arena *arena,
                 struct record *record, struct trail *trail, struct findings *findings);

/* Reads the fields of one place into a record that is there, from sources. */
void record_read_place(const struct template *t, enum field_place place, const struct sources *sources, struct arena *arena,
                       struct record *record, struct findings *findings);

/* Takes what a correction's fields of PLACE_BEFORE say from the record that it corrects, whose texts live on in it. */
bool record_take_before(const struct template *t, const struct record *before, struct arena *arena, struct record *record);

/* An amount of a group is in the record the sum over its rows. False where one is too large, which is then absent. */
bool record_sum_rows(const struct template *t, const struct group *g, const struct rows *rows, struct value *values);

/* Reads back what canonical_write wrote. False where it is not such a record of this template. */
bool record_restore(const struct template *t, const struct datum *canon, struct arena *arena, struct record *record);

/* The same of these fields outside of groups alone: of no group there are rows. */
bool record_restore_some(const struct template *t, const struct datum *canon, const int *list, size_t count, struct arena *arena,
                         struct record *record);

/* Whether a field outside of groups is the same in both; whether a group's rows are. */
bool record_same(const struct template *t, int field, const struct record *a, const struct record *b);
bool record_same_rows(const struct template *t, size_t group, const struct record *a, const struct record *b);
/* The same of one value. */
bool record_same_value(const struct field *f, const struct value *a, const struct value *b);

/* JSON pointer of a field's value, row: of its group, ignored outside of groups. In arena; file may be NULL. */
const char *record_pointer(const struct template *t, const struct sources *sources, int field, int row, struct arena *arena,
                           enum input_file *file);

/* The data of one record, for expr_evaluate. row -1: outside of groups. */
struct record_scope {
    const struct template *t;
    const struct record *record;
    int group, row;
    char normal[IDENTIFIER_LENGTH_MAX + 1]; /* of the last text that was checked */
    struct {
        int check;
        const char *text, *variant;
        bool valid;
    } last; /* which that was: several rules ask for the same */
};
struct expr_data record_data(struct record_scope *scope);

#endif
