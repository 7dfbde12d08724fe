/* UTF-8. Input has been validated by jansson: every sequence is complete and shortest. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

/* text_next and text_is_control for what is not ASCII. */
uint32_t text_next_long(const char **text);
bool text_is_control_beyond(uint32_t point);

/* The code point at *text, which is moved behind it. The text must not be at its end. */
static inline uint32_t text_next(const char **text)
{
    return (unsigned char)**text < 0x80 ? (uint32_t) * (*text)++ : text_next_long(text);
}

/* Control characters, and those that turn or hide text: they must not be printed. */
static inline bool text_is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && text_is_control_beyond(point));
}

/* For looking through lists: most texts differ at once. */
static inline bool text_same(const char *a, const char *b)
{
    return *a == *b && strcmp(a, b) == 0;
}

/* Whether it is UTF-8, and has no control characters: of texts that no JSON reader has seen. */
bool text_is_utf8(const char *text);

/* UTF-8 that comes in pieces: begin with {0}. */
struct text_check {
    int seen, more;            /* bytes of the sequence in hand: behind us, still to come */
    unsigned char least, most; /* of the next one */
};

/* Index of the sequence that cannot be there (0 where it began in an earlier piece), or length. At the end of all pieces more must be 0. */
size_t text_check(struct text_check *check, const char *bytes, size_t length);

/* Of a text's first length bytes as many whole characters as there is room for, terminated. */
void text_fit(char *room, size_t size, const char *text, size_t length);

/* Whether so many bytes are UTF-8, whatever the characters. */
bool text_is_utf8_part(const char *text, size_t length);

/* Appends bytes of unknown origin, such as a path or a line of a log, for people to read: what is no UTF-8 and what is a control
 * character become U+FFFD. */
void text_show(struct buf *out, const char *bytes);
/* The same as a JSON string with its quotes; control characters stay, escaped. */
void text_quote(struct buf *out, const char *bytes);
/* text_is_blank of what begins with a blank, or with what is no printable ASCII. */
bool text_is_blank_long(const char *text);

/* Whether it is NULL or has nothing but white space: "" is what an exporter writes for what is absent. */
static inline bool text_is_blank(const char *text)
{
    return !text || ((unsigned char)(*text - 0x21) >= 0x7F - 0x21 && text_is_blank_long(text));
}

/* What in a text deceives whoever reads it: a word with letters of two alphabets that look alike, or a blank that no search takes for one. */
enum text_trap { TEXT_NO_TRAP, TEXT_MIXED, TEXT_BLANK };
enum text_trap text_find_trap(const char *text);

/* What in a handle deceives: a name that Windows stores no file of, or one that a command line takes for an option. */
enum text_handle_trap { TEXT_HANDLE_FINE, TEXT_HANDLE_RESERVED, TEXT_HANDLE_OPTION };
enum text_handle_trap text_find_handle_trap(const char *handle);

/* 1 to 32 of A-Z a-z 0-9 . _ - and no dot in front: personnel numbers and certificate ids, which name files. */
bool text_is_handle(const char *text);

#endif
