#include "import/gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define UNKNOWN_MAX 10000

/* A row in the making. */
struct taking {
    struct gather *rows;
    struct source *s;
    const struct parts *p;
    struct row row;
    bool bad;
};

static void put(struct taking *t, const struct item *item, const char *text)
{
    struct item made = *item;

    made.length = text ? (uint32_t)strlen(text) + 1 : 0;
    buf_add(&t->rows->items, &made, sizeof made);
    if (text)
        buf_add(&t->rows->items, text, made.length);
}

static void refuse(struct taking *t, size_t column, const char *rule, const char *message)
{
    source_tell(t->s, column, 0, rule, message);
    t->bad = true;
}

static void take_pairs(struct taking *t, const struct pairs *pairs, const struct item *as)
{
    for (size_t i = 0; i < pairs->count; i++) {
        struct item item = *as;
        enum column_got got;
        size_t column;

        t->rows->text.length = 0;
        got = column_json(t->s, &pairs->list[i].column, &t->rows->text, &column);
        t->bad = t->bad || got == COLUMN_WRONG;
        if (got != COLUMN_VALUE)
            continue;
        buf_add(&t->rows->text, "", 1);
        item.slot = (uint16_t)pairs->list[i].slot;
        item.column = (uint32_t)column;
        put(t, &item, t->rows->text.data);
    }
}

/* A whole number that fits; what is absent is 0. */
static int32_t whole(struct taking *t, const struct column *c)
{
    int64_t value = 0;

    if (c->given && column_whole(t->s, c, &value) == COLUMN_WRONG)
        t->bad = true;
    return value > INT32_MAX ? INT32_MAX : value < 0 ? 0 : (int32_t)value;
}

static int32_t month(struct taking *t, const struct column *c)
{
    bool before = t->bad;
    int32_t value;

    t->bad = false;
    value = whole(t, c);
    if (!t->bad && (value < 1 || value > 12))
        refuse(t, column_first(c), "import-month", "not a month from 1 to 12");
    t->bad = t->bad || before;
    return value >= 1 && value <= 12 ? value : 0;
}

/* That there is such a row, whatever is in it; month: whether it has lines of the certificate. */
static void put_marker(struct taking *t, enum item_kind kind, int32_t month, int32_t change)
{
    put(t, &(struct item){.kind = (uint8_t)kind, .slot = ITEM_MARKER, .month = month, .change = change}, NULL);
}

static void take_certificate(struct taking *t)
{
    if (!t->p->certificate.count)
        return;
    put_marker(t, ITEM_CERTIFICATE, t->p->has_values, 0);
    take_pairs(t, &t->p->certificate, &(struct item){.kind = ITEM_CERTIFICATE});
}

static void take_features(struct taking *t)
{
    struct item item = {.kind = ITEM_FEATURE};

    if (!t->p->features.count)
        return;
    if (t->p->feature_month.given)
        item.month = month(t, &t->p->feature_month);
    item.change = whole(t, &t->p->feature_change);
    put_marker(t, ITEM_FEATURE, item.month, item.change);
    take_pairs(t, &t->p->features, &item);
}

static bool is_in(const json_t *list, const char *text)
{
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one) if (!strcmp(text, json_string_value(one))) return true;
    return false;
}

static struct unknown_type *new_type(struct gather *r, const char *type, const char *text)
{
    struct unknown_type *made;

    if (r->unknown_count == r->unknown_room) {
        size_t room = r->unknown_room ? r->unknown_room * 2 : 16;
        struct unknown_type *list = realloc(r->unknown, room * sizeof *list);
        if (!list)
            return NULL;
        r->unknown = list;
        r->unknown_room = room;
    }
    if (!r->unknown_index)
        r->unknown_index = json_object();
    if (json_object_set_new(r->unknown_index, type, json_integer((json_int_t)r->unknown_count)))
        return NULL;
    made = &r->unknown[r->unknown_count++];
    *made = (struct unknown_type){0};
    snprintf(made->type, sizeof made->type, "%.*s", (int)sizeof made->type - 1, type);
    snprintf(made->text, sizeof made->text, "%.*s", (int)sizeof made->text - 1, text);
    return made;
}

/* Counts a row of a wage type that the catalogue does not have; the first one is told with its place. */
static void count_unknown(struct taking *t, const char *type, size_t column, int64_t sum)
{
    struct gather *r = t->rows;
    const json_t *index = json_object_get(r->unknown_index, type);
    struct unknown_type *found = index ? &r->unknown[json_integer_value(index)] : NULL;
    char text[GATHER_TEXT];

    column_plain(t->s, &t->p->entries.text, text, sizeof text);
    if (!found) {
        refuse(t, column, "import-wage-type", "a wage type that the mapping does not have: add it there");
        found = r->unknown_count < UNKNOWN_MAX ? new_type(r, type, text) : NULL;
    }
    t->bad = true;
    if (!found)
        return;
    found->rows++;
    money_add(&found->sum, sum); /* what goes beyond all amounts is told as far as it went */
    found->differs = found->differs || strcmp(found->text, text) != 0;
}

static int64_t take_entry(struct taking *t, const struct item *as, const struct column *amount, bool turned)
{
    struct item item = *as;
    int64_t units = 0;
    size_t column;
    enum column_got got = column_amount(t->s, amount, &units, &column);

    t->bad = t->bad || got == COLUMN_WRONG;
    if (got != COLUMN_VALUE)
        return 0;
    item.units = turned ? -units : units;
    item.digits = (uint8_t)amount->amount.digits;
    item.column = (uint32_t)column;
    put(t, &item, NULL);
    return item.units;
}

/* Twelve columns, or one row's month. The sum. */
static int64_t take_amounts(struct taking *t, struct item *item, bool turned)
{
    const struct entries *e = &t->p->entries;
    int64_t sum = 0;

    if (e->month.given) {
        item->month = month(t, &e->month);
        return take_entry(t, item, &e->amount, turned);
    }
    for (int m = 0; m < 12; m++) {
        item->month = m + 1;
        if (e->months[m].given)
            sum += take_entry(t, item, &e->months[m], turned);
    }
    return sum;
}

static void take_entries(struct taking *t)
{
    const struct entries *e = &t->p->entries;
    struct item item = {.kind = ITEM_ENTRY};
    char type[COLUMN_TEXT];
    enum column_got got;
    const json_t *known;
    size_t column;
    int64_t sum;

    if (!e->given)
        return;
    got = column_word(t->s, &e->type, type, &column);
    if (got == COLUMN_NOTHING)
        refuse(t, column_first(&e->type), "import-wage-type", "a row without a wage type");
    t->bad = t->bad || got != COLUMN_VALUE;
    item.change = whole(t, &e->change);
    put_marker(t, ITEM_ENTRY, 0, 0);
    known = got == COLUMN_VALUE ? json_object_get(t->rows->shapes.wage_types, type) : NULL;
    item.slot = (uint16_t)json_integer_value(known);
    sum = take_amounts(t, &item, got == COLUMN_VALUE && is_in(e->turn, type));
    if (got == COLUMN_VALUE && !known)
        count_unknown(t, type, column, sum);
}

/* Which of a person's certificates it is. */
static void take_which(struct taking *t)
{
    char text[COLUMN_TEXT];
    size_t column;

    if (!t->p->which.given)
        return;
    t->rows->text.length = 0;
    if (column_json(t->s, &t->p->which, &t->rows->text, &column) != COLUMN_VALUE) {
        refuse(t, column_first(&t->p->which), "import-which", "nothing here tells the person's certificates apart");
        return;
    }
    snprintf(text, sizeof text, "%.*s", (int)t->rows->text.length, t->rows->text.data);
    if (*text == '"') { /* a text, without its quotes */
        memmove(text, text + 1, strlen(text));
        text[strlen(text) - 1] = '\0';
    }
    if (!text_is_handle(text))
        refuse(t, column, "import-which", "this cannot be part of a certificate's id");
    t->row.which = (uint16_t)(strlen(text) + 1);
    buf_add(&t->rows->items, text, t->row.which);
}

/* One of a ticket's words, required. */
static const char *ticket_word(struct taking *t, const struct column *c, char out[COLUMN_TEXT], size_t *column)
{
    enum column_got got = column_word(t->s, c, out, column);

    if (got == COLUMN_NOTHING)
        refuse(t, column_first(c), "import-ticket", "what a transfer ticket needs is missing here");
    t->bad = t->bad || got == COLUMN_WRONG;
    return got == COLUMN_VALUE ? out : NULL;
}

/* A day or a time, as text that can be compared. */
static const char *ticket_day(struct taking *t, const struct column *c, char out[COLUMN_TEXT])
{
    struct buf *text = &t->rows->text;
    enum column_got got;
    size_t column;

    text->length = 0;
    got = column_json(t->s, c, text, &column);
    if (got == COLUMN_VALUE && c->type == COLUMN_AS_DATE && text->length > 2 && *text->data == '"') {
        snprintf(out, COLUMN_TEXT, "%.*s", (int)text->length - 2, text->data + 1);
        return out;
    }
    if (got == COLUMN_WRONG)
        t->bad = true;
    else
        refuse(t, column_first(c), "import-ticket", "what a transfer ticket needs is missing here");
    return NULL;
}

/* What the mapping's values make of a cell: true or false. */
static bool ticket_truth(struct taking *t, const struct column *c, bool otherwise)
{
    size_t column;

    if (!c->given)
        return otherwise;
    t->rows->text.length = 0;
    if (column_json(t->s, c, &t->rows->text, &column) == COLUMN_WRONG)
        t->bad = true;
    buf_add(&t->rows->text, "", 1);
    if (t->rows->text.failed || (strcmp(t->rows->text.data, "true") != 0 && strcmp(t->rows->text.data, "false") != 0)) {
        if (!t->bad)
            refuse(t, column_first(c), "import-ticket", "the mapping must turn this value into true or false");
        return otherwise;
    }
    return t->rows->text.data[0] == 't';
}

/* first day, when it was sent, and the ticket, with an end each. */
static void take_tickets(struct taking *t)
{
    const struct tickets *k = &t->p->tickets;
    struct item item = {.kind = ITEM_TICKET};
    char day[COLUMN_TEXT], sent[COLUMN_TEXT] = "", ticket[COLUMN_TEXT], all[3 * COLUMN_TEXT];
    bool accepted, good_day, good;
    size_t column = 0;

    if (!k->given)
        return;
    good_day = ticket_day(t, &k->first_day, day) != NULL;
    good_day = (!k->sent.given || ticket_day(t, &k->sent, sent)) && good_day;
    accepted = ticket_truth(t, &k->accepted, true);
    item.month = accepted | ticket_truth(t, &k->cancels, false) << 1;
    good = ticket_word(t, &k->ticket, ticket, &column) != NULL;
    item.column = (uint32_t)(column ? column : column_first(&k->ticket));
    item.units = (int64_t)column_first(&k->first_day);
    if (!good_day)
        return;
    snprintf(all, sizeof all, "%s %s %s", day, *sent ? sent : "-", good ? ticket : TICKET_WRONG);
    put(t, &item, all);
    if (good && *sent && !deliveries_note(&t->rows->deliveries, sent, ticket, &t->row, item.column))
        t->rows->items.failed = true;
}

static void take_rank(struct taking *t)
{
    for (size_t i = 0; i < t->p->newest_count; i++) {
        int32_t value = whole(t, &t->p->newest[i]);
        t->row.rank = t->row.rank * 10000 + (value < 10000 ? value : 9999);
    }
}

static void take_year(struct taking *t)
{
    int64_t year;

    if (!t->p->year.given)
        return;
    switch (column_whole(t->s, &t->p->year, &year)) {
    case COLUMN_WRONG: t->bad = true; break;
    case COLUMN_NOTHING: refuse(t, column_first(&t->p->year), "import-year", "a row without a year"); break;
    case COLUMN_VALUE:
        if (year != t->s->year)
            refuse(t, column_first(&t->p->year), "import-year", "not the year of the payroll");
    }
}

/* Whose row it is; NULL where that was told to be wrong, or with err. */
static struct person *whose(struct taking *t, struct tc_error *err)
{
    char number[COLUMN_TEXT];
    size_t column = 0;
    enum column_got got = column_word(t->s, &t->p->person, number, &column);
    struct person *person;

    if (got != COLUMN_WRONG && (got == COLUMN_NOTHING || !text_is_handle(number)))
        refuse(t, column ? column : column_first(&t->p->person), "import-person", "not a personnel number");
    t->bad = t->bad || got == COLUMN_WRONG;
    t->row.column = (uint32_t)column;
    if (t->bad)
        return NULL;
    person = people_get(&t->rows->people, number);
    if (!person)
        error_memory(err);
    if (person && !person->line) {
        person->source = t->s->number;
        person->column = (uint16_t)column;
        person->line = (uint32_t)t->s->csv.record_line;
    }
    return person;
}

bool gather_take(struct gather *rows, struct source *s, const struct parts *parts, bool refused, struct tc_error *err)
{
    struct taking t = {rows, s, parts, {.line = (uint32_t)s->csv.record_line, .source = s->number}, refused};
    struct person *person = whose(&t, err);

    if (*err->message)
        return false;
    rows->items.length = 0;
    if (person) {
        person->has_employee = person->has_employee || parts->employee.count;
        person->has_pay = person->has_pay || parts->certificate.count || parts->entries.given;
    }
    take_which(&t);
    take_year(&t);
    take_rank(&t);
    take_pairs(&t, &parts->employee, &(struct item){.kind = ITEM_EMPLOYEE});
    take_certificate(&t);
    take_features(&t);
    take_entries(&t);
    take_tickets(&t);
    t.row.length = (uint32_t)rows->items.length;
    if (rows->items.failed || rows->text.failed)
        return error_memory(err);
    t.row.refused = t.bad;
    if (person && !spool_put(&rows->spool, &t.row, rows->items.data, &person->chain, err))
        return false;
    return !t.bad;
}

void gather_free(struct gather *rows)
{
    people_free(&rows->people);
    spool_close(&rows->spool);
    buf_free(&rows->items);
    buf_free(&rows->text);
    deliveries_free(&rows->deliveries);
    json_decref(rows->unknown_index);
    json_decref(rows->shapes.wage_types);
    free(rows->unknown);
    arena_free(rows->shapes.employee.arena);
}
