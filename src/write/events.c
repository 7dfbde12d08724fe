#include "write/events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "write/canon.h"

static bool broken(const char *path, long line, const char *sentence, struct tc_error *err)
{
    return error_set(err, TC_WITHHELD, path, NULL, "event-chain", "event %ld: %s", line, sentence);
}

static const char *path_of(const char *folder, char path[1100])
{
    snprintf(path, 1100, "%s/events.log", folder);
    return path;
}

/* Hash of the last line of the text, "" of an empty one. */
static void last_hash(const char *text, size_t length, char out[HASH_HEX + 1])
{
    size_t start = length;
    unsigned char hash[HASH_SIZE];

    *out = '\0';
    if (length == 0)
        return;
    start--;
    while (start > 0 && text[start - 1] != '\n')
        start--;
    hash_bytes(text + start, length - start, hash);
    hash_hex(hash, out);
}

static void write_event(struct buf *line, const char *kind, const char *about, const char *reason, const char *previous)
{
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    buf_printf(line, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\",\"event\":\"%s\"", utc.tm_year + 1900, utc.tm_mon + 1,
               utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, kind);
    if (about) {
        buf_puts(line, ",\"about\":");
        buf_quote(line, about);
    }
    if (reason) {
        buf_puts(line, ",\"reason\":");
        buf_quote(line, reason);
    }
    buf_printf(line, ",\"previous\":\"%s\"}\n", previous);
}

bool events_add(const char *folder, const char *kind, const char *about, const char *reason, struct tc_error *err)
{
    char path[1100], previous[HASH_HEX + 1], *text = NULL;
    int fd = open(path_of(folder, path), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct buf line = {0};
    size_t length;
    bool ok = fd >= 0 && flock(fd, LOCK_EX) == 0 && file_read(path, &text, &length, err);
    ssize_t written;

    if (ok) {
        last_hash(text, length, previous);
        write_event(&line, kind, about, reason, previous);
        written = line.failed ? 0 : write(fd, line.data, line.length);
        ok = !line.failed && written == (ssize_t)line.length && fdatasync(fd) == 0;
        if (written > 0 && written < (ssize_t)line.length && ftruncate(fd, (off_t)length) == 0) /* half an event would break the chain */
            errno = ENOSPC;
    }
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    if (line.failed)
        error_memory(err);
    else if (!ok)
        error_set(err, TC_IO, path, NULL, "event", "the event cannot be written (%s)", strerrorname_np(errno));
    free(text);
    buf_free(&line);
    return ok;
}

bool events_check(const char *folder, long *count, char first_about[80], struct tc_error *err)
{
    char path[1100], expected[HASH_HEX + 1] = "", *text = NULL;
    size_t length, at = 0;

    *count = 0;
    *first_about = '\0';
    if (!file_read(path_of(folder, path), &text, &length, err))
        return false;
    while (at < length && !err->code) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t size = end ? (size_t)(end - (text + at)) + 1 : length - at;
        json_error_t mistake;
        json_t *event = json_parse(text + at, size, &mistake, err);
        const char *previous = json_string_value(json_object_get(event, "previous"));
        const char *about = json_string_value(json_object_get(event, "about"));

        ++*count;
        if (!end || !previous)
            broken(path, *count, "it is no whole event", err);
        else if (strcmp(previous, expected) != 0)
            broken(path, *count, "it does not carry the hash of the event before it", err);
        if (*count == 1 && about)
            snprintf(first_about, 80, "%s", about);
        json_decref(event);
        last_hash(text + at, size, expected);
        at += size;
    }
    free(text);
    return !err->code;
}
