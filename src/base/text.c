#include "base/text.h"

#include <string.h>
#include <utf8proc.h>

uint32_t text_next_long(const char **text)
{
    const unsigned char *p = (const unsigned char *)*text;
    int more = p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : 3;
    uint32_t point = p[0] & (0x3Fu >> more);

    for (int i = 1; i <= more; i++)
        point = point << 6 | (p[i] & 0x3Fu);
    *text += more + 1;
    return point;
}

bool text_is_control_beyond(uint32_t point)
{
    return (point >= 0x7F && point <= 0x9F) || (point >= 0x200B && point <= 0x200F)
           || (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF
           || point == 0x061C;
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

bool text_is_utf8_part(const char *text, size_t length)
{
    utf8proc_int32_t point;

    for (utf8proc_ssize_t n; length > 0; text += n, length -= (size_t)n) {
        n = utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &point);
        if (n <= 0)
            return false;
    }
    return true;
}

bool text_is_handle(const char *text)
{
    static const bool allowed[256] = {['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['0' ... '9'] = true, ['.'] = true, ['_'] = true, ['-'] = true};
    size_t length = 0;

    while (text && length <= 32 && allowed[(unsigned char)text[length]])
        length++;
    return length >= 1 && length <= 32 && text[length] == '\0' && text[0] != '.';
}
