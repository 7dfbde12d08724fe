#include "archive/opened.h"

#include <stdlib.h>
struct tc_run *tc_run_open(const char *folder, struct tc_error *err)
{
    struct tc_run *run = calloc(1, sizeof *run);

    error_reset(err);
    if (!run)
        error_memory(err);
    else if (file_path("", folder, run->folder, err) && stored_run_open_texts(&run->archive, folder, err))
        return run;
    tc_run_close(run);
    return NULL;
}

enum tc_code tc_run_reprint(struct tc_run *run, const char *handle, const struct tc_reprint_options *options, struct tc_reprinted *result,
                            struct tc_error *err)
{
    return tc_reprint(run->folder, handle, options, result, err);
}

void tc_run_close(struct tc_run *run)
{
    if (run)
        stored_run_close(&run->archive);
    free(run);
}
