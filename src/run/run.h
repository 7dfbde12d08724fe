/* A run while it is made: src/run.c is the pipeline, tell.c says what was found, publish.c closes the folder. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/stream.h"
#include "book/summary.h"
#include "certificate/certify.h"
#include "check/reconcile.h"
#include "run/correct.h"
#include "store/flush.h"

#define JOBS_MAX 64
#define UNKNOWN_MAX 64 /* different unknown keys that are reported; more are counted together */

/* An unknown key of the input, the first place and how often. */
struct unknown {
    uint64_t hash;
    enum input_file file;
    char pointer[96];
    size_t number; /* of the first certificate */
    long count;
};

struct run {
    const struct tc_options *options;
    struct tc_result *result;
    struct tc_error *err;
    struct prepared engine;
    struct prepared correcting; /* the same with the correction's mark; of correcting runs only, as what follows */
    struct previous earlier;
    struct corrections corrections;
    struct input *input;
    struct wages *wages;
    struct waivers *waivers;
    struct across *across;
    struct reconcile *reconcile;
    json_t *kept, *told; /* the program's own messages in the form's and the console's language; NULL: in English */
    json_t *given;
    const json_t *declarations; /* the payroll's, else those of the run that is corrected */
    struct certify_job job;
    struct certify_worker workers[JOBS_MAX];
    int jobs;
    struct folder folder;
    struct flush flush;
    long taken; /* certificates of the input that are done */
    char identity[HASH_HEX + 1], payroll_hash[HASH_HEX + 1], employees_hash[HASH_HEX + 1];
    struct summary_run facts;
    struct ledger *ledger;
    struct stream records, sums;
    struct summary *summary;
    struct summary_files files;
    long unreadable_unexplained; /* of the people without a certificate and a usable number */
    struct unknown unknown[UNKNOWN_MAX];
    size_t unknown_count;
};

/* run.c: a certificate becomes part of the year: counts, ledger, workbook, records. False with run->err. */
bool run_book(struct run *run, const struct ledger_entry *entry, struct summary_line *line);

/* tell.c: findings go to the caller and, in a run, to ledger and workbook. */
bool run_give_findings(struct run *run, const struct certify_result *r);
/* Keys nobody knows, those of the head too; only after all certificates. */
bool run_give_unknown(struct run *run);
bool run_give_unused_waivers(struct run *run);

/* publish.c: a line of SHA256SUMS, as sha256sum writes it. */
bool run_add_sum(struct run *run, const char *name, const unsigned char hash[HASH_SIZE]);
/* What stands on everything is written, the folder synced, the ledger committed, everything published by one rename. */
bool run_publish(struct run *run);

#endif
