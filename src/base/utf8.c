#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

const char *utf8_wide(const char *bytes, size_t length)
{
    bool zero[4];

    if (length >= 4) {
        for (int i = 0; i < 4; i++)
            zero[i] = !bytes[i];
        if (!memcmp(bytes, "\xFF\xFE\0\0", 4) || !memcmp(bytes, "\0\0\xFE\xFF", 4) || (!zero[0] && zero[1] && zero[2] && zero[3])
            || (zero[0] && zero[1] && zero[2] && !zero[3]))
            return "UTF-32";
    }
    if (length >= 2 && (!memcmp(bytes, "\xFF\xFE", 2) || !memcmp(bytes, "\xFE\xFF", 2)))
        return "UTF-16";
    /* Two characters of ASCII: a single zero may be a gap. */
    if (length >= 2 && !bytes[0] != !bytes[1] && (length < 4 || (!bytes[0] == !bytes[2] && !bytes[1] == !bytes[3])))
        return "UTF-16";
    return NULL;
}

size_t utf8_mark(const char *bytes, size_t length)
{
    return length >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;
}

/* Says it with the place of a byte. */
static bool fail_at(const char *text, size_t bad, const char *path, enum tc_code code, bool zero, struct tc_error *err)
{
    unsigned long long line = 1, column = 1;

    for (size_t i = 0; i < bad; i++, column++)
        if (text[i] == '\n') {
            line++;
            column = 0;
        }
    if (zero)
        return error_set(err, code, path, NULL, "encoding",
                         "line %llu, column %llu: a zero byte, which no text file has: export the file again", line, column);
    return error_set(err, code, path, NULL, "encoding",
                     "line %llu, column %llu: not UTF-8 (is the file Windows-1252?): save or export it as UTF-8", line, column);
}

bool utf8_check(const char *text, size_t length, const char *path, enum tc_code code, struct tc_error *err)
{
    struct text_check check = {0};
    size_t bad = text_check(&check, text, length);
    const char *wide = utf8_wide(text, length);

    if (wide)
        return error_set(err, code, path, NULL, "encoding", "the file is %s: save or export it as UTF-8", wide);
    if (bad == length && check.more > 0) /* cut off within a sequence */
        bad -= (size_t)check.seen;
    return bad == length || fail_at(text, bad, path, code, false, err);
}

bool utf8_read(const char *path, char **text, size_t *length, struct tc_error *err)
{
    const char *zero;
    size_t mark;

    if (!file_read(path, text, length, err))
        return false;
    zero = memchr(*text, 0, *length);
    if (!utf8_check(*text, *length, path, TC_INPUT, err) || (zero && !fail_at(*text, (size_t)(zero - *text), path, TC_INPUT, true, err))) {
        explicit_bzero(*text, *length); /* it may hold passwords */
        free(*text);
        *text = NULL;
        return false;
    }
    mark = utf8_mark(*text, *length);
    *length -= mark;
    memmove(*text, *text + mark, *length + 1);
    return true;
}
