/* A run's sealed form, which its certificates begin with: its objects, and what its pages are made of. */
#ifndef DELIVER_SEALED_H
#define DELIVER_SEALED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "layout/page.h"

#define SEALED_PAGES_MAX PAGE_SHEETS_MAX

/* An object: its text, and where it is a stream the packed bytes. */
struct sealed_part {
    const char *text, *data;
    size_t length, size;
    int as; /* join's: its number in the print file; 0: not taken over yet */
};

struct sealed_page {
    const char *resources, *box;
    size_t resources_length, box_length;
    int contents; /* the object with its content: of the form, where that is the same for everybody, else the person's */
    int as;       /* join's: the resources' number in the print file; 0: not taken over yet */
};

struct sealed {
    const char *prefix; /* the caller's */
    size_t length;
    struct sealed_part *parts; /* by number */
    int count;
    char *unpacked; /* the object stream; owned */
    struct sealed_page pages[SEALED_PAGES_MAX];
    int page_count;
    bool memory; /* was lacking */
};

/* data, terminated as by file_read, is borrowed. To be freed after a failure too. name is for messages. */
bool sealed_read(struct sealed *s, const char *name, const char *data, size_t length, struct tc_error *err);
void sealed_free(struct sealed *s);
/* Whether the certificate, terminated, begins with it. */
bool sealed_begins(const struct sealed *s, const char *data, size_t length);
/* A page's content, from 0, of a certificate that begins with it. *fixed: it is the form's. False where there is none. */
bool sealed_content(const struct sealed *s, int page, const char *data, size_t length, struct sealed_part *content, bool *fixed);

#endif
