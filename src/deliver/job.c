#include "deliver/job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
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
        add_text(&h, job->sheets[i]->id);
        hash_add(&h, job->sheets[i]->hash, HASH_SIZE);
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

static struct sheet_mark mark_of(const struct job *job, long sheet)
{
    struct sheet_mark mark = {.sheet = sheet + 1, .total = job->count, .group_end = true};

    memcpy(mark.job, job->id, sizeof mark.job);
    return mark;
}

/* ---- the print file */

static bool add_sheet(struct join *j, const struct job *job, long i, const struct job_tools *tools, struct buf *over, struct tc_error *err)
{
    const struct sheet_mark mark = mark_of(job, i);
    char *data = NULL;
    size_t length;
    bool ok = recipients_read(tools->run, job->sheets[i], &data, &length, err) && stamp_draw(tools->stamp, &mark, over, err)
              && join_add_page(j, job->sheets[i]->file, data, length, over->data) && (!job->duplex || join_add_blank(j));

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
    for (long i = 0; ok && i < job->count; i++)
        ok = add_sheet(&j, job, i, tools, &over, err);
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

static void add_row(const struct job *job, long i, struct buf *out)
{
    const struct person *p = job->sheets[i];
    const struct sheet_mark mark = mark_of(job, i);
    char text[MARK_LENGTH + 1] = "", hash[HASH_HEX + 1], page[24], sheet[24];
    const char *const texts[COLUMNS] = {job->id,          sheet, page, text, p->number, p->id, p->name, p->postcode, p->country,
                                        p->establishment, hash};
    struct cell cells[COLUMNS];

    mark_write(&mark, text);
    hash_hex(p->hash, hash);
    snprintf(sheet, sizeof sheet, "%ld", i + 1);
    snprintf(page, sizeof page, "%ld", job->duplex ? 2 * i + 1 : i + 1);
    for (int k = 0; k < COLUMNS; k++)
        cells[k] = (struct cell){.kind = CELL_TEXT, .text = texts[k]};
    csv_row(out, cells, COLUMNS);
}

static bool make_table(const struct job *job, struct buf *out, struct tc_error *err)
{
    out->length = 0;
    buf_puts(out, "job,sheet,page,mark,personnel_number,certificate,name,postcode,country,establishment,sha256\n");
    for (long i = 0; i < job->count; i++)
        add_row(job, i, out);
    return !out->failed || error_memory(err);
}

#define COVER_LINES 12

/* Where the lines for the listing are: the cover's first, then the list's head and its rows. */
struct cover {
    const struct job *job;
    struct listing_line lines[COVER_LINES];
    char texts[COVER_LINES][160], sheet[24];
    long count, at; /* of the cover's lines; the next line */
    const char *heads[7];
};

static bool next_line(void *ctx, struct listing_line *line)
{
    struct cover *c = ctx;
    long i = c->at++ - c->count - 1;
    const struct person *p;

    if (i < -1) {
        *line = c->lines[c->at - 1];
        return true;
    }
    line->size = 80;
    if (i == -1) {
        line->new_page = true;
        memcpy(line->cells, c->heads, sizeof c->heads);
        return true;
    }
    if (i >= c->job->count)
        return false;
    p = c->job->sheets[i];
    snprintf(c->sheet, sizeof c->sheet, "%ld", i + 1);
    memcpy(line->cells, (const char *const[]){c->sheet, p->postcode, p->country, p->name, p->establishment, p->number, p->id},
           sizeof c->heads);
    return true;
}

static void rewind_lines(void *ctx)
{
    ((struct cover *)ctx)->at = 0;
}

static void add_cover_line(struct cover *c, int size, const char *title, const char *text)
{
    struct listing_line *line = &c->lines[c->count];

    snprintf(c->texts[c->count], sizeof *c->texts, "%s", text);
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
    snprintf(text, sizeof text, "%ld", job->count);
    add_cover_line(c, 140, tc_word(w, "sheets"), text);
    snprintf(text, sizeof text, "%ld", job->duplex ? 2 * job->count : job->count);
    add_cover_line(c, 100, tc_word(w, "pages in the file"), text);
    add_cover_line(c, 100, tc_word(w, "printing"), tc_word(w, job->duplex ? "both sides, the back is empty" : "one side"));
    add_cover_line(c, 100, tc_word(w, "post"), tc_word(w, job->foreign ? "abroad" : "inland"));
    add_cover_line(c, 100, tc_word(w, "sorted by"), tools->sorted);
    add_cover_line(c, 100, tc_word(w, "colour"), tc_word(w, "black only"));
    snprintf(text, sizeof text, "%.6s000001... - %.6s%06ld...", job->id, job->id, job->count);
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
    struct cover cover = {.job = job};
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
    bool ok = make_print(job, tools, folder, err) && make_table(job, &text, err) && give(job, JOB_TABLE, folder, &text, err)
              && make_cover(job, tools, &text, err) && give(job, JOB_COVER, folder, &text, err);

    buf_free(&text);
    return ok;
}

/* ---- the same read again */

static bool differs(const char *path, const char *message, struct tc_error *err)
{
    return error_set(err, TC_IO, path, NULL, "batch-differs", "%s", message);
}

static bool prove_sheet(const struct job *job, long i, const struct job_tools *tools, struct printed *file, struct buf *over,
                        const char *path, struct tc_error *err)
{
    const struct sheet_mark mark = mark_of(job, i);
    long page = job->duplex ? 2 * i : i;
    char *data = NULL;
    size_t length;
    bool ok = recipients_read(tools->run, job->sheets[i], &data, &length, err) && stamp_draw(tools->stamp, &mark, over, err);

    if (ok && !printed_is(file, page, tools->seals, data, length, over->data))
        ok = differs(path, "a page is not the issued one of the person whose sheet it is, with its mark", err);
    if (ok && job->duplex && !printed_is_blank(file, page + 1))
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

    if (ok && file.count != (job->duplex ? 2 * job->count : job->count))
        ok = differs(path, "it has more or fewer pages than the job has sheets", err);
    for (long i = 0; ok && i < job->count; i++) {
        ok = prove_sheet(job, i, tools, &file, &over, path, err);
        if (i % 1024 == 0)
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
    bool ok = prove_print(job, tools, folder, err) && make_table(job, &text, err) && prove_same(job, JOB_TABLE, folder, &text, err)
              && make_cover(job, tools, &text, err) && prove_same(job, JOB_COVER, folder, &text, err);

    buf_free(&text);
    return ok;
}
