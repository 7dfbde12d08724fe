#include "pdf/pdf.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdf/seal.h"

#define UNITS 0x10000
#define ID_SIZE 16 /* bytes: half of a SHA-256 */

struct pdf {
    const struct page *page;
    const struct font *regular, *bold;
    struct pdf_document document;
    pthread_mutex_t mutexes[TIERS]; /* held while something of the tier is sealed */
    bool ready[TIERS];              /* the tier's faces are made */
    struct faces faces[TIERS];
    struct seal_streams streams[TIERS];
    _Atomic(struct seal *) seals[TIERS]; /* newest first; never taken off */
};

struct pdf *pdf_new(const struct page *page, const struct font *regular, const struct font *bold, const struct pdf_document *document,
                    struct tc_error *err)
{
    struct pdf *pdf = calloc(1, sizeof *pdf);

    if (!pdf) {
        error_memory(err);
        return NULL;
    }
    *pdf = (struct pdf){.page = page, .regular = regular, .bold = bold, .document = *document};
    for (int i = 0; i < TIERS; i++)
        pthread_mutex_init(&pdf->mutexes[i], NULL);
    return pdf;
}

static void free_face(struct face *face)
{
    subset_free(&face->subset);
    free(face->codes);
    face->codes = NULL;
    buf_free(&face->meanings);
}

void pdf_free(struct pdf *pdf)
{
    if (!pdf)
        return;
    for (int i = 0; i < TIERS; i++) {
        struct seal *seal = pdf->seals[i];

        while (seal) {
            struct seal *next = seal->next;

            seal_free(seal);
            seal = next;
        }
        free_face(&pdf->faces[i].regular);
        free_face(&pdf->faces[i].bold);
        seal_streams_free(&pdf->streams[i]);
        pthread_mutex_destroy(&pdf->mutexes[i]);
    }
    free(pdf);
}

/* The characters of one weight: those of the static text, and those a person of this tier may have. */
static bool make_face(const struct page *page, const struct font *font, bool bold, enum tier tier, struct face *face, struct tc_error *err)
{
    uint8_t *wanted = calloc(UNITS, 1);
    bool personal = false, ok;

    if (!wanted)
        return error_memory(err);
    wanted[' '] = 1;
    for (size_t i = 0; i < page->count; i++) {
        const struct op *op = &page->ops[i];

        personal |= op->kind == OP_SLOT && op->bold == bold && !op->worded;
        if ((op->kind != OP_TEXT && op->kind != OP_MARK) || op->bold != bold)
            continue;
        for (size_t k = 0; k < op->glyphs.count; k++)
            wanted[op->glyphs.units[k]] = 1;
    }
    for (size_t i = 0; i < page->word_count; i++)
        for (size_t k = 0; page->words[i].bold == bold && k < page->words[i].glyphs.count; k++)
            wanted[page->words[i].glyphs.units[k]] = 1;
    for (uint32_t unit = 0x20; personal && unit < UNITS; unit++)
        wanted[unit] |= font->covered[unit] && tier_of_letter(font->covered[unit]) <= tier;
    face->font = font;
    face->simple = true;
    for (uint32_t unit = 0; unit < UNITS; unit++)
        face->simple &= !wanted[unit] || !font->covered[unit] || content_byte((uint16_t)unit) > 0;
    ok = subset_make(font, wanted, &face->subset, err) && (face_code(face) || error_memory(err));
    free(wanted);
    return ok;
}

/* Both faces of a tier, or none. */
static bool make_faces(struct pdf *pdf, enum tier tier, struct tc_error *err)
{
    struct faces *faces = &pdf->faces[tier];

    if (pdf->ready[tier])
        return true;
    pdf->ready[tier] = make_face(pdf->page, pdf->regular, false, tier, &faces->regular, err)
                       && make_face(pdf->page, pdf->bold, true, tier, &faces->bold, err);
    if (!pdf->ready[tier]) {
        free_face(&faces->regular);
        free_face(&faces->bold);
    }
    return pdf->ready[tier];
}

static struct seal *find_seal(struct pdf *pdf, enum tier tier, uint32_t choices)
{
    struct seal *seal = atomic_load_explicit(&pdf->seals[tier], memory_order_acquire);

    while (seal && seal->choices != choices)
        seal = seal->next;
    return seal;
}

/* Of this tier and these choices, made when first needed. NULL with err. */
static const struct seal *get_seal(struct pdf *pdf, enum tier tier, uint32_t choices, struct tc_error *err)
{
    struct faces *faces = &pdf->faces[tier];
    struct seal *seal = find_seal(pdf, tier, choices);

    if (seal)
        return seal;
    pthread_mutex_lock(&pdf->mutexes[tier]);
    seal = find_seal(pdf, tier, choices);
    if (!seal && make_faces(pdf, tier, err)) {
        seal = seal_make(pdf->page, choices, faces, &pdf->document, &pdf->streams[tier], err);
        if (seal) {
            seal->next = pdf->seals[tier];
            atomic_store_explicit(&pdf->seals[tier], seal, memory_order_release);
        }
    }
    pthread_mutex_unlock(&pdf->mutexes[tier]);
    return seal;
}

/* The one after the choices given, or the first. */
static const struct seal *next_seal(const struct pdf *pdf, int tier, const struct seal *after)
{
    const struct seal *next = NULL;

    for (const struct seal *s = pdf->seals[tier]; s; s = s->next)
        if ((!after || s->choices > after->choices) && (!next || s->choices < next->choices))
            next = s;
    return next;
}

bool pdf_each_seal(const struct pdf *pdf, void *ctx, bool (*call)(void *ctx, const char *name, const void *data, size_t length))
{
    for (int tier = 0; tier < TIERS; tier++) {
        for (const struct seal *s = next_seal(pdf, tier, NULL); s; s = next_seal(pdf, tier, s)) {
            char name[32];

            snprintf(name, sizeof name, "%d-%08x", tier, (unsigned)s->choices);
            if (!call(ctx, name, s->prefix.data, s->prefix.length))
                return false;
        }
    }
    return true;
}

bool pdf_worker_start(struct pdf_worker *w, const struct pdf *pdf, struct tc_error *err)
{
    *w = (struct pdf_worker){.compressor = libdeflate_alloc_compressor(1)};
    w->values.list = calloc((size_t)pdf->page->slot_count + 1, sizeof *w->values.list);
    return (w->compressor && w->values.list) || error_memory(err);
}

void pdf_worker_stop(struct pdf_worker *w)
{
    if (w->compressor)
        libdeflate_free_compressor(w->compressor);
    free(w->values.list);
    buf_free(&w->values.text);
    buf_free(&w->content);
    buf_free(&w->packed);
    buf_free(&w->own);
    *w = (struct pdf_worker){0};
}

static bool deflate(struct pdf_worker *w, const struct buf *data)
{
    size_t bound = libdeflate_zlib_compress_bound(w->compressor, data->length);

    w->packed.length = 0;
    if (data->failed || !buf_reserve(&w->packed, bound))
        return false;
    w->packed.length = libdeflate_zlib_compress(w->compressor, data->data, data->length, w->packed.data, bound);
    return w->packed.length > 0;
}

/* A page's content stream: spliced, or, where a text is longer than its place, compressed anew. */
static bool pack(struct pdf_worker *w, const struct seal_page *page, const struct faces *faces, const struct placed *placed)
{
    bool fits = content_fill(&page->content, faces, placed, &w->values);

    if (w->values.text.failed)
        return false;
    if (fits)
        return splice_write(page->splice, &w->values, &w->packed);
    content_join(&page->content, &w->values, &w->content);
    return deflate(w, &w->content);
}

static void put_number(struct buf *out, const char *text, long number)
{
    buf_puts(out, text);
    buf_fixed(out, number, 0);
}

static void put_stream(struct buf *out, const struct buf *packed)
{
    put_number(out, "/Filter/FlateDecode/Length ", (long)packed->length);
    buf_puts(out, ">>stream\n");
    buf_add(out, packed->data, packed->length);
    buf_puts(out, "\nendstream\nendobj\n");
}

/* Half of the identity as a string: what would end it, or be read as another byte (ISO 32000-1, 7.3.4.2), is escaped. */
static void put_id(struct buf *out, const unsigned char id[HASH_SIZE])
{
    char text[2 * ID_SIZE + 2], *end = text;

    *end++ = '(';
    for (int i = 0; i < ID_SIZE; i++) {
        if (strchr("()\\\r", id[i]) && id[i])
            *end++ = '\\';
        *end++ = id[i] == '\r' ? 'r' : (char)id[i];
    }
    *end++ = ')';
    buf_add(out, text, (size_t)(end - text));
}

/* Where the personal objects are, and the file's identity: that of its content. */
static void add_last_table(struct buf *out, const struct seal *seal, const size_t *places, const unsigned char id[HASH_SIZE])
{
    size_t place = seal->prefix.length + out->length, size = 6 * (size_t)(seal->page_count + 2);
    unsigned char rows[6 * (PAGE_SHEETS_MAX + 2)];
    int number = seal->own + seal->page_count + 1;

    for (int i = 0; i <= seal->page_count; i++)
        seal_entry(rows + 6 * i, 1, places[i], 0);
    seal_entry(rows + size - 6, 1, place, 0);
    put_number(out, "", number);
    put_number(out, " 0 obj\n<</Type/XRef/Size ", number + 1);
    put_number(out, "/Root ", seal->root);
    put_number(out, " 0 R/Info ", seal->info);
    buf_puts(out, " 0 R/ID[");
    put_id(out, id);
    put_id(out, id);
    put_number(out, "]/W[1 3 2]/Index[", seal->own);
    put_number(out, " ", seal->page_count + 2);
    put_number(out, "]/Prev ", (long)seal->first_table);
    put_number(out, "/Length ", (long)size);
    buf_puts(out, ">>stream\n");
    buf_add(out, rows, size);
    put_number(out, "\nendstream\nendobj\nstartxref\n", (long)place);
    buf_puts(out, "\n%%EOF\n");
}

bool pdf_render(struct pdf *pdf, struct pdf_worker *w, const struct placed *placed, const struct phrase_writer *attachment,
                unsigned char hash[HASH_SIZE], struct tc_error *err)
{
    struct buf *out = &w->own;
    enum tier tier = tier_of(pdf->page, placed);
    const struct seal *seal = get_seal(pdf, tier, page_choices(pdf->page, placed), err);
    size_t places[PAGE_SHEETS_MAX + 1], hashed;
    unsigned char id[HASH_SIZE];
    struct hash personal, file;

    if (!seal)
        return false;
    out->length = 0;
    for (int i = 0; i < seal->page_count; i++) {
        if (!pack(w, &seal->pages[i], &pdf->faces[tier], placed))
            return error_memory(err);
        places[i] = seal->prefix.length + out->length;
        put_number(out, "", seal->own + i);
        buf_puts(out, " 0 obj\n<<");
        put_stream(out, &w->packed);
    }
    places[seal->page_count] = seal->prefix.length + out->length;
    put_number(out, "", seal->own + seal->page_count);
    put_number(out, " 0 obj\n<</Type/EmbeddedFile/Subtype/application#2Fjson/Params<</ModDate(D:", pdf->document.issued);
    put_number(out, "000000Z)/Size ", (long)attachment->length);
    buf_puts(out, ">>");
    put_stream(out, &attachment->out);
    if (out->failed)
        return error_memory(err);
    file = seal->hash;
    hash_add(&file, out->data, out->length);
    hashed = out->length;
    personal = file;
    hash_end(&personal, id);
    add_last_table(out, seal, places, id);
    if (out->failed)
        return error_memory(err);
    hash_add(&file, out->data + hashed, out->length - hashed);
    hash_end(&file, hash);
    w->file[0] = (struct iovec){seal->prefix.data, seal->prefix.length};
    w->file[1] = (struct iovec){out->data, out->length};
    return true;
}
