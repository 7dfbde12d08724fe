/* The sample bank, loaded once for a group of tests. BANK_MARKS: what the pages are marked as. */
#ifndef BANK_H
#define BANK_H

#include "certificate/certify.h"

#define GIVEN "{\"issued\":\"2026-01-28\",\"year\":2025,\"allow_test_ids\":true,\"draft\":false}"
#define BANK SOURCE_DIR "/samples/bank/"

static struct prepared engine;
static struct input *input;
static struct wages *wages;
static struct arena given_arena;
static const struct datum *given;

static int load(void **state)
{
    struct tc_error err = {0};

    (void)state;
    if (!prepared_load(&engine, SOURCE_DIR "/templates", "de/lohnsteuerbescheinigung", 2025, 20260128, BANK_MARKS, &err))
        return -1;
    input = input_open(BANK "payroll.json", BANK "employees.json", &err);
    wages = wages_load(engine.template, json_object_get(input_head(input), "wage_types"), "payroll.json", &err);
    given = datum_parse(GIVEN, sizeof GIVEN - 1, &given_arena, &err);
    return input && wages && given ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    arena_free(&given_arena);
    wages_free(wages);
    input_close(input);
    prepared_free(&engine);
    return 0;
}

#endif
