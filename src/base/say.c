#include "base/say.h"

#include <stdio.h>
#include <string.h>

#define PARTS_MAX 9

/* What the directives of a sentence became. */
struct parts {
    const char *at[PARTS_MAX];
    size_t length[PARTS_MAX], count, literal; /* literal: bytes that are the sentence's own */
};

/* Bytes of the directive that begins here; *number: it prints digits alone. 0: none begins here. */
static size_t directive(const char *at, bool *number)
{
    size_t length;

    if (*at != '%')
        return 0;
    length = 1 + strspn(at + 1, "-+ #0123456789.*lhzjt");
    *number = at[length] == 'd' || at[length] == 'u';
    return at[length] ? length + 1 : 0;
}

static bool are_digits(const char *at, size_t length)
{
    size_t i = length > 1 && *at == '-' ? 1 : 0;

    while (i < length && at[i] >= '0' && at[i] <= '9')
        i++;
    return length > 0 && i == length;
}

/* Where the next part ends: before so many bytes of what the sentence goes on with, the last time where the sentence ends with them. */
static const char *end_of_part(const char *text, const char *next, size_t length)
{
    size_t rest = strlen(text);

    if (!next[length])
        return rest >= length && memcmp(text + rest - length, next, length) == 0 ? text + rest - length : NULL;
    return length ? memmem(text, rest, next, length) : text;
}

/* Whether the text was made from this sentence: from what. */
static bool match(const char *sentence, const char *text, struct parts *parts)
{
    size_t length = strcspn(sentence, "%");

    *parts = (struct parts){.literal = length};
    if (strncmp(sentence, text, length) != 0)
        return false;
    for (sentence += length, text += length; *sentence; sentence += length, text += length) {
        bool number = false;
        size_t own = directive(sentence, &number);
        const char *end;

        sentence += own;
        length = strcspn(sentence, "%");
        end = own && parts->count < PARTS_MAX ? end_of_part(text, sentence, length) : NULL;
        if (!end || (number && !are_digits(text, (size_t)(end - text))))
            return false;
        parts->at[parts->count] = text;
        parts->length[parts->count++] = (size_t)(end - text);
        parts->literal += length;
        text = end;
    }
    return !*text;
}

/* Whether one is the better guess: one that begins with words of its own, for a sentence may end with another; then with the most of them. */
static bool is_better(const char *sentence, const struct parts *parts, const char *than, const struct parts *best)
{
    if (!than || (*sentence == '%') != (*than == '%'))
        return !than || *than == '%';
    return parts->literal > best->literal;
}

/* The sentence in the other language that the text was made from. */
static const char *find(const json_t *texts, const char *text, struct parts *best)
{
    const char *sentence, *made_of = NULL;
    const json_t *other;
    struct parts parts;

    json_object_foreach((json_t *)texts, sentence, other) if ((*sentence == *text || *sentence == '%') && strchr(sentence, '%')
                                                              && match(sentence, text, &parts) && parts.literal > 0
                                                              && is_better(sentence, &parts, made_of, best))
    {
        made_of = sentence;
        *best = parts;
    }
    return made_of ? json_string_value(json_object_get(texts, made_of)) : NULL;
}

/* Appends as much as there is room for; how much stands there now. */
static size_t add(char *room, size_t size, size_t at, const char *text, size_t length)
{
    if (length > size - 1 - at)
        length = size - 1 - at;
    memcpy(room + at, text, length);
    room[at + length] = '\0';
    return at + length;
}

/* A part, in the other language where asked for. Sentences in sentences are that deep at most. */
static size_t add_part(const json_t *texts, const char *part, size_t length, char *room, size_t size, size_t at)
{
    char english[512], other[512];
    const char *text;

    snprintf(english, sizeof english, "%.*s", (int)(length < sizeof english ? length : sizeof english - 1), part);
    text = say_in(texts, english, other, sizeof other);
    return add(room, size, at, text, strlen(text));
}

/* Puts the parts where the other language wants them. */
static void fill(const json_t *texts, const char *other, const struct parts *parts, char *room, size_t size)
{
    size_t at = 0;

    for (*room = '\0'; *other; other++) {
        size_t i = other[0] == '{' && other[1] >= '1' && other[1] <= '9' ? (size_t)(other[1] - '1') : PARTS_MAX;
        bool spoken = i < PARTS_MAX && other[2] == '*';

        if (i >= parts->count || other[spoken ? 3 : 2] != '}') {
            at = add(room, size, at, other, 1);
            continue;
        }
        at = spoken ? add_part(texts, parts->at[i], parts->length[i], room, size, at) : add(room, size, at, parts->at[i], parts->length[i]);
        other += spoken ? 3 : 2;
    }
}

const char *say_in(const json_t *texts, const char *english, char *room, size_t size)
{
    const char *other = json_string_value(json_object_get(texts, english));
    struct parts parts = {.count = 0};

    if (other || !texts)
        return other ? other : english;
    other = find(texts, english, &parts);
    if (!other)
        return english;
    fill(texts, other, &parts, room, size);
    return room;
}

const char *say_amount(const json_t *texts, const char *amount, char *room, size_t size)
{
    const char *point = json_string_value(json_object_get(texts, "decimal point"));
    const char *between = json_string_value(json_object_get(texts, "between thousands"));
    size_t whole = strcspn(amount, "."), at = 0;

    if (!point || !between)
        return amount;
    *room = '\0';
    for (size_t i = 0; i < whole; i++) {
        at = add(room, size, at, amount + i, 1);
        if (amount[i] != '-' && i + 1 < whole && (whole - i - 1) % 3 == 0)
            at = add(room, size, at, between, strlen(between));
    }
    if (amount[whole]) {
        at = add(room, size, at, point, strlen(point));
        add(room, size, at, amount + whole + 1, strlen(amount + whole + 1));
    }
    return room;
}
