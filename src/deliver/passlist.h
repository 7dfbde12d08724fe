/* The list of passwords that were made for a set of copies, and what the run's log has of it. The passwords are nowhere else, so what is there is never
 * replaced: a list whose copies are not finished is taken up again, any other one is refused. */
#ifndef DELIVER_PASSLIST_H
#define DELIVER_PASSLIST_H

#include "base/buf.h"
#include "base/hash.h"

#define PASSLIST_SET 6 /* hexadecimal digits that a set of copies is known by */

/* What the log may say of a list: a hash that is slow on purpose, of the run's identity and the whole text. Twelve signs that were made have 59 bits, so even
 * the list of one person is out of reach behind it. A list of passwords that somebody chose must not be told so: whoever reads the log could try birthdays. */
bool passlist_key(const char *identity, const char *text, size_t length, char key[HASH_HEX + 1], struct tc_error *err);

/* What the log has of the sets that were begun or made with a list. */
enum passlist_state {
    PASSLIST_UNKNOWN, /* it has nothing of this list */
    PASSLIST_BEGUN,   /* a set was begun with it, and none finished */
    PASSLIST_MADE     /* a set was finished with it */
};
/* set: the finished one's name; copies: how many. */
struct passlist_known {
    enum passlist_state state;
    char set[PASSLIST_SET + 1];
    long copies;
};
bool passlist_look(const char *run, const char *key, struct passlist_known *known, struct tc_error *err);

/* Calls for each set that was begun and not finished until one is *taken. False with err. */
typedef bool (*passlist_set_call)(void *ctx, const char *set, bool *taken, struct tc_error *err);
bool passlist_each_begun(const char *run, passlist_set_call call, void *ctx, bool *taken, struct tc_error *err);

#endif
