#include "pdf/seal.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 10    /* of what all seals of a tier have; 12 takes a third longer for a thousandth less */
#define OWN_LEVEL 7 /* of what each seal has of its own: above, it takes twenty times as long for a thirteenth less */

struct seal_stream {
    struct seal_stream *next;
    size_t size, packed; /* bytes: before, and compressed */
    char bytes[];        /* those before, those compressed */
};

void seal_entry(unsigned char out[6], int type, size_t place, int index)
{
    out[0] = (unsigned char)type;
    out[1] = (unsigned char)(place >> 16);
    out[2] = (unsigned char)(place >> 8);
    out[3] = (unsigned char)place;
    out[4] = (unsigned char)(index >> 8);
    out[5] = (unsigned char)index;
}

static struct seal_stream *compress(const char *data, size_t size, int level)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
    size_t bound = compressor ? libdeflate_zlib_compress_bound(compressor, size) : 0;
    struct seal_stream *s = compressor ? malloc(sizeof *s + size + bound) : NULL;

    if (s && !data) { /* a buffer found no room: an empty stream is no stream */
        free(s);
        s = NULL;
    }
    if (s) {
        s->size = size;
        memcpy(s->bytes, data, size);
        s->packed = libdeflate_zlib_compress(compressor, data, size, s->bytes + size, bound);
    }
    if (s && s->packed == 0) {
        free(s);
        s = NULL;
    }
    libdeflate_free_compressor(compressor);
    return s;
}

/* The data compressed, by whichever seal needed it first. Borrowed; NULL when memory ran out. */
static const struct seal_stream *get_stream(struct seal_streams *streams, const char *data, size_t size)
{
    struct seal_stream *s = streams->first;

    while (s && (s->size != size || memcmp(s->bytes, data, size) != 0))
        s = s->next;
    if (s)
        return s;
    s = compress(data, size, LEVEL);
    if (s) {
        s->next = streams->first;
        streams->first = s;
    }
    return s;
}

/* While the objects are taken over one by one. */
struct taking {
    struct seal *seal;
    struct seal_streams *streams;
    struct buf list, bodies; /* the object stream's parts */
    int packed;              /* objects in it */
    int *numbers;            /* by libharu's number: the one given out here, 0 for none */
    unsigned char *table;    /* by number given out: entries of the first cross-reference stream */
};

/* Whether a reference "N 0 R" begins here; *number and *length: N, and how long it is. */
static bool is_reference(const char *text, const char *end, int *number, size_t *length)
{
    const char *at = text;

    for (*number = 0; at < end && *at >= '0' && *at <= '9' && *number < 1000000; at++)
        *number = 10 * *number + *at - '0';
    *length = (size_t)(at - text) + 4;
    return at > text && end - at >= 4 && memcmp(at, " 0 R", 4) == 0;
}

/* An object as libharu writes it, with our numbers, and without the blanks beside delimiters, which would only cost room. Its strings
 * have no parentheses within. */
static void put_text(struct buf *out, const struct taking *t, const struct object *o)
{
    static const bool delimits[256] = {
        ['<'] = true, ['>'] = true, ['['] = true, [']'] = true, ['('] = true, [')'] = true, ['/'] = true, [' '] = true, ['\n'] = true,
    };
    const char *end = o->text + o->length;
    unsigned char last = '\n';

    for (const char *at = o->text; at < end; at++) {
        unsigned char c = *at == '\n' ? ' ' : (unsigned char)*at;
        size_t length;
        int number;

        if (c == '(') {
            length = strcspn(at, ")");
            buf_add(out, at, length);
            at += length;
            c = ')';
        }
        if (c == ' ' && (delimits[last] || at + 1 == end || delimits[(unsigned char)at[1]]))
            continue;
        if (delimits[last] && last != '/' && is_reference(at, end, &number, &length)) {
            buf_fixed(out, t->numbers[number], 0);
            buf_puts(out, " 0 ");
            at += length - 1;
            c = 'R';
        }
        buf_add(out, &c, 1);
        last = c;
    }
}

/* A stream with its dictionary's other entries as they are. NULL: memory ran out. */
static void put_stream(struct taking *t, int number, const struct buf *entries, const struct seal_stream *s)
{
    struct buf *out = &t->seal->prefix;

    if (!s || entries->failed) {
        out->failed = true;
        return;
    }
    seal_entry(t->table + 6 * number, 1, out->length, 0);
    buf_printf(out, "%d 0 obj\n<<", number);
    buf_add(out, entries->data, entries->length);
    buf_printf(out, "/Filter/FlateDecode/Length %zu>>stream\n", s->packed);
    buf_add(out, s->bytes + s->size, s->packed);
    buf_puts(out, "\nendstream\nendobj\n");
}

/* One of this seal alone. */
static void add_own_stream(struct taking *t, int number, const struct buf *entries, const struct buf *data)
{
    struct seal_stream *s = data->failed ? NULL : compress(data->data, data->length, OWN_LEVEL);

    put_stream(t, number, entries, s);
    free(s);
}

/* One that other seals of the tier have too. */
static void take_stream(struct taking *t, const struct object *o)
{
    struct buf entries = {0};

    put_text(&entries, t, o);
    put_stream(t, t->numbers[o->number], &entries, get_stream(t->streams, o->data, o->size));
    buf_free(&entries);
}

static void take_object(struct taking *t, const struct object *o, int stream)
{
    seal_entry(t->table + 6 * t->numbers[o->number], 2, (size_t)stream, t->packed++);
    buf_fixed(&t->list, t->numbers[o->number], 0);
    buf_puts(&t->list, " ");
    buf_fixed(&t->list, (long)t->bodies.length, 0);
    buf_puts(&t->list, " ");
    put_text(&t->bodies, t, o);
    buf_puts(&t->bodies, "\n");
}

/* Rows as PNG's filter Up has them (RFC 2083, 6.4): each less the one above it. Places grow by little, so most bytes are zero or small. */
static void put_rows(struct buf *out, const unsigned char *rows, size_t count)
{
    static const unsigned char zero[6];

    for (size_t i = 0; i < count; i++, rows += 6) {
        const unsigned char *above = i ? rows - 6 : zero;
        unsigned char row[7] = {2};

        for (int k = 0; k < 6; k++)
            row[1 + k] = (unsigned char)(rows[k] - above[k]);
        buf_add(out, row, sizeof row);
    }
}

/* The first cross-reference stream lists all but the personal objects and the last table. */
static void add_first_table(struct taking *t, int number)
{
    struct seal *seal = t->seal;
    struct buf rows = {0}, entries = {0};

    seal->first_table = seal->prefix.length;
    seal_entry(t->table, 0, 0, 65535); /* the only free one */
    seal_entry(t->table + 6 * number, 1, seal->first_table, 0);
    put_rows(&rows, t->table, (size_t)number + 1);
    buf_printf(&entries, "/Type/XRef/Size %d/Root %d 0 R/W[1 3 2]/DecodeParms<</Predictor 12/Columns 6>>", number + 1, seal->root);
    add_own_stream(t, number, &entries, &rows);
    buf_free(&rows);
    buf_free(&entries);
}

/* Pages that are the same for everyone. */
static void add_fixed_pages(struct taking *t, const struct objects *objects, const struct buf *fixed)
{
    static const struct buf none = {.data = ""};

    for (int i = 0; i < PAGE_SHEETS_MAX; i++)
        if (fixed[i].data)
            put_stream(t, t->numbers[objects->contents[i]], &none, get_stream(t->streams, fixed[i].data, fixed[i].length));
}

/* In a row: what is packed into the object stream, so that its entries are alike but for one; streams; that stream and the first
 * cross-references, whose number is returned; the personal ones. */
static int give_numbers(struct taking *t, const struct objects *objects, const struct buf *fixed)
{
    int next = 1, first_table;

    for (int stream = 0; stream < 2; stream++)
        for (size_t i = 0; i < objects->count; i++)
            if (objects->list[i].stream == stream)
                t->numbers[objects->list[i].number] = next++;
    for (int i = 0; i < PAGE_SHEETS_MAX; i++)
        if (fixed[i].data)
            t->numbers[objects->contents[i]] = next++;
    first_table = next + 1;
    t->seal->own = next = first_table + 1;
    for (int i = 0; i < t->seal->page_count; i++)
        t->numbers[t->seal->pages[i].made_as] = next++;
    t->numbers[objects->attachment] = next;
    t->seal->root = t->numbers[objects->root];
    t->seal->info = t->numbers[objects->info];
    return first_table;
}

static bool take_objects(struct seal *seal, const struct objects *objects, const struct buf *fixed, struct seal_streams *streams)
{
    struct taking t = {.seal = seal,
                       .streams = streams,
                       .table = calloc((size_t)objects->numbers + 2, 6),
                       .numbers = calloc((size_t)objects->numbers, sizeof *t.numbers)};
    struct buf entries = {0};
    int table;

    if (!t.table || !t.numbers) {
        free(t.table);
        free(t.numbers);
        return false;
    }
    table = give_numbers(&t, objects, fixed);
    buf_puts(&seal->prefix, "%PDF-1.7\n%\xB7\xBE\xAD\xAA\n");
    for (size_t i = 0; i < objects->count; i++) {
        if (objects->list[i].stream)
            take_stream(&t, &objects->list[i]);
        else
            take_object(&t, &objects->list[i], table - 1);
    }
    add_fixed_pages(&t, objects, fixed);
    buf_printf(&entries, "/Type/ObjStm/N %d/First %zu", t.packed, t.list.length);
    buf_add(&t.list, t.bodies.data, t.bodies.length);
    t.list.failed |= t.bodies.failed;
    add_own_stream(&t, table - 1, &entries, &t.list);
    add_first_table(&t, table);
    buf_free(&entries);
    buf_free(&t.list);
    buf_free(&t.bodies);
    free(t.table);
    free(t.numbers);
    return !seal->prefix.failed;
}

/* The contents of the pages that there are: fixed, by sheet, gets those that are the same for everyone. */
static bool make_contents(struct seal *seal, const struct objects *objects, const struct page *page, const struct faces *faces,
                          struct buf *fixed)
{
    for (int i = 0; i < page->sheet_count; i++) {
        struct seal_page *p = &seal->pages[seal->page_count];
        struct content *c = &p->content;

        if (!objects->contents[i])
            continue;
        seal->page_count++;
        if (!content_make(c, page, i, seal->choices, faces))
            return false;
        if (c->count == 0 && page->sheet_count > 1) {
            fixed[i] = c->text;
            c->text = (struct buf){0};
            content_free(c);
            seal->page_count--;
            continue;
        }
        p->made_as = objects->contents[i];
        p->splice = splice_make(c->text.data, c->text.length, c->places, c->count, c->likely.data, c->likely.length);
        if (!p->splice)
            return false;
    }
    return true;
}

struct seal *seal_make(const struct page *page, uint32_t choices, const struct faces *faces, const struct pdf_document *document,
                       struct seal_streams *streams, struct tc_error *err)
{
    struct seal *seal = calloc(1, sizeof *seal);
    struct buf fixed[PAGE_SHEETS_MAX] = {0};
    struct objects objects;
    bool ok;

    if (!seal) {
        error_memory(err);
        return NULL;
    }
    seal->choices = choices;
    ok = objects_make(page, choices, faces, document, &objects, err)
         && ((make_contents(seal, &objects, page, faces, fixed) && take_objects(seal, &objects, fixed, streams)) || error_memory(err));
    objects_free(&objects);
    for (int i = 0; i < PAGE_SHEETS_MAX; i++)
        buf_free(&fixed[i]);
    if (ok) {
        hash_start(&seal->hash);
        hash_add(&seal->hash, seal->prefix.data, seal->prefix.length);
        return seal;
    }
    seal_free(seal);
    return NULL;
}

void seal_free(struct seal *seal)
{
    if (!seal)
        return;
    buf_free(&seal->prefix);
    for (int i = 0; i < seal->page_count; i++) {
        content_free(&seal->pages[i].content);
        splice_free(seal->pages[i].splice);
    }
    free(seal);
}

void seal_streams_free(struct seal_streams *streams)
{
    while (streams->first) {
        struct seal_stream *next = streams->first->next;

        free(streams->first);
        streams->first = next;
    }
}
