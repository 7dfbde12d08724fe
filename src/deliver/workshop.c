#include "deliver/workshop.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "certificate/prepared.h"

/* The sort order in words for people. */
static void name_order(struct workshop *w, const char *sort)
{
    size_t at = 0;

    while (*sort && at < sizeof w->sorted) {
        char key[40];
        size_t length = strcspn(sort, ",");

        snprintf(key, sizeof key, "%.*s", (int)length, sort);
        at += (size_t)snprintf(w->sorted + at, sizeof w->sorted - at, "%s%s", at ? ", " : "",
                               tc_word(w->words, !strcmp(key, "cost_centre") ? "cost centre" : key));
        sort += length + (sort[length] == ',');
    }
}

bool workshop_open(struct workshop *w, const char *run, const char *templates, const struct recipients *people,
                   const struct stamp_place *place, const char *sort, struct tc_error *err)
{
    char room[PREPARED_PATH_MAX], fonts[FILE_PATH_MAX];

    *w = (struct workshop){.tools = {.run = run, .people = people}};
    if (!prepared_fonts(prepared_root(templates, room), fonts, err) || !font_load(fonts, "regular", &w->font, err)
        || !seals_load(&w->seals, run, err) || !stamp_start(&w->stamp, place, people->page[1], &w->font, err))
        return false;
    w->words = tc_words_load(templates, people->language, err);
    if (!w->words)
        return false;
    w->tools.seals = &w->seals;
    for (size_t i = 0; i < w->seals.count; i++)
        w->tools.several |= w->seals.forms[i].page_count > 1;
    w->tools.font = &w->font;
    w->tools.words = w->words;
    w->tools.stamp = &w->stamp;
    w->tools.sorted = w->sorted;
    name_order(w, sort);
    return true;
}

void workshop_close(struct workshop *w)
{
    tc_words_free(w->words);
    stamp_stop(&w->stamp);
    seals_free(&w->seals);
    font_free(&w->font);
}
