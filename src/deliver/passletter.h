/* Letters that tell people the passwords of their copies: a page each, for a window envelope. */
#ifndef DELIVER_PASSLETTER_H
#define DELIVER_PASSLETTER_H

#include "base/buf.h"
#include "deliver/recipients.h"
#include "layout/font.h"

/* Borrowed. */
struct passletter {
    const struct person *person; /* with an address, loaded with RECIPIENTS_ADDRESSES */
    const char *password;
};

struct passletters {
    const struct recipients *people;
    const struct font *font;
    const struct tc_words *words; /* or NULL */
    const char *set;              /* of copies: stands on each page, with its number */
    bool made;                    /* the passwords are of small letters and digits */
};

/* Whether the font has every sign of the password: what it lacks would be left out. */
bool passletter_can_draw(const struct font *font, const char *password);
/* Inland letters first, by postcode and name, then those abroad by country. */
void passletter_sort(struct passletter *list, size_t count);
/* Replaces out by the file; it holds every password. */
bool passletter_make(const struct passletters *letters, const struct passletter *list, size_t count, struct buf *out, struct tc_error *err);

#endif
