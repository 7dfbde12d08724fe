#include "archive/filing_xml.h"

#include <string.h>

#include "archive/filing_path.h"

static void put_text(const char *text, size_t length, struct buf *out)
{
    for (size_t i = 0; i < length; i++)
        switch (text[i]) {
        case '&': buf_puts(out, "&amp;"); break;
        case '<': buf_puts(out, "&lt;"); break;
        case '>': buf_puts(out, "&gt;"); break;
        case '"': buf_puts(out, "&quot;"); break;
        default: buf_add(out, &text[i], 1);
        }
}

static void end_tag(struct filing_xml *x, struct buf *out)
{
    buf_puts(out, x->in_tag ? ">" : "");
    x->in_tag = false;
}

static void open_element(struct filing_xml *x, const char *name, size_t length, struct buf *out)
{
    end_tag(x, out);
    buf_puts(out, "<");
    buf_add(out, name, length);
    x->in_tag = true;
}

static void close_element(struct filing_xml *x, const char *name, size_t length, struct buf *out)
{
    end_tag(x, out);
    buf_puts(out, "</");
    buf_add(out, name, length);
    buf_puts(out, ">");
}

/* Ends elements of the path until only so many bytes of it are open. */
static void leave(struct filing_xml *x, size_t length, struct buf *out)
{
    while (x->length > length) {
        size_t from = x->length;

        while (from > 0 && x->path[from - 1] != '/')
            from--;
        close_element(x, x->path + from, x->length - from, out);
        x->length = from > 0 ? from - 1 : 0;
    }
}

/* How many bytes of open elements both have in common. */
static size_t shared(const struct filing_xml *x, const char *name, size_t length)
{
    size_t common = 0, i = 0;

    for (; i < x->length && i < length && x->path[i] == name[i]; i++)
        if (name[i] == '/')
            common = i;
    if (i == x->length && (i == length || name[i] == '/'))
        return i;
    return i == length && x->path[i] == '/' ? i : common;
}

static void enter(struct filing_xml *x, const char *name, size_t length, struct buf *out)
{
    size_t at;

    leave(x, shared(x, name, length), out);
    at = x->length + (x->length > 0);
    while (at < length) {
        size_t part = strcspn(name + at, "/");

        open_element(x, name + at, part, out);
        at += part + 1;
    }
    x->path = name;
    x->length = length;
}

static int rank_of(enum filing_scope scope)
{
    switch (scope) {
    case FILING_ROW: return 3;
    case FILING_CERTIFICATE:
    case FILING_SITE_END: return 2;
    default: return 1;
    }
}

static void close_record(struct filing_xml *x, struct buf *out)
{
    const char *name = x->open[--x->depth]->element;

    close_element(x, name, strlen(name), out);
}

void filing_xml_begin(const struct filing_layout *layout, struct buf *out)
{
    static const char *const names[] = {[FILING_UTF8] = "UTF-8", [FILING_LATIN1] = "ISO-8859-1", [FILING_LATIN9] = "ISO-8859-15"};
    const char *key;
    json_t *value;

    buf_printf(out, "<?xml version=\"1.0\" encoding=\"%s\"?>\n<%s", names[layout->encoding], layout->xml_root);
    json_object_foreach((json_t *)layout->xml_attributes, key, value)
    {
        const char *text = json_string_value(value);

        buf_printf(out, " %s=\"", key);
        put_text(text, strlen(text), out);
        buf_puts(out, "\"");
    }
    buf_puts(out, ">");
}

void filing_xml_record(struct filing_xml *x, const struct filing_record *record, struct buf *out)
{
    while (x->depth > 0 && rank_of(x->open[x->depth - 1]->scope) >= rank_of(record->scope))
        close_record(x, out);
    end_tag(x, out);
    buf_puts(out, "\n");
    open_element(x, record->element, strlen(record->element), out);
    x->open[x->depth++] = record;
    x->length = 0;
}

size_t filing_xml_field(struct filing_xml *x, const char *name, const char *text, size_t length, struct buf *out)
{
    const char *last = filing_path_last(name);
    size_t at;

    enter(x, name, filing_path_parents(name), out);
    if (*last == '@') {
        buf_printf(out, " %s=\"", last + 1);
    } else {
        if (*last != '#')
            open_element(x, last, strlen(last), out);
        end_tag(x, out);
    }
    at = out->length;
    put_text(text, length, out);
    if (*last == '@')
        buf_puts(out, "\"");
    else if (*last != '#')
        close_element(x, last, strlen(last), out);
    return at;
}

void filing_xml_fields_end(struct filing_xml *x, const struct filing_record *record, struct buf *out)
{
    leave(x, 0, out);
    end_tag(x, out);
    if (record->scope != FILING_SITE && record->scope != FILING_CERTIFICATE)
        close_record(x, out);
}

void filing_xml_end(struct filing_xml *x, const struct filing_layout *layout, struct buf *out)
{
    while (x->depth > 0)
        close_record(x, out);
    buf_printf(out, "\n</%s>\n", layout->xml_root);
}
