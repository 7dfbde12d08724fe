/* The workbook with a sheet more: how everybody's certificate did. It is a function of the ledger and the logs of the
 * year's runs, and no part of the run's own workbook, which was there before anything went out. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "archive/summarize.h"
#include "deliver/history.h"

enum { W_NUMBER, W_CERTIFICATE, W_NAME, W_VALID, W_STATE, W_OLD, W_TIME, W_WAY, W_DETAIL, W_VERSION, W_WHO, TEXTS };

struct workbook {
    struct history history;
    struct tc_words *words; /* or NULL */
    struct table_column heads[TEXTS + 1];
    char title[32];
};

static const char *word(const struct workbook *w, const char *text)
{
    return tc_word(w->words, text);
}

/* Numbered for the overview: what is issued counts as one of the first four, what is void or a letter as none of them. */
static int class_of(const struct person *p, const struct fate *s)
{
    return p->letter || s->class == HISTORY_VOID ? HISTORY_CLASSES : (int)s->class + 1;
}

/* "2CA551 sheet 35" in the sheet's language. */
static const char *detail(const struct workbook *w, const struct happening *h, char room[80])
{
    static const char between[] = " sheet ";
    const char *at = strstr(h->detail, between);

    if (!at || strcmp(h->kind, "printed") != 0)
        return h->detail;
    snprintf(room, 80, "%.*s %.40s %s", (int)(at - h->detail), h->detail, word(w, "sheet"), at + sizeof between - 1);
    return room;
}

static bool add_row(const struct workbook *w, struct summary *summary, const struct person *p, const struct fate *s, size_t i,
                    struct tc_error *err)
{
    static const char *const validities[] = {"valid", "corrected since", "cancelled since"};
    const struct happening *h = i < s->count ? &s->first[i] : NULL;
    char room[80];
    const char *const texts[TEXTS] = {[W_NUMBER] = p->number,
                                      [W_CERTIFICATE] = p->id,
                                      [W_NAME] = p->name,
                                      [W_VALID] = word(w, validities[p->validity]),
                                      [W_STATE] = word(w, s->word),
                                      [W_OLD] = s->old ? word(w, "yes") : "",
                                      [W_TIME] = h ? h->time : "",
                                      [W_WAY] = h ? word(w, history_word(h->kind)) : "",
                                      [W_DETAIL] = h ? detail(w, h, room) : "",
                                      [W_VERSION] = !h                         ? ""
                                                    : history_is_current(p, h) ? word(w, "this version")
                                                                               : h->version,
                                      [W_WHO] = h ? h->who : ""};

    return summary_add_extra(summary, texts, i == 0 ? class_of(p, s) : 0, err);
}

static bool feed(void *ctx, struct summary *summary, struct tc_error *err)
{
    const struct workbook *w = ctx;

    for (size_t i = 0; i < w->history.people.count; i++) {
        const struct person *p = &w->history.people.list[i];
        struct fate s;

        history_fate(&w->history, p, &s);
        for (size_t k = 0; k == 0 || k < s.count; k++)
            if (!add_row(w, summary, p, &s, k, err))
                return false;
    }
    return true;
}

static void set_heads(struct workbook *w)
{
    static const struct {
        const char *title;
        int width;
    } columns[TEXTS] = {[W_NUMBER] = {"personnel number", 16},
                        [W_CERTIFICATE] = {"certificate", 22},
                        [W_NAME] = {"name", 44},
                        [W_VALID] = {"today", 16},
                        [W_STATE] = {"state", 24},
                        [W_OLD] = {"had an earlier version", 20},
                        [W_TIME] = {"time", 22},
                        [W_WAY] = {"event", 20},
                        [W_DETAIL] = {"job and sheet, or answer", 24},
                        [W_VERSION] = {"version", 22},
                        [W_WHO] = {"account", 14}};

    for (int i = 0; i < TEXTS; i++)
        w->heads[i] = (struct table_column){word(w, columns[i].title), columns[i].width, false, false};
    w->heads[TEXTS] = (struct table_column){word(w, "class"), 8, true, false};
    snprintf(w->title, sizeof w->title, "%.24s", word(w, "deliveries"));
}

static void make(struct workbook *w, const char *run, const struct tc_summary_options *o, struct tc_error *err)
{
    struct summarize_extra extra = {.feed = feed, .ctx = w};

    if (!history_load(&w->history, run, err))
        return;
    w->words = tc_words_load(o->templates, w->history.people.language, err);
    if (!w->words)
        return;
    set_heads(w);
    extra.sheet = (struct summary_extra){.title = w->title,
                                         .heads = w->heads,
                                         .column_count = TEXTS + 1,
                                         .check = word(w, "printed + sent + copied only + not yet = issued"),
                                         .checked = HISTORY_NOT_YET + 1};
    summarize(run, o, &extra, err);
}

enum tc_code tc_summary(const char *run, const struct tc_summary_options *options, struct tc_error *err)
{
    struct workbook w = {.words = NULL};

    error_reset(err);
    if (!options->deliveries)
        return summarize(run, options, NULL, err);
    make(&w, run, options, err);
    tc_words_free(w.words);
    history_free(&w.history);
    return err->code;
}
