#include "import/encoding.h"

#include <string.h>

#include "base/utf8.h"

enum kind { KIND_TABLE, KIND_UTF8, KIND_UTF16LE, KIND_UTF16BE };

struct encoding {
    const char *name;
    enum kind kind;
    const uint16_t *table; /* of the bytes from 0x80 on; 0: no character */
    int count;             /* of the table; bytes behind it are their own code points, as in Latin-1 */
};

static const uint16_t windows_1252[] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178,
};

static const uint16_t latin_1[32] = {0};

static const uint16_t latin_9[] = {
    0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,
    0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,      0,
    0x00A0, 0x00A1, 0x00A2, 0x00A3, 0x20AC, 0x00A5, 0x0160, 0x00A7, 0x0161, 0x00A9, 0x00AA, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x00AF,
    0x00B0, 0x00B1, 0x00B2, 0x00B3, 0x017D, 0x00B5, 0x00B6, 0x00B7, 0x017E, 0x00B9, 0x00BA, 0x00BB, 0x0152, 0x0153, 0x0178, 0x00BF,
};

static const uint16_t cp850[] = {
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF, 0x00EE, 0x00EC, 0x00C4, 0x00C5,
    0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9, 0x00FF, 0x00D6, 0x00DC, 0x00F8, 0x00A3, 0x00D8, 0x00D7, 0x0192,
    0x00E1, 0x00ED, 0x00F3, 0x00FA, 0x00F1, 0x00D1, 0x00AA, 0x00BA, 0x00BF, 0x00AE, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x00C1, 0x00C2, 0x00C0, 0x00A9, 0x2563, 0x2551, 0x2557, 0x255D, 0x00A2, 0x00A5, 0x2510,
    0x2514, 0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x00E3, 0x00C3, 0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256C, 0x00A4,
    0x00F0, 0x00D0, 0x00CA, 0x00CB, 0x00C8, 0x0131, 0x00CD, 0x00CE, 0x00CF, 0x2518, 0x250C, 0x2588, 0x2584, 0x00A6, 0x00CC, 0x2580,
    0x00D3, 0x00DF, 0x00D4, 0x00D2, 0x00F5, 0x00D5, 0x00B5, 0x00FE, 0x00DE, 0x00DA, 0x00DB, 0x00D9, 0x00FD, 0x00DD, 0x00AF, 0x00B4,
    0x00AD, 0x00B1, 0x2017, 0x00BE, 0x00B6, 0x00A7, 0x00F7, 0x00B8, 0x00B0, 0x00A8, 0x00B7, 0x00B9, 0x00B3, 0x00B2, 0x25A0, 0x00A0,
};

#define TABLE(points) points, sizeof(points) / sizeof *(points)

static const struct encoding encodings[] = {
    {"utf-8", KIND_UTF8, NULL, 0},
    {"utf-16le", KIND_UTF16LE, NULL, 0},
    {"utf-16be", KIND_UTF16BE, NULL, 0},
    {"windows-1252", KIND_TABLE, TABLE(windows_1252)},
    {"iso-8859-1", KIND_TABLE, TABLE(latin_1)},
    {"iso-8859-15", KIND_TABLE, TABLE(latin_9)},
    {"cp850", KIND_TABLE, TABLE(cp850)},
};

const struct encoding *encoding_find(const char *name)
{
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
        if (!strcmp(encodings[i].name, name))
            return &encodings[i];
    return NULL;
}

/* What the file begins as, by its byte order mark (*mark bytes) or by the zero bytes beside a first character of ASCII; NULL: it does not show. */
static const char *begins(FILE *file, long *mark)
{
    char bytes[4];
    size_t got = fread(bytes, 1, sizeof bytes, file);
    const char *wide = utf8_wide(bytes, got);

    *mark = (long)utf8_mark(bytes, got);
    if (!wide)
        return *mark ? "utf-8" : NULL;
    if (!strcmp(wide, ENCODING_UTF32))
        return ENCODING_UTF32;
    *mark = !memcmp(bytes, "\xFF\xFE", 2) || !memcmp(bytes, "\xFE\xFF", 2) ? 2 : 0;
    return (*mark ? bytes[0] == '\xFF' : bytes[0] != 0) ? "utf-16le" : "utf-16be";
}

bool encoding_begin(struct encoded *in, const char **other)
{
    long mark;
    const char *name = begins(in->file, &mark);

    in->plain = in->encoding->kind == KIND_TABLE || in->encoding->kind == KIND_UTF8;
    in->at = in->end = 0;
    *other = name && strcmp(name, in->encoding->name) != 0 ? name : NULL;
    return fseek(in->file, mark, SEEK_SET) == 0 && !*other;
}

const char *encoding_marked(FILE *file)
{
    long mark;
    const char *name = begins(file, &mark);

    rewind(file);
    return name;
}

/* The next byte, not taken yet; EOF behind the last. */
static int peek(struct encoded *in)
{
    if (in->at == in->end) {
        in->at = 0;
        in->end = fread(in->block, 1, sizeof in->block, in->file);
    }
    return in->at < in->end ? in->block[in->at] : EOF;
}

static int take(struct encoded *in)
{
    int c = peek(in);

    in->at += c != EOF;
    return c;
}

/* The bytes that follow the first of a sequence; a byte that is none of it is left in the file. */
static uint32_t more_utf8(struct encoded *in, uint32_t point, int more, uint32_t least)
{
    for (; more > 0; more--) {
        int c = peek(in);
        if (c == EOF || (c & 0xC0) != 0x80)
            return ENCODING_BAD;
        in->at++;
        point = point << 6 | (uint32_t)(c & 0x3F);
    }
    return point < least || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000) ? ENCODING_BAD : point;
}

static uint32_t next_utf8(struct encoded *in, int c)
{
    if (c < 0x80)
        return (uint32_t)c;
    if (c >= 0xC2 && c < 0xE0)
        return more_utf8(in, (uint32_t)c & 0x1F, 1, 0x80);
    if (c >= 0xE0 && c < 0xF0)
        return more_utf8(in, (uint32_t)c & 0x0F, 2, 0x800);
    return c >= 0xF0 && c < 0xF5 ? more_utf8(in, (uint32_t)c & 0x07, 3, 0x10000) : ENCODING_BAD;
}

static uint32_t unit(const struct encoding *encoding, int first, int second)
{
    return second == EOF                    ? ENCODING_BAD
           : encoding->kind == KIND_UTF16LE ? (uint32_t)(second << 8 | first)
                                            : (uint32_t)(first << 8 | second);
}

static uint32_t next_utf16(struct encoded *in, int first)
{
    uint32_t high = unit(in->encoding, first, take(in)), low;

    if (high == ENCODING_BAD || high < 0xD800 || high >= 0xE000)
        return high;
    first = take(in);
    low = first == EOF ? ENCODING_BAD : unit(in->encoding, first, take(in));
    return high < 0xDC00 && low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00) : ENCODING_BAD;
}

uint32_t encoding_next_long(struct encoded *in)
{
    int c = take(in);

    if (c == EOF)
        return ENCODING_END;
    if (in->encoding->kind == KIND_UTF8)
        return next_utf8(in, c);
    if (in->encoding->kind != KIND_TABLE)
        return next_utf16(in, c);
    if (c < 0x80 || c - 0x80 >= in->encoding->count)
        return (uint32_t)c;
    return in->encoding->table[c - 0x80] ? in->encoding->table[c - 0x80] : ENCODING_BAD;
}
