/* One certificate through all stages: read -> check -> layout -> write (to memory). */
#ifndef CERTIFICATE_CERTIFY_H
#define CERTIFICATE_CERTIFY_H

#include "certificate/attachment.h"
#include "certificate/prepared.h"
#include "check/across.h"
#include "check/judge.h"
#include "input/input.h"
#include "input/record.h"
#include "input/trail.h"
#include "input/unknown.h"

/* What was issued before under an id. Texts are in the arena given. */
struct certify_found {
    bool there;
    bool valid, cancelled; /* neither: it was held back */
    int64_t number;        /* in the year's list */
    int corrects;          /* how often it was corrected */
    const char *personnel_number, *record;
};

/* What is known of a change before it is made, from all of them together. */
struct certify_judged {
    bool held;                   /* something that goes together with it is not done */
    const struct across *across; /* what was found among the person's certificates; or NULL */
    const char *record;          /* of the cancelled certificate in whose place it comes; or NULL */
};

/* The year as it was, of a run that changes it. */
struct certify_before {
    const void *ctx;
    int64_t places;                    /* in the year's list so far */
    const struct prepared *correcting; /* the form with the correction's mark */
    /* The certificate that was issued under the id, valid or cancelled; else the one of this personnel number that was held back.
     * Any thread may ask. */
    bool (*find)(const void *ctx, const char *id, const char *personnel_number, struct arena *arena, struct certify_found *found,
                 struct tc_error *err);
    /* Whether the certificate of this id is to be cancelled now. */
    bool (*is_cancelled)(const void *ctx, const char *id);
    /* Whether another id of the year differs from this one only in case. */
    bool (*has_case)(const void *ctx, const char *id, bool *there, struct tc_error *err);
    /* Of certificate number of the input; NULL while they are judged. */
    struct certify_judged (*judged)(const void *ctx, size_t number);
};

/* What is the same for the whole run; read-only while workers run. */
struct certify_job {
    const struct prepared *form;
    const struct input *input;
    const struct wages *wages;
    const struct datum *given; /* the values of PLACE_RUN */
    struct rules_run rules;
    const struct across *across;         /* what was found among a person's certificates; or NULL */
    const struct certify_before *before; /* of a run that changes the year; else NULL */
};

/* One worker's own tools. */
struct certify_worker {
    struct pdf_worker pdf;
    struct input_reader reader;
    struct buf text;               /* for who has a certificate done, of its canonical record */
    struct attachment attachment;  /* certificate.json */
    unsigned char hash[HASH_SIZE]; /* the PDF's SHA-256 */
    struct placed *placed;
};

/* What became of one certificate. Texts live in the arena given. */
struct certify_result {
    size_t number;
    int64_t place;                                     /* in the year's list: its number, or that of the certificate it corrects */
    const char *id, *personnel_number, *establishment; /* NULL where they were no handles, or unknown */
    const char *reason;                                /* why it corrects the one issued before under its id; NULL: it is the first */
    int corrects;                                      /* so many times its id was corrected, this one counted; 0: it is the first */
    const char *before;                                /* that one's record */
    bool replaced;                                     /* a valid certificate of its id is there, or it says that it corrects one */
    bool issued;
    bool has_record; /* it could be read: record is filled, though perhaps with findings */
    struct record record;
    struct trail trail; /* of its entries */
    struct findings findings;
    struct unknown_key *unknown; /* keys nobody knows */
};

bool certify_start(struct certify_worker *w, const struct prepared *form, struct tc_error *err);
void certify_stop(struct certify_worker *w);

/* Certificate i read and not judged: result->record where has_record. False only for fatal errors, in err. */
bool certify_read(const struct certify_job *job, struct certify_worker *w, size_t i, struct arena *arena, struct certify_result *result,
                  struct tc_error *err);
/* Certificate i. With render the PDF is in w->pdf.file when it was issued. False only for fatal errors, in err. */
bool certify(const struct certify_job *job, struct certify_worker *w, size_t i, bool render, struct arena *arena,
             struct certify_result *result, struct tc_error *err);
/* A record as the ledger has it, nothing judged: the PDF is in w->pdf.file. */
bool certify_record(const struct prepared *form, struct certify_worker *w, const char *text, struct arena *arena, struct tc_error *err);

#endif
