#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"

bool buf_reserve(struct buf *b, size_t more)
{
    size_t capacity = b->capacity ? b->capacity : 256;
    char *data;

    if (b->failed || more > (size_t)1 << 40)
        b->failed = true;
    if (b->failed)
        return false;
    while (capacity - b->length < more)
        capacity *= 2;
    if (capacity == b->capacity)
        return true;
    data = realloc(b->data, capacity);
    b->failed = !data;
    if (!data)
        return false;
    b->data = data;
    b->capacity = capacity;
    return true;
}

void buf_printf(struct buf *b, const char *format, ...)
{
    char text[512];
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof text)
        b->failed = true;
    else
        buf_add(b, text, (size_t)length);
}

char *buf_whole(char *end, unsigned long value)
{
    static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
                                "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

    for (; value >= 100; value /= 100)
        memcpy(end -= 2, pairs + 2 * (value % 100), 2);
    if (value < 10)
        *--end = (char)('0' + value);
    else
        memcpy(end -= 2, pairs + 2 * value, 2);
    return end;
}

char *buf_digits(char room[BUF_DIGITS], long value, int digits)
{
    unsigned long rest = value < 0 ? -(unsigned long)value : (unsigned long)value;
    char *at = room + BUF_DIGITS;
    bool tail = false;

    for (; digits > 0; digits--, rest /= 10) {
        tail |= rest % 10 != 0;
        if (tail)
            *--at = (char)('0' + rest % 10);
    }
    if (tail)
        *--at = '.';
    at = buf_whole(at, rest);
    if (value < 0)
        *--at = '-';
    return at;
}

void buf_fixed(struct buf *b, long value, int digits)
{
    char room[BUF_DIGITS], *at = buf_digits(room, value, digits);

    buf_add(b, at, (size_t)(room + BUF_DIGITS - at));
}

/* What JSON would read otherwise, escaped; returns its end. */
static char *escape(char *at, unsigned char c)
{
    *at++ = '\\';
    if (c >= 0x20) {
        *at++ = (char)c;
        return at;
    }
    at = stpcpy(at, "u00");
    *at++ = "01"[c >> 4];
    *at++ = "0123456789abcdef"[c & 15];
    return at;
}

void buf_quote(struct buf *out, const char *text)
{
    size_t length = strlen(text);
    const char *end = text + length;
    unsigned high = 0;
    char *at;

    if (!buf_reserve(out, 6 * length + 2))
        return;
    at = out->data + out->length;
    *at++ = '"';
    while (text < end) {
        const char *plain = plain_end(text, end, &high);

        at = mempcpy(at, text, (size_t)(plain - text));
        for (text = plain; text < end && plain_ends((unsigned char)*text); text++)
            at = escape(at, (unsigned char)*text);
    }
    *at++ = '"';
    out->length = (size_t)(at - out->data);
}

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}
