/* UTF-8. Input has been validated by jansson: every sequence is complete and shortest. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code point at *text, which is moved behind it. The text must not be at its end. */
uint32_t text_next(const char **text);

/* Code points in a terminated text. */
size_t text_length(const char *text);

/* Control characters, and those that turn or hide text: they must not be printed. */
bool text_is_control(uint32_t point);

/* 1 to 32 of A-Z a-z 0-9 . _ - and no dot in front: personnel numbers and certificate ids, which name files. */
bool text_is_handle(const char *text);

#endif
