/* Rules among the certificates of one person. Who is the same person is found by hashes, 16 bytes a certificate for a short
 * while, and confirmed by reading the records. */
#ifndef CHECK_ACROSS_H
#define CHECK_ACROSS_H

#include "check/judge.h"

struct across;

/* What is compared of one certificate. Texts live in the list's arena. */
#define ACROSS_NOBODY SIZE_MAX /* the number of a certificate that nothing is reported of: it is compared with */

struct across_record {
    size_t number;
    const char *person, *personnel_number, *id;
    int64_t from, to;
    const char **said; /* what is said of the person, by the fields of the form's rule about people; "" is nothing */
    unsigned char amounts[HASH_SIZE];
};

/* New list of findings, empty where the form has no such rules; NULL when memory ran out. */
struct across *across_new(const struct template *t);
void across_free(struct across *a);
/* What the record is compared by; id: the certificate's, for findings about another one name it. False when memory ran out. */
bool across_describe(struct across *a, const struct record *record, const char *personnel_number, const char *id,
                     struct across_record *out);
/* Compares certificates that may be one person's. records are reordered. */
bool across_compare(struct across *a, struct across_record *records, size_t count);
/* Whether an error that is not waived was found about the certificate. */
bool across_refuses(const struct across *a, size_t number, struct waivers *waivers, const char *certificate);
/* Adds what was found about the certificate; a may be NULL. */
void across_report(const struct across *a, size_t number, const struct rules_run *run, const char *certificate,
                   const struct sources *sources, struct findings *findings);

#endif
