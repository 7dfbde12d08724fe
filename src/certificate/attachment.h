/* certificate.json, which is attached to the PDF: the printed values for machines, exactly those and nothing else.
 * Its schema is that of "taxcert template schema", $defs/certificate; of a letter's letter.json, $defs/letter. */
#ifndef CERTIFICATE_ATTACHMENT_H
#define CERTIFICATE_ATTACHMENT_H

#include "layout/place.h"

/* Replaces out. order: the rows as they were placed. */
void attachment_write(const struct template *t, const struct form *form, const struct record *record, size_t *const *order,
                      struct buf *out);

#endif
