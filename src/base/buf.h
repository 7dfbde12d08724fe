/* A growing byte buffer. A failed allocation is remembered, so that a writer checks once at its end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buf {
    char *data;
    size_t length, capacity;
    bool failed;
};

/* Makes room for more bytes behind length. */
bool buf_reserve(struct buf *b, size_t more);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define BUF_DIGITS 32

/* The digits of a whole number, up to end; where they begin. */
char *buf_whole(char *end, unsigned long value);

/* value / 10^digits with no more than the digits needed, independent of the locale: at the end of room, not terminated. Where it
 * begins. */
char *buf_digits(char room[BUF_DIGITS], long value, int digits);
/* Appends that. */
void buf_fixed(struct buf *b, long value, int digits);
/* Appends the text as a JSON string, with its quotes. */
void buf_quote(struct buf *b, const char *text);
void buf_free(struct buf *b);

/* Here, so that a short constant text is a store or two. */
static inline void buf_add(struct buf *b, const void *data, size_t length)
{
    if (length == 0 || (b->capacity - b->length < length && !buf_reserve(b, length)))
        return;
    memcpy(b->data + b->length, data, length);
    b->length += length;
}

static inline void buf_puts(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

#endif
