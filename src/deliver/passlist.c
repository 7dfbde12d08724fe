#include "deliver/passlist.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/journal.h"

#define ROUNDS 200000 /* of PBKDF2: some 50 ms a list, and 2 to the 77th hashes for all passwords of twelve signs */

bool passlist_key(const char *identity, const char *text, size_t length, char key[HASH_HEX + 1], struct tc_error *err)
{
    unsigned char hash[HASH_SIZE], slow[HASH_SIZE];

    hash_bytes(text, length, hash);
    if (PKCS5_PBKDF2_HMAC((const char *)hash, sizeof hash, (const unsigned char *)identity, (int)strlen(identity), ROUNDS, EVP_sha256(),
                          sizeof slow, slow)
        != 1)
        return error_memory(err);
    hash_hex(slow, key);
    explicit_bzero(hash, sizeof hash);
    return true;
}

struct looking {
    const char *key;
    struct passlist_known *known;
};

static bool on_event(void *ctx, const struct event_read *event, struct tc_error *err)
{
    struct looking *l = ctx;
    size_t length;
    const char *count;
    bool made = !strcmp(event->kind, "copied");

    (void)err;
    if ((!made && (strcmp(event->kind, "begun") != 0 || l->known->state == PASSLIST_MADE)) || !journal_is(event->reason, "list", l->key))
        return true;
    count = journal_find(event->reason, "copies", &length);
    *l->known = (struct passlist_known){.state = made ? PASSLIST_MADE : PASSLIST_BEGUN, .copies = count ? strtol(count, NULL, 10) : 0};
    memcpy(l->known->set, event->about, strnlen(event->about, PASSLIST_SET));
    return true;
}

bool passlist_look(const char *run, const char *key, struct passlist_known *known, struct tc_error *err)
{
    struct looking l = {key, known};

    *known = (struct passlist_known){.state = PASSLIST_UNKNOWN};
    return events_read(run, on_event, &l, err);
}

/* ---- sets that were begun */

struct set {
    char name[PASSLIST_SET + 1];
    bool made;
};

struct sets {
    struct set *list;
    size_t count;
};

static bool on_set(void *ctx, const struct event_read *event, struct tc_error *err)
{
    struct sets *s = ctx;
    struct set *grown;

    for (size_t i = 0; !strcmp(event->kind, "copied") && i < s->count; i++)
        s->list[i].made |= !strcmp(s->list[i].name, event->about);
    if (strcmp(event->kind, "begun") != 0 || !journal_is(event->reason, "what", JOURNAL_COPIES))
        return true;
    grown = realloc(s->list, (s->count + 1) * sizeof *grown);
    if (!grown)
        return error_memory(err);
    s->list = grown;
    s->list[s->count] = (struct set){.made = false};
    memcpy(s->list[s->count++].name, event->about, strnlen(event->about, PASSLIST_SET));
    return true;
}

bool passlist_each_begun(const char *run, passlist_set_call call, void *ctx, bool *taken, struct tc_error *err)
{
    struct sets sets = {.count = 0};
    bool ok = events_read(run, on_set, &sets, err);

    *taken = false;
    for (size_t i = 0; ok && !*taken && i < sets.count; i++)
        ok = sets.list[i].made || call(ctx, sets.list[i].name, taken, err);
    free(sets.list);
    return ok;
}
