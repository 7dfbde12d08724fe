/* Texts as people look for them: without case, accents and punctuation. */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include "base/buf.h"

/* Appends the text's letters and digits in lower case, each Latin one as its ASCII letters; ae, oe and ue as a, o and u, so that
 * an umlaut is found however it is written. Apostrophes go, and other characters become one blank between words. The text must be UTF-8. */
void fold_add(struct buf *out, const char *text);

/* Appends the ASCII letters of one letter, the first of them a capital where it is one; nothing where it has none. */
void fold_letter(struct buf *out, const char *letter);
/* Cuts folded text into its words, in place: how many, at most `most`; one more where there are more. */
size_t fold_cut(char *folded, const char **words, size_t most);

#endif
