/* Errors that somebody answers for: certificate, rule, reason and who approved it, from a file. What is waived is found and told like any
 * error, but the certificate is issued. A line without a certificate is for all of the run, where the form lets the rule be waived so. */
#ifndef CHECK_WAIVERS_H
#define CHECK_WAIVERS_H

#include "base/buf.h"
#include "base/hash.h"
#include "form/template.h"

struct waiver {
    const char *certificate; /* NULL: every one */
    const char *rule, *reason, *who;
    size_t line; /* in its file, from 0 */
    bool common; /* of the file that several employers share */
    bool used;   /* set by any worker, read when they are done */
};

struct waiver_line {
    bool named;  /* it is for one certificate */
    size_t runs; /* how many needed it */
};

/* A file as it was read, of no form yet: several employers share one. */
struct waiver_file {
    const char *path; /* borrowed */
    unsigned char hash[HASH_SIZE];
    struct arena arena;
    json_t *root;
    unsigned older; /* keys that were renamed, by bit of enum older */
    size_t count;
    struct waiver_line *lines;
};

struct waivers;

/* New, or NULL with err: no list of waivers, a key missing or unknown. */
struct waiver_file *waiver_file_open(const char *path, struct tc_error *err);
void waiver_file_free(struct waiver_file *f);
/* Notes which lines a run has needed. */
void waiver_file_count(struct waiver_file *f, struct waivers *w);

/* Those of the file, and after them those of the shared one; either may be NULL. New, or NULL with err: a rule nobody knows or that
 * cannot be waived. In the shared file a rule that the form does not have is another form's. */
struct waivers *waivers_load(const char *path, const struct waiver_file *common, const struct template *t, struct tc_error *err);
void waivers_free(struct waivers *w);
/* What they were made from, of one file or of both. */
void waivers_identify(const struct waivers *w, struct buf *text);
/* Keys that have another name by now, by bit of enum older. */
unsigned waivers_older(const struct waivers *w);
size_t waivers_count(const struct waivers *w);
struct waiver *waivers_at(struct waivers *w, size_t i);
/* The waiver of this rule for this certificate, else the one for all, marked as used; or NULL. w may be NULL. */
const struct waiver *waivers_find(struct waivers *w, const char *certificate, const char *rule);

#endif
