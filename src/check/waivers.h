/* Errors that somebody answers for: certificate, rule, reason and who, from a file. What is waived is found and told like any
 * error, but the certificate is issued. */
#ifndef CHECK_WAIVERS_H
#define CHECK_WAIVERS_H

#include "base/hash.h"
#include "form/template.h"

struct waiver {
    const char *certificate, *rule, *reason, *who;
    bool used; /* set by any worker, read when they are done */
};

struct waivers;

/* New, or NULL with err: a rule nobody knows or that cannot be waived, a key missing. */
struct waivers *waivers_load(const char *path, const struct template *t, struct tc_error *err);
void waivers_free(struct waivers *w);
/* Of the file's bytes. */
const unsigned char *waivers_hash(const struct waivers *w);
size_t waivers_count(const struct waivers *w);
struct waiver *waivers_at(struct waivers *w, size_t i);
/* The waiver of this rule for this certificate, marked as used, or NULL. w may be NULL. */
const struct waiver *waivers_find(struct waivers *w, const char *certificate, const char *rule);

#endif
