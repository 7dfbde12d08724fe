/* Sixty-four bytes of JSON at once: where quotes, brackets and control characters stand in them, a bit each, the first byte's the lowest.
 * Only where the processor has SSE2; whoever asks has a way of a byte at a time beside it. */
#ifndef INPUT_SIGNS_H
#define INPUT_SIGNS_H

#ifdef __SSE2__
#include <emmintrin.h>
#include <stdbool.h>
#include <stdint.h>

#define SIGNS_PIECE 64

struct signs {
    uint64_t quotes, brackets, controls;
    bool backslash; /* there is one */
};

static inline struct signs signs_find(const unsigned char *piece)
{
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    const __m128i open = _mm_set1_epi8('{'), close = _mm_set1_epi8('}'), bit = _mm_set1_epi8('[' ^ '{'); /* as ']' ^ '}' */
    __m128i backslashes = _mm_setzero_si128();
    struct signs signs = {0};

    for (int i = 0; i < SIGNS_PIECE; i += 16) {
        const __m128i some = _mm_loadu_si128((const __m128i *)(const void *)(piece + i)), curly = _mm_or_si128(some, bit);
        const __m128i brackets = _mm_or_si128(_mm_cmpeq_epi8(curly, open), _mm_cmpeq_epi8(curly, close));

        signs.quotes |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(some, quote)) << i;
        signs.brackets |= (uint64_t)(unsigned)_mm_movemask_epi8(brackets) << i;
        signs.controls |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(some, control), some)) << i;
        backslashes = _mm_or_si128(backslashes, _mm_cmpeq_epi8(some, backslash));
    }
    signs.backslash = _mm_movemask_epi8(backslashes) != 0;
    return signs;
}

/* From each opening quote to before its closing one. inside: all bits where the piece begins within a string, else 0. */
static inline uint64_t signs_strings(uint64_t quotes, uint64_t inside)
{
    for (int step = 1; step < SIGNS_PIECE; step *= 2) /* each bit becomes the parity of those up to it */
        quotes ^= quotes << step;
    return quotes ^ inside;
}

#endif
#endif
