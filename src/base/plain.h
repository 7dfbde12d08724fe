/* Where a run of plain text within a JSON string ends: at a quote, a backslash or a control character. Sixteen bytes at a time where the
 * processor has that in any case; nothing beyond the end is read. */
#ifndef BASE_PLAIN_H
#define BASE_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline bool plain_ends(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

/* The same, a byte at a time. */
static inline const char *plain_end_slowly(const char *at, const char *end, unsigned *high)
{
    for (; at < end && !plain_ends((unsigned char)*at); at++)
        *high |= (unsigned char)*at >= 0x7F;
    return at;
}

/* The first byte from at on that is not plain, or end. high becomes other than 0 where a byte before it is no printable ASCII. */
static inline const char *plain_end(const char *at, const char *end, unsigned *high)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    const __m128i beyond = _mm_set1_epi8(0x7F);

    for (; end - at >= 16; at += 16) {
        const __m128i some = _mm_loadu_si128((const __m128i *)(const void *)at);
        const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(some, quote), _mm_cmpeq_epi8(some, backslash));
        const unsigned ends = (unsigned)_mm_movemask_epi8(_mm_or_si128(marks, _mm_cmpeq_epi8(_mm_min_epu8(some, control), some)));
        const unsigned highs = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(some, beyond), some));

        if (ends) {
            *high |= highs & (ends - 1) & ~ends; /* of the bytes below the first end */
            return at + __builtin_ctz(ends);
        }
        *high |= highs;
    }
#endif
    return plain_end_slowly(at, end, high);
}

#endif
