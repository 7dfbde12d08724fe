#include "archive/filing_text.h"

#include <string.h>

#include "base/fold.h"
#include "base/text.h"

/* What ISO 8859-15 has in place of eight signs of ISO 8859-1. */
static const struct {
    uint32_t point;
    unsigned char byte;
} latin9[] = {{0x20AC, 0xA4}, {0x160, 0xA6}, {0x161, 0xA8}, {0x17D, 0xB4}, {0x17E, 0xB8}, {0x152, 0xBC}, {0x153, 0xBD}, {0x178, 0xBE}};

/* The byte of a code point beyond ASCII; 0: the encoding has none. */
static unsigned char byte_of(enum filing_encoding encoding, uint32_t point)
{
    for (size_t i = 0; encoding == FILING_LATIN9 && i < sizeof latin9 / sizeof *latin9; i++) {
        if (latin9[i].point == point)
            return latin9[i].byte;
        if (latin9[i].byte == point)
            return 0;
    }
    return point >= 0xA0 && point <= 0xFF ? (unsigned char)point : 0;
}

/* Appends one letter beyond ASCII, in the encoding or as its ASCII letters. */
static void add_beyond(const struct filing_layout *layout, const struct filing_field *field, const char *letter, struct buf *out)
{
    const char *rest = letter;
    unsigned char byte = layout->encoding == FILING_UTF8 ? 0 : byte_of(layout->encoding, text_next(&rest));

    if (layout->ascii || (field->beyond && !strstr(field->beyond, letter)) || (layout->encoding != FILING_UTF8 && byte == 0))
        fold_letter(out, letter);
    else if (byte > 0)
        buf_add(out, &byte, 1);
    else
        buf_puts(out, letter);
}

static bool add_letter(const struct filing_layout *layout, const struct filing_field *field, const char *from, size_t length,
                       struct buf *out)
{
    char letter[8] = "";
    const char *instead;
    size_t before = out->length;

    memcpy(letter, from, length);
    instead = json_string_value(json_object_get(layout->letters, letter));
    if (instead)
        buf_puts(out, instead);
    else if (length == 1)
        buf_add(out, from, length);
    else
        add_beyond(layout, field, letter, out);
    return out->length > before;
}

bool filing_text_make(const struct filing_layout *layout, const struct filing_field *field, const char *text, size_t length,
                      struct buf *out)
{
    const char *end = text + length;
    bool ok = true;

    out->length = 0;
    while (text < end) {
        const char *from = text;

        text_next(&text);
        if (!field->figures || (*from >= '0' && *from <= '9'))
            ok = add_letter(layout, field, from, (size_t)(text - from), out) && ok;
    }
    for (size_t i = 0; layout->upper && i < out->length; i++)
        if (out->data[i] >= 'a' && out->data[i] <= 'z')
            out->data[i] = (char)(out->data[i] - 'a' + 'A');
    return ok;
}
