/* certificate.json, which is attached to the PDF: the printed values for machines, exactly those and nothing else. It is
 * written packed, its keys as bits that were made once for the form (pdf/phrase.h).
 * Its schema is that of "taxcert template schema", $defs/certificate; of a letter's letter.json, $defs/letter. */
#ifndef CERTIFICATE_ATTACHMENT_H
#define CERTIFICATE_ATTACHMENT_H

#include "layout/place.h"
#include "pdf/phrase.h"

/* One worker's own; {0} is one. packed holds the last one written. */
struct attachment {
    struct phrase_writer packed;
    struct buf between; /* of the text, what is not written yet and stands before the next phrase */
};

/* What all attachments of the form have: new, or NULL when memory ran out. */
struct phrases *attachment_phrases(const struct template *t, const struct form *form);
/* order: the rows as they were placed. False when memory ran out. */
bool attachment_write(const struct phrases *phrases, const struct template *t, const struct form *form, const struct record *record,
                      size_t *const *order, struct attachment *out);
void attachment_free(struct attachment *a);

#endif
