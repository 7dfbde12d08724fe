/* Corrections of any bytes. What the check says is what is made; what is made is proved; what was corrected is as it was but for its log. */
#include "base_run.h"

static bool same_counts(const struct tc_result *a, const struct tc_result *b)
{
    return a->corrected == b->corrected && a->cancelled == b->cancelled && a->late == b->late && a->refused == b->refused
           && a->issued == b->issued && a->held == b->held;
}

static void make(struct tc_options *o, const struct tc_result *checked)
{
    static char *log;
    static size_t length;
    char run[FILE_PATH_MAX], next[FILE_PATH_MAX];
    struct tc_result result;
    struct tc_error err = {0};
    enum tc_code code;

    log = log ? log : base_read("run/events.log", &length);
    base_path(run, "run");
    base_path(next, "next");
    o->output = next;
    code = tc_generate(o, &result, &err);
    if (code > TC_HELD || !same_counts(checked, &result) || base_verify(next) != TC_OK || base_verify(run) != TC_OK)
        abort();
    base_clear(next);
    base_put("run/events.log", log, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char run[FILE_PATH_MAX], path[64];
    struct tc_options o = {.corrects = run, .templates = SOURCE_DIR "/templates", .allow_test_ids = true, .jobs = 1, .payroll = path};
    struct tc_result result;
    struct tc_error err = {0};
    enum tc_code code;
    int fd = fuzz_file(data, size, path);

    base_make();
    base_path(run, "run");
    code = tc_generate(&o, &result, &err);
    if (code > TC_HELD && (!*err.rule || !*err.message))
        abort(); /* refused without saying why */
    if (code <= TC_HELD && result.corrected + result.cancelled + result.late > 0)
        make(&o, &result);
    close(fd);
    return 0;
}
