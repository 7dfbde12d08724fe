/* The description standard's index.xml (GDPdU): of one table its encoding, signs and columns. Nothing that the file names is opened, no
 * document type, no entity. Alone includes expat. */
#ifndef IMPORT_INDEX_H
#define IMPORT_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum index_type { INDEX_TEXT, INDEX_NUMBER, INDEX_DATE };

struct index_column {
    const char *name, *dates; /* dates: the order, DD.MM.YYYY where the file says none */
    enum index_type type;
    int digits;   /* of a number; -1: not known */
    bool implied; /* its last digits are the decimals */
};

struct index_table {
    struct index_column *columns;
    size_t count;
    const char *encoding, *decimal, *grouping;
    uint32_t separator, quote;
    long from; /* the first record to be read, from 1 */
    int epoch; /* years of two digits below it are of this century */
    struct arena arena;
};

/* The table whose URL is the file's name (in any case), from the index of that name in the file's folder. */
bool index_read(struct index_table *table, const char *file, const char *name, struct tc_error *err);
void index_free(struct index_table *table);

#endif
