/* One certificate as PDF/A-3a and PDF/UA-1. Everything that is the same for everyone is sealed once, when the first
 * person needs it; each certificate then costs its own texts, one compressed stream and a short cross-reference stream.
 *
 *   content.c  the drawing operators          splice.c   most of them compressed beforehand
 *   objects.c  page, fonts, tags, metadata    subset.c   the fonts, reduced
 *   seal.c     those as bytes                 phrase.c   the attachment compressed, its keys beforehand
 *   deflate.c  the codes of both compressions match.c    what repeats what in them
 *
 * A person's bytes depend on the page, the fonts, the document and the person's texts only. */
#ifndef PDF_PDF_H
#define PDF_PDF_H

#include <sys/uio.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "layout/page.h"
#include "pdf/document.h"
#include "pdf/phrase.h"
#include "pdf/splice.h"

#define PDF_PARTS 2 /* of a file: what is the seal's, what is the person's */

struct pdf; /* workers share it */

/* One worker's own tools. */
struct pdf_worker {
    struct libdeflate_compressor *compressor;
    struct splice_values values;
    struct buf content, packed;
    struct buf own;               /* the last PDF, behind what all of its seal begin with */
    struct iovec file[PDF_PARTS]; /* the two, borrowed until the next one */
};

/* New, or NULL with err. page and fonts outlive it. */
struct pdf *pdf_new(const struct page *page, const struct font *regular, const struct font *bold, const struct pdf_document *document,
                    struct tc_error *err);
void pdf_free(struct pdf *pdf);

bool pdf_worker_start(struct pdf_worker *w, const struct pdf *pdf, struct tc_error *err);
void pdf_worker_stop(struct pdf_worker *w);

/* What was sealed, smallest tier and choices first: name like "0-0000003f", bytes as every PDF of it begins. Not while
 * workers run. */
bool pdf_each_seal(const struct pdf *pdf, void *ctx, bool (*call)(void *ctx, const char *name, const void *data, size_t length));

/* Makes w->file the PDF of one person and hash its SHA-256. placed: by slot. attachment: the attached file, written to
 * its end. */
bool pdf_render(struct pdf *pdf, struct pdf_worker *w, const struct placed *placed, const struct phrase_writer *attachment,
                unsigned char hash[HASH_SIZE], struct tc_error *err);

#endif
