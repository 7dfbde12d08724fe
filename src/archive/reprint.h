/* Certificates that could be given out again, before anything is logged. */
#ifndef ARCHIVE_REPRINT_H
#define ARCHIVE_REPRINT_H

#include "base/buf.h"
#include "base/file.h"
#include "taxcert.h"

struct reprint_found {
    char issuer[FILE_PATH_MAX]; /* the run that issued it: its log gets the event */
    char id[40], file[300];     /* of the certificate; its file's name, where options name no output */
    const char *event;          /* what it is called in the log */
    struct buf data;            /* the issued bytes; the caller's to free */
};

/* Looks for what tc_reprint would give out, with all its refusals, and gives out nothing. */
bool reprint_look(const char *run, const char *handle, const struct tc_reprint_options *options, struct reprint_found *found,
                  struct tc_error *err);
/* Logs it, in the issuer's log or the journal of the options. */
bool reprint_log(const char *issuer, const char *event, const char *id, const char *reason, const struct tc_reprint_options *options,
                 struct tc_error *err);
/* Whether the reason, which may be NULL, is one. */
bool reprint_reason(const char *reason, struct tc_error *err);

#endif
