/* How mail goes out: server, sender, words, limits. A file of the user's, with nobody else's rights where it holds a password. */
#ifndef DELIVER_MAILCONFIG_H
#define DELIVER_MAILCONFIG_H

#include "base/json.h"
#include "deliver/carrier.h"

#define MAIL_TRIES 8

/* What a message says; file: the attachment's name. */
struct mail_words {
    const char *subject, *text, *file;
};

struct mailconfig {
    json_t *root; /* owned; the texts are in it */
    struct smtp_server server;
    char from[MAILBOX_MAX + 1];
    const char *from_name;
    struct mail_words words, of_letters; /* of_letters: with the letter of a cancellation */
    long per_minute, delays[MAIL_TRIES]; /* seconds before each further try */
    int delay_count;
};

/* language: whose subject and text are taken. */
bool mailconfig_load(struct mailconfig *m, const struct carrier *carrier, const char *path, const char *language, struct tc_error *err);
void mailconfig_free(struct mailconfig *m);

#endif
