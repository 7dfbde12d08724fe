/* A fuzz target: libFuzzer calls it with made-up bytes (tests/fuzz/run.sh); replay.c with those of tests/fuzz/corpus. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "certificate/canonical.h"
#include "certificate/certify.h"
#include "check/reconcile.h"

#define BANK SOURCE_DIR "/samples/bank/"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes as a file that has a path. Returns its descriptor. */
static inline int fuzz_file(const uint8_t *data, size_t size, char path[64])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size))
        abort();
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

/* A step of what becomes of a text: place (two bytes, of 65536), how many bytes go, how many come, and these. The text has room for them. Returns how much of
 * the input it took; 4 at least must be there. */
static inline size_t fuzz_step(const uint8_t *data, size_t size, char *text, size_t *length)
{
    size_t place = ((size_t)data[0] << 8 | data[1]) * *length / 65536, gone = data[2], come = data[3];

    if (4 + come > size)
        come = size - 4;
    if (gone > *length - place)
        gone = *length - place;
    memmove(text + place + come, text + place + gone, *length - place - gone);
    memcpy(text + place, data + 4, come);
    *length = *length - gone + come;
    return 4 + come;
}

/* The shipped form, loaded once. */
static inline struct prepared *fuzz_engine(void)
{
    static struct prepared engine;
    struct tc_error err = {0};

    if (!engine.template && !prepared_load(&engine, SOURCE_DIR "/templates", "de/lohnsteuerbescheinigung", 2025, 20260128, 0, &err))
        abort();
    return &engine;
}

static inline void fuzz_write(const struct prepared *e, const struct certify_result *r, const struct record *record,
                              const struct trail *trail, struct buf *out)
{
    struct canonical_head head = {r->id, r->personnel_number, r->establishment};

    out->length = 0;
    canonical_write(e->template, record, &head, out);
    canonical_trail(trail, e->template->digits, out);
    buf_add(out, "", 1);
}

/* What the ledger keeps of a record comes back as it was. */
static inline void fuzz_restore(const struct prepared *e, const struct wages *wages, const struct certify_result *r, struct arena *arena)
{
    struct buf kept = {0}, again = {0};
    struct record record;
    struct trail trail;
    const struct datum *canon, *entries;
    struct tc_error err = {0};
    char *line_end;

    fuzz_write(e, r, &r->record, &r->trail, &kept);
    line_end = strchr(kept.data, '\n');
    *line_end = '\0';
    canon = datum_parse(kept.data, strlen(kept.data), arena, &err);
    entries = datum_parse(line_end + 1, strlen(line_end + 1), arena, &err);
    *line_end = '\n';
    if (!canon || !entries || !record_restore(e->template, canon, arena, &record))
        abort();
    trail_restore(wages, entries, e->template->digits, arena, &trail);
    fuzz_write(e, r, &record, &trail, &again);
    if (kept.length != again.length || memcmp(kept.data, again.data, kept.length) != 0)
        abort();
    buf_free(&kept);
    buf_free(&again);
}

#define GIVEN "{\"issued\":\"2026-01-28\",\"year\":2025,\"allow_test_ids\":true,\"draft\":false}"

/* Everything up to the page for the first certificates of the input. */
static inline void fuzz_certify_with(struct prepared *engine, const char *payroll, const char *employees)
{
    struct tc_error err = {0};
    struct input *input = input_open(payroll, employees, &err);
    struct wages *wages = input ? wages_load(engine->template, json_object_get(input_head(input), "wage_types"), payroll, &err) : NULL;
    struct arena arena = {0}, given_arena = {0};
    const struct datum *given = datum_parse(GIVEN, sizeof GIVEN - 1, &given_arena, &err);
    struct certify_job job = {engine, input, wages, given, {engine->template, NULL, wages, 0}, NULL, NULL};
    struct certify_worker worker;
    struct reconcile *reconcile = wages
                                      ? reconcile_new(engine->template, engine->plan, json_object_get(input_head(input), "establishments"),
                                                      json_object_get(input_head(input), "declarations"), payroll, &err)
                                      : NULL;

    if (reconcile && certify_start(&worker, engine, &err)) {
        for (size_t i = 0; i < input_certificates(input) && i < 8 && !err.code; i++) {
            struct certify_result result;

            certify(&job, &worker, i, true, &arena, &result, &err);
            if (result.issued != (result.findings.errors == 0 && !err.code))
                abort(); /* nobody is held back without a reason, or issued in spite of one */
            if (result.has_record && !err.code) {
                struct reconcile_place place;

                reconcile_add(reconcile, result.establishment, &result.record, result.issued, &place, &err);
                fuzz_restore(engine, wages, &result, &arena);
            }
            arena_reset(&arena);
        }
        certify_stop(&worker);
        reconcile_close(reconcile);
    }
    reconcile_free(reconcile);
    arena_free(&arena);
    arena_free(&given_arena);
    wages_free(wages);
    input_close(input);
}

static inline void fuzz_certify(const char *payroll, const char *employees)
{
    fuzz_certify_with(fuzz_engine(), payroll, employees);
}

#endif
