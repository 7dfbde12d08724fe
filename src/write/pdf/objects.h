/* The document's objects other than its content, made through libharu's object layer: page, fonts, structure, metadata. */
#ifndef WRITE_PDF_OBJECTS_H
#define WRITE_PDF_OBJECTS_H

#include <hpdf_conf.h>
#include <hpdf_consts.h>
#include <hpdf_doc.h>
#include <hpdf_pages.h>

#include "write/pdf/content.h"
#include "write/pdf/pdf.h"

/* Those that are written anew for every person: only their numbers matter. */
struct personal {
    int content, attachment;
};

/* False when libharu or memory failed; libharu's error handler was called then. */
bool objects_make(HPDF_Doc doc, const struct page *page, uint32_t choices, const struct faces *faces,
                  const struct pdf_document *document, struct personal *personal);
int objects_number(const void *object);

#endif
