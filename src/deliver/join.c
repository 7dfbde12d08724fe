#include "deliver/join.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NODE_KIDS 256 /* pages below one node of the tree */
#define FLUSH_SIZE (1 << 20)
#define SEAL_OBJECTS_MAX 100000 /* more is no form of ours */
#define UNPACKED_MAX (64u << 20)

/* An object of a seal: its text, and where it is a stream the packed bytes. */
struct part {
    const char *text, *data;
    size_t length, size;
    int as; /* number in the print file; 0: not taken over yet */
};

struct join_seal {
    struct join_seal *next;
    const char *prefix;
    size_t prefix_length;
    struct part *parts; /* by number */
    int count;
    char *unpacked;              /* the object stream; owned */
    const char *resources, *box; /* of the page */
    size_t resources_length, box_length;
    int as; /* the resources' number in the print file; 0: not taken over yet */
};

static bool unknown(struct join *j, const char *name, const char *message)
{
    return error_set(j->err, TC_IO, name, NULL, "form", "%s", message);
}

static bool flush(struct join *j)
{
    size_t done = 0;

    if (j->out.failed)
        return error_memory(j->err);
    while (done < j->out.length) {
        ssize_t n = write(j->fd, j->out.data + done, j->out.length - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return error_set(j->err, TC_IO, NULL, NULL, "write", "the print file cannot be written (%s)",
                             error_cause(n < 0 ? errno : ENOSPC));
        done += (size_t)n;
    }
    hash_add(&j->hash, j->out.data, j->out.length);
    j->written += (int64_t)j->out.length;
    j->out.length = 0;
    return true;
}

/* The next free number, or 0 with err. */
static int new_number(struct join *j)
{
    if (j->numbers + 1 >= j->capacity) {
        int capacity = j->capacity ? 2 * j->capacity : 1024;
        int64_t *grown = realloc(j->offsets, (size_t)capacity * sizeof *grown);

        if (!grown) {
            error_memory(j->err);
            return 0;
        }
        j->offsets = grown;
        j->capacity = capacity;
    }
    j->offsets[++j->numbers] = 0;
    return j->numbers;
}

static void begin(struct join *j, int number)
{
    j->offsets[number] = j->written + (int64_t)j->out.length;
    buf_fixed(&j->out, number, 0);
    buf_puts(&j->out, " 0 obj\n");
}

static bool finish(struct join *j)
{
    buf_puts(&j->out, "\nendobj\n");
    return j->out.length < FLUSH_SIZE || flush(j);
}

/* A stream of plain text as a new object: its number. */
static int add_text(struct join *j, const char *text)
{
    int number = new_number(j);

    if (number) {
        begin(j, number);
        buf_printf(&j->out, "<</Length %zu>>stream\n", strlen(text)); /* the text may be longer than buf_printf takes */
        buf_puts(&j->out, text);
        buf_puts(&j->out, "\nendstream");
        finish(j);
    }
    return j->err->code ? 0 : number;
}

bool join_start(struct join *j, int fd, struct tc_error *err)
{
    *j = (struct join){.fd = fd, .err = err};
    hash_start(&j->hash);
    buf_puts(&j->out, "%PDF-1.7\n%\xB7\xBE\xAD\xAA\n");
    j->opening = add_text(j, "q");
    j->root = j->opening ? new_number(j) : 0;
    return j->root != 0;
}

/* The number behind the key; -1 where there is none. */
static long number_of(const char *text, size_t length, const char *key)
{
    const char *at = memmem(text, length, key, strlen(key));

    return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

/* The stream object at data, which is terminated or goes on: its number, or 0. *whole: its bytes. */
static int read_stream(const char *data, size_t length, struct part *part, size_t *whole)
{
    static const char head[] = " 0 obj\n", start[] = ">>stream\n", after[] = "\nendstream\nendobj\n";
    char *end;
    long number = length > 20 ? strtol(data, &end, 10) : 0, size;
    const char *stream;
    size_t left;

    if (number < 1 || number > SEAL_OBJECTS_MAX || strncmp(end, head, sizeof head - 1) != 0)
        return 0;
    part->text = end + sizeof head - 1;
    left = length - (size_t)(part->text - data);
    stream = memmem(part->text, left, start, sizeof start - 1);
    size = stream ? number_of(part->text, (size_t)(stream - part->text), "/Length ") : -1;
    if (size < 0)
        return 0;
    part->length = (size_t)(stream - part->text) + 2;
    part->data = stream + sizeof start - 1;
    part->size = (size_t)size;
    left = length - (size_t)(part->data - data);
    if (left < part->size + sizeof after - 1 || memcmp(part->data + size, after, sizeof after - 1) != 0)
        return 0;
    *whole = (size_t)(part->data - data) + part->size + sizeof after - 1;
    return (int)number;
}

static bool add_part(struct join *j, struct join_seal *s, int number, const struct part *part)
{
    if (number >= s->count) {
        struct part *grown = realloc(s->parts, ((size_t)number + 64) * sizeof *grown);

        if (!grown)
            return error_memory(j->err);
        memset(grown + s->count, 0, ((size_t)number + 64 - (size_t)s->count) * sizeof *grown);
        s->parts = grown;
        s->count = number + 64;
    }
    s->parts[number] = *part;
    return true;
}

/* The packed objects, unpacked and terminated; NULL where they cannot be. */
static char *unpack(const struct part *packed, size_t *length)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;
    char *data = NULL;

    for (size_t room = 1 << 16; d && room <= UNPACKED_MAX && result == LIBDEFLATE_INSUFFICIENT_SPACE; room *= 2) {
        free(data);
        data = malloc(room + 1);
        result = data ? libdeflate_zlib_decompress(d, packed->data, packed->size, data, room, length) : LIBDEFLATE_BAD_DATA;
    }
    libdeflate_free_decompressor(d);
    if (result != LIBDEFLATE_SUCCESS) {
        free(data);
        return NULL;
    }
    data[*length] = '\0';
    return data;
}

static bool read_packed(struct join *j, struct join_seal *s, const struct part *packed)
{
    long count = number_of(packed->text, packed->length, "/N "), first = number_of(packed->text, packed->length, "/First ");
    size_t length = 0;
    char *at = s->unpacked = unpack(packed, &length);

    if (!at || count < 1 || first < 0 || (size_t)first > length)
        return false;
    for (long i = 0; i < count; i++) {
        long number = strtol(at, &at, 10), offset = strtol(at, &at, 10);
        struct part part = {0};

        if (number < 1 || number > SEAL_OBJECTS_MAX || offset < 0 || (size_t)(first + offset) >= length)
            return false;
        part.text = s->unpacked + first + offset;
        part.length = strcspn(part.text, "\n");
        if (!add_part(j, s, (int)number, &part))
            return false;
    }
    return true;
}

/* The dictionary, array or reference behind the key. */
static bool find_value(const struct part *page, const char *key, const char **value, size_t *length)
{
    const char *at = memmem(page->text, page->length, key, strlen(key)), *end = page->text + page->length;
    int depth = 0;

    if (!at)
        return false;
    *value = at += strlen(key);
    for (; at < end; at++) {
        depth += *at == '<' || *at == '[';
        depth -= *at == '>' || *at == ']';
        if ((depth == 0 && (*at == '>' || *at == ']' || *at == 'R')))
            break;
    }
    *length = (size_t)(at - *value) + 1;
    return at < end;
}

/* False with an error where there are several, else where there is none. */
static bool find_page(struct join *j, struct join_seal *s)
{
    int pages = 0;

    for (int i = 0; i < s->count; i++) {
        const struct part *p = &s->parts[i];
        const char *type = p->text && !p->data ? memmem(p->text, p->length, "/Type/Page", 10) : NULL;

        if (!type || type[10] == 's' || type[10] == 'L')
            continue;
        if (!find_value(p, "/Resources", &s->resources, &s->resources_length) || !find_value(p, "/MediaBox", &s->box, &s->box_length))
            return false;
        pages++;
    }
    return pages == 1
           || (pages > 1 && unknown(j, NULL, "its certificates have several pages: print files can only be made of those with one"));
}

static bool read_seal(struct join *j, struct join_seal *s)
{
    size_t at = strcspn(s->prefix, "\n") + 1, whole;

    at += strcspn(s->prefix + at, "\n") + 1;
    while (at < s->prefix_length) {
        struct part part = {0};
        int number = read_stream(s->prefix + at, s->prefix_length - at, &part, &whole);

        if (!number || !add_part(j, s, number, &part) || (memmem(part.text, part.length, "/Type/ObjStm", 12) && !read_packed(j, s, &part)))
            return false;
        at += whole;
    }
    return find_page(j, s);
}

bool join_add_seal(struct join *j, const char *name, const char *data, size_t length)
{
    struct join_seal *s = calloc(1, sizeof *s);

    if (!s)
        return error_memory(j->err);
    s->prefix = data;
    s->prefix_length = length;
    s->next = j->seals;
    j->seals = s;
    return read_seal(j, s) || (!j->err->code && unknown(j, name, "it is not the beginning of a certificate as this program makes them"));
}

static int take_over(struct join *j, struct join_seal *s, int number, int depth);

/* The length of a reference "N 0 R" at text, which begins with a digit; 0 where it is none. */
static size_t reference(const char *text, size_t length, int *number)
{
    size_t digits = 0;

    *number = 0;
    while (digits < length && digits < 6 && text[digits] >= '0' && text[digits] <= '9')
        *number = *number * 10 + (text[digits++] - '0');
    return digits > 0 && length >= digits + 4 && !memcmp(text + digits, " 0 R", 4) ? digits + 4 : 0;
}

/* The text with its references as they are in the print file. Strings are hexadecimal: none looks like a reference. */
static bool rewrite(struct join *j, struct join_seal *s, const char *text, size_t length, int depth, struct buf *to)
{
    for (size_t i = 0; i < length;) {
        bool starts = i == 0 || !strchr("0123456789.-ABCDEFabcdef", text[i - 1]);
        int number, as;
        size_t size = starts ? reference(text + i, length - i, &number) : 0;

        if (size == 0) {
            buf_add(to, text + i++, 1);
            continue;
        }
        as = take_over(j, s, number, depth + 1);
        if (!as)
            return false;
        buf_fixed(to, as, 0);
        buf_puts(to, " 0 R");
        i += size;
    }
    return !to->failed || error_memory(j->err);
}

/* An object of the seal and what it refers to, written unless it is there: its number in the print file, or 0. */
static int take_over(struct join *j, struct join_seal *s, int number, int depth)
{
    struct part *p = number < s->count ? &s->parts[number] : NULL;
    struct buf body = {0};
    bool ok;

    if (!p || !p->text || depth > 20)
        return unknown(j, NULL, "an object of the sealed form is missing");
    if (p->as)
        return p->as;
    p->as = new_number(j);
    ok = p->as && rewrite(j, s, p->text, p->length, depth, &body);
    if (ok) {
        begin(j, p->as);
        buf_add(&j->out, body.data, body.length);
        if (p->data) {
            buf_puts(&j->out, "stream\n");
            buf_add(&j->out, p->data, p->size);
            buf_puts(&j->out, "\nendstream");
        }
        ok = finish(j);
    }
    buf_free(&body);
    return ok ? p->as : 0;
}

bool join_add_sign(struct join *j, const char *name, int side, const char *paths)
{
    int number = new_number(j);
    char *before = j->signs;

    if (!number)
        return false;
    begin(j, number);
    buf_printf(&j->out, "<</Type/XObject/Subtype/Form/BBox[0 %d %d %d]/Resources<<>>/Length %zu>>stream\n", -side, side, side,
               strlen(paths));
    buf_puts(&j->out, paths);
    buf_puts(&j->out, "\nendstream");
    if (!finish(j))
        return false;
    if (asprintf(&j->signs, "%s/%s %d 0 R", before ? before : "", name, number) < 0) {
        j->signs = before;
        return error_memory(j->err);
    }
    free(before);
    return true;
}

/* The form's resources and the signs. */
static bool add_signs(struct join *j, struct buf *body)
{
    if (!j->signs)
        return true;
    if (memmem(body->data, body->length, "/XObject", 8) || memcmp(body->data + body->length - 2, ">>", 2) != 0)
        return unknown(j, NULL, "the sealed form has drawings of its own");
    body->length -= 2;
    buf_puts(body, "/XObject<<");
    buf_puts(body, j->signs);
    buf_puts(body, ">>>>");
    return !body->failed || error_memory(j->err);
}

static bool take_resources(struct join *j, struct join_seal *s)
{
    struct buf body = {0};
    bool ok = s->as || ((s->as = new_number(j)) != 0 && rewrite(j, s, s->resources, s->resources_length, 0, &body));

    if (ok && body.length > 2 && add_signs(j, &body)) {
        begin(j, s->as);
        buf_add(&j->out, body.data, body.length);
        ok = finish(j);
    }
    buf_free(&body);
    return ok && !j->err->code;
}

/* A page's node of the tree, a new one where the last is full; 0 with err. */
static int node_for_page(struct join *j)
{
    if (j->in_node < NODE_KIDS && j->node_count > 0)
        return j->nodes[j->node_count - 1];
    if (j->node_count == j->node_capacity) {
        int capacity = j->node_capacity ? 2 * j->node_capacity : 64;
        int *grown = realloc(j->nodes, (size_t)capacity * sizeof *grown);

        if (!grown)
            return error_memory(j->err);
        j->nodes = grown;
        j->node_capacity = capacity;
    }
    j->in_node = 0;
    return j->nodes[j->node_count++] = new_number(j);
}

/* The kids so far are one node's: written, where there are any. */
static bool close_node(struct join *j)
{
    if (j->kids.length == 0)
        return true;
    begin(j, j->nodes[j->node_count - 1]);
    buf_puts(&j->out, "<</Type/Pages/Parent ");
    buf_printf(&j->out, "%d 0 R/Count %d/Kids[", j->root, j->in_node);
    buf_add(&j->out, j->kids.data, j->kids.length);
    buf_puts(&j->out, "]>>");
    j->out.failed |= j->kids.failed;
    j->kids.length = 0;
    j->in_node = NODE_KIDS;
    return finish(j);
}

/* Writes a page of this form; contents: the inside of an array, or NULL. */
static bool add_page(struct join *j, const struct join_seal *s, const char *contents)
{
    int page = new_number(j), node;

    if (!page || (j->in_node == NODE_KIDS && !close_node(j)))
        return false;
    node = node_for_page(j);
    if (!node)
        return false;
    begin(j, page);
    buf_printf(&j->out, "<</Type/Page/Parent %d 0 R/MediaBox", node);
    buf_add(&j->out, s->box, s->box_length);
    if (contents)
        buf_printf(&j->out, "/Resources %d 0 R/Contents[%s]>>", s->as, contents);
    else
        buf_puts(&j->out, "/Resources<<>>>>");
    buf_printf(&j->kids, "%d 0 R ", page);
    j->in_node++;
    j->pages++;
    return finish(j);
}

static struct join_seal *seal_of(const struct join *j, const char *data, size_t length)
{
    struct join_seal *s = j->seals;

    while (s && (s->prefix_length >= length || memcmp(s->prefix, data, s->prefix_length) != 0))
        s = s->next;
    return s;
}

bool join_add_page(struct join *j, const char *name, const char *data, size_t length, const char *over)
{
    struct join_seal *s = seal_of(j, data, length);
    struct part content = {0};
    char contents[64], *closing = NULL;
    int number, end;
    size_t whole;
    bool ok;

    if (!s || !read_stream(data + s->prefix_length, length - s->prefix_length, &content, &whole))
        return unknown(j, name, "it does not begin with one of the run's sealed forms");
    if (!take_resources(j, s) || (number = new_number(j)) == 0)
        return false;
    begin(j, number);
    buf_add(&j->out, content.text, content.length);
    buf_puts(&j->out, "stream\n");
    buf_add(&j->out, content.data, content.size);
    buf_puts(&j->out, "\nendstream");
    if (!finish(j))
        return false;
    if (asprintf(&closing, "Q %s", over) < 0)
        return error_memory(j->err);
    end = add_text(j, closing);
    free(closing);
    snprintf(contents, sizeof contents, "%d 0 R %d 0 R %d 0 R", j->opening, number, end);
    ok = end && add_page(j, s, contents);
    j->last = s;
    return ok;
}

bool join_add_blank(struct join *j)
{
    return j->last ? add_page(j, j->last, NULL) : unknown(j, NULL, "the first page cannot be an empty one");
}

/* The tree's root: the nodes stand below it, all full but the last. */
static bool add_tree(struct join *j)
{
    if (!close_node(j))
        return false;
    begin(j, j->root);
    buf_printf(&j->out, "<</Type/Pages/Count %ld/Kids[", j->pages);
    for (int i = 0; i < j->node_count; i++)
        buf_printf(&j->out, "%d 0 R ", j->nodes[i]);
    buf_puts(&j->out, "]>>");
    return finish(j);
}

static bool add_table(struct join *j, int catalog)
{
    int64_t place;
    struct hash so_far;
    unsigned char id[HASH_SIZE];
    char hex[HASH_HEX + 1];

    if (!flush(j))
        return false;
    place = j->written;
    so_far = j->hash;
    hash_end(&so_far, id);
    hash_hex(id, hex);
    buf_printf(&j->out, "xref\n0 %d\n0000000000 65535 f \n", j->numbers + 1);
    for (int i = 1; i <= j->numbers; i++)
        buf_printf(&j->out, "%010lld 00000 n \n", (long long)j->offsets[i]);
    buf_printf(&j->out, "trailer\n<</Size %d/Root %d 0 R/ID[<%.32s><%.32s>]>>\nstartxref\n%lld\n%%%%EOF\n", j->numbers + 1, catalog, hex,
               hex, (long long)place);
    return flush(j);
}

bool join_end(struct join *j, unsigned char hash[HASH_SIZE])
{
    int catalog = new_number(j);

    if (!catalog || !add_tree(j))
        return false;
    begin(j, catalog);
    buf_printf(&j->out, "<</Type/Catalog/Pages %d 0 R>>", j->root);
    if (!finish(j) || !add_table(j, catalog))
        return false;
    hash_end(&j->hash, hash);
    return true;
}

void join_stop(struct join *j)
{
    while (j->seals) {
        struct join_seal *next = j->seals->next;

        free(j->seals->parts);
        free(j->seals->unpacked);
        free(j->seals);
        j->seals = next;
    }
    free(j->signs);
    free(j->offsets);
    free(j->nodes);
    buf_free(&j->kids);
    buf_free(&j->out);
}
