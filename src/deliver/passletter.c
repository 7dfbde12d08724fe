#include "deliver/passletter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "deliver/listing.h"

/* A page's lines, from 18 mm from the top: sizes in tenths of a point, a line is a half of that in tenths of a millimetre high. */
#define SENDER 6        /* line of the sender, at 48 mm */
#define ADDRESS 9       /* first line of the address, its baseline at 67.5 mm */
#define ADDRESS_LINES 6 /* down to 90 mm */
#define BODY 20         /* first line of the body, below the first fold at 105 mm */
#define SIZE 100
#define ADDRESS_SIZE 90

enum body { B_TITLE, B_GAP, B_CERTIFICATE, B_FILE, B_PASSWORD, B_GAP2, B_WAY, B_OPENS, B_SIGNS, B_ALONE, B_LINES };

struct pages {
    const struct passletters *letters;
    const struct passletter *list;
    size_t count, at;
    int line;       /* the next one of the page at hand */
    char text[200]; /* of the line in hand */
};

bool passletter_can_draw(const struct font *font, const char *password)
{
    struct arena arena = {0};
    struct glyphs glyphs;
    bool can = font_shape(font, password, &arena, &glyphs);

    arena_free(&arena);
    return can;
}

static int by_post(const void *a, const void *b)
{
    const struct person *one = ((const struct passletter *)a)->person, *other = ((const struct passletter *)b)->person;
    int order = one->foreign - other->foreign;

    if (order == 0 && one->foreign)
        order = strcmp(one->country, other->country);
    if (order == 0)
        order = strcmp(one->postcode, other->postcode);
    if (order == 0)
        order = strcmp(one->folded, other->folded);
    return order ? order : strcmp(one->id, other->id);
}

void passletter_sort(struct passletter *list, size_t count)
{
    if (count > 0)
        qsort(list, count, sizeof *list, by_post);
}

/* The address' line of this number, or "". */
static const char *address_line(struct pages *p, const char *address, int number)
{
    for (; number > 0 && *address; number--)
        address += strcspn(address, "\n") + (address[strcspn(address, "\n")] != '\0');
    text_fit(p->text, sizeof p->text, address, strcspn(address, "\n"));
    return p->text;
}

static void set_body(struct pages *p, const struct passletter *letter, enum body line, struct listing_line *out)
{
    static const char *const texts[B_LINES] = {
        [B_TITLE] = "The password of your encrypted certificate",
        [B_CERTIFICATE] = "certificate",
        [B_FILE] = "file",
        [B_PASSWORD] = "password",
        [B_WAY] = "Your certificate reaches you as an encrypted PDF file, another way than this letter.",
        [B_OPENS] = "This password opens it, in any PDF reader.",
        [B_SIGNS] = "It has small letters and digits, no blanks.",
        [B_ALONE] = "It opens this file alone. Please keep this letter.",
    };

    out->size = line == B_TITLE ? 140 : SIZE;
    if (!texts[line] || (line == B_SIGNS && !p->letters->made))
        return;
    out->cells[0] = tc_word(p->letters->words, texts[line]);
    if (line == B_CERTIFICATE)
        out->cells[1] = letter->person->id;
    if (line == B_PASSWORD)
        out->cells[1] = letter->password;
    if (line == B_FILE) {
        snprintf(p->text, sizeof p->text, "%.40s.pdf", letter->person->id);
        out->cells[1] = p->text;
    }
}

static bool next_line(void *ctx, struct listing_line *out)
{
    struct pages *p = ctx;
    const struct passletter *letter;
    int line = p->line++;

    if (p->at == p->count)
        return false;
    letter = &p->list[p->at];
    out->size = SIZE;
    out->new_page = line == 0;
    if (line == SENDER - 1) {
        out->size = 70;
        out->cells[0] = p->letters->people->employer;
    } else if (line >= ADDRESS && line < ADDRESS + ADDRESS_LINES) {
        out->size = ADDRESS_SIZE;
        out->cells[0] = address_line(p, letter->person->address, line - ADDRESS);
    } else if (line >= BODY) {
        set_body(p, letter, (enum body)(line - BODY), out);
    }
    if (line == BODY + B_LINES - 1) {
        p->line = 0;
        p->at++;
    }
    return true;
}

static void rewind_lines(void *ctx)
{
    struct pages *p = ctx;

    p->at = 0;
    p->line = 0;
}

bool passletter_make(const struct passletters *letters, const struct passletter *list, size_t count, struct buf *out, struct tc_error *err)
{
    static const int columns[LISTING_CELLS] = {2500, 6500, 19000, 19100, 19200, 19300, 19400, 19500};
    struct pages pages = {.letters = letters, .list = list, .count = count};
    struct listing listing = {.page = letters->people->page,
                              .columns = columns,
                              .font = letters->font,
                              .title = letters->set,
                              .next = next_line,
                              .rewind = rewind_lines,
                              .ctx = &pages};

    return listing_make(&listing, out, err);
}
