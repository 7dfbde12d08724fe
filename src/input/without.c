/* What a payroll is whatever stands under one key of its certificates. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/input.h"

/* With its length before it, so that no two texts run into each other. */
static void add_text(struct hash *h, const char *text)
{
    char length[32];

    hash_add(h, length, (size_t)snprintf(length, sizeof length, "%zu:", strlen(text)));
    hash_add(h, text, strlen(text));
}

/* skip: a key that is left out of an object; NULL: none. */
static void add_datum(struct hash *h, const struct datum *d, const char *skip)
{
    char number[64];

    switch (d->type) {
    case DATUM_NULL: hash_add(h, "n", 1); break;
    case DATUM_BOOL: hash_add(h, d->truth ? "t" : "f", 1); break;
    case DATUM_INTEGER: hash_add(h, number, (size_t)snprintf(number, sizeof number, "i%lld;", (long long)d->integer)); break;
    case DATUM_REAL: hash_add(h, number, (size_t)snprintf(number, sizeof number, "r%a;", d->real)); break;
    case DATUM_TEXT: add_text(h, d->text); break;
    case DATUM_LIST:
    case DATUM_OBJECT:
        hash_add(h, d->type == DATUM_LIST ? "[" : "{", 1);
        for (const struct datum *inner = d->first; inner; inner = inner->next) {
            if (d->type == DATUM_OBJECT && skip && !strcmp(inner->key, skip))
                continue;
            if (d->type == DATUM_OBJECT)
                add_text(h, inner->key);
            add_datum(h, inner, NULL);
        }
        hash_add(h, "]", 1);
    }
}

/* One that is no valid JSON is as it stands: the files' own hash. */
static void add_record(struct hash *h, const struct input *input, const struct datum *record, const char *skip)
{
    if (record)
        add_datum(h, record, skip);
    else
        hash_add(h, input_hash(input, false), HASH_SIZE);
}

static bool add_records(struct hash *h, const struct input *input, const char *key, struct tc_error *err)
{
    struct input_reader reader = {.ahead = 31};

    for (size_t i = 0; i < input_certificates(input) && !err->code; i++) {
        input_reader_reset(&reader);
        add_record(h, input, input_certificate(input, i, &reader, err), key);
    }
    hash_add(h, ".", 1);
    for (size_t i = 0; !input_is_split(input) && i < input_employees(input) && !err->code; i++) {
        input_reader_reset(&reader);
        add_record(h, input, input_employee(input, i, &reader, err), NULL);
    }
    input_reader_free(&reader);
    return !err->code;
}

bool input_hash_without(const struct input *input, const char *key, unsigned char hash[HASH_SIZE], struct tc_error *err)
{
    char *head = json_text(input_head(input), JSON_COMPACT | JSON_SORT_KEYS);
    struct hash h;

    if (!head)
        return error_memory(err);
    hash_start(&h);
    add_text(&h, head);
    free(head);
    if (!add_records(&h, input, key, err))
        return false;
    hash_end(&h, hash);
    return true;
}
