#include "base/nearest.h"

#include <string.h>

/* How many letters are to be put in, left out, changed or turned round to make b of a; LETTERS where one is longer than that. */
#define LETTERS 40

static int distance(const char *a, const char *b)
{
    int rows[3][LETTERS + 1], *before = rows[0], *last = rows[1], *now = rows[2];
    int length = (int)strnlen(b, LETTERS);

    if (strnlen(a, LETTERS) == LETTERS || length == LETTERS)
        return LETTERS;
    for (int k = 0; k <= length; k++)
        last[k] = before[k] = k;
    for (int i = 1; a[i - 1]; i++) {
        int *oldest = before;

        now[0] = i;
        for (int k = 1; k <= length; k++) {
            now[k] = last[k - 1] + (a[i - 1] != b[k - 1]);
            if (last[k] + 1 < now[k])
                now[k] = last[k] + 1;
            if (now[k - 1] + 1 < now[k])
                now[k] = now[k - 1] + 1;
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] && before[k - 2] + 1 < now[k])
                now[k] = before[k - 2] + 1;
        }
        before = last;
        last = now;
        now = oldest;
    }
    return last[length];
}

struct nearest nearest_to(const char *word)
{
    size_t length = strlen(word);

    return (struct nearest){word, NULL, length < 4 ? 2 : length < 9 ? 3 : 4}; /* one, two or three letters are a slip */
}

void nearest_consider(struct nearest *n, const char *known)
{
    int d = known ? distance(n->word, known) : n->distance;

    if (d >= n->distance)
        return;
    n->distance = d;
    n->known = known;
}
