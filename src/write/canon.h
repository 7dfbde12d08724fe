/* A record as canonical JSON, one line: the fields that are present in the template's order, amounts as text. Read by
 * record_restore. */
#ifndef WRITE_CANON_H
#define WRITE_CANON_H

#include "base/buf.h"
#include "read/record.h"
#include "read/trail.h"

/* Who a record is of: the handles, which are no fields. */
struct canon_head {
    const char *id, *personnel_number, *establishment;
};

void canon_write(const struct template *t, const struct record *record, const struct canon_head *head, struct buf *out);
/* What somebody is found by, folded: the handles, and the fields that the form names for it. record and id may be NULL. */
void canon_words(const struct template *t, const struct record *record, const char *personnel_number, const char *id, struct buf *out);
/* One value that is there, as in the record. */
void canon_value(struct buf *out, const struct field *f, const struct value *v);
/* A trail: {"1000":{"1":"4200.00","2":"4200.00"}}. Read by trail_restore. */
void canon_trail(const struct trail *trail, int digits, struct buf *out);

#endif
