#include "deliver/journal.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORD_MAX 128 /* an id, a colon and a hash */

void journal_word(struct buf *reason, const char *key, const char *value)
{
    buf_puts(reason, reason->length ? " " : "");
    buf_puts(reason, key);
    buf_puts(reason, "=");
    for (; *value; value++)
        buf_add(reason, (unsigned char)*value <= 0x20 || *value == 0x7F ? "_" : value, 1);
}

void journal_hash(struct buf *reason, const char *key, const unsigned char hash[HASH_SIZE])
{
    char hex[HASH_HEX + 1];

    hash_hex(hash, hex);
    journal_word(reason, key, hex);
}

void journal_who(struct buf *reason)
{
    char text[32], room[4096];
    struct passwd entry, *found = NULL;

    snprintf(text, sizeof text, "%ld", (long)getuid());
    getpwuid_r(getuid(), &entry, room, sizeof room, &found);
    journal_word(reason, "by", found && *found->pw_name ? found->pw_name : text);
}

const char *journal_find(const char *reason, const char *key, size_t *length)
{
    size_t size = strlen(key);

    for (const char *at = reason; *at; at += strcspn(at, " "), at += *at == ' ')
        if (!strncmp(at, key, size) && at[size] == '=') {
            *length = strcspn(at + size + 1, " ");
            return at + size + 1;
        }
    return NULL;
}

bool journal_is(const char *reason, const char *key, const char *value)
{
    size_t length;
    const char *found = journal_find(reason, key, &length);

    return found && strlen(value) == length && !strncmp(found, value, length);
}

bool journal_each(const char *list, size_t length, bool (*call)(void *ctx, const char *word, long number), void *ctx)
{
    char word[WORD_MAX];
    long number = 0;

    for (const char *end = list + length; list < end;) {
        size_t size = 0;

        while (list + size < end && list[size] != ',')
            size++;
        snprintf(word, sizeof word, "%.*s", (int)size, list);
        if (!call(ctx, word, number++))
            return false;
        list += size + 1;
    }
    return true;
}

/* ---- what was begun */

bool journal_begin(const char *run, const char *what, const char *about, const char *value, const char *list, struct tc_error *err)
{
    struct buf reason = {0};
    bool ok;

    journal_word(&reason, "what", what);
    journal_word(&reason, "value", value);
    if (list)
        journal_word(&reason, "list", list);
    journal_who(&reason);
    buf_add(&reason, "", 1);
    ok = reason.failed ? error_memory(err) : events_add(run, "begun", about, reason.data, err);
    buf_free(&reason);
    return ok;
}

bool journal_withdraw(const char *run, const char *what, const char *about, struct tc_error *err)
{
    return journal_begin(run, what, about, "", NULL, err);
}

struct looking {
    const char *what;
    struct begun *begun;
    long number; /* of events */
};

static bool take_begun(struct looking *l, const struct event_read *event, struct tc_error *err)
{
    size_t length = 0;
    const char *value = journal_find(event->reason, "value", &length);

    begun_free(l->begun);
    if (!value || length == 0)
        return true;
    l->begun->value = strndup(value, length);
    l->begun->at = l->number;
    snprintf(l->begun->about, sizeof l->begun->about, "%.7s", event->about);
    return l->begun->value || error_memory(err);
}

static bool on_event(void *ctx, const struct event_read *event, struct tc_error *err)
{
    struct looking *l = ctx;
    const char *end = !strcmp(l->what, JOURNAL_PRINT) ? "printed" : "copied";

    l->number++;
    if (!strcmp(event->kind, "begun") && journal_is(event->reason, "what", l->what))
        return take_begun(l, event, err);
    if (!strcmp(event->kind, end))
        l->begun->ends += journal_is_of(l->begun, event->about);
    return true;
}

bool journal_last(const char *run, const char *what, struct begun *begun, struct tc_error *err)
{
    struct looking l = {.what = what, .begun = begun};

    *begun = (struct begun){.value = NULL};
    return events_read(run, on_event, &l, err);
}

struct wanted {
    const char *about;
    bool found;
};

static bool is_other(void *ctx, const char *word, long number)
{
    struct wanted *w = ctx;

    (void)number;
    w->found |= !strcmp(word, w->about);
    return !w->found;
}

bool journal_is_of(const struct begun *begun, const char *about)
{
    struct wanted w = {about, begun->value && !strcmp(begun->about, about)};

    if (begun->value && !w.found)
        journal_each(begun->value, strlen(begun->value), is_other, &w);
    return w.found;
}

void begun_free(struct begun *begun)
{
    free(begun->value);
    *begun = (struct begun){.value = NULL};
}
