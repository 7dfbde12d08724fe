#include "deliver/join.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deliver/sealed.h"

#define NODE_KIDS 256 /* pages below one node of the tree */
#define FLUSH_SIZE (1 << 20)

struct join_seal {
    struct join_seal *next;
    struct sealed form;
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

bool join_add_seal(struct join *j, const char *name, const char *data, size_t length)
{
    struct join_seal *s = calloc(1, sizeof *s);

    if (!s)
        return error_memory(j->err);
    s->next = j->seals;
    j->seals = s;
    return sealed_read(&s->form, name, data, length, j->err);
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
    struct sealed_part *p = number < s->form.count ? &s->form.parts[number] : NULL;
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

/* Of the same form, the pages that draw with the same have one object. */
static int same_resources(const struct sealed *form, int page)
{
    const struct sealed_page *pages = form->pages;

    for (int i = 0; i < form->page_count; i++)
        if (pages[i].as && pages[i].resources_length == pages[page].resources_length
            && memcmp(pages[i].resources, pages[page].resources, pages[page].resources_length) == 0)
            return pages[i].as;
    return 0;
}

static bool take_resources(struct join *j, struct join_seal *s, int number)
{
    struct sealed_page *page = &s->form.pages[number];
    struct buf body = {0};
    bool ok;

    page->as = same_resources(&s->form, number);
    if (page->as)
        return true;
    page->as = new_number(j);
    ok = page->as && rewrite(j, s, page->resources, page->resources_length, 0, &body);
    if (ok && body.length > 2 && add_signs(j, &body)) {
        begin(j, page->as);
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
    j->kids.length = 0;
    j->in_node = NODE_KIDS;
    return finish(j);
}

/* Writes a page as this one; contents: the inside of an array, or NULL. */
static bool add_page(struct join *j, const struct sealed_page *as, const char *contents)
{
    int page = new_number(j), node;

    if (!page || (j->in_node == NODE_KIDS && !close_node(j)))
        return false;
    node = node_for_page(j);
    if (!node)
        return false;
    begin(j, page);
    buf_printf(&j->out, "<</Type/Page/Parent %d 0 R/MediaBox", node);
    buf_add(&j->out, as->box, as->box_length);
    if (contents)
        buf_printf(&j->out, "/Resources %d 0 R/Contents[%s]>>", as->as, contents);
    else
        buf_puts(&j->out, "/Resources<<>>>>");
    buf_printf(&j->kids, "%d 0 R ", page);
    j->out.failed |= j->kids.failed;
    j->in_node++;
    j->pages++;
    return finish(j);
}

static struct join_seal *seal_of(const struct join *j, const char *data, size_t length)
{
    struct join_seal *s = j->seals;

    while (s && !sealed_begins(&s->form, data, length))
        s = s->next;
    return s;
}

/* The person's own content as an object: its number, or 0. */
static int add_content(struct join *j, const struct sealed_part *content)
{
    int number = new_number(j);

    if (!number)
        return 0;
    begin(j, number);
    buf_add(&j->out, content->text, content->length);
    buf_puts(&j->out, "stream\n");
    buf_add(&j->out, content->data, content->size);
    buf_puts(&j->out, "\nendstream");
    return finish(j) ? number : 0;
}

int join_pages(const struct join *j, const char *data, size_t length)
{
    const struct join_seal *s = seal_of(j, data, length);

    return s ? s->form.page_count : 0;
}

bool join_add_page(struct join *j, const char *name, const char *data, size_t length, int page, const char *over)
{
    struct join_seal *s = seal_of(j, data, length);
    struct sealed_part content = {0};
    char contents[64], *closing = NULL;
    int number, end;
    bool fixed;

    if (!s || page >= s->form.page_count || !sealed_content(&s->form, page, data, length, &content, &fixed))
        return unknown(j, name, "it does not begin with one of the run's sealed forms");
    if (!take_resources(j, s, page))
        return false;
    number = fixed ? take_over(j, s, s->form.pages[page].contents, 0) : add_content(j, &content);
    if (!number)
        return false;
    if (asprintf(&closing, "Q %s", over) < 0)
        return error_memory(j->err);
    end = add_text(j, closing);
    free(closing);
    snprintf(contents, sizeof contents, "%d 0 R %d 0 R %d 0 R", j->opening, number, end);
    j->last = &s->form.pages[page];
    return end && add_page(j, j->last, contents);
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

        sealed_free(&j->seals->form);
        free(j->seals);
        j->seals = next;
    }
    free(j->signs);
    free(j->offsets);
    free(j->nodes);
    buf_free(&j->kids);
    buf_free(&j->out);
}
