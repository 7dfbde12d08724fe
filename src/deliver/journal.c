#include "deliver/journal.h"

#include <pwd.h>
#include <stdio.h>
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
