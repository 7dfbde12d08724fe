#include "write/pdf/seal.h"

#include <libdeflate.h>
#include <hpdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL 12 /* once per seal: as small as it gets */

/* libharu overwrites its error code by later ones: keep the first. */
static void keep_first(HPDF_STATUS code, HPDF_STATUS detail, void *first)
{
    (void)detail;
    if (*(HPDF_STATUS *)first == HPDF_OK)
        *(HPDF_STATUS *)first = code;
}

void seal_entry(unsigned char out[6], int type, size_t place, int index)
{
    out[0] = (unsigned char)type;
    out[1] = (unsigned char)(place >> 16);
    out[2] = (unsigned char)(place >> 8);
    out[3] = (unsigned char)place;
    out[4] = (unsigned char)(index >> 8);
    out[5] = (unsigned char)index;
}

static bool save(HPDF_Doc doc, struct buf *out)
{
    HPDF_BYTE block[4096];
    HPDF_UINT32 size;

    if (HPDF_SaveToStream(doc) != HPDF_OK)
        return false;
    do {
        size = sizeof block;
        HPDF_ReadFromStream(doc, block, &size);
        buf_add(out, block, size);
    } while (size == sizeof block);
    return !out->failed;
}

/* A stream with its dictionary's other entries as they are. */
static void add_stream(struct buf *out, int number, const char *entries, size_t length, const char *data, size_t size)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(LEVEL);
    size_t bound = compressor ? libdeflate_zlib_compress_bound(compressor, size) : 0, packed = 0;
    char *room = malloc(bound + 1);

    if (compressor && room)
        packed = libdeflate_zlib_compress(compressor, data, size, room, bound);
    if (packed == 0)
        out->failed = true;
    buf_printf(out, "%d 0 obj\n<<", number);
    buf_add(out, entries, length);
    buf_printf(out, "/Filter/FlateDecode/Length %zu>>stream\n", packed);
    buf_add(out, room, packed);
    buf_puts(out, "\nendstream\nendobj\n");
    libdeflate_free_compressor(compressor);
    free(room);
}

/* While libharu's objects are taken over one by one. */
struct taking {
    struct seal *seal;
    struct buf list, bodies; /* the object stream's parts */
    int packed;              /* objects in it */
    unsigned char *table;    /* by number: entries of the first cross-reference stream */
};

/* libharu's text of a dictionary, "<<\n...\n>>", without the indirect length it gives every stream. */
static void take_stream(struct taking *t, int number, HPDF_Dict dict, const char *text)
{
    HPDF_Number length = HPDF_Dict_GetItem(dict, "Length", HPDF_OCLASS_NUMBER);
    const char *end = strstr(text, ">>\nstream\r\n"), *skip;
    struct buf entries = {0};
    char reference[32];

    snprintf(reference, sizeof reference, "/Length %d 0 R\n", objects_number(length));
    skip = strstr(text, reference);
    if (!end || !skip || skip > end) {
        t->seal->prefix.failed = true;
        return;
    }
    buf_add(&entries, text + 3, (size_t)(skip - text) - 3);
    buf_add(&entries, skip + strlen(reference), (size_t)(end - skip) - strlen(reference));
    seal_entry(t->table + 6 * number, 1, t->seal->prefix.length, 0);
    add_stream(&t->seal->prefix, number, entries.data ? entries.data : "", entries.length, end + 11,
               (size_t)length->value);
    buf_free(&entries);
}

static void take_object(struct taking *t, int number, int stream, const char *text, size_t length)
{
    char last = '\n';

    seal_entry(t->table + 6 * number, 2, (size_t)stream, t->packed++);
    buf_printf(&t->list, "%d %zu ", number, t->bodies.length);
    for (size_t i = 0; i < length; i++) {
        char c = text[i] == '\n' ? ' ' : text[i];

        /* libharu's blanks beside delimiters would only cost room. No string of its has any: they are hexadecimal. */
        if (c == ' ' && (strchr("<>[]/ \n", last) || i + 1 == length || strchr("<>[]/ \n", text[i + 1])))
            continue;
        buf_add(&t->bodies, &c, 1);
        last = c;
    }
    buf_puts(&t->bodies, "\n");
}

/* Whether an object is only the length of a stream, which is written directly. */
static bool is_length(HPDF_Doc doc, unsigned count, const void *object)
{
    for (unsigned i = 1; i < count; i++) {
        HPDF_Dict dict = HPDF_Xref_GetEntry(doc->xref, i)->obj;

        if ((dict->header.obj_class & 0x00FF) == HPDF_OCLASS_DICT && dict->stream
            && HPDF_Dict_GetItem(dict, "Length", HPDF_OCLASS_NUMBER) == object)
            return true;
    }
    return false;
}

/* Free entries form a list that begins and ends with number 0. */
static void link_free(unsigned char *table, int count)
{
    int next = 0;

    for (int i = count - 1; i >= 0; i--) {
        if (table[6 * i] != 0)
            continue;
        seal_entry(table + 6 * i, 0, (size_t)next, i == 0 ? 65535 : 1);
        next = i;
    }
}

/* The first cross-reference stream lists all but the personal objects and the last table. */
static void add_first_table(struct taking *t, int number)
{
    struct seal *seal = t->seal;
    int a = seal->personal.content, b = seal->personal.attachment;
    struct buf rows = {0};
    char entries[200];

    seal->first_table = seal->prefix.length;
    seal_entry(t->table + 6 * number, 1, seal->first_table, 0);
    t->table[6 * a] = t->table[6 * b] = 1; /* not free */
    link_free(t->table, number);
    buf_add(&rows, t->table, (size_t)(6 * a));
    buf_add(&rows, t->table + 6 * (a + 1), (size_t)(6 * (b - a - 1)));
    buf_add(&rows, t->table + 6 * (b + 1), (size_t)(6 * (number - b)));
    snprintf(entries, sizeof entries, "/Type/XRef/Size %d/Root %d 0 R/Info %d 0 R/W[1 3 2]/Index[0 %d %d %d %d %d]",
             seal->table + 1, seal->root, seal->info, a, a + 1, b - a - 1, b + 1, number - b);
    add_stream(&seal->prefix, number, entries, strlen(entries), rows.data, rows.length);
    seal->prefix.failed |= rows.failed;
    buf_free(&rows);
}

/* libharu writes objects in the order of their numbers, each as "N 0 obj\n...\nendobj\n". */
static bool take_objects(struct seal *seal, HPDF_Doc doc, const struct buf *file)
{
    unsigned count = doc->xref->entries->count;
    struct taking t = {.seal = seal, .table = calloc(count + 2, 6)};
    char entries[80];

    if (!t.table)
        return false;
    seal->root = objects_number(doc->catalog);
    seal->info = objects_number(doc->info);
    seal->table = (int)count + 2;
    buf_puts(&seal->prefix, "%PDF-1.7\n%\xB7\xBE\xAD\xAA\n");
    for (unsigned i = 1; i < count; i++) {
        HPDF_XrefEntry entry = HPDF_Xref_GetEntry(doc->xref, i);
        size_t end = i + 1 < count ? HPDF_Xref_GetEntry(doc->xref, i + 1)->byte_offset : doc->xref->addr;
        const char *text = file->data + entry->byte_offset;
        HPDF_Dict dict = entry->obj;
        bool is_dict = (dict->header.obj_class & 0x00FF) == HPDF_OCLASS_DICT;

        text = strchr(text, '\n') + 1; /* behind "N 0 obj" */
        if ((int)i == seal->personal.content || (int)i == seal->personal.attachment || is_length(doc, count, entry->obj))
            continue;
        if (is_dict && dict->stream)
            take_stream(&t, (int)i, dict, text);
        else
            take_object(&t, (int)i, (int)count, text, (size_t)(file->data + end - text) - strlen("endobj\n"));
    }
    snprintf(entries, sizeof entries, "/Type/ObjStm/N %d/First %zu", t.packed, t.list.length);
    buf_add(&t.list, t.bodies.data, t.bodies.length);
    seal_entry(t.table + 6 * count, 1, seal->prefix.length, 0);
    add_stream(&seal->prefix, (int)count, entries, strlen(entries), t.list.data, t.list.length);
    add_first_table(&t, (int)count + 1);
    seal->prefix.failed |= t.list.failed || t.bodies.failed;
    buf_free(&t.list);
    buf_free(&t.bodies);
    free(t.table);
    return !seal->prefix.failed;
}

struct seal *seal_make(const struct page *page, uint32_t choices, const struct faces *faces,
                       const struct pdf_document *document, struct tc_error *err)
{
    struct seal *seal = calloc(1, sizeof *seal);
    HPDF_STATUS first = HPDF_OK;
    HPDF_Doc doc = HPDF_New(keep_first, &first);
    struct buf file = {0};
    bool ok = seal && doc;

    if (!ok)
        error_memory(err);
    else
        seal->choices = choices;
    if (ok && !(objects_make(doc, page, choices, faces, document, &seal->personal) && save(doc, &file) && first == HPDF_OK)) {
        ok = error_set(err, TC_IO, NULL, NULL, "pdf", "libharu could not make the form (error 0x%04lx)", first);
    } else if (ok) {
        buf_add(&file, "", 1);
        ok = !file.failed && take_objects(seal, doc, &file) && content_make(&seal->content, page, choices, faces)
             && (seal->splice = splice_make(seal->content.text.data, seal->content.text.length, seal->content.places,
                                            seal->content.count, seal->content.likely.data, seal->content.likely.length))
                          && (seal->digest = EVP_MD_CTX_new()) != NULL && EVP_DigestInit_ex(seal->digest, EVP_sha256(), NULL) == 1
             && EVP_DigestUpdate(seal->digest, seal->prefix.data, seal->prefix.length) == 1;
        if (!ok)
            error_memory(err);
    }
    buf_free(&file);
    if (doc)
        HPDF_Free(doc);
    if (ok)
        return seal;
    seal_free(seal);
    return NULL;
}

void seal_free(struct seal *seal)
{
    if (!seal)
        return;
    buf_free(&seal->prefix);
    content_free(&seal->content);
    splice_free(seal->splice);
    EVP_MD_CTX_free(seal->digest);
    free(seal);
}
