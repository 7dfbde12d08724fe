/* The library's call: which kind of run is wanted. */
#include "base/error.h"
#include "run/run.h"

enum tc_code run_generate(const struct tc_options *options, struct waiver_file *common, struct tc_result *result, struct tc_error *err)
{
    error_reset(err);
    return run_make(options->corrects ? &run_correcting : &run_first, options, common, result, err);
}

enum tc_code tc_generate(const struct tc_options *options, struct tc_result *result, struct tc_error *err)
{
    return run_generate(options, NULL, result, err);
}
