#include "base/fold.h"

#include <string.h>
#include <utf8proc.h>

#include "base/text.h"

#define PARTS_MAX 32 /* code points that one may decompose into; Unicode has up to 18 */

/* Latin letters that Unicode takes for letters of their own, in lower case. */
static const struct {
    int32_t point;
    const char *letters;
} own[] = {
    {0xE6, "ae"}, {0xF0, "d"},   {0xF8, "o"},  {0xFE, "th"}, {0x111, "d"}, {0x127, "h"}, {0x131, "i"}, {0x138, "k"}, {0x142, "l"},
    {0x14B, "n"}, {0x153, "oe"}, {0x167, "t"}, {0x188, "c"}, {0x192, "f"}, {0x1E5, "g"}, {0x259, "e"}, {0x268, "i"}, {0x292, "z"},
};

static bool is_apostrophe(int32_t point)
{
    return point == '\'' || point == 0xB4 || point == 0xB7 || point == '`' || point == 0x2018 || point == 0x2019;
}

static void add_letter(struct buf *out, char letter, size_t start)
{
    char before = out->length > start ? out->data[out->length - 1] : ' ';

    if (letter != 'e' || (before != 'a' && before != 'o' && before != 'u'))
        buf_add(out, &letter, 1);
}

static void add_point(struct buf *out, int32_t point, size_t start)
{
    utf8proc_category_t category = utf8proc_category(point);
    unsigned char bytes[4];

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i].point == point) {
            for (const char *p = own[i].letters; *p; p++)
                add_letter(out, *p, start);
            return;
        }
    if (point < 0x80 && category == UTF8PROC_CATEGORY_LL)
        add_letter(out, (char)point, start);
    else if ((category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO && category != UTF8PROC_CATEGORY_LM)
             || category == UTF8PROC_CATEGORY_ND)
        buf_add(out, bytes, (size_t)utf8proc_encode_char(point, bytes));
    else if (category != UTF8PROC_CATEGORY_LM && category != UTF8PROC_CATEGORY_MN && !is_apostrophe(point) && out->length > start
             && out->data[out->length - 1] != ' ')
        buf_add(out, " ", 1);
}

void fold_add(struct buf *out, const char *text)
{
    size_t start = out->length;

    while (*text) {
        int32_t point = (int32_t)text_next(&text), parts[PARTS_MAX];
        int boundary = 0;
        utf8proc_ssize_t count = 0;

        if (point >= '0' && point <= '9')
            buf_add(out, &(char){(char)point}, 1);
        else if ((point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z'))
            add_letter(out, (char)(point | 0x20), start);
        else
            count = utf8proc_decompose_char(point, parts, PARTS_MAX,
                                            UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK, &boundary);
        for (utf8proc_ssize_t i = 0; i < count && i < PARTS_MAX; i++)
            add_point(out, parts[i], start);
    }
    while (out->length > start && out->data[out->length - 1] == ' ')
        out->length--;
}

/* The ASCII letters of a part that a letter decomposes into. */
static void add_plain(struct buf *out, int32_t point)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i].point == point)
            buf_puts(out, own[i].letters);
    if (point > 0x20 && point < 0x7F)
        buf_add(out, &(char){(char)point}, 1);
}

void fold_letter(struct buf *out, const char *letter)
{
    int32_t point = (int32_t)text_next(&letter), parts[PARTS_MAX];
    int boundary = 0;
    size_t start = out->length;
    utf8proc_ssize_t count = utf8proc_decompose_char(
        point, parts, PARTS_MAX, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK, &boundary);

    for (utf8proc_ssize_t i = 0; i < count && i < PARTS_MAX; i++)
        add_plain(out, is_apostrophe(parts[i]) ? '\'' : parts[i]);
    if (utf8proc_category(point) == UTF8PROC_CATEGORY_LU && out->length > start && out->data[start] >= 'a' && out->data[start] <= 'z')
        out->data[start] = (char)(out->data[start] - 'a' + 'A');
}

size_t fold_cut(char *folded, const char **words, size_t most)
{
    size_t count = 0;
    char *rest;

    for (char *word = strtok_r(folded, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (count == most)
            return most + 1;
        words[count++] = word;
    }
    return count;
}
