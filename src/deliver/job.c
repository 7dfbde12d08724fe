#include "deliver/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "book/csv.h"
#include "deliver/join.h"
#include "deliver/listing.h"
#include "deliver/printed.h"

#define COLUMNS 11

/* ---- names */

static void add_text(struct hash *h, const char *text)
{
    hash_add(h, text, strlen(text) + 1);
}

void job_name(struct job *job, const char *identity, const struct stamp_place *place)
{
    const int how[] = {job->foreign, job->duplex, place->x, place->y, place->module, (int)place->kinds};
    char text[40], hex[HASH_HEX + 1];
    unsigned char hash[HASH_SIZE];
    struct hash h;

    hash_start(&h);
    add_text(&h, "taxcert batch 1");
    add_text(&h, identity);
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        snprintf(text, sizeof text, "%d", how[i]);
        add_text(&h, text);
    }
    for (long i = 0; i < job->count; i++) {
        add_text(&h, job->people[i]->id);
        hash_add(&h, job->people[i]->hash, HASH_SIZE);
    }
    hash_end(&h, hash);
    hash_hex(hash, hex);
    for (int i = 0; i < MARK_JOB; i++)
        job->id[i] = (char)(hex[i] >= 'a' ? hex[i] - 'a' + 'A' : hex[i]);
    job->id[MARK_JOB] = '\0';
}

const char *job_file_name(const char id[MARK_JOB + 1], enum job_file file, char out[32])
{
    static const char *const ends[JOB_FILES] = {".pdf", ".csv", "-cover.pdf"};

    snprintf(out, 32, "%.6s%s", id, ends[file]);
    return out;
}

static bool path_of(const struct job *job, enum job_file file, const char *folder, char path[FILE_PATH_MAX], struct tc_error *err)
{
    char name[32];

    job_file_name(job->id, file, name);
    return file_path(folder, name, path, err);
}

/* ---- sheets */

/* Whose sheets are in hand. */
struct turn {
    long person, first; /* first: of the sheets, from 0 */
};

static bool has_turn(const struct job *job, const struct turn *t)
{
    return t->person < job->count;
}

static void next_turn(const struct job *job, struct turn *t)
{
    t->first += job->pieces[t->person++];
}

/* The mark of a sheet of the person, from 0. */
static struct sheet_mark mark_of(const struct job *job, const struct stamp_place *place, const struct turn *t, int piece)
{
    int pieces = job->pieces[t->person];
    struct sheet_mark mark = {.sheet = t->first + piece + 1, .total = job->total, .group_end = piece + 1 == pieces};

    if (place->kinds & STAMP_LONG) {
        mark.piece = piece + 1;
        mark.pieces = pieces;
    }
    memcpy(mark.job, job->id, sizeof mark.job);
    return mark;
}

static int sheets_of(int pages, bool duplex)
{
    return duplex ? (pages + 1) / 2 : pages;
}

/* Pages of all of the run's certificates; 0 where they differ. */
static int same_pages(const struct seals *seals)
{
    for (size_t i = 1; i < seals->count; i++)
        if (seals->forms[i].page_count != seals->forms[0].page_count)
            return 0;
    return seals->count ? seals->forms[0].page_count : 0;
}

static int count_pages(const char *run, const struct seals *seals, const struct person *person, struct tc_error *err)
{
    char *data;
    size_t length, seal = seals->count;

    if (recipients_read(run, person, &data, &length, err))
        seal = seals_find(seals, data, length);
    if (data && seal == seals->count)
        error_set(err, TC_IO, person->file, NULL, "form", "it does not begin with one of the run's sealed forms");
    free(data);
    return err->code ? 0 : seals->forms[seal].page_count;
}

unsigned char *job_plan(const char *run, const struct seals *seals, const struct person *const *people, long count, bool duplex,
                        struct tc_error *err)
{
    unsigned char *pieces = malloc((size_t)count + 1);
    int same = same_pages(seals);

    if (!pieces)
        error_memory(err);
    for (long i = 0; i < count && !err->code; i++)
        pieces[i] = (unsigned char)sheets_of(same ? same : count_pages(run, seals, people[i], err), duplex);
    if (!err->code)
        return pieces;
    free(pieces);
    return NULL;
}

/* ---- the print file */

/* What is drawn over a page of the person, from 0: the mark on the front of each sheet, nothing on its back. */
static bool draw_over(const struct job *job, const struct job_tools *tools, const struct turn *t, int page, struct buf *over,
                      struct tc_error *err)
{
    const struct sheet_mark mark = mark_of(job, &tools->stamp->place, t, job->duplex ? page / 2 : page);

    if (!job->duplex || page % 2 == 0)
        return stamp_draw(tools->stamp, &mark, over, err);
    over->length = 0;
    buf_add(over, "", 1);
    return !over->failed || error_memory(err);
}

static bool add_pages(struct join *j, const struct job *job, const struct turn *t, const struct job_tools *tools, struct buf *over,
                      struct tc_error *err)
{
    const struct person *person = job->people[t->person];
    char *data = NULL;
    size_t length;
    bool ok = recipients_read(tools->run, person, &data, &length, err);
    int pages = ok ? join_pages(j, data, length) : 0;

    if (ok && sheets_of(pages, job->duplex) != job->pieces[t->person])
        ok = error_set(err, TC_IO, person->file, NULL, "form", "it does not begin with one of the run's sealed forms");
    for (int page = 0; ok && page < pages; page++)
        ok = draw_over(job, tools, t, page, over, err) && join_add_page(j, person->file, data, length, page, over->data);
    ok = ok && (!job->duplex || pages % 2 == 0 || join_add_blank(j));
    free(data);
    return ok;
}

static bool add_sign(void *ctx, const char *name, int side, const char *paths)
{
    return join_add_sign(ctx, name, side, paths);
}

static bool write_print(struct job *job, const struct job_tools *tools, int fd, struct tc_error *err)
{
    struct buf over = {0};
    struct join j;
    bool ok = join_start(&j, fd, err);

    for (size_t i = 0; ok && i < tools->seals->count; i++)
        ok = join_add_seal(&j, tools->seals->names[i], tools->seals->data[i], tools->seals->lengths[i]);
    ok = ok && stamp_each_sign(tools->stamp, add_sign, &j);
    for (struct turn t = {0}; ok && has_turn(job, &t); next_turn(job, &t))
        ok = add_pages(&j, job, &t, tools, &over, err);
    ok = ok && join_end(&j, job->hashes[JOB_PRINT]);
    join_stop(&j);
    buf_free(&over);
    return ok;
}

static bool make_print(struct job *job, const struct job_tools *tools, const char *folder, struct tc_error *err)
{
    char path[FILE_PATH_MAX];
    int fd = path_of(job, JOB_PRINT, folder, path, err) ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    bool ok = fd >= 0 && write_print(job, tools, fd, err) && fsync(fd) == 0;

    if (fd >= 0 && close(fd) != 0)
        ok = false;
    return ok || error_set(err, TC_IO, path, NULL, "write", "the print file cannot be written (%s)", error_cause(errno));
}

/* ---- the table for programs, the cover sheet and the list */

static void add_row(const struct job *job, const struct job_tools *tools, const struct turn *t, int piece, struct buf *out)
{
    const struct person *p = job->people[t->person];
    const struct sheet_mark mark = mark_of(job, &tools->stamp->place, t, piece);
    char text[MARK_LONG + 1] = "", hash[HASH_HEX + 1], page[24], sheet[24];
    const char *const texts[COLUMNS] = {job->id,          sheet, page, text, p->number, p->id, p->name, p->postcode, p->country,
                                        p->establishment, hash};
    struct cell cells[COLUMNS];

    mark_write(&mark, text);
    hash_hex(p->hash, hash);
    snprintf(sheet, sizeof sheet, "%ld", mark.sheet);
    snprintf(page, sizeof page, "%ld", job->duplex ? 2 * mark.sheet - 1 : mark.sheet);
    for (int k = 0; k < COLUMNS; k++)
        cells[k] = (struct cell){.kind = CELL_TEXT, .text = texts[k]};
    csv_row(out, cells, COLUMNS);
}

static bool make_table(const struct job *job, const struct job_tools *tools, struct buf *out, struct tc_error *err)
{
    out->length = 0;
    buf_puts(out, JOB_TABLE_HEAD "\n");
    for (struct turn t = {0}; has_turn(job, &t); next_turn(job, &t))
        for (int piece = 0; piece < job->pieces[t.person]; piece++)
            add_row(job, tools, &t, piece, out);
    return !out->failed || error_memory(err);
}

#define COVER_LINES 13

/* Where the lines for the listing are: the cover's first, then the list's head and its rows. */
struct cover {
    const struct job *job;
    struct listing_line lines[COVER_LINES];
    char texts[COVER_LINES][160], sheet[24];
    long count, at; /* of the cover's lines; the next line */
    struct turn turn;
    bool several; /* pages of a certificate */
    const char *heads[7];
};

static bool next_line(void *ctx, struct listing_line *line)
{
    struct cover *c = ctx;
    long i = c->at++ - c->count;
    const struct person *p;

    if (i < 0) {
        *line = c->lines[c->at - 1];
        return true;
    }
    line->size = 80;
    if (i == 0) {
        line->new_page = true;
        memcpy(line->cells, c->heads, sizeof c->heads);
        return true;
    }
    if (!has_turn(c->job, &c->turn))
        return false;
    p = c->job->people[c->turn.person];
    snprintf(c->sheet, sizeof c->sheet, "%ld", c->turn.first + 1);
    next_turn(c->job, &c->turn);
    memcpy(line->cells, (const char *const[]){c->sheet, p->postcode, p->country, p->name, p->establishment, p->number, p->id},
           sizeof c->heads);
    return true;
}

static void rewind_lines(void *ctx)
{
    ((struct cover *)ctx)->at = 0;
    ((struct cover *)ctx)->turn = (struct turn){0};
}

static void add_cover_line(struct cover *c, int size, const char *title, const char *text)
{
    struct listing_line *line = &c->lines[c->count];

    text_fit(c->texts[c->count], sizeof *c->texts, text, strlen(text));
    *line = (struct listing_line){.cells = {title}, .size = size};
    line->cells[3] = c->texts[c->count++];
}

static void make_lines(struct cover *c, const struct job_tools *tools)
{
    const struct job *job = c->job;
    const struct tc_words *w = tools->words;
    char text[160], hash[HASH_HEX + 1];

    hash_hex(job->hashes[JOB_PRINT], hash);
    add_cover_line(c, 160, tc_word(w, "print job"), job->id);
    add_cover_line(c, 100, tc_word(w, "employer"), tools->people->employer);
    add_cover_line(c, 100, "", "");
    snprintf(text, sizeof text, "%ld", job->total);
    add_cover_line(c, 140, tc_word(w, "sheets"), text);
    if (job->total != job->count) {
        snprintf(text, sizeof text, "%ld", job->count);
        add_cover_line(c, 100, tc_word(w, "certificates"), text);
    }
    snprintf(text, sizeof text, "%ld", job->duplex ? 2 * job->total : job->total);
    add_cover_line(c, 100, tc_word(w, "pages in the file"), text);
    add_cover_line(c, 100, tc_word(w, "printing"),
                   tc_word(w, !job->duplex ? "one side"
                              : c->several ? "both sides, everybody begins on a new sheet"
                                           : "both sides, the back is empty"));
    add_cover_line(c, 100, tc_word(w, "post"), tc_word(w, job->foreign ? "abroad" : "inland"));
    add_cover_line(c, 100, tc_word(w, "sorted by"), tools->sorted);
    add_cover_line(c, 100, tc_word(w, "colour"), tc_word(w, "black only"));
    snprintf(text, sizeof text, "%.6s000001... - %.6s%06ld...", job->id, job->id, job->total);
    add_cover_line(c, 100, tc_word(w, "marks"), text);
    add_cover_line(c, 80, "SHA-256", hash);
    c->heads[0] = tc_word(w, "sheet");
    c->heads[1] = tc_word(w, "postcode");
    c->heads[2] = tc_word(w, "country");
    c->heads[3] = tc_word(w, "name");
    c->heads[4] = tc_word(w, "establishment");
    c->heads[5] = tc_word(w, "personnel number");
    c->heads[6] = tc_word(w, "certificate");
}

static bool make_cover(const struct job *job, const struct job_tools *tools, struct buf *out, struct tc_error *err)
{
    static const int columns[LISTING_CELLS] = {2000, 3300, 4800, 6200, 12200, 14800, 17400, 19500};
    char title[80];
    struct cover cover = {.job = job, .several = tools->several};
    struct listing listing = {.page = tools->people->page,
                              .columns = columns,
                              .font = tools->font,
                              .title = title,
                              .whole_sheets = job->duplex,
                              .next = next_line,
                              .rewind = rewind_lines,
                              .ctx = &cover};

    make_lines(&cover, tools);
    snprintf(title, sizeof title, "%.40s %s", tc_word(tools->words, "print job"), job->id);
    return listing_make(&listing, out, err);
}

/* Gives one of the job's files out, and keeps its hash. */
static bool give(struct job *job, enum job_file file, const char *folder, const struct buf *data, struct tc_error *err)
{
    char path[FILE_PATH_MAX];

    hash_bytes(data->data, data->length, job->hashes[file]);
    return path_of(job, file, folder, path, err) && file_give(path, &(struct iovec){data->data, data->length}, 1, err);
}

bool job_write(struct job *job, const struct job_tools *tools, const char *folder, struct tc_error *err)
{
    struct buf text = {0};
    bool ok = make_print(job, tools, folder, err) && make_table(job, tools, &text, err) && give(job, JOB_TABLE, folder, &text, err)
              && make_cover(job, tools, &text, err) && give(job, JOB_COVER, folder, &text, err);

    buf_free(&text);
    return ok;
}

/* ---- the same read again */

static bool differs(const char *path, const char *message, struct tc_error *err)
{
    return error_set(err, TC_IO, path, NULL, "batch-differs", "%s", message);
}

static bool prove_pages(const struct job *job, const struct turn *t, const struct job_tools *tools, struct printed *file, struct buf *over,
                        const char *path, struct tc_error *err)
{
    long at = job->duplex ? 2 * t->first : t->first;
    char *data = NULL;
    size_t length, seal;
    bool ok = recipients_read(tools->run, job->people[t->person], &data, &length, err);
    int pages = 0;

    if (ok && (seal = seals_find(tools->seals, data, length)) < tools->seals->count)
        pages = tools->seals->forms[seal].page_count;
    if (ok && sheets_of(pages, job->duplex) != job->pieces[t->person])
        ok = differs(path, "it has more or fewer pages than the job has sheets", err);
    for (int page = 0; ok && page < pages; page++)
        ok = draw_over(job, tools, t, page, over, err)
             && (printed_is(file, at + page, tools->seals, data, length, page, over->data)
                 || differs(path, "a page is not the issued one of the person whose sheet it is, with its mark", err));
    if (ok && job->duplex && pages % 2 == 1 && !printed_is_blank(file, at + pages))
        ok = differs(path, "the back of a sheet is not empty", err);
    free(data);
    return ok;
}

static bool prove_print(const struct job *job, const struct job_tools *tools, const char *folder, struct tc_error *err)
{
    char path[FILE_PATH_MAX], name[32];
    struct printed file = {0};
    struct buf over = {0};
    bool ok = path_of(job, JOB_PRINT, folder, path, err)
              && printed_open(&file, folder, job_file_name(job->id, JOB_PRINT, name), tools->seals, err);

    if (ok && file.count != (job->duplex ? 2 * job->total : job->total))
        ok = differs(path, "it has more or fewer pages than the job has sheets", err);
    for (struct turn t = {0}; ok && has_turn(job, &t); next_turn(job, &t)) {
        ok = prove_pages(job, &t, tools, &file, &over, path, err);
        if (t.person % 1024 == 0)
            printed_forget(&file);
    }
    printed_close(&file);
    buf_free(&over);
    return ok;
}

/* Whether the file is what this array makes now. */
static bool prove_same(const struct job *job, enum job_file file, const char *folder, const struct buf *wanted, struct tc_error *err)
{
    char path[FILE_PATH_MAX], name[32], *data = NULL;
    size_t length;
    bool ok = path_of(job, file, folder, path, err) && file_read_below(folder, job_file_name(job->id, file, name), &data, &length, err)
              && ((length == wanted->length && memcmp(data, wanted->data, length) == 0)
                  || differs(path, "it does not say what the print file has", err));

    free(data);
    return ok;
}

bool job_prove(const struct job *job, const struct job_tools *tools, const char *folder, struct tc_error *err)
{
    struct buf text = {0};
    bool ok = prove_print(job, tools, folder, err) && make_table(job, tools, &text, err) && prove_same(job, JOB_TABLE, folder, &text, err)
              && make_cover(job, tools, &text, err) && prove_same(job, JOB_COVER, folder, &text, err);

    buf_free(&text);
    return ok;
}
