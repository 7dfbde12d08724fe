#include "input/detect.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "input/scan.h"

#define BLOCK_SIZE ((size_t)16 * 1024)

static const char ours[] = "\"taxcert/", payroll_format[] = "\"taxcert/payroll/";

struct look {
    int fd;
    bool told, payroll;
};

/* Ends the scan. */
static bool tell(struct look *look, bool payroll, struct tc_error *err)
{
    look->told = true;
    look->payroll = payroll;
    return error_set(err, TC_INPUT, NULL, NULL, "told", "enough was read");
}

static bool on_member(void *ctx, const char *key, struct scan_range value, struct tc_error *err)
{
    struct look *look = ctx;
    char text[sizeof payroll_format] = "";

    if (!strcmp(key, "form") || !strcmp(key, "establishments")) /* nothing else of ours has them, whatever its list of certificates */
        return tell(look, true, err);
    if (strcmp(key, "format") != 0 || pread(look->fd, text, sizeof text - 1, (off_t)value.offset) < 0
        || strncmp(text, ours, sizeof ours - 1) != 0)
        return true; /* a format misspelt beyond that does not hide a payroll */
    return tell(look, !strcmp(text, payroll_format), err);
}

static bool on_element(void *ctx, int array, const struct scan_element *element, struct tc_error *err)
{
    (void)element;
    return array != 0 || tell(ctx, true, err);
}

static void on_bytes(void *ctx, const void *data, size_t length)
{
    (void)ctx, (void)data, (void)length;
}

bool detect_payroll(const char *path)
{
    struct tc_error err = {0};
    struct look look = {.fd = file_open(path, TC_INPUT, &err)};
    const struct scan_calls calls = {&look, on_member, on_element, on_bytes};
    bool whole;

    if (look.fd < 0)
        return true;
    whole = scan_file(look.fd, path, BLOCK_SIZE, &calls, &err);
    close(look.fd);
    return look.told ? look.payroll : !whole;
}
