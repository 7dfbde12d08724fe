#include "store/events.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/datum.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "certificate/canonical.h"
#include "store/purged.h"
#include "store/share.h"
#include "taxcert.h"

#define NAME "events.log"

/* What is noted: the kind as it is called, as earlier versions called it, and the keys of what it is about and of what is said about that. */
struct kind {
    const char *name, *before, *about, *reason;
};

static const struct kind kinds[] = {
    {"generated", "generate", "sums", "reason"},
    {"generated", "correct", "sums", "reason"},
    {"reprinted", "reprint", "certificate", "reason"},
    {"duplicated", "duplicate", "certificate", "reason"},
    {"void-copied", "void-copy", "certificate", "reason"},
    {"letter-given", "letter", "certificate", "reason"},
    {"failed", "failed", "certificate", "reason"},
    {"correction-begun", "superseding", "by_run", "path"},
    {"superseded", "superseded", "by_run", "reason"},
    {"lost", "lost", "lost_run", "reason"},
    {"corrected", "corrected", "certificate", "by_run"},
    {"cancelled", "cancelled", "certificate", "by_run"},
    {"begun", "begun", "delivery", "details"},
    {"printed", "batch", "job", "details"},
    {"print-checked", "batch-check", "job", "details"},
    {"copied", "copies", "set", "details"},
    {"offered", "offered", "certificate", "details"},
    {"accepted", "accepted", "certificate", "details"},
    {"refused", "refused", "certificate", "details"},
    {"unknown", "unknown", "certificate", "details"},
    {"not-sent", "not-sent", "certificate", "details"},
    {"resolved", "resolved", "certificate", "details"},
    {"bounced", "bounced", "certificate", "details"},
    {"draft-input", "draft-input", "input", "given"},
    {"purged", "purged", "sums", "details"},
};

/* By its name or its earlier one; one that is not listed keeps the keys of before. */
static struct kind find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(kinds[i].name, name) || !strcmp(kinds[i].before, name))
            return kinds[i];
    return (struct kind){name, name, "about", "reason"};
}

/* The same as an earlier version wrote it. */
static struct kind as_before(struct kind kind)
{
    return (struct kind){kind.before, kind.before, "about", "reason"};
}

static bool broken(const char *path, long line, const char *sentence, struct tc_error *err)
{
    return error_set(err, TC_HELD, path, NULL, "event-chain", "event %ld: %s", line, sentence);
}

static bool path_of(const char *folder, char path[FILE_PATH_MAX], struct tc_error *err)
{
    return file_path(folder, NAME, path, err);
}

/* Also a link to nowhere: that is no log, but somebody's trap. */
static bool is_there(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

/* *text is new. */
static bool read_log(const char *folder, char **text, size_t *length, struct tc_error *err)
{
    bool ok = file_read_below(folder, NAME, text, length, err);

    if (!ok)
        err->code = TC_IO;
    return ok;
}

/* To be added to. A link would lead out of the run, a pipe keep us waiting. */
static int open_log(const char *path, struct tc_error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
    struct stat status;

    if (fd < 0 || (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)))
        return fd;
    close(fd);
    error_set(err, TC_IO, path, NULL, "event", "the event log is not an ordinary file");
    return -1;
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

/* Whose account it was, on which machine, with which program. */
static void write_who(struct buf *line)
{
    struct passwd account, *found = NULL;
    struct utsname system;
    char room[4096];

    if (getpwuid_r(geteuid(), &account, room, sizeof room, &found) != 0)
        found = NULL;
    buf_puts(line, ",\"user\":");
    text_quote(line, found && text_is_utf8(account.pw_name) ? account.pw_name : "");
    buf_printf(line, ",\"uid\":%ld,\"host\":", (long)geteuid());
    text_quote(line, uname(&system) == 0 && text_is_utf8(system.nodename) ? system.nodename : "");
    buf_puts(line, ",\"version\":\"" TC_VERSION "\"");
}

/* seal: the run's until now; "": it is just made. ledger: of the first event, or NULL. run: which one, in a journal of several; NULL: its own
 * log. */
static void write_event(struct buf *line, const struct event *e, const char *ledger, const char *seal, const char *run,
                        const char *previous)
{
    time_t now = time(NULL);
    struct kind kind = find_kind(e->kind);
    struct tm utc;

    gmtime_r(&now, &utc);
    buf_printf(line, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\",\"event\":\"%s\"", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
               utc.tm_hour, utc.tm_min, utc.tm_sec, kind.name);
    if (e->about) {
        buf_printf(line, ",\"%s\":", kind.about);
        buf_quote(line, e->about);
    }
    if (ledger)
        buf_printf(line, ",\"ledger\":\"%s\"", ledger);
    if (e->reason) {
        buf_printf(line, ",\"%s\":", kind.reason);
        text_quote(line, e->reason);
    }
    write_who(line);
    if (run)
        buf_printf(line, ",\"run\":\"%s\"", run);
    if (*seal)
        buf_printf(line, ",\"seal\":\"%s\"", seal);
    buf_printf(line, ",\"previous\":\"%s\"}\n", previous);
}

/* The event as it begins, to look for. */
static bool make_words(struct kind kind, const char *about, const char *reason, struct buf *words)
{
    words->length = 0;
    buf_printf(words, "\"event\":\"%s\",\"%s\":", kind.name, kind.about);
    buf_quote(words, about);
    if (reason) {
        buf_printf(words, ",\"%s\":", kind.reason);
        text_quote(words, reason);
    }
    buf_add(words, ",", 2); /* with its end */
    return !words->failed;
}

/* Where the event stands in the text, as this version writes it or as earlier ones did. */
static const char *find_event(const char *text, const char *name, const char *about, const char *reason, struct buf *words)
{
    struct kind kind = find_kind(name);
    const char *found = make_words(kind, about, reason, words) ? strstr(text, words->data) : NULL;

    return found || words->failed || !make_words(as_before(kind), about, reason, words) ? found : strstr(text, words->data);
}

/* How many of the first events stand in the log, in their order. */
static size_t count_known(const char *text, const struct event *events, size_t count, struct buf *words)
{
    size_t known = 0;

    while (known < count && (text = find_event(text, events[known].kind, events[known].about, events[known].reason, words)) != NULL)
        known++;
    return known;
}

/* The hash of the list of hashes that the run was closed with: its first event says it. */
static void find_sums(const char *text, char sums[HASH_HEX + 1])
{
    static const char *const keys[] = {"\"sums\":\"",
                                       "\"about\":\""}; /* of this version and earlier ones; a quote within a text is escaped */
    const char *at = NULL;
    size_t i = 0;

    while (i < 2 && !(at = strstr(text, keys[i])))
        i++;
    snprintf(sums, HASH_HEX + 1, "%s", at ? at + strlen(keys[i]) : "");
}

static long count_lines(const char *text, size_t length)
{
    long count = 0;

    for (size_t i = 0; i < length; i++)
        count += text[i] == '\n';
    return count;
}

#define EVENTS_BLOCK 65536 /* bytes that are read of a log at a time: a room that stays in the cache */

/* What a block says of where the last whole line is; start: place of the block. */
static void note_block(struct events_tail *t, const char *block, size_t length, off_t start)
{
    const char *end = memrchr(block, '\n', length), *before = end ? memrchr(block, '\n', (size_t)(end - block)) : NULL;
    off_t size = end ? start + (end - block) + 1 : t->size;

    if (end)
        t->last = (size_t)(size - (before ? start + (before - block) + 1 : t->size));
    t->size = size;
    t->count += count_lines(block, length);
}

/* The hash of the last line, and what the first one says. False with errno. */
static bool take_ends(int fd, struct events_tail *t, char block[EVENTS_BLOCK])
{
    ssize_t first = pread(fd, block, EVENTS_BLOCK - 1, 0);
    char *last = malloc(t->last + 1);
    bool ok = first >= 0 && last && pread(fd, last, t->last, t->size - (off_t)t->last) == (ssize_t)t->last;

    if (ok) {
        block[first] = '\0';
        block[strcspn(block, "\n")] = '\0';
        find_sums(block, t->sums);
        last_hash(last, t->last, t->head);
    }
    free(last);
    return ok;
}

/* The log as it is; an event that a kill cut off was never written. Its lines are counted, which the seal tells, and no more than the first and the last
 * looked at: 0.1 microseconds for each. False with errno. */
static bool take_log(int fd, struct events_tail *t)
{
    char block[EVENTS_BLOCK];
    off_t at = 0;
    ssize_t n;

    while ((n = pread(fd, block, sizeof block, at)) > 0) {
        note_block(t, block, (size_t)n, at);
        at += n;
    }
    return n == 0 && take_ends(fd, t, block);
}

/* The lines of the events behind those of the log; *after: the log with them. */
static bool write_events(struct buf *lines, struct events_tail *after, const struct event *events, size_t count, const char *ledger)
{
    char seal[HASH_HEX + 1] = "";

    for (size_t i = 0; i < count && !lines->failed; i++) {
        size_t start = lines->length;
        unsigned char hash[HASH_SIZE];

        if (after->size > 0 && !proof_make(after->sums, after->count, after->head, seal))
            lines->failed = true;
        write_event(lines, &events[i], ledger, seal, NULL, after->head);
        if (lines->failed)
            break;
        after->last = lines->length - start;
        hash_bytes(lines->data + start, after->last, hash);
        hash_hex(hash, after->head);
        after->count++;
    }
    return !lines->failed;
}

/* Behind the log as t has it, which is what it is with the events afterwards. */
static bool append(int fd, struct events_tail *t, const struct event *events, size_t count, const char *ledger)
{
    struct events_tail after = *t;
    struct buf lines = {0};
    ssize_t written;
    bool ok;

    if (!write_events(&lines, &after, events, count, ledger)) {
        errno = ENOMEM;
        buf_free(&lines);
        return false;
    }
    written = ftruncate(fd, t->size) == 0 ? write(fd, lines.data, lines.length) : -1;
    ok = written == (ssize_t)lines.length && fdatasync(fd) == 0;
    if (written > 0 && written < (ssize_t)lines.length && ftruncate(fd, t->size) == 0) /* half an event would break the chain */
        errno = ENOSPC;
    after.size += (off_t)lines.length;
    if (ok)
        *t = after;
    buf_free(&lines);
    return ok;
}

/* Where a share has no locks, a folder beside the log is one, which two can never make both. Writing an event takes
 * milliseconds: one that is there for ten seconds was left by somebody who was killed, and is taken over. */
static bool lock_by_folder(const char *path)
{
    const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};

    for (int tries = 0; mkdir(path, 0700) != 0; tries++) {
        if (errno != EEXIST)
            return false;
        if (tries >= 500)
            return true;
        nanosleep(&moment, NULL);
    }
    return true;
}

bool events_lock(int fd, const char *log, char folder[FILE_PATH_MAX])
{
    int done;

    *folder = '\0';
    while ((done = flock(fd, LOCK_EX)) != 0 && errno == EINTR)
        ;
    if (done == 0)
        return true;
    if (snprintf(folder, FILE_PATH_MAX, "%s.lock", log) < FILE_PATH_MAX && lock_by_folder(folder))
        return true;
    *folder = '\0';
    return false;
}

/* Gives the log back. */
static bool end_add(int fd, const char *path, const char *lock, bool ok, struct tc_error *err)
{
    int code = errno;

    if (fd >= 0 && close(fd) != 0) {
        code = errno;
        ok = false;
    }
    if (*lock)
        rmdir(lock);
    if (!ok && code == ENOMEM)
        error_memory(err);
    else if (!ok)
        error_set(err, TC_IO, path, NULL, "event", "the event cannot be written (%s)%s", error_cause(code),
                  code == EROFS || code == EACCES ? "; reprint --journal FILE logs it elsewhere" : "");
    return ok;
}

/* known: those at the beginning that are there are left out. */
static bool add(const char *folder, const struct event *events, size_t count, bool known, const char *ledger, struct tc_error *err)
{
    char path[FILE_PATH_MAX], lock[FILE_PATH_MAX] = "", *text = NULL;
    int fd = path_of(folder, path, err) ? open_log(path, err) : -1;
    struct buf words = {0};
    struct events_tail tail = {.count = 0};
    size_t length, first = 0;
    bool ok = fd >= 0 && events_lock(fd, path, lock) && purged_refuse(folder, err) && (!known || read_log(folder, &text, &length, err))
              && take_log(fd, &tail);

    if (ok && known)
        first = count_known(text, events, count, &words);
    ok = ok && !words.failed && (first == count || append(fd, &tail, events + first, count - first, ledger));
    if (words.failed)
        errno = ENOMEM;
    ok = end_add(fd, path, lock, ok && !words.failed, err);
    free(text);
    buf_free(&words);
    return ok;
}

/* ---- one event after the other */

/* The events that others added behind those that t has; text begins with the last of these. */
static bool take_added(struct events_tail *t, const char *path, const char *text, size_t length, struct tc_error *err)
{
    size_t at = t->last;
    char head[HASH_HEX + 1], words[HASH_HEX + 32];

    last_hash(text, at, head);
    if (strcmp(head, t->head) != 0)
        return broken(path, t->count, "it is not the one that stood here: the log was cut or changed", err);
    for (const char *end; (end = memchr(text + at, '\n', length - at)) != NULL;) {
        size_t size = (size_t)(end + 1 - (text + at));
        size_t words_length = (size_t)snprintf(words, sizeof words, "\"previous\":\"%s\"}\n", t->head);

        if (size < words_length || memcmp(end + 1 - words_length, words, words_length) != 0)
            return broken(path, t->count + 1, "it does not carry the hash of the event before it", err);
        last_hash(text + at, size, t->head);
        t->count++;
        t->size += (off_t)size;
        t->last = size;
        at += size;
    }
    return true;
}

/* What is behind the last event that t has, and that one. */
static bool catch_up(int fd, struct events_tail *t, const char *path, struct tc_error *err)
{
    struct stat now;
    size_t length;
    char *text;
    bool ok;

    if (fstat(fd, &now) != 0)
        return false;
    if (now.st_dev != t->device || now.st_ino != t->inode || now.st_size < t->size)
        return broken(path, t->count, "it is not the one that stood here: the log was cut or changed", err);
    length = t->last + (size_t)(now.st_size - t->size);
    text = malloc(length + 1);
    ok = text && pread(fd, text, length, t->size - (off_t)t->last) == (ssize_t)length && take_added(t, path, text, length, err);
    if (!text)
        errno = ENOMEM;
    free(text);
    return ok;
}

static bool take_all(int fd, struct events_tail *t)
{
    struct stat now;

    if (fstat(fd, &now) != 0)
        return false;
    *t = (struct events_tail){.device = now.st_dev, .inode = now.st_ino};
    return take_log(fd, t);
}

bool events_add_behind(struct events_tail *t, const char *folder, const char *kind, const char *about, const char *reason,
                       struct tc_error *err)
{
    const struct event event = {kind, about, reason};
    char path[FILE_PATH_MAX], lock[FILE_PATH_MAX] = "";
    int fd = path_of(folder, path, err) ? open_log(path, err) : -1;
    bool ok = fd >= 0 && events_lock(fd, path, lock);

    ok = ok && (t->size > 0 ? catch_up(fd, t, path, err) : take_all(fd, t)) && append(fd, t, &event, 1, NULL);
    return end_add(fd, path, lock, ok, err);
}

/* Whether each event carries the hash of the one before. */
static bool check_text(const char *path, const char *text, size_t length, long *count, char first_about[80], struct tc_error *err)
{
    char expected[HASH_HEX + 1] = "";
    struct arena arena = {0};
    size_t at = 0;

    *count = 0;
    *first_about = '\0';
    while (at < length && !err->code) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t size = end ? (size_t)(end - (text + at)) + 1 : length - at;
        const struct datum *event = datum_parse(text + at, size, &arena, err);
        const char *previous = datum_text(datum_get(event, "previous"));
        const char *sums = datum_text(datum_get(event, "sums")), *about = datum_text(datum_get(event, "about"));

        ++*count;
        if (!end || !previous)
            broken(path, *count, "it is not a complete event", err);
        else if (strcmp(previous, expected) != 0)
            broken(path, *count, "it does not carry the hash of the event before it", err);
        if (*count == 1 && (sums || about)) /* about: of an earlier version */
            snprintf(first_about, 80, "%s", sums ? sums : about);
        arena_reset(&arena);
        last_hash(text + at, size, expected);
        at += size;
    }
    arena_free(&arena);
    return !err->code;
}

/* ---- a journal elsewhere */

static bool append_elsewhere(int fd, const char *text, size_t length, const struct event *event, const char *sums, const char *seal)
{
    char previous[HASH_HEX + 1];
    struct buf line = {0};
    bool ok;

    while (length > 0 && text[length - 1] != '\n')
        length--;
    last_hash(text, length, previous);
    write_event(&line, event, NULL, seal, sums, previous);
    if (line.failed)
        errno = ENOMEM;
    ok = !line.failed && ftruncate(fd, (off_t)length) == 0 && file_write_all(fd, line.data, line.length) && fdatasync(fd) == 0;
    if (!ok && !line.failed) {
        int code = errno;

        if (ftruncate(fd, (off_t)length) == 0) /* half an event would break the chain */
            errno = code;
    }
    buf_free(&line);
    return ok;
}

/* The journal of a run that is shared belongs to the same group. One that is there is as somebody made it. */
static bool open_journal(const char *journal, const char *run, int *fd, struct tc_error *err)
{
    bool there = is_there(journal);
    struct share share;

    *fd = open_log(journal, err);
    share_of(run, &share);
    return *fd >= 0 && (there || share_file(&share, journal, SHARE_LOG, err));
}

bool events_add_elsewhere(const char *journal, const char *run, const struct event *event, struct tc_error *err)
{
    char path[FILE_PATH_MAX], lock[FILE_PATH_MAX] = "", sums[HASH_HEX + 1], seal[HASH_HEX + 1], *text = NULL;
    size_t length;
    int fd = -1;
    bool ok;

    if (!path_of(run, path, err))
        return false;
    if (access(path, W_OK) == 0)
        return error_set(err, TC_USAGE, path, NULL, "journal", "this run's own log takes the event: leave --journal out");
    ok = events_seal_closed(run, sums, seal, err) && open_journal(journal, run, &fd, err) && events_lock(fd, journal, lock)
         && file_read(journal, &text, &length, err) && append_elsewhere(fd, text, length, event, sums, seal);
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    if (*lock)
        rmdir(lock);
    free(text);
    return ok || error_set(err, TC_IO, journal, NULL, "event", "the event cannot be written (%s)", error_cause(errno));
}

bool events_check_elsewhere(const char *journal, const char *run, long *events, long *own, struct tc_error *err)
{
    char about[80], sums[HASH_HEX + 1], seal[HASH_HEX + 1];
    struct buf words = {0};
    char *text = NULL;
    size_t length;

    *own = 0;
    if (!events_seal_closed(run, sums, seal, err) || !file_read(journal, &text, &length, err))
        return false;
    check_text(journal, text, length, events, about, err);
    buf_printf(&words, ",\"run\":\"%s\",", sums);
    buf_add(&words, "", 1);
    for (const char *at = words.failed ? NULL : text; at && (at = strstr(at, words.data)) != NULL; at++)
        ++*own;
    if (words.failed)
        error_memory(err);
    buf_free(&words);
    free(text);
    return !err->code;
}

bool events_first(const struct event *event, struct buf *out)
{
    write_event(out, event, NULL, "", NULL, "");
    return !out->failed;
}

bool events_add(const char *folder, const char *kind, const char *about, const char *reason, struct tc_error *err)
{
    return add(folder, &(struct event){kind, about, reason}, 1, false, NULL, err);
}

bool events_begin(const char *folder, const char *kind, const char *about, const char *ledger, struct tc_error *err)
{
    return add(folder, &(struct event){kind, about, NULL}, 1, false, ledger, err);
}

bool events_add_list(const char *folder, const struct event *events, size_t count, struct tc_error *err)
{
    return add(folder, events, count, true, NULL, err);
}

bool events_append(const char *folder, const struct event *events, size_t count, struct tc_error *err)
{
    return add(folder, events, count, false, NULL, err);
}

bool events_has(const char *folder, const char *kind, const char *about, struct tc_error *err)
{
    char path[FILE_PATH_MAX], *text = NULL;
    size_t length;
    struct buf words = {0};
    bool found = false;

    if (path_of(folder, path, err) && is_there(path) && read_log(folder, &text, &length, err))
        found = find_event(text, kind, about, NULL, &words) != NULL;
    if (words.failed)
        error_memory(err);
    free(text);
    buf_free(&words);
    return found;
}

/* The beginnings of events that are picked: "event":"NAME", of this version and of earlier ones. */
struct wanted {
    char words[2 * EVENTS_PICKED][80];
    size_t count;
};

static void want(struct wanted *w, const char *const *names, size_t count)
{
    w->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct kind kind = find_kind(names[i]);

        snprintf(w->words[w->count++], sizeof *w->words, "\"event\":\"%.60s\",", kind.name);
        if (strcmp(kind.before, kind.name) != 0)
            snprintf(w->words[w->count++], sizeof *w->words, "\"event\":\"%.60s\",", kind.before);
    }
}

/* The event's name stands behind its time; in a line that begins otherwise it is looked for. */
static bool is_wanted(const struct wanted *w, const char *line, size_t length)
{
    static const size_t place = sizeof "{\"time\":\"YYYY-MM-DDThh:mm:ssZ\"," - 1;
    bool usual = length > place + sizeof *w->words && !memcmp(line + place, "\"event\":", 8);

    for (size_t i = 0; i < w->count; i++) {
        size_t size = strlen(w->words[i]);

        if (usual ? !memcmp(line + place, w->words[i], size) : memmem(line, length, w->words[i], size) != NULL)
            return true;
    }
    return false;
}

/* Picks the lines of what is there, and keeps the beginning of one whose end was not read yet. */
static void pick_lines(struct buf *text, const struct wanted *w, struct buf *picked)
{
    char *line = text->data, *end;
    size_t left = text->length;

    for (; left && (end = memchr(line, '\n', left)) != NULL; line = end + 1) {
        size_t size = (size_t)(end - line) + 1;

        if (is_wanted(w, line, size))
            buf_add(picked, line, size);
        left -= size;
    }
    if (left)
        memmove(text->data, line, left);
    text->length = left;
}

static bool pick_all(int fd, const struct wanted *w, struct buf *picked)
{
    char block[EVENTS_BLOCK];
    struct buf text = {0};
    ssize_t n;

    while ((n = read(fd, block, sizeof block)) > 0 && !text.failed) {
        buf_add(&text, block, (size_t)n);
        if (!text.failed)
            pick_lines(&text, w, picked);
    }
    picked->failed |= text.failed;
    buf_free(&text);
    return n >= 0;
}

char *events_pick(const char *folder, const char *const *names, size_t count, struct tc_error *err)
{
    struct wanted wanted;
    char path[FILE_PATH_MAX];
    struct buf picked = {0};
    int fd = path_of(folder, path, err) && is_there(path) ? file_open_below(folder, NAME, TC_IO, err) : -1;

    want(&wanted, names, count);
    if (fd >= 0 && !pick_all(fd, &wanted, &picked))
        error_set(err, TC_IO, path, NULL, "file", "the file cannot be read (%s)", error_cause(errno));
    if (fd >= 0)
        close(fd);
    buf_add(&picked, "", 1);
    if (!err->code && !picked.failed)
        return picked.data;
    if (!err->code)
        error_memory(err);
    buf_free(&picked);
    return NULL;
}

/* The event that a line is; one that was cut off is none. */
static void give_event(const char *line, struct kind kind, events_call call, void *ctx, struct tc_error *err)
{
    json_error_t mistake;
    json_t *event = json_parse(line, strcspn(line, "\n"), &mistake, err);
    const char *about = json_string_value(json_object_get(event, kind.about));
    const char *reason = json_string_value(json_object_get(event, kind.reason));

    if (event)
        call(ctx, about ? about : "", reason ? reason : "");
    json_decref(event);
}

/* The events of the kind, written with these names and keys. */
static void each_event(const char *text, struct kind kind, events_call call, void *ctx, struct tc_error *err)
{
    char words[80];

    snprintf(words, sizeof words, "\"event\":\"%s\",\"%s\":", kind.name,
             kind.about); /* quotes of a text are escaped: it cannot look like one */
    for (const char *at = text; at && (at = strstr(at, words)) != NULL && !err->code; at++) {
        const char *line = at;

        while (line > text && line[-1] != '\n')
            line--;
        give_event(line, kind, call, ctx, err);
    }
}

bool events_each_of(const char *text, const char *kind, events_call call, void *ctx, struct tc_error *err)
{
    if (strcmp(find_kind(kind).about, "about") != 0)
        each_event(text, as_before(find_kind(kind)), call, ctx, err); /* an earlier version's are the older ones */
    each_event(text, find_kind(kind), call, ctx, err);
    return !err->code;
}

bool events_each(const char *folder, const char *kind, events_call call, void *ctx, struct tc_error *err)
{
    char *text = events_pick(folder, &kind, 1, err);
    bool ok = text && events_each_of(text, kind, call, ctx, err);

    free(text);
    return ok;
}

bool events_seal_closed(const char *folder, char sums[HASH_HEX + 1], char seal[HASH_HEX + 1], struct tc_error *err)
{
    char path[FILE_PATH_MAX];
    struct events_tail tail = {.count = 0};
    int fd = path_of(folder, path, err) ? file_open_below(folder, NAME, TC_IO, err) : -1;

    if (fd >= 0) {
        if (!take_log(fd, &tail))
            error_set(err, TC_IO, path, NULL, "file", "the file cannot be read (%s)", error_cause(errno));
        else if (strspn(tail.sums, "0123456789abcdef") != HASH_HEX)
            broken(path, 1, "it does not name the list of hashes that the run was closed with", err);
        else if (!proof_make(tail.sums, tail.count, tail.head, seal))
            error_memory(err);
    }
    if (err->code == TC_HELD)
        err->code = TC_IO;
    memcpy(sums, tail.sums, sizeof tail.sums);
    if (fd >= 0)
        close(fd);
    return !err->code;
}

bool events_seal(const char *folder, const char *expect, struct proof *seal, struct buf *statement, struct tc_error *err)
{
    char sums[HASH_HEX + 1], head[HASH_HEX + 1] = "", *text = NULL;
    unsigned char hash[HASH_SIZE];
    size_t length, at = 0;
    bool ok = hash_file_below(folder, "SHA256SUMS", hash, err) && read_log(folder, &text, &length, err);

    *seal = (struct proof){.events = 0};
    hash_hex(hash, sums);
    while (ok && at < length) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t size = end ? (size_t)(end - (text + at)) + 1 : length - at;

        seal->events++;
        if (expect || at + size >= length) { /* those before matter only where one is looked for */
            last_hash(text + at, size, head);
            ok = proof_make(sums, seal->events, head, seal->now) || error_memory(err);
        }
        if (expect && !strcmp(expect, seal->now))
            seal->matched = seal->events;
        at += size;
    }
    if (ok && statement)
        proof_statement(sums, seal->events, head, statement);
    free(text);
    return ok && (!statement || !statement->failed || error_memory(err));
}

static const char *text_of(const struct datum *event, const char *key)
{
    const char *text = datum_text(datum_get(event, key));

    return text ? text : "";
}

/* By this version's name, whichever wrote it. */
static bool tell_event(const struct datum *event, events_read_call call, void *ctx, struct tc_error *err)
{
    struct kind kind = find_kind(text_of(event, "event"));
    const char *about = text_of(event, kind.about), *reason = text_of(event, kind.reason);

    return call(ctx,
                &(struct event_read){text_of(event, "time"), kind.name, *about ? about : text_of(event, "about"),
                                     *reason ? reason : text_of(event, "reason")},
                err);
}

bool events_read(const char *folder, events_read_call call, void *ctx, struct tc_error *err)
{
    char path[FILE_PATH_MAX], *text = NULL;
    struct arena arena = {0};
    size_t length, at = 0;

    if (!path_of(folder, path, err) || (is_there(path) && !read_log(folder, &text, &length, err)))
        return false;
    while (text && at < length && !err->code) {
        const char *end = memchr(text + at, '\n', length - at);
        const struct datum *event;

        if (!end)
            break; /* one that a kill cut off was never written */
        arena_reset(&arena);
        event = datum_parse(text + at, (size_t)(end - (text + at)), &arena, err);
        if (event && !tell_event(event, call, ctx, err))
            break;
        at = (size_t)(end - text) + 1;
    }
    free(text);
    arena_free(&arena);
    return !err->code;
}

bool events_check(const char *folder, long *count, char first_about[80], struct tc_error *err)
{
    char path[FILE_PATH_MAX], *text = NULL;
    size_t length;

    *count = 0;
    *first_about = '\0';
    if (!path_of(folder, path, err) || !read_log(folder, &text, &length, err))
        return false;
    check_text(path, text, length, count, first_about, err);
    free(text);
    return !err->code;
}

#define EVENTS_TWO 32768 /* bytes: a reason has at most some thousand */

/* The first event, whose line ends at end, and that the next carries its hash. */
static bool take_first(const char *text, size_t length, const char *end, const char *path, char ledger[HASH_HEX + 1], struct tc_error *err)
{
    char words[HASH_HEX + 32], hash[HASH_HEX + 1];
    const char *after = end + 1, *next = memchr(after, '\n', length - (size_t)(after - text));
    json_error_t mistake;
    json_t *event = json_parse(text, (size_t)(end - text), &mistake, err);
    const char *root = json_string_value(json_object_get(event, "ledger"));

    snprintf(ledger, HASH_HEX + 1, "%s", root ? root : "");
    if (!event)
        broken(path, 1, "it is not a complete event", err);
    json_decref(event);
    last_hash(text, (size_t)(after - text), hash);
    snprintf(words, sizeof words, "\"previous\":\"%s\"}\n", hash);
    if (next && ((size_t)(next - after) < strlen(words) || memcmp(next + 1 - strlen(words), words, strlen(words)) != 0))
        broken(path, 2, "it does not carry the hash of the event before it", err);
    return !err->code;
}

bool events_root(const char *folder, char ledger[HASH_HEX + 1], struct tc_error *err)
{
    char path[FILE_PATH_MAX], text[EVENTS_TWO];
    int fd = path_of(folder, path, err) ? file_open_below(folder, NAME, TC_IO, err) : -1;
    ssize_t n = fd >= 0 ? pread(fd, text, sizeof text, 0) : -1;
    const char *end = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;

    *ledger = '\0';
    if (fd >= 0 && n < 0)
        error_set(err, TC_IO, path, NULL, "file", "the file cannot be read (%s)", error_cause(errno));
    else if (fd >= 0 && !end)
        broken(path, 1, "it is not a complete event", err);
    if (fd >= 0)
        close(fd);
    return end && take_first(text, (size_t)n, end, path, ledger, err);
}
