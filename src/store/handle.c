#include "store/handle.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define PART 33 /* a handle with its end */

struct search {
    const char *handle; /* where it may be either kind */
    ledger_entry_call call;
    void *ctx;
    long found;
    char first[PART], named[HANDLE_TEXT]; /* the first person's number, and one of their certificates */
    char other[HANDLE_TEXT];              /* a certificate, or the number, of somebody else; "" while there is nobody */
};

void handle_text(const struct ledger_entry *entry, char text[HANDLE_TEXT])
{
    snprintf(text, HANDLE_TEXT, "%.32s+%.32s", entry->personnel_number ? entry->personnel_number : "", entry->id ? entry->id : "");
}

/* Whose certificates these are. One whose number could not be read is nobody's. */
static bool look(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct search *s = ctx;

    (void)err;
    if (!entry->personnel_number)
        return true;
    if (!*s->first) {
        snprintf(s->first, sizeof s->first, "%s", entry->personnel_number);
        handle_text(entry, s->named);
    } else if (!*s->other && strcmp(s->first, entry->personnel_number) != 0) {
        handle_text(entry, s->other);
    }
    return true;
}

/* Somebody without a certificate may have the number too. */
static bool look_at_people(struct ledger *l, struct search *s, struct tc_error *err)
{
    bool there = false;

    if (*s->other || !*s->first || !strcmp(s->first, s->handle))
        return true;
    if (!ledger_has_person(l, s->handle, &there, err))
        return false;
    if (there)
        snprintf(s->other, sizeof s->other, "%.32s", s->handle);
    return true;
}

static bool give(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct search *s = ctx;

    s->found++;
    return s->call(s->ctx, entry, err);
}

static bool find_either(struct ledger *l, struct search *s, struct tc_error *err)
{
    if (!ledger_find(l, s->handle, look, s, err) || !look_at_people(l, s, err))
        return false;
    if (*s->other)
        return error_set(err, TC_USAGE, NULL, NULL, "id-ambiguous",
                         "%.32s is one person's certificate id and another's personnel number, or belongs to two people: %s and "
                         "%s; give the certificate as NUMBER+ID",
                         s->handle, s->named, s->other);
    return ledger_find(l, s->handle, give, s, err);
}

static bool find_both(struct ledger *l, const char *handle, size_t length, struct search *s, struct tc_error *err)
{
    char number[PART];

    snprintf(number, sizeof number, "%.*s", (int)length, handle);
    return ledger_find_both(l, number, handle + length + 1, give, s, err);
}

bool handle_find(struct ledger *l, const char *handle, ledger_entry_call call, void *ctx, long *found, struct tc_error *err)
{
    struct search s = {.handle = handle, .call = call, .ctx = ctx};
    const char *plus = strchr(handle, '+');
    size_t length = plus ? (size_t)(plus - handle) : 0;
    char number[PART];
    bool ok;

    *found = 0;
    if (plus)
        snprintf(number, sizeof number, "%.*s", (int)length, handle);
    if (plus ? length > PART - 1 || !text_is_handle(number) || !text_is_handle(plus + 1) : !text_is_handle(handle))
        return error_set(err, TC_USAGE, NULL, NULL, "id-format",
                         "a personnel number or certificate id must be given, or both as NUMBER+ID");
    ok = plus ? find_both(l, handle, length, &s, err) : find_either(l, &s, err);
    *found = s.found;
    return ok;
}
