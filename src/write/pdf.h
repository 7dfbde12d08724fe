/* A page as a PDF file in memory. The only user of libharu. */
#ifndef WRITE_PDF_H
#define WRITE_PDF_H

#include "base/buf.h"
#include "base/error.h"
#include "layout/page.h"

/* Appends the PDF to out. fonts is the folder with the two fonts. Same page, same bytes. */
bool pdf_render(const struct page *page, const char *fonts, struct buf *out, struct tc_error *err);

#endif
