/* certificate.json, which is attached to the PDF: the printed values for machines, exactly those and nothing else.
 * Its schema is that of "taxcert template schema", $defs/certificate. */
#ifndef WRITE_ATTACH_H
#define WRITE_ATTACH_H

#include "layout/place.h"

/* Replaces out. order: the rows as they were placed. */
void attach_write(const struct template *t, const struct form *form, const struct record *record, size_t *const *order,
                  struct buf *out);

#endif
