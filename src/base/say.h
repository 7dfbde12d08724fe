/* The program's sentences in another language than English: data, not code. */
#ifndef BASE_SAY_H
#define BASE_SAY_H

#include "base/json.h"

/* The sentence in the language of texts, or english itself where it has none; texts may be NULL. The result is borrowed from texts, english or room,
 * which is of size bytes.
 * texts: an object of English sentences as they stand in the source, with their directives for printf. In what belongs to one, {1} is what the
 * first directive became, and {1*} the same in the other language too. So a sentence that was made with values is found again by what is between
 * them: whoever makes it need not know the language, and no text of a file is ever a format. */
const char *say_in(const json_t *texts, const char *english, char *room, size_t size);

/* An amount such as "-1234.50" as the language writes it, in room: its texts say what stands for the decimal point and between thousands. */
const char *say_amount(const json_t *texts, const char *amount, char *room, size_t size);

#endif
