/* employers.xlsx: the employers of one command, a row each, with what became of them and the sums over all. */
#ifndef WRITE_OVERVIEW_H
#define WRITE_OVERVIEW_H

#include "base/error.h"

#define OVERVIEW_FILE "employers.xlsx"

struct overview_row {
    const struct tc_employer *employer;
    /* From the ledger of its run; empty where it failed. */
    char called[1024], form[112];
    int year, digits;
    int32_t issued; /* yyyymmdd; the latest is the only date in the file */
};

/* Writes OVERVIEW_FILE into the folder, over one that is there, by a rename. words may be NULL. */
bool overview_write(const char *folder, const struct overview_row *rows, size_t count, const struct tc_words *words,
                    struct tc_error *err);

#endif
