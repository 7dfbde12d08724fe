/* The letter of a cancellation: tells an employee which certificate is void and why. What it says is what was certified, and the form's
 * fields of PLACE_LETTER. */
#ifndef CERTIFICATE_LETTER_H
#define CERTIFICATE_LETTER_H

#include "certificate/attachment.h"
#include "certificate/prepared.h"

struct letter_text {
    const char *record; /* canonical: of the certificate */
    const char *id, *reason;
    const char *issued;  /* of the cancellation, YYYY-MM-DD */
    const char *other;   /* id of the certificate in its place, or NULL */
    const char *pointer; /* of the cancellation in its file */
};

/* One worker's own tools. */
struct letter_worker {
    const struct prepared *form; /* that has a letter */
    struct pdf_worker pdf;
    struct placed *placed;
    struct attachment attachment;
    struct buf details;
    unsigned char hash[HASH_SIZE]; /* of the last letter */
};

bool letter_start(struct letter_worker *w, const struct prepared *form, struct tc_error *err);
void letter_stop(struct letter_worker *w);
/* With render the letter is in w->pdf.file where there are no findings of errors. False only for fatal errors, in err. */
bool letter_make(struct letter_worker *w, const struct letter_text *text, bool render, struct arena *arena, struct findings *findings,
                 struct tc_error *err);

#endif
