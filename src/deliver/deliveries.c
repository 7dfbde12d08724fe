/* Who got what: for everybody of the year how each version of the certificate went out, by the logs of the runs that issued it. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "book/csv.h"
#include "deliver/history.h"
#include "deliver/versions.h"
#include "store/outside.h"

#define COLUMNS 11

struct deliveries {
    const struct tc_deliveries_options *options;
    struct tc_deliveries_result *result;
    struct history history;
    struct versions versions;
    struct buf text, csv;
};

/* Each certificate is counted once. */
static void count(struct tc_deliveries_result *r, const struct person *p, const struct fate *s)
{
    long *const counts[HISTORY_CLASSES] = {&r->printed, &r->sent, &r->copied, &r->not_yet, NULL};

    r->untold += s->untold;
    if (p->letter) {
        r->letters++;
        r->letters_not_yet += s->class == HISTORY_NOT_YET;
        return;
    }
    if (s->class == HISTORY_VOID) {
        r->cancelled += s->old;
        return;
    }
    r->issued++;
    r->unknown += s->unknown;
    r->refused += s->refused;
    r->bounced += s->bounced;
    r->only_old += s->old && s->class == HISTORY_NOT_YET && !s->untold;
    ++*counts[s->class];
}

static bool wanted(const struct deliveries *d, const struct fate *s)
{
    return (!d->options->state || !strcmp(d->options->state, s->word)) && (!d->options->old || s->old);
}

static void tell_happening(const struct tc_words *w, const struct person *p, const struct happening *h, struct buf *out)
{
    char room[160];
    bool current = history_is_current(p, h);
    const char *const words[] = {"\t",
                                 h->time,
                                 " ",
                                 tc_word(w, history_word(h->kind)),
                                 " ",
                                 tc_say(w, h->detail, room, sizeof room),
                                 current ? "" : " (",
                                 current ? "" : tc_word(w, "the version of"),
                                 current ? "" : " ",
                                 current ? "" : h->version,
                                 current ? "" : ")",
                                 *h->who ? " " : "",
                                 *h->who ? tc_word(w, "by") : "",
                                 *h->who ? " " : "",
                                 h->who,
                                 "\n"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        buf_puts(out, words[i]);
}

static void tell_text(const struct tc_words *w, const struct person *p, const struct fate *s, struct buf *out)
{
    const char *const words[] = {p->number,
                                 "+",
                                 p->id,
                                 "\t",
                                 p->name,
                                 "\t",
                                 tc_word(w, p->validity == VALID || !*p->file ? s->word
                                            : p->validity == CORRECTED        ? "corrected since"
                                                                              : "cancelled since"),
                                 "\n"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        buf_puts(out, words[i]);
    for (size_t i = 0; i < s->count; i++)
        tell_happening(w, p, &s->first[i], out);
}

/* Of the version that it happened to. */
static bool find_hash(struct deliveries *d, const struct person *p, const struct happening *h, char hash[HASH_HEX + 1],
                      struct tc_error *err)
{
    hash_hex(p->hash, hash);
    return !d->options->csv || !h || !strcmp(h->version, ".") || history_is_current(p, h)
           || versions_hash(&d->versions, h->version, p->id, hash, err);
}

static bool add_row(struct deliveries *d, const struct person *p, const struct fate *s, const struct happening *h, struct tc_error *err)
{
    static const char *const validities[] = {"valid", "corrected", "cancelled"};
    char hash[HASH_HEX + 1];
    const char *const texts[COLUMNS] = {p->number,
                                        p->id,
                                        p->name,
                                        validities[p->validity],
                                        s->word,
                                        h ? h->time : "",
                                        h ? history_word(h->kind) : "",
                                        h ? h->detail : "",
                                        h ? h->version : "",
                                        h ? h->who : "",
                                        hash};
    struct cell cells[COLUMNS];

    for (int i = 0; i < COLUMNS; i++)
        cells[i] = (struct cell){.kind = CELL_TEXT, .text = texts[i]};
    if (!find_hash(d, p, h, hash, err))
        return false;
    csv_row(&d->csv, cells, COLUMNS);
    return true;
}

static bool tell_person(struct deliveries *d, const struct person *p, struct tc_error *err)
{
    struct fate s;

    history_fate(&d->history, p, &s);
    count(d->result, p, &s);
    if (!wanted(d, &s))
        return true;
    tell_text(d->options->words, p, &s, &d->text);
    for (size_t i = 0; i < s.count; i++)
        if (!add_row(d, p, &s, &s.first[i], err))
            return false;
    return s.count > 0 || add_row(d, p, &s, NULL, err);
}

static bool tell(struct deliveries *d, struct tc_error *err)
{
    const struct tc_deliveries_options *o = d->options;

    buf_puts(&d->csv, "personnel_number,certificate,name,valid,state,time,event,detail,version,by,sha256\n");
    for (size_t i = 0; i < d->history.people.count; i++)
        if (!tell_person(d, &d->history.people.list[i], err))
            return false;
    if (d->text.failed || d->csv.failed)
        return error_memory(err);
    if (o->csv && !file_give(o->csv, &(struct iovec){d->csv.data, d->csv.length}, 1, err))
        return false;
    if (o->to)
        fwrite(d->text.data ? d->text.data : "", 1, d->text.length, o->to);
    return true;
}

enum tc_code tc_deliveries(const char *run, const struct tc_deliveries_options *options, struct tc_deliveries_result *result,
                           struct tc_error *err)
{
    struct deliveries d = {.options = options, .result = result, .versions = {.run = run}};

    error_reset(err);
    *result = (struct tc_deliveries_result){0};
    if ((!options->csv || outside_output(options->csv, NULL, 0, err)) && history_load(&d.history, run, err))
        tell(&d, err);
    result->absent = (long)d.history.absent_count;
    versions_close(&d.versions);
    history_free(&d.history);
    buf_free(&d.text);
    buf_free(&d.csv);
    return err->code;
}
