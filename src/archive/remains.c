#include "archive/remains.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "archive/strays.h"
#include "base/datum.h"
#include "base/text.h"
#include "store/events.h"
#include "store/folder.h"
#include "store/ledger.h"
#include "store/manifest.h"
#include "store/purged.h"

#define NAME_SIZE 17 /* of a key with its end: 16 digits, of which among a million people two are the same once in 37 million purges */

struct making {
    struct remains *out;
    const char *run;
    const struct purge_terms *terms;
    struct tc_error *err;
    unsigned char key[HASH_SIZE]; /* of this purge alone, nowhere kept */
    char *form;                   /* of the ledger: the form's id */
    int64_t year, digits;
    char *sums; /* the run's list of hashes */
    const char **lines;
    size_t line_count;
    char sums_hash[HASH_HEX + 1];
    char seal[HASH_HEX + 1], head[HASH_HEX + 1];
    long events;
    long counts[LEDGER_REFUSED + 1];
};

/* ---- names */

/* What stands for somebody's handle: the same for the same handle, in this run alone. */
static void name_handle(const struct making *m, const char *kind, const char *handle, size_t length, char out[NAME_SIZE])
{
    unsigned char hash[HASH_SIZE];
    char hex[HASH_HEX + 1];
    struct hash h;

    hash_start(&h);
    hash_add(&h, m->key, sizeof m->key);
    hash_add(&h, kind, strlen(kind));
    hash_add(&h, handle, length);
    hash_end(&h, hash);
    hash_hex(hash, hex);
    snprintf(out, NAME_SIZE, "%.16s", hex);
}

/* Where the personnel number begins in a certificate's or letter's name. */
static const char *find_number(const struct making *m, const char *name)
{
    const char *form = strrchr(m->form, '/');
    char before[200];
    int length = snprintf(before, sizeof before, "%s-%d-", form ? form + 1 : m->form, (int)m->year);

    return !strncmp(name, before, (size_t)length) ? name + length : name;
}

/* certificates/<2 hex>/<form>-<year>-<number>+<id>.pdf, without form and year, and with keys for number and id. */
static void name_certificate(const struct making *m, const char *path, struct buf *out)
{
    const char *number = find_number(m, strrchr(path, '/') + 1), *plus = strchr(number, '+'), *id = plus ? plus + 1 : number;
    const char *more = strchr(id, '+'), *end = more ? more : id + strlen(id) - 4;
    char person[NAME_SIZE], certificate[NAME_SIZE];

    name_handle(m, "person", number, plus ? (size_t)(plus - number) : 0, person);
    name_handle(m, "certificate", id, (size_t)(end - id), certificate);
    buf_add(out, path, strcspn(path, "/") + 1);
    buf_printf(out, "%s+%s%s", person, certificate, end);
}

/* ---- files */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each line is a hash, two blanks and a name, which the run itself proved. */
static bool cut_list(struct making *m)
{
    size_t room = 1;
    char *rest;

    for (const char *at = m->sums; *at; at++)
        room += *at == '\n';
    m->lines = calloc(room, sizeof *m->lines);
    if (!m->lines)
        return error_memory(m->err);
    for (char *line = strtok_r(m->sums, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (strlen(line) < HASH_HEX + 3)
            return error_set(m->err, TC_IO, "SHA256SUMS", NULL, "sums-format", "a line is not a hash and a name");
        m->lines[m->line_count++] = line + HASH_HEX + 2;
    }
    qsort(m->lines, m->line_count, sizeof *m->lines, by_text);
    return true;
}

static bool is_listed(void *ctx, const char *name)
{
    const struct making *m = ctx;

    return !strcmp(name, PURGED_NEW) || bsearch(&name, m->lines, m->line_count, sizeof *m->lines, by_text);
}

/* Whoever put it there decides: what is in it nobody here knows. */
static void on_stray(void *ctx, const char *name, const char *rule, const char *message)
{
    struct making *m = ctx;
    char path[FILE_PATH_MAX];

    (void)message;
    if (!file_path(m->run, name, path, m->err))
        return;
    if (!strcmp(rule, "folder"))
        error_set(m->err, TC_IO, path, NULL, rule, "the folder cannot be read (%s)", error_cause(errno));
    else
        error_set(m->err, TC_USAGE, path, NULL, rule,
                  "this file does not belong to the run and may hold personal data: move it elsewhere, then purge");
}

static bool is_form(const char *name)
{
    size_t length = strlen(name);

    return !strncmp(name, "form/", 5) && length > 10 && !strcmp(name + length - 5, ".json");
}

/* The hashes in an order that says nothing, since that of the names was the input's. What stays goes into the new list too. */
static bool list_files(struct making *m)
{
    struct buf *out = &m->out->files;
    const char **lines = calloc(m->line_count + 1, sizeof *lines);

    if (!lines)
        return error_memory(m->err);
    for (size_t i = 0; i < m->line_count; i++)
        lines[i] = m->lines[i] - HASH_HEX - 2;
    qsort(lines, m->line_count, sizeof *lines, by_text);
    for (size_t i = 0; i < m->line_count; i++) {
        const char *name = lines[i] + HASH_HEX + 2;

        buf_add(out, lines[i], HASH_HEX + 2);
        if (folder_find_certificate(name) == name)
            name_certificate(m, name, out);
        else
            buf_puts(out, name);
        buf_puts(out, "\n");
        if (is_form(name))
            buf_printf(&m->out->sums, "%s\n", lines[i]);
    }
    free(lines);
    return !out->failed || error_memory(m->err);
}

/* ---- the log */

/* Keys of events whose values are no person's: what happened when, by whom of those who work with runs, hashes, jobs. All others are left out:
 * reasons and details are free, and hold handles and addresses. */
static const char *const kept[] = {"time", "event", "sums", "ledger",  "by_run", "lost_run", "job",     "set",
                                   "user", "uid",   "host", "version", "run",    "seal",     "previous"};

static bool is_hash(const char *text)
{
    return strlen(text) == HASH_HEX && strspn(text, "0123456789abcdef") == HASH_HEX;
}

/* Certificates by their keys. about: of an earlier version, a certificate's id or a run's hash. */
static void tell_member(const struct making *m, const struct datum *member, struct buf *out)
{
    const char *text = datum_text(member);
    char name[NAME_SIZE];
    bool named = !strcmp(member->key, "certificate") || (!strcmp(member->key, "about") && text && !is_hash(text)), stays = false;

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        stays |= !strcmp(member->key, kept[i]);
    if (!named && !stays && strcmp(member->key, "about") != 0)
        return;
    if (out->data[out->length - 1] != '{')
        buf_puts(out, ",");
    buf_printf(out, "\"%s\":", member->key);
    if (named)
        name_handle(m, "certificate", text ? text : "", text ? strlen(text) : 0, name);
    if (text)
        text_quote(out, named ? name : text);
    else
        buf_printf(out, "%lld", (long long)datum_integer(member));
}

static bool tell_line(struct making *m, const char *line, size_t length, struct arena *arena)
{
    struct buf *out = &m->out->events;
    const struct datum *event;

    arena_reset(arena);
    event = datum_parse(line, length, arena, m->err);
    if (m->err->code || !event)
        return m->err->code == 0 && error_set(m->err, TC_IO, "events.log", NULL, "event-chain", "an event of the log is damaged");
    buf_puts(out, "{");
    for (const struct datum *member = datum_first(event); member && !out->failed; member = member->next)
        tell_member(m, member, out);
    buf_puts(out, "}\n");
    m->events++;
    return !out->failed || error_memory(m->err);
}

static bool list_events(struct making *m)
{
    struct arena arena = {0};
    struct proof seal;
    char *text = NULL;
    size_t length, at = 0, start = 0;
    unsigned char hash[HASH_SIZE];
    bool ok = file_read_below(m->run, "events.log", &text, &length, m->err) && events_seal(m->run, NULL, &seal, NULL, m->err);

    while (ok && at < length) {
        const char *end = memchr(text + at, '\n', length - at);

        if (!end)
            break; /* a kill cut it off: it was never written */
        start = at;
        at = (size_t)(end - text) + 1;
        ok = tell_line(m, text + start, at - start - 1, &arena);
    }
    if (ok) {
        hash_bytes(text + start, at - start, hash);
        hash_hex(hash, m->head);
        memcpy(m->seal, seal.now, sizeof m->seal);
    }
    free(text);
    arena_free(&arena);
    return ok;
}

/* ---- facts */

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    (void)err;
    ((struct making *)ctx)->counts[entry->state]++;
    return true;
}

static bool add_text(json_t *to, struct ledger *ledger, const char *key, struct tc_error *err)
{
    char *text = ledger_get_text(ledger, key, err);

    if (text)
        json_object_set_new(to, key, json_string(text));
    free(text);
    return !err->code;
}

static bool add_totals(const struct making *m, json_t *facts, struct ledger *ledger)
{
    char names[1024], text[MONEY_TEXT], *rest;
    json_t *totals = json_object();

    json_object_set_new(facts, "totals", totals);
    if (!ledger_get(ledger, "totals", names, sizeof names, m->err))
        return false;
    for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        char key[80];
        int64_t units;

        snprintf(key, sizeof key, "total %.60s", name);
        if (!ledger_get_number(ledger, key, INT64_MIN, INT64_MAX, &units, m->err))
            return false;
        money_text(units, (int)m->digits, text);
        json_object_set_new(totals, name, json_string(text));
    }
    return true;
}

static bool on_run(void *ctx, const struct ledger_run *earlier, struct tc_error *err)
{
    (void)err;
    json_array_append_new(ctx, json_pack("{s:s, s:s}", "identity", earlier->identity, "sums", earlier->sums));
    return true;
}

static void add_counts(const struct making *m, json_t *facts)
{
    json_t *counts = json_object();

    json_object_set_new(facts, "certificates", counts);
    for (int state = 0; state <= LEDGER_REFUSED; state++)
        json_object_set_new(counts, ledger_state_name((enum ledger_state)state), json_integer(m->counts[state]));
}

static bool fill_facts(struct making *m, json_t *facts, struct ledger *ledger)
{
    static const char *const texts[] = {"form",       "employer", "identity", "payroll_sha256", "employees_sha256",
                                        "issue_date", "draft",    "version"};
    json_t *earlier = json_array();

    json_object_set_new(facts, "format", json_string("taxcert/purged/1"));
    json_object_set_new(facts, "year", json_integer(m->year));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!add_text(facts, ledger, texts[i], m->err)) {
            json_decref(earlier);
            return false;
        }
    json_object_set_new(facts, "corrects", earlier);
    if (!ledger_each_run(ledger, on_run, earlier, m->err) || !ledger_each(ledger, on_entry, m, m->err) || !add_totals(m, facts, ledger))
        return false;
    add_counts(m, facts);
    json_object_set_new(
        facts, "closed",
        json_pack("{s:s, s:s, s:I, s:s}", "sums", m->sums_hash, "seal", m->seal, "events", (json_int_t)m->events, "head", m->head));
    json_object_set_new(facts, "kept_until", json_integer(m->terms->until));
    json_object_set_new(facts, "retention_years", json_integer(m->terms->years));
    return true;
}

static bool list_facts(struct making *m, struct ledger *ledger)
{
    json_t *facts;
    char *text = NULL;
    bool ok;

    json_watch();
    facts = json_object();
    ok = fill_facts(m, facts, ledger);
    if (!json_starved() && ok)
        text = json_text(facts, JSON_INDENT(1));
    json_decref(facts);
    ok = ok && (text || error_memory(m->err));
    if (ok) {
        buf_puts(&m->out->facts, text);
        buf_puts(&m->out->facts, "\n");
    }
    free(text);
    return ok && (!m->out->facts.failed || error_memory(m->err));
}

/* ---- all of it */

static void add_sum(struct making *m, const char *name, const struct buf *bytes)
{
    unsigned char hash[HASH_SIZE];
    char hex[HASH_HEX + 1];

    hash_bytes(bytes->data ? bytes->data : "", bytes->length, hash);
    hash_hex(hash, hex);
    buf_printf(&m->out->sums, "%s  %s\n", hex, name);
}

/* The new list, and the log that begins with it. */
static bool close_new(struct making *m)
{
    struct remains *r = m->out;
    unsigned char hash[HASH_SIZE];
    char hex[HASH_HEX + 1], details[80];

    add_sum(m, PURGED_FACTS, &r->facts);
    add_sum(m, PURGED_FILES, &r->files);
    add_sum(m, PURGED_EVENTS, &r->events);
    if (r->sums.failed)
        return error_memory(m->err);
    hash_bytes(r->sums.data, r->sums.length, hash);
    hash_hex(hash, hex);
    snprintf(details, sizeof details, "kept until the end of %d; today is %.10s", m->terms->until, m->terms->today);
    return events_first(&(struct event){"purged", hex, details}, &r->log) || error_memory(m->err);
}

static bool read_ledger(struct making *m, struct ledger *ledger)
{
    return (m->form = ledger_get_text(ledger, "form", m->err)) != NULL && ledger_get_number(ledger, "year", 0, 9999, &m->year, m->err)
           && ledger_get_number(ledger, "digits", 0, LEDGER_DIGITS_MAX, &m->digits, m->err);
}

bool remains_make(struct remains *r, const char *run, const struct purge_terms *terms, struct tc_error *err)
{
    struct making m = {.out = r, .run = run, .terms = terms, .err = err};
    struct ledger *ledger = NULL;
    bool ok = getrandom(m.key, sizeof m.key, 0) == (ssize_t)sizeof m.key
              || error_set(err, TC_IO, NULL, NULL, "random", "the system provides no random numbers");

    *r = (struct remains){.facts = {0}};
    ok = ok && (m.sums = manifest_read(run, m.sums_hash, err)) != NULL && (ledger = manifest_open(run, err)) != NULL
         && read_ledger(&m, ledger) && cut_list(&m) && strays_each(run, is_listed, on_stray, &m, err) && list_files(&m) && list_events(&m)
         && list_facts(&m, ledger) && close_new(&m);
    if (!ok && !err->code)
        error_set(err, TC_IO, run, NULL, "ledger", "an entry of the ledger is damaged");
    explicit_bzero(m.key, sizeof m.key);
    ledger_close(ledger);
    free(m.form);
    free(m.lines);
    free(m.sums);
    return ok;
}

void remains_free(struct remains *r)
{
    buf_free(&r->facts);
    buf_free(&r->files);
    buf_free(&r->events);
    buf_free(&r->sums);
    buf_free(&r->log);
}
