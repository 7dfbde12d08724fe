/* Records as XML: each an element, its fields elements and attributes below it. What stays open until the next of its kind: an establishment around its
 * certificates, a certificate around its rows. */
#ifndef ARCHIVE_FILING_XML_H
#define ARCHIVE_FILING_XML_H

#include "archive/filing_layout.h"
#include "base/buf.h"

#define FILING_XML_DEPTH 3

struct filing_xml {
    const struct filing_record *open[FILING_XML_DEPTH]; /* records whose elements are not ended, the outer first */
    int depth;
    const char *path; /* the elements open in the last of them, as in the name of the field written last */
    size_t length;    /* bytes of it */
    bool in_tag;      /* the last start tag may still have attributes */
};

/* The declaration and the root's start. */
void filing_xml_begin(const struct filing_layout *layout, struct buf *out);
/* The record's start; what cannot hold it is ended before. */
void filing_xml_record(struct filing_xml *x, const struct filing_record *record, struct buf *out);
/* One of its fields. Where its text begins in out, and the number of bytes of it. */
size_t filing_xml_field(struct filing_xml *x, const char *name, const char *text, size_t length, struct buf *out);
/* After the last of them. */
void filing_xml_fields_end(struct filing_xml *x, const struct filing_record *record, struct buf *out);
/* All that is open, and the root. */
void filing_xml_end(struct filing_xml *x, const struct filing_layout *layout, struct buf *out);

#endif
