#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void copy_tail(char *to, size_t size, const char *from)
{
    size_t length = strlen(from);

    if (length < size)
        memcpy(to, from, length + 1);
    else
        snprintf(to, size, "...%s", from + length - (size - 4));
}

bool error_set(struct tc_error *err, enum tc_code code, const char *file, const char *pointer, const char *rule, const char *format, ...)
{
    va_list args;

    if (!err || err->code != TC_OK)
        return false;
    err->code = code;
    copy_tail(err->file, sizeof err->file, file ? file : "");
    copy_tail(err->pointer, sizeof err->pointer, pointer ? pointer : "");
    snprintf(err->rule, sizeof err->rule, "%s", rule ? rule : "");
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return false;
}

bool error_memory(struct tc_error *err)
{
    return error_set(err, TC_IO, NULL, NULL, "memory", "not enough memory");
}

bool error_is_memory(const struct tc_error *err)
{
    return !strcmp(err->rule, "memory");
}

void error_reset(struct tc_error *err)
{
    *err = (struct tc_error){.code = TC_OK};
}

enum tc_code error_lack(enum tc_code otherwise)
{
    static const int lacks[] = {EMFILE, ENFILE, ENOMEM, EAGAIN, EIO, ENOBUFS};

    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        if (errno == lacks[i])
            return TC_IO;
    return otherwise;
}

const char *error_cause(int code)
{
    static const struct {
        int code;
        const char *words;
    } causes[] = {{ENOENT, "there is no such file or folder"},
                  {EACCES, "no permission"},
                  {EPERM, "it is not permitted"},
                  {ENOSPC, "the disk is full"},
                  {EDQUOT, "the disk space allotted to this account is used up"},
                  {EROFS, "the disk is read-only"},
                  {ENOTDIR, "a part of the path is not a folder"},
                  {EISDIR, "it is a folder"},
                  {EEXIST, "it exists already"},
                  {ENOTEMPTY, "the folder is not empty"},
                  {EFBIG, "the file is too large for the disk or for a limit"},
                  {EIO, "the disk reports an error"},
                  {ELOOP, "too many links in the path"},
                  {ENAMETOOLONG, "the name is too long"},
                  {EBUSY, "it is in use"},
                  {EMFILE, "too many open files, EMFILE: raise the limit by ulimit -n"},
                  {ENFILE, "too many open files on this machine, ENFILE"}};
    const char *name = strerrorname_np(code);

    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (causes[i].code == code)
            return causes[i].words;
    return name ? name : "?";
}
