/* A run that changes an earlier one, while it is made:
 *
 *   previous.c        the year as it was           judge_changes.c  what is done and what is not, of all changes together
 *   correct.c         the year again               keep_changes.c   what was worked out, until its place in the year is reached
 *   letters.c         letters of cancellations */
#ifndef RUN_CHANGES_H
#define RUN_CHANGES_H

#include "run/previous.h"
#include "run/run.h"

/* A certificate of the changes, issued or not. Texts live as long as the run. */
struct change {
    struct ledger_entry entry;
    const char *reason, *before;         /* of the one it corrects; NULL: it is late */
    const struct cancellation *replaces; /* in whose place it comes, or NULL */
};

/* What is known of a certificate of the changes before any is made. */
struct judged {
    const char *id, *personnel_number; /* NULL where they could not be read */
    struct across_record compared;     /* .person NULL: it could not be read */
    bool fine;                         /* it is issued, as far as is known */
    bool corrects;
    bool apart; /* its own id is cancelled: it is in nobody's place */
    bool held;  /* it is not issued because something else is not */
    bool kept;  /* a cancellation that belongs to it is not done: what was valid stays so */
    const struct across *across;
    const struct cancellation *replaces;
};

/* Somebody of the changes' list of employees without a certificate there. */
struct told_person {
    struct ledger_person person;
    bool seen; /* the year has them already */
};

/* Of a run that is about to be superseded. */
struct lock {
    int fd;
    char folder[FILE_PATH_MAX]; /* what stands for it where there are no locks; or "" */
};

/* What is kept until the year is gone through. */
struct correcting {
    struct previous previous;
    struct prepared marked; /* the form with the correction's mark */
    struct certify_before before;
    struct arena arena;
    struct judged *judged;
    bool is_judged;
    struct across **rounds; /* of comparisons, until nothing changes any more */
    size_t round_count;
    struct change *list;
    size_t count, capacity;
    struct change **by_id; /* those with an id, in order of it; once all are there */
    size_t id_count;
    const char **numbers; /* personnel numbers of what was issued or held back, in order */
    size_t number_count;
    int64_t *dropped; /* numbers of the run before that are gone, in order */
    size_t dropped_count;
    struct told_person *people; /* by personnel number */
    size_t people_count;
    const char **lost; /* personnel numbers of cancellations without a successor, in order; NULL once they are seen elsewhere */
    const struct cancellation **lost_by;
    size_t lost_count;
    bool *lost_seen;
    const char *issued_before; /* when the run before was issued */
    bool did_something;        /* else nothing is superseded */
    struct lock *locks;        /* from announcing to telling */
    size_t lock_count;
    struct arena record; /* the one in hand */
};

/* judge_changes.c */
bool changes_judge(struct run *run);
struct certify_judged changes_judged(const void *ctx, size_t number);

/* letters.c: whether the letters of the cancellations can be made; one that cannot is dropped, with its finding. */
bool letters_judge(struct run *run);
/* Makes those of what is cancelled, and takes over the earlier ones. */
bool letters_write(struct run *run);

/* keep_changes.c */
bool changes_take(struct run *run, const struct certify_result *r, struct summary_line *line);
/* All changes are there: lists by which they are found. */
bool changes_index(struct run *run);
/* What comes in this place of the year's list, or NULL. */
struct change *changes_at(const struct correcting *c, int64_t number);
/* The last of this id, or NULL. */
struct change *changes_of(const struct correcting *c, const char *id);
/* Somebody has a certificate, or one that is held back. */
bool changes_have(const struct correcting *c, const char *personnel_number);
/* Somebody of the year was met in the ledger. */
void changes_meet(struct correcting *c, const char *personnel_number, bool counted);
/* What is told of somebody, or NULL. */
struct told_person *changes_person(const struct correcting *c, const char *personnel_number);

#endif
