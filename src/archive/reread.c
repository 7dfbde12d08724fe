#include "archive/reread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utf8proc.h>

#include "base/date.h"
#include "base/pool.h"
#include "certificate/certify.h"
#include "certificate/letter.h"
#include "store/folder.h"

#define READER "pdftotext"
#define JOBS_MAX 16
#define TEXT_MAX (1u << 20) /* bytes of one certificate: more is none of ours */

extern char **environ;

/* ---- the program that reads */

/* Everything that comes, to its end. */
static bool take(int fd, struct buf *out)
{
    char block[8192];
    ssize_t n;

    while ((n = read(fd, block, sizeof block)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0 && out->length < TEXT_MAX)
            buf_add(out, block, (size_t)n);
    return n == 0 && !out->failed;
}

/* The text of an open PDF, page by page as it is drawn. False with errno; ENOENT: there is no such program. */
static bool read_text(int pdf, struct buf *out)
{
    char *const words[] = {READER, "-raw", "-enc", "UTF-8", "-nopgbrk", "-q", "-", "-", NULL};
    posix_spawn_file_actions_t actions;
    int pipes[2], code, status = 0;
    pid_t child;
    bool ok;

    if (pipe2(pipes, O_CLOEXEC) != 0)
        return false;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pdf, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
    code = posix_spawnp(&child, READER, &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    ok = code == 0 && take(pipes[0], out);
    close(pipes[0]);
    while (code == 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (code == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
        code = EIO;
    errno = code ? code : errno;
    return ok && code == 0;
}

static bool is_there(void)
{
    const char *path = getenv("PATH");
    char name[FILE_PATH_MAX];

    for (; path && *path; path += strcspn(path, ":"), path += *path == ':')
        if (snprintf(name, sizeof name, "%.*s/" READER, (int)strcspn(path, ":"), path) < (int)sizeof name && access(name, X_OK) == 0)
            return true;
    return false;
}

/* ---- what it must read */

/* Without blanks: how words part is the reader's own matter. */
static void squeeze(struct buf *text)
{
    size_t at = 0;

    for (size_t i = 0; i < text->length; i++) {
        const char *c = text->data + i;

        if (*c == ' ' || *c == '\n' || *c == '\r' || *c == '\t' || *c == '\f')
            continue;
        if (!strncmp(c, "\xC2\xA0", 2) || !strncmp(c, "\xC2\xAD", 2)) { /* a blank that does not break; a hyphen that is not seen */
            i++;
            continue;
        }
        text->data[at++] = *c;
    }
    text->length = at;
}

static void end_text(struct buf *text)
{
    buf_add(text, "", 1);
    if (!text->failed) {
        text->length--;
        squeeze(text);
        text->data[text->length] = '\0';
    }
}

/* A page's texts in the order in which they are drawn; marks: those across the pages, apart, each with its end. */
static void add_texts(const struct page *page, const struct placed *placed, struct buf *out, struct buf *marks)
{
    uint32_t choices = page_choices(page, placed);
    int sheet = 0;
    bool shown = true;

    for (size_t i = 0; i < page->count; i++) {
        const struct op *op = &page->ops[i];

        while (sheet + 1 < page->sheet_count && i >= page->sheets[sheet + 1].first)
            sheet++;
        if (op->kind == OP_BEGIN)
            shown = page_has(page, (size_t)op->element, choices);
        if (op->kind == OP_MARK && page_has_sheet(page, sheet, choices))
            buf_add(marks, op->text, strlen(op->text) + 1);
        if (!shown || !page_has_sheet(page, sheet, choices))
            continue;
        if (op->kind == OP_TEXT)
            buf_puts(out, op->text);
        else if (op->kind == OP_SLOT && placed[op->slot].text)
            buf_puts(out, placed[op->slot].text);
    }
    end_text(out);
}

/* ---- each certificate */

/* What a letter says; owned. */
struct told {
    char *id, *reason, *issued, *other; /* other: NULL where there is none */
};

struct item {
    char *file, *record; /* owned; record: NULL where the ledger does not have what a letter is about */
    bool corrects, letter;
    struct told told;      /* of a letter */
    bool differs, skipped; /* skipped: today's form or fonts do not lay it out */
    struct tc_error err;
};

struct rereading {
    const char *run;
    struct prepared engines[2]; /* without and with the correction's mark */
    struct item *items;
    size_t count, capacity;
    int64_t of, left; /* certificates of the run; still to be looked at and chosen */
    int64_t wanted;
    size_t certificates; /* the items before the letters */
    struct certify_worker workers[JOBS_MAX][2];
    struct letter_worker letters[JOBS_MAX];
    reread_call call;
    void *ctx;
    struct reread *result;
    struct tc_error *err;
};

/* Whether chance takes the next of left, wanted being still to be taken: each set of them is as likely. */
static bool is_chosen(const struct rereading *r)
{
    uint64_t number = 0;

    if (r->wanted >= r->left)
        return true;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        return false;
    return (int64_t)(number % (uint64_t)r->left) < r->wanted;
}

static bool is_own(const struct ledger_entry *entry)
{
    return entry->state == LEDGER_ISSUED && folder_find_certificate(entry->file) == entry->file;
}

static bool count_one(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    (void)err;
    ((struct rereading *)ctx)->of += is_own(entry);
    return true;
}

static bool choose_one(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct rereading *r = ctx;
    struct item *item;
    bool chosen;

    if (!is_own(entry) || r->count == r->capacity)
        return true;
    chosen = is_chosen(r);
    r->left--;
    if (!chosen)
        return true;
    r->wanted--;
    item = &r->items[r->count++];
    *item = (struct item){.file = strdup(entry->file), .record = strdup(entry->record), .corrects = entry->corrects > 0};
    return (item->file && item->record) || error_memory(err);
}

static bool choose(struct rereading *r, struct ledger *ledger, long most)
{
    if (!ledger_each(ledger, count_one, r, r->err))
        return false;
    r->left = r->of;
    r->wanted = r->of < most ? r->of : most;
    r->capacity = (size_t)r->wanted;
    r->result->chosen = r->wanted < r->of;
    r->items = calloc(r->capacity + 1, sizeof *r->items);
    return r->items ? ledger_each(ledger, choose_one, r, r->err) : error_memory(r->err);
}

/* ---- letters: all of the run's, most of them where there are more */

static bool copy(char **to, const char *text, struct tc_error *err)
{
    *to = text ? strdup(text) : NULL;
    return !text || *to || error_memory(err);
}

static bool is_own_letter(const struct ledger_letter *letter)
{
    return folder_find_certificate(letter->file) == letter->file;
}

static bool count_letter(void *ctx, const struct ledger_letter *letter, struct tc_error *err)
{
    (void)err;
    ((struct rereading *)ctx)->of += is_own_letter(letter);
    return true;
}

static bool take_letter(void *ctx, const struct ledger_letter *letter, struct tc_error *err)
{
    struct rereading *r = ctx;
    struct item *item = &r->items[r->count];

    if (!is_own_letter(letter) || r->count == r->capacity)
        return true;
    r->count++;
    *item = (struct item){.letter = true};
    return copy(&item->file, letter->file, err) && copy(&item->told.id, letter->id, err);
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct item *)a)->told.id, ((const struct item *)b)->told.id);
}

/* What a cancellation says stands among the changes. */
static bool fill_letter(void *ctx, const struct ledger_correction *c, struct tc_error *err)
{
    struct rereading *r = ctx;
    struct item key = {.told = {.id = (char *)c->id}}, *item;

    if (c->change != LEDGER_CANCELLATION)
        return true;
    item = bsearch(&key, r->items + r->certificates, r->count - r->certificates, sizeof *item, by_id);
    if (!item || item->record)
        return true;
    return copy(&item->record, c->before, err) && copy(&item->told.reason, c->reason, err) && copy(&item->told.issued, c->issued, err)
           && copy(&item->told.other, c->other, err);
}

static bool choose_letters(struct rereading *r, struct ledger *ledger, long most)
{
    struct item *items;

    r->certificates = r->count;
    r->of = 0;
    if (!ledger_each_letter(ledger, NULL, count_letter, r, r->err))
        return false;
    r->result->chosen |= r->of > most;
    r->capacity = r->count + (size_t)(r->of < most ? r->of : most);
    items = realloc(r->items, (r->capacity + 1) * sizeof *items);
    if (!items)
        return error_memory(r->err);
    r->items = items;
    if (!ledger_each_letter(ledger, NULL, take_letter, r, r->err))
        return false;
    qsort(r->items + r->certificates, r->count - r->certificates, sizeof *items, by_id);
    return r->count == r->certificates || ledger_each_correction(ledger, fill_letter, r, r->err);
}

/* ---- comparing */

/* A mark is drawn across the page: where its letters stand among the others is the reader's own matter. */
static void take_out(struct buf *text, const struct buf *mark)
{
    char *at = mark->length > 0 ? strstr(text->data, mark->data) : NULL;

    if (!at)
        return;
    memmove(at, at + mark->length, text->length - (size_t)(at - text->data) - mark->length + 1);
    text->length -= mark->length;
}

/* marks: as add_texts leaves them, one for each page that has one. */
static bool take_marks_out(struct buf *text, const struct buf *marks)
{
    struct buf mark = {0};
    bool ok = true;

    for (size_t at = 0; at < marks->length && ok; at += strlen(marks->data + at) + 1) {
        mark.length = 0;
        buf_puts(&mark, marks->data + at);
        end_text(&mark);
        ok = !mark.failed;
        if (ok)
            take_out(text, &mark);
    }
    buf_free(&mark);
    return ok;
}

/* Whether they are the same letters, however their marks are joined to them. */
static bool is_same(const struct buf *one, const struct buf *other)
{
    utf8proc_uint8_t *a, *b;
    bool same;

    if (one->length == other->length && memcmp(one->data, other->data, one->length) == 0)
        return true;
    a = utf8proc_NFC((const utf8proc_uint8_t *)one->data);
    b = utf8proc_NFC((const utf8proc_uint8_t *)other->data);
    same = a && b && !strcmp((const char *)a, (const char *)b);
    free(a);
    free(b);
    return same;
}

static bool compare(const struct page *page, struct item *item, const struct placed *placed, struct buf *text)
{
    struct buf expected = {0}, marks = {0};
    bool same = false;

    add_texts(page, placed, &expected, &marks);
    end_text(text);
    if (expected.failed || marks.failed || text->failed || !take_marks_out(text, &marks))
        error_memory(&item->err);
    else
        same = is_same(&expected, text);
    buf_free(&expected);
    buf_free(&marks);
    return same;
}

/* Where the texts of a letter belong; NULL where this form cannot say it. */
static const struct placed *place_letter(struct rereading *r, struct letter_worker *w, struct item *item, struct arena *arena)
{
    const struct letter_text text = {.record = item->record,
                                     .id = item->told.id,
                                     .reason = item->told.reason,
                                     .issued = item->told.issued,
                                     .other = item->told.other,
                                     .pointer = ""};
    struct findings findings;

    findings_start(&findings, arena);
    return item->record && r->engines[0].letters && letter_make(w, &text, false, arena, &findings, &item->err) && findings.errors == 0
               ? w->placed
               : NULL;
}

static const struct placed *place_certificate(struct rereading *r, struct certify_worker *w, struct item *item, struct arena *arena)
{
    return certify_record(&r->engines[item->corrects], w, item->record, arena, &item->err) ? w->placed : NULL;
}

static void read_item(struct rereading *r, int worker, struct item *item)
{
    const struct prepared *engine = &r->engines[item->corrects];
    const struct page *page = item->letter ? &engine->letter.page : &engine->form.page;
    struct arena arena = {0};
    struct buf text = {0};
    int fd = file_open_below(r->run, item->file, TC_IO, &item->err);
    const struct placed *placed = fd < 0         ? NULL
                                  : item->letter ? place_letter(r, &r->letters[worker], item, &arena)
                                                 : place_certificate(r, &r->workers[worker][item->corrects], item, &arena);

    if (fd >= 0 && !placed && !error_is_memory(&item->err)) {
        error_reset(&item->err);
        item->skipped = true;
    }
    if (placed) {
        bool read_it = read_text(fd, &text);

        if (!read_it && errno != EIO)
            error_set(&item->err, TC_IO, READER, NULL, "reader", "the program that reads the PDF back cannot be run (%s)",
                      error_cause(errno));
        item->differs = !read_it || !compare(page, item, placed, &text);
    }
    if (fd >= 0)
        close(fd);
    buf_free(&text);
    arena_free(&arena);
}

struct batch {
    size_t first, count;
};

static void work(void *ctx, int worker, void *batch, size_t first, size_t count)
{
    struct rereading *r = ctx;

    *(struct batch *)batch = (struct batch){first, count};
    for (size_t i = first; i < first + count; i++)
        read_item(r, worker, &r->items[i]);
}

static bool consume(void *ctx, void *batch)
{
    struct rereading *r = ctx;
    const struct batch *b = batch;

    for (size_t i = b->first; i < b->first + b->count; i++) {
        const struct item *item = &r->items[i];

        if (item->err.code) {
            *r->err = item->err;
            return false;
        }
        if (item->skipped)
            r->result->why_not = "a record cannot be laid out with today's fonts";
        *(item->letter ? &r->result->letters : &r->result->read) += !item->skipped;
        if (item->differs && !r->call(r->ctx, item->file))
            return false;
    }
    return true;
}

/* ---- all of them */

static bool load_engines(struct rereading *r, struct ledger *ledger)
{
    char form[FILE_PATH_MAX], room[PREPARED_PATH_MAX], fonts[FILE_PATH_MAX], date[16], draft[8];
    struct tc_error why = {0};
    unsigned marks;
    int32_t issued;

    if (!folder_form(r->run, form, r->err) || !prepared_fonts(prepared_root(NULL, room), fonts, r->err)
        || !ledger_get(ledger, "issue_date", date, sizeof date, r->err) || !ledger_get(ledger, "draft", draft, sizeof draft, r->err)
        || !date_parse(date, strlen(date), &issued)) {
        r->result->why_not = "the form or the fonts cannot be loaded";
        return false;
    }
    marks = strcmp(draft, "yes") ? 0 : MARK_DRAFT;
    for (unsigned i = 0; i < 2; i++)
        if (!prepared_load_folder(&r->engines[i], form, fonts, issued, marks | (i ? MARK_CORRECTION : 0), &why)) {
            r->result->why_not = "the form or the fonts cannot be loaded";
            return error_is_memory(&why) ? error_memory(r->err) : false;
        }
    return true;
}

static bool start_workers(struct rereading *r, int jobs)
{
    for (int i = 0; i < jobs; i++) {
        for (int k = 0; k < 2; k++)
            if (!certify_start(&r->workers[i][k], &r->engines[k], r->err))
                return false;
        if (r->count > r->certificates && r->engines[0].letters && !letter_start(&r->letters[i], &r->engines[0], r->err))
            return false;
    }
    return true;
}

static void run_all(struct rereading *r)
{
    int jobs = pool_jobs(0, JOBS_MAX);
    struct batch batches[4 * JOBS_MAX];
    void *ready[4 * JOBS_MAX];
    const struct pool_calls calls = {.ctx = r, .work = work, .consume = consume};

    for (int i = 0; i < 4 * jobs; i++)
        ready[i] = &batches[i];
    if (start_workers(r, jobs))
        pool_run(r->count, 4, jobs, ready, (size_t)(4 * jobs), &calls, r->err);
    for (int i = 0; i < jobs; i++) {
        for (int k = 0; k < 2; k++)
            certify_stop(&r->workers[i][k]);
        letter_stop(&r->letters[i]);
    }
}

bool reread_run(const char *run, struct ledger *ledger, long most, reread_call call, void *ctx, struct reread *result, struct tc_error *err)
{
    struct rereading *r = calloc(1, sizeof *r);

    *result = (struct reread){.read = 0};
    if (!r)
        return error_memory(err);
    *r = (struct rereading){.run = run, .call = call, .ctx = ctx, .result = result, .err = err};
    if (!is_there())
        result->why_not = "pdftotext is not installed";
    else if (choose(r, ledger, most) && choose_letters(r, ledger, most) && r->count > 0 && load_engines(r, ledger))
        run_all(r);
    for (size_t i = 0; i < r->count; i++) {
        const struct item *item = &r->items[i];

        for (size_t k = 0; k < 6; k++)
            free((char *const[]){item->file, item->record, item->told.id, item->told.reason, item->told.issued, item->told.other}[k]);
    }
    free(r->items);
    prepared_free(&r->engines[0]);
    prepared_free(&r->engines[1]);
    free(r);
    return !err->code;
}
