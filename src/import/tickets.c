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
            origins_refuse(o, t->row, t->column, latest->row, "import-ticket", "another ticket of the same certificate, and no later date");
        if (order > 0)
            latest = t;
    }
    if (!latest || !latest->cancels)
        return latest;
    origins_tell(o, latest->row, latest->column, NULL, "import-cancelled",
                 "this certificate was cancelled at the tax office, and is still in the payroll: it gets no ticket", true);
    return NULL;
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
                           "a ticket, and no certificate of this person begins on that day");
        else
            origins_refuse(o, t->row, t->row->column, NULL, "import-nobody",
                           "a ticket, and nobody has a certificate with this personnel number");
    }
}
