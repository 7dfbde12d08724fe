/* The document's objects other than its content, made through libharu's object layer: page, fonts, structure, metadata. The
 * only user of libharu. */
#ifndef PDF_OBJECTS_H
#define PDF_OBJECTS_H

#include "base/error.h"
#include "pdf/content.h"
#include "pdf/document.h"

/* One object as PDF text. Of a stream, text is what its dictionary has besides length and filter, and data follows it. */
struct object {
    int number;
    bool stream;
    const char *text, *data;
    size_t length, size;
};

/* A stream's data, as they are: seal.c compresses them. */
struct object_stream {
    int number;
    const char *data;
    size_t size;
};

#define OBJECT_STREAMS 7 /* a file and the meanings of each face, metadata, profile, attachment */

struct objects {
    struct buf file;     /* what text points into */
    struct buf metadata; /* the file's description of itself */
    struct object_stream streams[OBJECT_STREAMS];
    int stream_count;
    struct object *list; /* by number; without those that are written anew for every person */
    size_t count;
    int numbers; /* numbers in use, those of list and others: 0 to numbers - 1; a seal gives out its own */
    int root, info;
    int contents[PAGE_SHEETS_MAX]; /* by sheet: number of its content, which is not in list; 0: there is no such page */
    int attachment;                /* number of the stream written anew for every person */
};

/* False with err; out is to be freed then too. */
bool objects_make(const struct page *page, uint32_t choices, const struct faces *faces, const struct pdf_document *document,
                  struct objects *out, struct tc_error *err);
void objects_free(struct objects *objects);

#endif
