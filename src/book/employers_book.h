/* employers.xlsx: the employers of one command, a row each, with what became of them and the sums over all. */
#ifndef BOOK_EMPLOYERS_BOOK_H
#define BOOK_EMPLOYERS_BOOK_H

#include "base/error.h"

#define EMPLOYERS_FILE "employers.xlsx"

struct employers_row {
    const struct tc_employer *employer;
    /* From the ledger of its run; empty where it failed. */
    char called[1024], form[112];
    int year, digits;
    int32_t issued; /* yyyymmdd; the latest is the only date in the file */
};

/* Writes EMPLOYERS_FILE into the folder, over one that is there, by a rename. words may be NULL. */
bool employers_write(const char *folder, const struct employers_row *rows, size_t count, const struct tc_words *words,
                     struct tc_error *err);

#endif
