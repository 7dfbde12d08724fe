#include "import/tickets.h"

#include <string.h>

void tickets_add(struct tickets_of *of, struct arena *arena, struct row *row, const struct item *item, const char *text,
                 struct tc_error *err)
{
    struct ticket *made;
    const char *sent = strchr(text, ' ') + 1, *ticket = strchr(sent, ' ') + 1;

    if (of->count == of->room) {
        size_t room = of->room ? of->room * 2 : 8;
        struct ticket *list = arena_array(arena, room, sizeof *list);
        if (list && of->count)
            memcpy(list, of->list, of->count * sizeof *list);
        if (!list) {
            error_memory(err);
            return;
        }
        of->list = list;
        of->room = room;
    }
    made = &of->list[of->count++];
    *made = (struct ticket){.ticket = ticket,
                            .accepted = item->month & 1,
                            .cancels = item->month & 2,
                            .row = row,
                            .column = item->column,
                            .day_column = (uint32_t)item->units};
    snprintf(made->day, sizeof made->day, "%.10s", text);
    made->sent = arena_copy(arena, sent, (size_t)(ticket - 1 - sent));
    if (!made->sent)
        error_memory(err);
}

static bool is_of(const struct ticket *t, const char *day)
{
    return day && strlen(day) == 12 && !strncmp(day + 1, t->day, 10);
}

const struct ticket *tickets_choose(struct tickets_of *of, struct origins *o, const char *day)
{
    const struct ticket *latest = NULL;

    for (size_t i = 0; i < of->count; i++) {
        struct ticket *t = &of->list[i];
        int order;
        if (!is_of(t, day))
            continue;
        t->used = true;
        if (!t->accepted)
            continue;
        order = latest ? strcmp(t->sent, latest->sent) : 1;
        if (order == 0 && (strcmp(t->ticket, latest->ticket) != 0 || t->cancels != latest->cancels))
            origins_refuse(o, t->row, t->column, latest->row, "import-ticket",
                           "another transfer ticket for the same certificate, without a later date");
        if (order > 0)
            latest = t;
    }
    if (latest && latest->cancels)
        origins_tell(o, latest->row, latest->column, NULL, "import-cancelled",
                     "this certificate was cancelled at the tax office, but is still in the payroll: it gets no transfer ticket", true);
    return latest;
}

/* Whether the last accepted message of that day cancels: then there need be no certificate. */
static bool is_cancelled(const struct tickets_of *of, const struct ticket *one)
{
    const struct ticket *latest = NULL;

    for (size_t i = 0; i < of->count; i++) {
        const struct ticket *t = &of->list[i];
        if (t->accepted && !strcmp(t->day, one->day) && (!latest || strcmp(t->sent, latest->sent) > 0))
            latest = t;
    }
    return !latest || latest->cancels;
}

void tickets_unused(const struct tickets_of *of, struct origins *o, bool has_any)
{
    for (size_t i = 0; i < of->count; i++) {
        const struct ticket *t = &of->list[i];
        if (t->used || !t->accepted || is_cancelled(of, t))
            continue;
        if (has_any)
            origins_refuse(o, t->row, t->day_column, NULL, "import-ticket-day",
                           "a transfer ticket, but no certificate of this person begins on that day");
        else
            origins_refuse(o, t->row, t->row->column, NULL, "import-nobody",
                           "a transfer ticket, but nobody has a certificate with this personnel number");
    }
}

void tickets_tell_none(struct origins *o, const struct row *row)
{
    origins_tell(o, row, 0, NULL, "import-no-ticket", "the list has no transfer ticket for a certificate of this person", true);
}

#define DELIVERIES_MAX 20000 /* more are not compared: nobody sends so often */

/* "sent ticket": how often, and where first. */
bool deliveries_note(struct deliveries *d, const char *sent, const char *ticket, const struct row *row, uint32_t column)
{
    char key[200];
    json_t *found;

    if (!strcmp(sent, "-") || json_object_size(d->met) >= DELIVERIES_MAX)
        return true;
    snprintf(key, sizeof key, "%.30s %.150s", sent, ticket);
    if (!d->met && !(d->met = json_object()))
        return false;
    found = json_object_get(d->met, key);
    if (found)
        return !json_array_set_new(found, 0, json_integer(json_integer_value(json_array_get(found, 0)) + 1));
    found = json_pack("[i,i,i,i]", 1, (int)row->source, (int)row->line, (int)column);
    return found && !json_object_set_new(d->met, key, found);
}

static json_int_t nth(const json_t *list, size_t n)
{
    return json_integer_value(json_array_get(list, n));
}

/* By time of sending the ticket that was met most. New; NULL where memory fails. */
static json_t *most(const struct deliveries *d)
{
    json_t *best, *met;
    const char *key;
    char sent[32];

    json_watch();
    best = json_object();
    json_object_foreach(d->met, key, met)
    {
        snprintf(sent, sizeof sent, "%.*s", (int)strcspn(key, " "), key);
        if (best && (!json_object_get(best, sent) || nth(met, 0) > nth(json_object_get(best, sent), 0)))
            json_object_set(best, sent, met);
    }
    if (!json_starved())
        return best;
    json_decref(best);
    return NULL;
}

bool deliveries_tell(const struct deliveries *d, struct origins *o)
{
    json_t *best = d->met ? most(d) : NULL, *met, *right;
    const char *key;
    char sent[32];

    json_object_foreach(d->met, key, met)
    {
        struct row row = {.source = (uint16_t)nth(met, 1), .line = (uint32_t)nth(met, 2)}, other = {0};
        snprintf(sent, sizeof sent, "%.*s", (int)strcspn(key, " "), key);
        right = json_object_get(best, sent);
        if (!right || right == met)
            continue;
        other.source = (uint16_t)nth(right, 1);
        other.line = (uint32_t)nth(right, 2);
        origins_tell(o, &row, (uint32_t)nth(met, 3), &other, "import-delivery",
                     "a second transfer ticket of one transmission: everything that was sent at one time has the same ticket, "
                     "letter by letter",
                     true);
    }
    json_decref(best);
    return best || !d->met;
}

void deliveries_free(struct deliveries *d)
{
    json_decref(d->met);
}
