#include "import/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "import/tickets.h"

/* A value and where it is from. */
struct given {
    const char *text;
    struct row *row;
    uint32_t column;
};

struct entry {
    uint32_t slot;
    int32_t month;
    int64_t units;
    int digits;
    size_t turn; /* the how manieth of its month and wage type */
    struct row *row;
    uint32_t column;
};

/* The features of a month, or those of all (month 0). */
struct features {
    struct features *next;
    int32_t month;
    struct row *row;
    struct given *given;
};

/* One certificate. */
struct group {
    struct group *next;
    const char *which; /* NULL: the only one */
    bool has_certificate, has_entries, has_values;
    struct given *given, *all_year;
    struct features *months;
    struct entry *entries;
    size_t entry_count, entry_room;
};

struct merging {
    struct merge *m;
    const struct person *person;
    struct row **rows;
    size_t count;
    const char *which;     /* of the first row that says one */
    bool several;          /* rows say others */
    struct row **best;     /* by source: the newest row, or the only one */
    int32_t (*change)[13]; /* by source and month: the newest change of entries */
    int32_t (*feature_change)[13];
    struct given *employee;
    struct group *groups;
    struct tickets_of tickets;
    struct tc_error *err;
};

static void *take(struct merging *g, size_t count, size_t size)
{
    void *made = arena_array(&g->m->arena, count ? count : 1, size);

    if (!made)
        error_memory(g->err);
    return made;
}

static bool same_which(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static struct group *group_of(struct merging *g, const char *which)
{
    struct group **at = &g->groups;
    const struct shapes *shapes = &g->m->rows->shapes;

    while (*at && !same_which((*at)->which, which))
        at = &(*at)->next;
    if (*at || !(*at = take(g, 1, sizeof **at)))
        return *at;
    (*at)->which = which;
    (*at)->given = take(g, (size_t)shapes->certificate.slots, sizeof(struct given));
    (*at)->all_year = take(g, (size_t)shapes->feature.slots, sizeof(struct given));
    return *g->err->message ? NULL : *at;
}

/* A value of the slot; a second one must be the same. */
static void give(struct merging *g, struct given *given, const char *text, struct row *row, uint32_t column)
{
    if (!given->text)
        *given = (struct given){text, row, column};
    else if (strcmp(given->text, text) != 0)
        origins_refuse(g->m->origins, row, column, given->row, "import-differs",
                       "the value differs from the one that another row has for the same person");
}

/* Whether the row counts: of a source with newest rows the newest, of one with a row a person the first. */
static bool counts(struct merging *g, struct row *row, size_t place)
{
    const struct origin *origin = &g->m->origins->list[row->source];

    if (origin->has_newest)
        return g->best[row->source] == row;
    if (!origin->one_row)
        return true;
    for (size_t i = 0; i < place; i++)
        if (g->rows[i]->source == row->source && same_which(row_which(g->rows[i]), row_which(row))) {
            origins_refuse(g->m->origins, row, row->column, g->rows[i], "import-twice", "this person is listed a second time");
            return false;
        }
    return true;
}

static void find_newest(struct merging *g)
{
    for (size_t i = 0; i < g->count; i++) {
        struct row *row = g->rows[i], **best = &g->best[row->source];
        if (!g->m->origins->list[row->source].has_newest)
            continue;
        if (*best && (*best)->rank == row->rank)
            origins_refuse(g->m->origins, row, row->column, *best, "import-twice", "two rows of this person are equally recent");
        if (!*best || row->rank > (*best)->rank)
            *best = row;
    }
}

/* The newest change of each month. */
static void find_changes(struct merging *g)
{
    for (size_t i = 0; i < g->count; i++) {
        const char *text;
        struct item item;
        for (size_t at = 0; !g->rows[i]->refused && row_item(g->rows[i], &at, &item, &text);) {
            int32_t *newest = item.kind == ITEM_ENTRY     ? &g->change[g->rows[i]->source][item.month]
                              : item.kind == ITEM_FEATURE ? &g->feature_change[g->rows[i]->source][item.month]
                                                          : NULL;
            if (newest && item.change > *newest)
                *newest = item.change;
        }
    }
}

static void add_entry(struct merging *g, struct group *group, struct row *row, const struct item *item)
{
    if (item->change != g->change[row->source][item->month])
        return;
    if (group->entry_count == group->entry_room) {
        size_t room = group->entry_room ? group->entry_room * 2 : 128;
        struct entry *list = take(g, room, sizeof *list);
        if (!list)
            return;
        if (group->entry_count)
            memcpy(list, group->entries, group->entry_count * sizeof *list);
        group->entries = list;
        group->entry_room = room;
    }
    group->entries[group->entry_count++] = (struct entry){item->slot, item->month, item->units, item->digits, 0, row, item->column};
}

static void add_feature(struct merging *g, struct group *group, struct row *row, const struct item *item, const char *text)
{
    struct features **at = &group->months, *made;

    if (!g->m->origins->list[row->source].is_monthly) {
        if (item->slot != ITEM_MARKER)
            give(g, &group->all_year[item->slot], text, row, item->column);
        return;
    }
    if (item->change != g->feature_change[row->source][item->month])
        return;
    while (*at && ((*at)->month < item->month || ((*at)->month == item->month && (*at)->row != row)))
        at = &(*at)->next;
    if (!*at || (*at)->row != row) {
        made = take(g, 1, sizeof *made);
        if (!made || !(made->given = take(g, (size_t)g->m->rows->shapes.feature.slots, sizeof *made->given)))
            return;
        made->next = *at;
        made->month = item->month;
        made->row = row;
        *at = made;
    }
    if (item->slot != ITEM_MARKER)
        give(g, &(*at)->given[item->slot], text, row, item->column);
}

static void find_which(struct merging *g)
{
    for (size_t i = 0; i < g->count; i++) {
        const char *which = row_which(g->rows[i]);
        if (!g->which)
            g->which = which;
        else if (which && strcmp(which, g->which) != 0)
            g->several = true;
    }
}

static void mark(struct group *group, const struct item *item)
{
    group->has_certificate = group->has_certificate || item->kind == ITEM_ENTRY || item->kind == ITEM_CERTIFICATE;
    group->has_entries = group->has_entries || item->kind == ITEM_ENTRY;
    group->has_values = group->has_values || (item->kind == ITEM_CERTIFICATE && item->month);
}

/* One item of a row, where it belongs. counted: the row is the one of its source that counts. */
static void place(struct merging *g, struct group *group, struct row *row, const struct item *item, const char *text, bool counted)
{
    switch (item->kind) {
    case ITEM_EMPLOYEE:
        if (counted)
            give(g, &g->employee[item->slot], text, row, item->column);
        break;
    case ITEM_CERTIFICATE:
        if (counted && item->slot != ITEM_MARKER)
            give(g, &group->given[item->slot], text, row, item->column);
        break;
    case ITEM_FEATURE:
        if (counted)
            add_feature(g, group, row, item, text);
        break;
    case ITEM_ENTRY:
        if (item->slot != ITEM_MARKER)
            add_entry(g, group, row, item);
        break;
    default: tickets_add(&g->tickets, &g->m->arena, row, item, text, g->err);
    }
}

static void spread(struct merging *g, size_t at)
{
    struct row *row = g->rows[at];
    const char *which = row_which(row) ? row_which(row) : g->which, *text;
    bool counted = counts(g, row, at), astray = g->several && !row_which(row);
    struct group *group = group_of(g, which);
    struct item item;

    for (size_t next = 0; group && row_item(row, &next, &item, &text);) {
        if (row->refused && item.kind != ITEM_TICKET)
            continue;
        bool about_one = item.kind == ITEM_ENTRY || item.kind == ITEM_CERTIFICATE || item.kind == ITEM_FEATURE;
        if (astray && about_one) {
            origins_refuse(g->m->origins, row, row->column, NULL, "import-which",
                           "this person has several certificates, and the row does not say which one it belongs to");
            return;
        }
        mark(group, &item);
        place(g, group, row, &item, text, counted);
    }
}

static int by_size(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int64_t u = llabs(x->units), v = llabs(y->units);

    if (x->month != y->month)
        return x->month < y->month ? -1 : 1;
    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    if (u != v)
        return u > v ? -1 : 1;
    return x->units != y->units ? (x->units > y->units ? -1 : 1) : x->digits - y->digits;
}

static int by_turn(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    return x->turn != y->turn ? (x->turn < y->turn ? -1 : 1) : by_size(a, b);
}

/* By month and in the catalogue's order. Behind all months stand differences: amounts below zero, and of several rows of a month and
 * wage type all but the largest. */
static void sort_entries(struct group *group)
{
    struct entry *list = group->entries;

    if (!group->entry_count)
        return;
    qsort(list, group->entry_count, sizeof *list, by_size);
    for (size_t i = 1; i < group->entry_count; i++)
        if (list[i].month == list[i - 1].month && list[i].slot == list[i - 1].slot)
            list[i].turn = list[i - 1].turn + 1;
    for (size_t i = 0; i < group->entry_count; i++)
        list[i].turn += list[i].units < 0;
    qsort(list, group->entry_count, sizeof *list, by_turn);
}

static const char *keep(struct merging *g, struct buf *text)
{
    const char *kept = text->failed ? NULL : arena_copy(&g->m->arena, text->data, text->length);

    if (!kept)
        error_memory(g->err);
    buf_free(text);
    return kept;
}

static void explain(struct merging *g, const struct tc_import_origin *told, struct row *row)
{
    struct tc_import_origin made = *told;

    if (!g->m->origins->options->on_origin)
        return;
    made.file = row ? g->m->origins->list[row->source].path : NULL;
    made.line = row ? row->line : 0;
    g->m->origins->options->on_origin(g->m->origins->options->ctx, &made);
}

static const char *write_entries(struct merging *g, struct group *group)
{
    struct buf out = {0};
    char amount[MONEY_TEXT];

    sort_entries(group);
    for (size_t i = 0; i < group->entry_count; i++) {
        const struct entry *e = &group->entries[i];
        const char *type = g->m->rows->shapes.type_names[e->slot];
        money_text(e->units, e->digits, amount);
        buf_printf(&out, "%s{\"month\":%d,\"wage_type\":", i ? "," : "[", (int)e->month);
        buf_quote(&out, type);
        buf_printf(&out, ",\"amount\":\"%s\"}", amount);
        explain(g, &(struct tc_import_origin){.part = "entries", .key = type, .value = amount, .month = e->month, .column = e->column},
                e->row);
    }
    buf_puts(&out, group->entry_count ? "]" : "[]");
    return keep(g, &out);
}

/* The texts of the slots, with those of all the year where a month has none. */
static const char **texts(struct merging *g, const struct given *given, const struct given *otherwise, int slots)
{
    const char **made = take(g, (size_t)slots, sizeof *made);

    for (int i = 0; made && i < slots; i++)
        made[i] = given[i].text ? given[i].text : otherwise ? otherwise[i].text : NULL;
    return made;
}

static void explain_slots(struct merging *g, const struct shape *shape, const struct given *given, const char *part, int month)
{
    struct buf room = {0};

    if (g->m->origins->options->on_origin)
        for (int i = 0; i < shape->slots; i++)
            if (given[i].row)
                explain(
                    g,
                    &(struct tc_import_origin){
                        .part = part, .key = shape_key(shape, i, &room), .value = given[i].text, .month = month, .column = given[i].column},
                    given[i].row);
    buf_free(&room);
}

/* The features of a month, as members of an object. New. */
static const char *feature_text(struct merging *g, const struct group *group, const struct features *f)
{
    const struct shape *shape = &g->m->rows->shapes.feature;
    const char **values = texts(g, f ? f->given : group->all_year, f ? group->all_year : NULL, shape->slots);
    struct buf out = {0};

    if (values)
        shape_write(shape, values, false, &out);
    explain_slots(g, shape, f ? f->given : group->all_year, "deduction_features", f ? f->month : 0);
    return values ? keep(g, &out) : NULL;
}

static void put_feature(const struct merging *g, const char *members, int month, bool dated, struct buf *out)
{
    buf_puts(out, out->length ? "," : "[");
    if (!dated && !month && g->m->rows->shapes.since)
        buf_printf(out, "{\"valid_from\":%s%s", g->m->rows->shapes.since, *members ? "," : "");
    else if (!dated)
        buf_printf(out, "{\"valid_from\":\"%04d-%02d-01\"%s", g->m->year, month ? month : 1, *members ? "," : "");
    else
        buf_puts(out, "{");
    buf_puts(out, members);
    buf_puts(out, "}");
}

static bool is_dated(const struct merging *g, const struct given *given)
{
    int slot = g->m->rows->shapes.valid_from;

    return given[slot].text != NULL;
}

/* Two rows of one month that differ, and neither newer. */
static bool is_double(struct merging *g, const struct features *f, const struct features *last, const char *members, const char *before)
{
    if (!last || last->month != f->month || !strcmp(members, before))
        return false;
    origins_refuse(g->m->origins, f->row, f->row->column, last->row, "import-twice",
                   "two rows of this month are equally recent, but differ");
    return true;
}

/* One row for as long as the features are the same. NULL where the files have none. */
static const char *write_features(struct merging *g, const struct group *group)
{
    const struct features *last = NULL;
    const char *before = NULL, *members;
    struct buf out = {0};
    bool any = false;

    for (int i = 0; i < g->m->rows->shapes.feature.slots; i++)
        any = any || group->all_year[i].text;
    for (const struct features *f = group->months; f; f = f->next) {
        members = feature_text(g, group, f);
        if (members && !is_double(g, f, last, members, before) && (!before || strcmp(members, before) != 0))
            put_feature(g, members, f->month, is_dated(g, f->given), &out);
        before = members;
        last = f;
    }
    if (!group->months && any && (members = feature_text(g, group, NULL)))
        put_feature(g, members, 0, is_dated(g, group->all_year), &out);
    if (!out.length)
        return NULL;
    buf_puts(&out, "]");
    return keep(g, &out);
}

/* The mapping's id with the number and the part in their places. */
static const char *write_id(struct merging *g, const struct group *group)
{
    const char *pattern = g->m->id ? g->m->id : group->which ? "{personnel_number}-{which}" : "{personnel_number}-1";
    struct buf id = {0}, out = {0};

    while (*pattern) {
        const char *value = !strncmp(pattern, "{personnel_number}", 18) ? g->person->number
                            : !strncmp(pattern, "{which}", 7)           ? group->which
                                                                        : NULL;
        if (value)
            buf_puts(&id, value);
        else
            buf_add(&id, pattern, 1);
        pattern += value ? strchr(pattern, '}') + 1 - pattern : 1;
    }
    buf_add(&id, "", 1);
    out.failed = id.failed;
    if (!id.failed)
        buf_quote(&out, id.data);
    buf_free(&id);
    return keep(g, &out);
}

static const char *quoted(struct merging *g, const char *text)
{
    struct buf out = {0};

    buf_quote(&out, text);
    return keep(g, &out);
}

static const char *record(struct merging *g, const struct shape *shape, const char *const *values)
{
    struct buf out = {0};

    buf_puts(&out, "{");
    shape_write(shape, values, false, &out);
    buf_puts(&out, "}");
    return keep(g, &out);
}

static void put_ticket(struct merging *g, const char **values)
{
    const struct shapes *shapes = &g->m->rows->shapes;
    const char *from = shape_value(&shapes->certificate, values, shapes->from), *ticket;
    const struct ticket *found;

    if (!g->m->has_tickets)
        return;
    found = tickets_choose(&g->tickets, g->m->origins, from);
    ticket = found && !found->cancels ? found->ticket : NULL;
    if (ticket)
        values[shapes->ticket] = quoted(g, ticket);
    g->m->tickets += ticket != NULL;
    if (!found && g->count)
        tickets_tell_none(g->m->origins, g->rows[0]);
    if (found)
        explain(g, &(struct tc_import_origin){.part = "certificate", .key = "transfer_ticket", .value = ticket, .column = found->column},
                found->row);
}

static const char *write_certificate(struct merging *g, struct group *group)
{
    const struct shapes *shapes = &g->m->rows->shapes;
    const char **values = texts(g, group->given, NULL, shapes->certificate.slots);

    if (!values)
        return NULL;
    explain_slots(g, &shapes->certificate, group->given, "certificate", 0);
    values[shapes->certificate_number] = quoted(g, g->person->number);
    if (!values[shapes->id])
        values[shapes->id] = write_id(g, group);
    if (group->has_entries)
        values[shapes->entries] = write_entries(g, group);
    if (!values[shapes->features])
        values[shapes->features] = write_features(g, group);
    put_ticket(g, values);
    g->m->rows->shapes.certificate.keep = group->has_values ? shape_object(&shapes->certificate, "values") : NULL;
    return *g->err->message ? NULL : record(g, &shapes->certificate, values);
}

static int by_which(const void *a, const void *b)
{
    const struct group *const *x = a, *const *y = b;

    return strcmp((*x)->which ? (*x)->which : "", (*y)->which ? (*y)->which : "");
}

static bool write_certificates(struct merging *g, struct merged *out)
{
    struct group **list;
    size_t count = 0;

    for (struct group *at = g->groups; at; at = at->next)
        count += at->has_certificate;
    list = take(g, count, sizeof *list);
    out->certificates = take(g, count, sizeof *out->certificates);
    if (!list || !out->certificates)
        return false;
    for (struct group *at = g->groups; at; at = at->next)
        if (at->has_certificate)
            list[out->count++] = at;
    qsort(list, count, sizeof *list, by_which);
    for (size_t i = 0; i < count; i++)
        out->certificates[i] = write_certificate(g, list[i]);
    if (g->m->makes_payroll)
        tickets_unused(&g->tickets, g->m->origins, count > 0);
    return !*g->err->message;
}

static const char *write_employee(struct merging *g)
{
    const struct shapes *shapes = &g->m->rows->shapes;
    const char **values = texts(g, g->employee, NULL, shapes->employee.slots);

    if (!values)
        return NULL;
    explain_slots(g, &shapes->employee, g->employee, "employee", 0);
    values[shapes->number] = quoted(g, g->person->number);
    return *g->err->message ? NULL : record(g, &shapes->employee, values);
}

static bool prepare(struct merging *g)
{
    size_t sources = g->m->origins->count;

    g->best = take(g, sources, sizeof *g->best);
    g->change = take(g, sources, sizeof *g->change);
    g->feature_change = take(g, sources, sizeof *g->feature_change);
    g->employee = take(g, (size_t)g->m->rows->shapes.employee.slots, sizeof *g->employee);
    return !*g->err->message;
}

bool merge_person(struct merge *m, const struct person *person, struct merged *out, struct tc_error *err)
{
    struct merging g = {.m = m, .person = person, .err = err};

    *out = (struct merged){0};
    arena_reset(&m->arena);
    g.rows = spool_chain(&m->rows->spool, person->chain, &m->arena, &g.count, err);
    if (!g.rows || !prepare(&g))
        return false;
    find_which(&g);
    find_newest(&g);
    find_changes(&g);
    for (size_t i = 0; i < g.count; i++)
        spread(&g, i);
    if (*err->message || m->arena.failed)
        return *err->message ? false : error_memory(err);
    if (person->has_employee)
        out->employee = write_employee(&g);
    return write_certificates(&g, out);
}
