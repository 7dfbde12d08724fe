#include "base/text.h"

#include <strings.h>

#include <string.h>
#include <utf8proc.h>

uint32_t text_next_long(const char **text)
{
    const unsigned char *p = (const unsigned char *)*text;
    int more = p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : 3;
    uint32_t point = p[0] & (0x3Fu >> more);

    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80) { /* a text that no reader has checked: its end is never passed */
            *text += i;
            return 0xFFFD;
        }
        point = point << 6 | (p[i] & 0x3Fu);
    }
    *text += more + 1;
    return point;
}

bool text_is_control_beyond(uint32_t point)
{
    return (point >= 0x7F && point <= 0x9F) || (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E)
           || (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF || point == 0x061C;
}

static void add_repaired(struct buf *out, const char *bytes, bool controls)
{
    utf8proc_int32_t point;

    while (*bytes) {
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)bytes, -1, &point);

        if (n <= 0 || (!controls && text_is_control((uint32_t)point)))
            buf_puts(out, "\xEF\xBF\xBD");
        else
            buf_add(out, bytes, (size_t)n);
        bytes += n > 0 ? n : 1;
    }
}

void text_show(struct buf *out, const char *bytes)
{
    add_repaired(out, bytes, false);
}

void text_quote(struct buf *out, const char *bytes)
{
    struct buf repaired = {0};

    add_repaired(&repaired, bytes, true);
    buf_add(&repaired, "", 1);
    out->failed |= repaired.failed;
    if (!repaired.failed)
        buf_quote(out, repaired.data);
    buf_free(&repaired);
}

bool text_is_blank_long(const char *text)
{
    utf8proc_int32_t point;

    while (*text) {
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &point);
        utf8proc_category_t category = n > 0 ? utf8proc_category(point) : UTF8PROC_CATEGORY_LL;

        if (category != UTF8PROC_CATEGORY_ZS && category != UTF8PROC_CATEGORY_ZL && category != UTF8PROC_CATEGORY_ZP
            && !(point >= '\t' && point <= '\r' && n > 0))
            return false;
        text += n;
    }
    return true;
}

bool text_is_utf8(const char *text)
{
    utf8proc_int32_t point;

    for (utf8proc_ssize_t n; *text; text += n) {
        n = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &point);
        if (n <= 0 || text_is_control((uint32_t)point))
            return false;
    }
    return true;
}

/* A sequence's first byte; false where there is none such. The second byte's range leaves out what is too long, surrogates and what is
 * beyond Unicode. */
static bool begin_sequence(struct text_check *c, unsigned char byte)
{
    if (byte < 0x80)
        return true;
    c->seen = 1;
    c->more = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
    c->least = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    c->most = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    return byte >= 0xC2 && byte <= 0xF4;
}

/* How many bytes of ASCII there are before another one. */
static size_t count_ascii(const char *bytes, size_t length)
{
    const uint64_t highs = 0x8080808080808080u;
    uint64_t some[4];
    size_t i = 0;

    for (; length - i >= sizeof some; i += sizeof some) {
        memcpy(some, bytes + i, sizeof some);
        if ((some[0] | some[1] | some[2] | some[3]) & highs)
            break;
    }
    for (; length - i >= sizeof *some && (memcpy(some, bytes + i, sizeof *some), !(*some & highs)); i += sizeof *some)
        ;
    while (i < length && (unsigned char)bytes[i] < 0x80)
        i++;
    return i;
}

size_t text_check(struct text_check *c, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte;

        if (!c->more)
            i += count_ascii(bytes + i, length - i);
        if (i == length)
            break;
        byte = (unsigned char)bytes[i];
        if (c->more) {
            if (byte < c->least || byte > c->most)
                return i > (size_t)c->seen ? i - (size_t)c->seen : 0;
            c->more--;
            c->seen++;
            c->least = 0x80;
            c->most = 0xBF;
        } else if (!begin_sequence(c, byte)) {
            return i;
        }
    }
    return length;
}

void text_fit(char *room, size_t size, const char *text, size_t length)
{
    size_t fits = length < size ? length : size - 1;

    while (fits > 0 && fits < length && ((unsigned char)text[fits] & 0xC0) == 0x80)
        fits--;
    memcpy(room, text, fits);
    room[fits] = '\0';
}

bool text_is_utf8_part(const char *text, size_t length)
{
    struct text_check check = {0};

    return text_check(&check, text, length) == length && !check.more;
}

bool text_is_handle(const char *text)
{
    static const bool allowed[256] = {
        ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['0' ... '9'] = true, ['.'] = true, ['_'] = true, ['-'] = true};
    size_t length = 0;

    while (text && length <= 32 && allowed[(unsigned char)text[length]])
        length++;
    return length >= 1 && length <= 32 && text[length] == '\0' && text[0] != '.';
}

#define NO_BREAK_SPACE 0xA0u

/* Of the letters that are taken for each other: a bit each; 0: of no alphabet, or of another. */
static unsigned alphabet(uint32_t point)
{
    if ((point | 0x20) - 'a' < 26 || (point >= 0xC0 && point < 0x250) || (point >= 0x1E00 && point < 0x1F00))
        return 1; /* Latin */
    if ((point >= 0x370 && point < 0x400) || (point >= 0x1F00 && point < 0x2000))
        return 2;                                   /* Greek */
    return point >= 0x400 && point < 0x530 ? 4 : 0; /* Cyrillic */
}

enum text_trap text_find_trap(const char *text)
{
    unsigned word = 0;

    while (*text) {
        uint32_t point = text_next(&text);
        unsigned one = alphabet(point);
        bool mark = point >= 0x300 && point < 0x370; /* on the letter before */

        if (point == NO_BREAK_SPACE)
            return TEXT_BLANK;
        word = one ? word | one : mark ? word : 0;
        if (word & (word - 1))
            return TEXT_MIXED;
    }
    return TEXT_NO_TRAP;
}

/* The devices of Windows, which stand for themselves whatever follows a dot. */
static bool is_device(const char *name, size_t length)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul", "com", "lpt"};
    bool numbered = length == 4 && name[3] >= '0' && name[3] <= '9';

    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (!strncasecmp(name, devices[i], 3) && (i < 4 ? length == 3 : numbered))
            return true;
    return false;
}

enum text_handle_trap text_find_handle_trap(const char *handle)
{
    size_t length = strlen(handle);

    if (*handle == '-')
        return TEXT_HANDLE_OPTION;
    return (length > 0 && handle[length - 1] == '.') || is_device(handle, strcspn(handle, ".")) ? TEXT_HANDLE_RESERVED : TEXT_HANDLE_FINE;
}
