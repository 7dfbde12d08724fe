/* One print job: the people in their order, each with one sheet or more, and the files that are made of this one array. */
#ifndef DELIVER_JOB_H
#define DELIVER_JOB_H

#include "base/hash.h"
#include "deliver/recipients.h"
#include "deliver/seals.h"
#include "deliver/stamp.h"

#define JOB_TABLE_HEAD "job,sheet,page,mark,personnel_number,certificate,name,postcode,country,establishment,sha256"

enum job_file { JOB_PRINT, JOB_TABLE, JOB_COVER, JOB_FILES };

struct job {
    char id[MARK_JOB + 1];
    bool foreign, duplex;
    const struct person **people;
    unsigned char *pieces; /* sheets of each */
    long count, total;     /* people; sheets */
    unsigned char hashes[JOB_FILES][HASH_SIZE];
};

/* What all jobs of a batch share. */
struct job_tools {
    const char *run, *sorted; /* sorted: by what, in words */
    const struct recipients *people;
    const struct seals *seals;
    const struct font *font;
    const struct tc_words *words; /* or NULL */
    bool several;                 /* some certificate may have more than one page */
    struct stamp *stamp;
};

/* Sheets of everybody, in their order; new, NULL with err. people: of the run whose seals these are. */
unsigned char *job_plan(const char *run, const struct seals *seals, const struct person *const *people, long count, bool duplex,
                        struct tc_error *err);
/* Gives the job its id, a hash of what it prints and how. */
void job_name(struct job *job, const char *identity, const struct stamp_place *place);
/* Name of one of its files; returns out. */
const char *job_file_name(const char id[MARK_JOB + 1], enum job_file file, char out[32]);
/* Writes the files into the folder, each synced, and their hashes. */
bool job_write(struct job *job, const struct job_tools *tools, const char *folder, struct tc_error *err);
/* Reads the files again: every page is the issued one of the person whose sheet it is, with that sheet's mark and nothing else, and
 * the table says the same. False with err at the first that is not. */
bool job_prove(const struct job *job, const struct job_tools *tools, const char *folder, struct tc_error *err);

#endif
