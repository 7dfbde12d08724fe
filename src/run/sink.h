/* Whoever gets what a run works out, in the order of the year: totals, ledger, workbook, list of records, and what comes later. One
 * more output of a run is one more of these. */
#ifndef RUN_SINK_H
#define RUN_SINK_H

#include "book/summary.h"

/* Any member may be NULL. Texts are borrowed for the call; false is returned with err, and ends the run. */
struct sink {
    void *ctx;
    bool beside; /* of a batch it is told in a thread beside the caller's, in order too: it shares nothing with the others */
    /* A certificate of the year, whatever its state, is counted and gets its place among the others: into line->place, which is known to the
     * sinks behind the totals, and line->spot. */
    bool (*place)(void *ctx, struct summary_line *line, struct tc_error *err);
    /* It is told of. */
    bool (*certificate)(void *ctx, struct summary_line *line, struct tc_error *err);
    /* It is told of where it is not made in a batch: whose workers make the same (batches.c). */
    bool (*alone)(void *ctx, struct summary_line *line, struct tc_error *err);
    bool (*finding)(void *ctx, const struct ledger_finding *finding, struct tc_error *err);
    /* Somebody without a certificate. */
    bool (*person)(void *ctx, const struct ledger_person *person, struct tc_error *err);
    /* What was changed since the run before; records NULL where there was none or is none any more. */
    bool (*correction)(void *ctx, const struct ledger_correction *correction, const struct record *before, const struct record *after,
                       struct tc_error *err);
};

#define SINKS_MAX 8

struct sinks {
    struct sink list[SINKS_MAX];
    size_t count;
};

/* Whom of them. */
enum sinks_part { SINKS_ALL, SINKS_BESIDE, SINKS_OTHERS };

/* Each sink in turn, until one fails. */
bool sinks_place(const struct sinks *s, struct summary_line *line, struct tc_error *err);
bool sinks_certificate(const struct sinks *s, enum sinks_part part, struct summary_line *line, struct tc_error *err);
bool sinks_alone(const struct sinks *s, struct summary_line *line, struct tc_error *err);
bool sinks_finding(const struct sinks *s, enum sinks_part part, const struct ledger_finding *finding, struct tc_error *err);
bool sinks_person(const struct sinks *s, const struct ledger_person *person, struct tc_error *err);
bool sinks_correction(const struct sinks *s, const struct ledger_correction *correction, const struct record *before,
                      const struct record *after, struct tc_error *err);

#endif
