/* A run while it is made:
 *
 *   run.c       the flow, to be read first            findings.c  what was found, told to caller and sinks
 *   open.c      inputs opened, their identity         sink.h      who gets the results, in order
 *   compare.c   a person's certificates compared      outputs.c   the run folder's files as sinks
 *   only.c      some people alone, with no run        people.c    those without a certificate
 *   batches.c   certificates made by workers          closing.c   sums, sync, one rename
 *
 * What a run does that changes an earlier one (correct.c, judge_changes.c, previous.c) is a struct run_kind: the flow does not know it. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/stream.h"
#include "certificate/certify.h"
#include "check/reconcile.h"
#include "run/sink.h"
#include "store/flush.h"
#include "store/folder.h"

#define JOBS_MAX 64
#define UNKNOWN_MAX 64 /* different unknown keys that are reported; more are counted together */

struct run;

/* Where kinds of runs differ. Every call returns false with run->err. */
struct run_kind {
    const char *event; /* of the run's log */
    /* Loads the form, run->in.form, once the input's head is there. */
    bool (*open)(struct run *run, const char *templates, int32_t issued, unsigned marks);
    /* Adds what else the run's identity depends on. */
    void (*identify)(const struct run *run, struct buf *text);
    /* Whether this run may be made, its identity being known; completes run->job. */
    bool (*admit)(struct run *run);
    /* Compares certificates with each other, before any is made. */
    bool (*compare)(struct run *run);
    /* A certificate of the input is done, and kept for its place in the year. NULL: it goes into the year as it is. */
    bool (*take)(struct run *run, const struct certify_result *r, struct summary_line *line);
    /* After all of them: everybody else of the year. */
    bool (*complete)(struct run *run);
    /* Notes in the ledger what the run stands on. */
    bool (*note)(struct run *run);
    /* Files of RUN/form besides the form's own. */
    bool (*keep)(struct run *run, bool (*seal)(void *ctx, const char *name, const void *data, size_t length));
    /* What is intended, just before the folder is published, and what is done, just after. */
    bool (*announce)(struct run *run);
    bool (*tell)(struct run *run);
    void (*free)(struct run *run);
};

/* What a run is made from. Read-only once it is open, but for the waivers' marks. */
struct run_inputs {
    struct prepared form;
    struct input *input;
    struct wages *wages;
    struct waivers *waivers;        /* or NULL */
    json_t *kept, *told;            /* the program's own messages in the form's and the console's language; NULL: in English */
    json_t *given;                  /* the values of PLACE_RUN */
    const char *names[INPUT_FILES]; /* of the files, without their folders, fit to be read */
    const json_t *declarations;     /* the payroll's, else those of the run before */
    char identity[HASH_HEX + 1], payroll_hash[HASH_HEX + 1], employees_hash[HASH_HEX + 1];
};

/* The run folder's files while they are written; nothing of it in a check. */
struct run_outputs {
    struct folder folder;
    struct flush flush;
    struct ledger *ledger;
    struct stream records, sums;
    struct summary *summary;
    struct summary_run facts;
    struct summary_files files;
    struct buf form; /* the lines of the list of hashes that are the form's */
};

/* An unknown key of the input, the first place and how often. */
struct unknown_place {
    uint64_t hash;
    enum input_file file;
    char pointer[96];
    size_t number; /* of the first certificate */
    long count;
    const char *nearest; /* as in struct unknown_key */
};

struct unknown_places {
    struct unknown_place list[UNKNOWN_MAX];
    size_t count;
};

struct run {
    const struct tc_options *options;
    struct tc_options as_check; /* the options without an output, for a run that is finished already */
    const char *asked;          /* that run's folder */
    struct tc_result *result;
    struct tc_error *err;
    const struct run_kind *kind;
    struct waiver_file *common; /* waivers that several employers share; or NULL */
    void *state;                /* the kind's own */
    struct run_inputs in;
    struct run_outputs out;
    struct sinks sinks;
    struct certify_job job;
    struct across *across;
    struct reconcile *reconcile;
    struct unknown_places unknown;
    long unreadable_unexplained; /* of the people without a certificate and a usable number */
};

/* run.c: makes a run of this kind; the exit code. common: waivers that several employers share, or NULL. */
enum tc_code run_make(const struct run_kind *kind, const struct tc_options *options, struct waiver_file *common, struct tc_result *result,
                      struct tc_error *err);
void run_free_inputs(struct run_inputs *in);
/* generate.c: tc_generate, with waivers that several employers share, or NULL. */
enum tc_code run_generate(const struct tc_options *options, struct waiver_file *common, struct tc_result *result, struct tc_error *err);
/* issue.c: tc_issue; and a draft's log says what it was made of. */
bool run_note_inputs(struct run *run);
/* The identity that a draft of this would have whatever transfer tickets stand in it. */
bool run_identify_without(struct run *run, const char *issued, char identity[HASH_HEX + 1]);
/* A certificate becomes part of the year. */
bool run_book(struct run *run, struct summary_line *line);
/* Somebody has none. */
bool run_book_person(struct run *run, const struct ledger_person *person);
/* What the form tells people apart by, of somebody who has none: canonical, in arena; NULL where memory failed. */
const char *run_describe_person(struct run *run, const struct datum *person, const char *personnel_number, struct arena *arena);
/* A reason as it may stand in ledger and workbook; NULL where it says nothing. Lives in text. */
const char *run_clean_reason(const char *reason, struct buf *text);

/* first.c: a year's first run. correct.c: one that changes a run. */
extern const struct run_kind run_first, run_correcting;

/* open.c */
bool run_open(struct run *run);

/* compare.c: rules across one person's certificates, of all that are in the input. */
bool run_compare(struct run *run);
bool run_has_across_rules(const struct run *run);

/* batches.c: every certificate of the input, made by workers, taken in input order. */
bool run_batches(struct run *run);

/* outputs.c: the run folder, and the sinks that write it. Without an output the totals alone are a sink. */
bool run_open_outputs(struct run *run);
void run_close_outputs(struct run *run);
/* A line of SHA256SUMS, as sha256sum writes it. */
bool run_add_sum(struct run *run, const char *name, const unsigned char hash[HASH_SIZE], struct tc_error *err);
/* Its line of records.jsonl, where it is issued. */
bool run_list_record(struct run *run, const struct ledger_entry *entry, struct tc_error *err);

/* findings.c: findings go to the caller and to the sinks. */
bool run_give_findings(struct run *run, enum sinks_part part, const struct certify_result *r);
/* To the sinks alone that are told beside the others; in any thread. */
bool run_keep_findings(const struct run *run, const struct certify_result *r, struct tc_error *err);
/* One of a certificate, to all. */
bool run_give_finding(struct run *run, const struct certify_result *r, const struct finding *f);
/* Keys nobody knows, those of the head too; only after all certificates. */
bool run_give_unknown(struct run *run);
bool run_give_unused_waivers(struct run *run);

/* closing.c: what stands on everything is written, the folder synced, the ledger committed, everything published by one rename. */
bool run_publish(struct run *run);
/* The seal of the run in this folder into the result; before it is published, for what fails behind that would tell of no run. */
bool run_tell_seal(struct run *run, const char *folder);

#endif
