/* What is said of the document, not of the person: known to the objects, the seal and the pdf alike. */
#ifndef PDF_DOCUMENT_H
#define PDF_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

/* Texts and bytes outlive the struct pdf made with it. */
struct pdf_document {
    const char *title, *language; /* language like "de" */
    const char *attachment;       /* name of the file that is attached */
    int32_t issued;               /* yyyymmdd: every date in the file */
    const void *profile;          /* ICC, grey */
    size_t profile_size;
};

#endif
