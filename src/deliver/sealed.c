#include "deliver/sealed.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#define SEAL_OBJECTS_MAX 100000 /* more is no form of ours */
#define UNPACKED_MAX (64u << 20)

/* The number behind the key; -1 where there is none. */
static long number_of(const char *text, size_t length, const char *key)
{
    const char *at = memmem(text, length, key, strlen(key));

    return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

/* The stream object at data, which is terminated or goes on: its number, or 0. *whole: its bytes. */
static int read_stream(const char *data, size_t length, struct sealed_part *part, size_t *whole)
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

static bool add_part(struct sealed *s, int number, const struct sealed_part *part)
{
    if (number >= s->count) {
        struct sealed_part *grown = realloc(s->parts, ((size_t)number + 64) * sizeof *grown);

        if (!grown) {
            s->memory = true;
            return false;
        }
        memset(grown + s->count, 0, ((size_t)number + 64 - (size_t)s->count) * sizeof *grown);
        s->parts = grown;
        s->count = number + 64;
    }
    s->parts[number] = *part;
    return true;
}

/* The packed objects, unpacked and terminated; NULL where they cannot be. *memory: it was lacking. */
static char *unpack(const struct sealed_part *packed, size_t *length, bool *memory)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;
    char *data = NULL;

    *memory = !d;
    for (size_t room = 1 << 16; d && room <= UNPACKED_MAX && result == LIBDEFLATE_INSUFFICIENT_SPACE; room *= 2) {
        free(data);
        data = malloc(room + 1);
        *memory = !data;
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

static bool read_packed(struct sealed *s, const struct sealed_part *packed)
{
    long count = number_of(packed->text, packed->length, "/N "), first = number_of(packed->text, packed->length, "/First ");
    size_t length = 0;
    char *at = s->unpacked = unpack(packed, &length, &s->memory);

    if (!at || count < 1 || first < 0 || (size_t)first > length)
        return false;
    for (long i = 0; i < count; i++) {
        long number = strtol(at, &at, 10), offset = strtol(at, &at, 10);
        struct sealed_part part = {0};

        if (number < 1 || number > SEAL_OBJECTS_MAX || offset < 0 || (size_t)(first + offset) >= length)
            return false;
        part.text = s->unpacked + first + offset;
        part.length = strcspn(part.text, "\n");
        if (!add_part(s, (int)number, &part))
            return false;
    }
    return true;
}

/* The dictionary, array or reference behind the key. */
static bool find_value(const struct sealed_part *page, const char *key, const char **value, size_t *length)
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

/* A page of the tree that is this object. */
static bool take_page(struct sealed *s, long number)
{
    const struct sealed_part *p = number > 0 && number < s->count ? &s->parts[number] : NULL;
    struct sealed_page *page = &s->pages[s->page_count];
    long contents;

    if (!p || !p->text || p->data || s->page_count == SEALED_PAGES_MAX
        || !find_value(p, "/Resources", &page->resources, &page->resources_length)
        || !find_value(p, "/MediaBox", &page->box, &page->box_length))
        return false;
    contents = number_of(p->text, p->length, "/Contents ");
    page->contents = contents > 0 && contents < SEAL_OBJECTS_MAX ? (int)contents : 0;
    s->page_count++;
    return page->contents != 0;
}

/* In the order of the tree, which has one node. */
static bool find_pages(struct sealed *s)
{
    const struct sealed_part *tree = NULL;
    const char *at;
    char *end;

    for (int i = 0; i < s->count && !tree; i++)
        if (s->parts[i].text && !s->parts[i].data && memmem(s->parts[i].text, s->parts[i].length, "/Type/Pages", 11))
            tree = &s->parts[i];
    at = tree ? memmem(tree->text, tree->length, "/Kids[", 6) : NULL;
    for (at = at ? at + 6 : NULL; at && *at != ']'; at = end + 4 + (end[4] == ' '))
        if (!take_page(s, strtol(at, &end, 10)) || strncmp(end, " 0 R", 4) != 0)
            return false;
    return s->page_count > 0;
}

static bool read_parts(struct sealed *s)
{
    size_t at = strcspn(s->prefix, "\n") + 1, whole;

    at += strcspn(s->prefix + at, "\n") + 1;
    while (at < s->length) {
        struct sealed_part part = {0};
        int number = read_stream(s->prefix + at, s->length - at, &part, &whole);

        if (!number || !add_part(s, number, &part) || (memmem(part.text, part.length, "/Type/ObjStm", 12) && !read_packed(s, &part)))
            return false;
        at += whole;
    }
    return find_pages(s);
}

bool sealed_read(struct sealed *s, const char *name, const char *data, size_t length, struct tc_error *err)
{
    *s = (struct sealed){.prefix = data, .length = length};
    if (read_parts(s))
        return true;
    return s->memory ? error_memory(err)
                     : error_set(err, TC_IO, name, NULL, "form", "it is not the beginning of a certificate that taxcert made");
}

bool sealed_begins(const struct sealed *s, const char *data, size_t length)
{
    return s->length < length && memcmp(s->prefix, data, s->length) == 0;
}

bool sealed_content(const struct sealed *s, int page, const char *data, size_t length, struct sealed_part *content, bool *fixed)
{
    int number = s->pages[page].contents;
    size_t at = s->length, whole;

    *fixed = number < s->count && s->parts[number].data;
    if (*fixed) {
        *content = s->parts[number];
        return true;
    }
    while (at < length) {
        int found = read_stream(data + at, length - at, content, &whole);

        if (!found || found == number)
            return found != 0;
        at += whole;
    }
    return false;
}

void sealed_free(struct sealed *s)
{
    free(s->parts);
    free(s->unpacked);
    *s = (struct sealed){.count = 0};
}
