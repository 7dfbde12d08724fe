/* The known word that a misspelt one is most like. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

/* The nearest known word so far, and how far it is. */
struct nearest {
    const char *word, *known; /* known: NULL: none is like it */
    int distance;
};

struct nearest nearest_to(const char *word);
/* known may be NULL: that is no word. */
void nearest_consider(struct nearest *n, const char *known);

#endif
