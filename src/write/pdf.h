/* The sealed form: everything of the PDF that is the same for everyone, made once per run; each certificate then costs
 * its own text, one compressed stream and a cross-reference table. The only user of libharu.
 *
 * A person's bytes depend on the page, the fonts and the person's texts only. */
#ifndef WRITE_PDF_H
#define WRITE_PDF_H

#include "base/buf.h"
#include "base/error.h"
#include "layout/page.h"

/* By a person's text alone, so that most files carry small fonts. */
enum pdf_tier { PDF_GERMAN, PDF_LATIN, PDF_ALL, PDF_TIERS };

struct pdf; /* read-only after pdf_seal: workers share it */

/* One worker's own tools. */
struct pdf_worker {
    struct libdeflate_compressor *compressor;
    struct buf content, packed;
};

/* title is the document's, not the person's; language like "de". New, or NULL with err. */
struct pdf *pdf_seal(const struct page *page, const struct font *regular, const struct font *bold, const char *title,
                     const char *language, struct tc_error *err);
void pdf_free(struct pdf *pdf);

bool pdf_worker_start(struct pdf_worker *w, struct tc_error *err);
void pdf_worker_stop(struct pdf_worker *w);

/* Replaces out by the PDF of one person. placed: by slot. False when memory ran out. */
bool pdf_render(const struct pdf *pdf, struct pdf_worker *w, const struct placed *placed, struct buf *out);

#endif
