/* A run's seal, and the seal signed: what an auditor keeps, or holds against a certificate years later. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/sign.h"
#include "store/events.h"
#include "store/folder.h"
#include "store/outside.h"
#include "store/purged.h"
#include "taxcert.h"

enum tc_code tc_seal(const char *run, const struct tc_seal_options *options, char seal[TC_SEAL], struct tc_error *err)
{
    char path[FILE_PATH_MAX], about[80];
    struct buf statement = {0}, pem = {0};
    size_t length = strlen(run);
    struct proof now;
    long events;

    error_reset(err);
    while (length > 1 && run[length - 1] == '/')
        length--;
    *seal = '\0';
    if (snprintf(path, sizeof path, "%.*s.seal.pem", (int)length, run) >= (int)sizeof path)
        error_set(err, TC_USAGE, run, NULL, "path", "the path is too long");
    if (!err->code && (purged_is(run) || folder_is_run(run, err)) && events_check(run, &events, about, err)
        && events_seal(run, NULL, &now, &statement, err)) {
        memcpy(seal, now.now, sizeof now.now);
        if (options->key && outside_output(options->output ? options->output : path, &options->key, 1, err)
            && sign_text(options->key, statement.data, statement.length, &pem, err))
            file_give(options->output ? options->output : path, &(struct iovec){pem.data, pem.length}, 1, err);
    }
    if (err->code == TC_HELD) /* a broken log is nothing to seal */
        err->code = TC_IO;
    buf_free(&statement);
    buf_free(&pem);
    return err->code;
}
