/* Everything of the PDF but one person's texts, as bytes: the objects that are the same for everyone, packed and
 * cross-referenced. A page of other choices or another tier is another seal. */
#ifndef PDF_SEAL_H
#define PDF_SEAL_H

#include "base/error.h"
#include "base/hash.h"
#include "pdf/objects.h"

/* A page that has places for a person's texts; others are the same for everyone, and in the prefix. */
struct seal_page {
    struct content content;
    struct splice *splice; /* the content, compressed */
    int made_as;           /* libharu's number of its stream */
};

struct seal {
    struct seal *next;
    uint32_t choices;
    struct buf prefix; /* the file's beginning, up to the first personal object */
    struct hash hash;  /* behind the prefix */
    struct seal_page pages[PAGE_SHEETS_MAX];
    int page_count;
    int own;        /* object number of the first page's content; the others' follow, the attachment's, the last cross-reference stream's */
    int root, info; /* object numbers too */
    size_t first_table; /* where in prefix the first cross-reference stream begins */
};

/* Streams that were compressed for a seal: the next one of the tier has most of them too. {0} holds none. */
struct seal_streams {
    struct seal_stream *first;
};

/* New, or NULL with err. */
struct seal *seal_make(const struct page *page, uint32_t choices, const struct faces *faces, const struct pdf_document *document,
                       struct seal_streams *streams, struct tc_error *err);
void seal_free(struct seal *seal);
void seal_streams_free(struct seal_streams *streams);
/* One entry of a cross-reference stream with /W [1 3 2]: type 1 is an offset, type 2 an object stream and an index. */
void seal_entry(unsigned char out[6], int type, size_t place, int index);

#endif
