/* A record as canonical JSON, one line: the fields that are present in the template's order, amounts as text. Read by
 * record_restore. */
#ifndef CERTIFICATE_CANONICAL_H
#define CERTIFICATE_CANONICAL_H

#include "base/buf.h"
#include "input/record.h"
#include "input/trail.h"

/* Who a record is of: the handles, which are no fields. */
struct canonical_head {
    const char *id, *personnel_number, *establishment;
};

void canonical_write(const struct template *t, const struct record *record, const struct canonical_head *head, struct buf *out);
/* What somebody is found by, folded: the handles, and the fields that the form names for it. record and id may be NULL. */
void canonical_words(const struct template *t, const struct record *record, const char *personnel_number, const char *id, struct buf *out);
/* One value that is there, as in the record. */
void canonical_value(struct buf *out, const struct field *f, const struct value *v);
/* A trail: {"1000":{"1":"4200.00","2":"4200.00"}}. Read by trail_restore. */
void canonical_trail(const struct trail *trail, int digits, struct buf *out);
/* The establishment that stands in it, in arena, or NULL. text may be NULL. */
const char *canonical_establishment(const char *text, struct arena *arena);
/* A record read back from its text. False with err where it is damaged. */
bool canonical_record(const struct template *t, const char *text, struct arena *arena, struct record *record, struct tc_error *err);

#endif
