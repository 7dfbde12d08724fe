/* What making and proving print jobs needs: fonts, the run's sealed forms, words, the mark. */
#ifndef DELIVER_WORKSHOP_H
#define DELIVER_WORKSHOP_H

#include "deliver/job.h"

struct workshop {
    struct job_tools tools;
    struct seals seals;
    struct font font;
    struct stamp stamp;
    struct tc_words *words;
    char sorted[160];
};

/* sort: the keys, by commas. Borrows run and people. To be closed after a failure too. */
bool workshop_open(struct workshop *w, const char *run, const char *templates, const struct recipients *people,
                   const struct stamp_place *place, const char *sort, struct tc_error *err);
void workshop_close(struct workshop *w);

#endif
