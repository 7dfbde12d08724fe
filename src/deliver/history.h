/* What happened to everybody's certificates of a year: every delivery that the logs of its runs tell of, and what came of it. */
#ifndef DELIVER_HISTORY_H
#define DELIVER_HISTORY_H

#include "deliver/recipients.h"

/* Something that went out, or was tried to. Texts are in the people's arena. */
struct happening {
    const char *id, *time, *kind, *detail, *who;
    const char *version; /* the run that issued it, as seen from this one; ".": this one */
    size_t order;        /* in which it was read */
};

struct history {
    struct recipients people;
    struct happening *list; /* by id, each one's by time */
    size_t count, capacity;
    const char *
        *absent; /* paths of earlier runs of the year that are not there, as seen from this one: what went out of them is not known */
    size_t absent_count;
};

/* What a certificate or letter counts as: each as one of these. */
enum history_class { HISTORY_PRINTED, HISTORY_SENT, HISTORY_COPIED, HISTORY_NOT_YET, HISTORY_VOID, HISTORY_CLASSES };

struct fate {
    const struct happening *first; /* of those of its id */
    size_t count;
    enum history_class class;
    const char *word; /* for people */
    bool unknown, refused, bounced;
    bool untold; /* not yet, as far as is known: the run that issued it is not there */
    bool old;    /* an earlier version went out, or what this letter says is void */
};

/* False with err. */
bool history_load(struct history *h, const char *run, struct tc_error *err);
void history_free(struct history *h);
void history_fate(const struct history *h, const struct person *person, struct fate *s);
/* Whether it happened to the version that this run's ledger has. */
bool history_is_current(const struct person *person, const struct happening *happening);
/* What is said of the kind of event. */
const char *history_word(const char *kind);
/* For each of these people whether an earlier run of the chain gave out another version, or what this letter says is void: *old, by place in the
 * list, to be freed, and how many. */
bool history_old(const char *run, const struct recipients *people, bool **old, long *count, struct tc_error *err);

#endif
