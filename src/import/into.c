#include "import/into.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/datum.h"
#include "base/stream.h"
#include "base/text.h"
#include "input/scan.h"

#define BLOCK ((size_t)1 << 18)
#define RECORD_MAX ((uint64_t)1 << 26) /* bytes of a certificate that are held */

struct place {
    uint64_t offset, length; /* of the record */
    char number[PEOPLE_NUMBER], day[13];
    const char *ticket; /* to be put in; NULL: none */
    bool has_one;       /* the record has a ticket that stays */
};

struct into {
    const char *path;
    int fd, year;
    struct place *list;
    size_t count, room;
    struct arena kept, trees;
    struct buf record;
};

/* The bytes of a part of the file, with an end. */
static bool read_part(struct into *in, uint64_t offset, uint64_t length, struct tc_error *err)
{
    struct buf *b = &in->record;

    b->length = 0;
    if (length > RECORD_MAX)
        return error_set(err, TC_INPUT, in->path, NULL, "record", "a certificate of more than 64 megabytes");
    if (!buf_reserve(b, (size_t)length + 1))
        return error_memory(err);
    while (b->length < length) {
        ssize_t n = pread(in->fd, b->data + b->length, (size_t)length - b->length, (off_t)(offset + b->length));
        if (n <= 0)
            return error_set(err, TC_IO, in->path, NULL, "read", "the file cannot be read");
        b->length += (size_t)n;
    }
    b->data[b->length] = '\0';
    return true;
}

static bool on_member(void *ctx, const char *key, struct scan_range value, struct tc_error *err)
{
    struct into *in = ctx;

    if (strcmp(key, "year") != 0)
        return true;
    if (!read_part(in, value.offset, value.length, err))
        return false;
    in->year = atoi(in->record.data);
    return true;
}

static struct place *add_place(struct into *in)
{
    if (in->count == in->room) {
        size_t room = in->room ? in->room * 2 : 256;
        struct place *list = realloc(in->list, room * sizeof *list);
        if (!list)
            return NULL;
        in->list = list;
        in->room = room;
    }
    in->list[in->count] = (struct place){0};
    return &in->list[in->count++];
}

static bool on_element(void *ctx, int array, const struct scan_element *element, struct tc_error *err)
{
    struct into *in = ctx;
    const struct datum *record;
    const char *day, *ticket;
    struct place *place;

    if (array != 0)
        return true;
    if (!read_part(in, element->range.offset, element->range.length, err))
        return false;
    arena_reset(&in->trees);
    record = datum_parse(in->record.data, in->record.length, &in->trees, err);
    place = add_place(in);
    if (!place || *err->message)
        return error_memory(err);
    day = datum_text(datum_get(datum_get(record, "period"), "from"));
    ticket = datum_text(datum_get(record, "transfer_ticket"));
    place->offset = element->range.offset;
    place->length = element->range.length;
    snprintf(place->number, sizeof place->number, "%.32s", element->personnel_number);
    snprintf(place->day, sizeof place->day, "\"%.10s\"", day ? day : "");
    place->has_one = ticket && !text_is_blank(ticket);
    if (place->has_one && !(place->ticket = arena_copy(&in->kept, ticket, strlen(ticket))))
        return error_memory(err);
    return true;
}

static void on_bytes(void *ctx, const void *data, size_t length)
{
    (void)ctx;
    (void)data;
    (void)length;
}

struct into *into_open(const char *path, int *year, struct tc_error *err)
{
    struct into *in = calloc(1, sizeof *in);
    struct scan_calls calls = {in, on_member, on_element, on_bytes};

    if (!in) {
        error_memory(err);
        return NULL;
    }
    in->path = path;
    in->fd = file_open(path, TC_INPUT, err);
    if (in->fd < 0 || !scan_file(in->fd, path, BLOCK, &calls, err)) {
        into_close(in);
        return NULL;
    }
    *year = in->year;
    return in;
}

/* A person's tickets, those told to be wrong too. */
static bool load(struct into *in, struct gather *rows, uint64_t chain, struct tickets_of *of, struct tc_error *err)
{
    size_t count = 0, at;
    struct row **list;
    struct item item;
    const char *text;

    *of = (struct tickets_of){0};
    arena_reset(&in->trees);
    list = spool_chain(&rows->spool, chain, &in->trees, &count, err);
    for (size_t i = 0; list && i < count; i++)
        for (at = 0; row_item(list[i], &at, &item, &text);)
            if (item.kind == ITEM_TICKET)
                tickets_add(of, &in->trees, list[i], &item, text, err);
    return list != NULL && !*err->message;
}

static void tell(struct origins *o, const struct into *in, const struct place *place, const char *rule, const char *message)
{
    struct tc_import_finding finding = {.file = in->path, .person = place->number, .rule = rule, .message = message, .warning = true};

    o->warnings++;
    if (o->options->on_finding)
        o->options->on_finding(o->options->ctx, &finding);
}

/* The one ticket of a certificate. */
static bool choose(struct into *in, struct place *place, struct tickets_of *of, struct origins *o, struct tc_error *err)
{
    const struct ticket *found = tickets_choose(of, o, place->day);

    if (!found) {
        if (!place->has_one)
            tell(o, in, place, "import-no-ticket", "the list has no transfer ticket for a certificate of this person");
        return true;
    }
    if (found->cancels)
        return true;
    if (place->has_one && strcmp(place->ticket, found->ticket) != 0)
        origins_refuse(o, found->row, found->column, NULL, "import-ticket", "the payroll has another transfer ticket for this certificate");
    if (place->has_one)
        return true;
    place->ticket = arena_copy(&in->kept, found->ticket, strlen(found->ticket));
    return place->ticket || error_memory(err);
}

static int by_number(const void *a, const void *b)
{
    const struct place *const *x = a, *const *y = b;
    int order = strcmp((*x)->number, (*y)->number);

    return order ? order : (*x < *y ? -1 : *x > *y);
}

/* The certificates of one person, list[0] to list[count - 1], of whom the list of tickets may know nothing. */
static bool choose_all(struct into *in, struct place **list, size_t count, struct gather *rows, struct origins *o, struct tc_error *err)
{
    struct person *person = people_find(&rows->people, list[0]->number);
    struct tickets_of of = {0};

    if (person && !load(in, rows, person->chain, &of, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!choose(in, list[i], &of, o, err))
            return false;
    if (person)
        person->has_pay = true;
    tickets_unused(&of, o, true);
    return true;
}

/* Whoever is in the list of tickets only. */
static bool tell_strangers(struct into *in, struct gather *rows, struct origins *o, struct tc_error *err)
{
    for (size_t i = 0; i < rows->people.count; i++) {
        struct tickets_of of;
        if (rows->people.list[i].has_pay)
            continue;
        if (!load(in, rows, rows->people.list[i].chain, &of, err))
            return false;
        tickets_unused(&of, o, false);
    }
    return true;
}

bool into_choose(struct into *in, struct gather *rows, struct origins *o, long *tickets, struct tc_error *err)
{
    struct place **list = calloc(in->count + 1, sizeof *list);
    bool good = list || error_memory(err);
    size_t next;

    for (size_t i = 0; good && i < in->count; i++)
        list[i] = &in->list[i];
    if (good)
        qsort(list, in->count, sizeof *list, by_number);
    for (size_t i = 0; good && i < in->count; i = next) {
        for (next = i + 1; next < in->count && !strcmp(list[next]->number, list[i]->number);)
            next++;
        good = choose_all(in, list + i, next - i, rows, o, err);
    }
    free(list);
    for (size_t i = 0; i < in->count; i++)
        *tickets += in->list[i].ticket != NULL;
    return good && tell_strangers(in, rows, o, err);
}

/* Behind a string that begins at the quote. */
static const char *skip_string(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at + 1 : at;
}

/* The value of a key at the top of a record that has it as null or a blank text; NULL where it has no such key. */
static const char *find_value(const char *record, const char *key, size_t *length)
{
    int depth = 0;

    for (const char *at = record, *end; *at;) {
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        if (*at != '"') {
            at++;
            continue;
        }
        end = skip_string(at);
        if (depth == 1 && (size_t)(end - at) == strlen(key) + 2 && !strncmp(at + 1, key, strlen(key))
            && end[strspn(end, " \t\r\n")] == ':') {
            end += strspn(end, " \t\r\n") + 1;
            end += strspn(end, " \t\r\n");
            *length = *end == '"' ? (size_t)(skip_string(end) - end) : strcspn(end, ",} \t\r\n");
            return end;
        }
        at = end;
    }
    return NULL;
}

/* The record with its ticket. */
static bool write_record(struct into *in, const struct place *place, struct stream *to, struct tc_error *err)
{
    struct buf out = {0};
    const char *text = in->record.data, *old;
    size_t length = 0, before = in->record.length - 1;
    bool good;

    old = find_value(text, "transfer_ticket", &length);
    if (old) {
        buf_add(&out, text, (size_t)(old - text));
        buf_quote(&out, place->ticket);
        buf_puts(&out, old + length);
    } else {
        while (before > 0 && strchr(" \t\r\n", text[before - 1]))
            before--;
        buf_add(&out, text, before);
        buf_puts(&out, before > 1 ? ", \"transfer_ticket\": " : "\"transfer_ticket\": ");
        buf_quote(&out, place->ticket);
        buf_puts(&out, text + before);
    }
    good = out.failed ? error_memory(err) : stream_add(to, out.data, out.length, err);
    buf_free(&out);
    return good;
}

/* What stands between the records, by blocks. */
static bool copy(struct into *in, uint64_t from, uint64_t to, struct stream *out, struct tc_error *err)
{
    while (from < to) {
        uint64_t part = to - from < BLOCK ? to - from : BLOCK;
        if (!read_part(in, from, part, err) || !stream_add(out, in->record.data, (size_t)part, err))
            return false;
        from += part;
    }
    return true;
}

bool into_write(struct into *in, struct stream *to, struct tc_error *err)
{
    uint64_t at = 0;
    off_t end = lseek(in->fd, 0, SEEK_END);

    for (size_t i = 0; i < in->count; i++) {
        const struct place *place = &in->list[i];
        if (!place->ticket || place->has_one)
            continue;
        if (!copy(in, at, place->offset, to, err) || !read_part(in, place->offset, place->length, err) || !write_record(in, place, to, err))
            return false;
        at = place->offset + place->length;
    }
    return copy(in, at, end > 0 ? (uint64_t)end : 0, to, err);
}

size_t into_count(const struct into *into)
{
    return into->count;
}

void into_close(struct into *into)
{
    if (!into)
        return;
    if (into->fd >= 0)
        close(into->fd);
    free(into->list);
    buf_free(&into->record);
    arena_free(&into->kept);
    arena_free(&into->trees);
    free(into);
}
