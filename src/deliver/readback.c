#include "deliver/readback.h"

#include <stdlib.h>
#include <string.h>

#define BETWEEN " \t\r,;\"'"

struct place {
    long line;   /* of the log where the sheet was first read; 0: not at all */
    long before; /* the sheet before it in the longest row that is in order */
    bool in_order;
};

struct readback {
    const char *job;
    long total;
    struct place *sheets; /* by number, from 1 */
    long *read;           /* the sheets in reading order, each once */
    long *last;           /* of rows in order of each length, the lowest sheet that one ends with */
    long count;
    readback_call call;
    void *ctx;
    struct tc_error *err;
};

static bool tell(const struct readback *r, enum readback_fault fault, long sheet, long line)
{
    return r->call(r->ctx, fault, sheet, line, r->err);
}

/* The first word of the line that is a mark. */
static bool find_mark(const char *line, const char *end, struct sheet_mark *mark)
{
    while (line < end) {
        size_t length = strcspn(line, BETWEEN "\n");

        if (mark_read(line, length, mark))
            return true;
        line += length + 1;
    }
    return false;
}

static bool take_line(struct readback *r, const char *line, const char *end, long number)
{
    struct sheet_mark mark;

    if (!find_mark(line, end, &mark))
        return tell(r, READBACK_UNREADABLE, 0, number);
    if (strcmp(mark.job, r->job) != 0 || mark.total != r->total)
        return tell(r, READBACK_FOREIGN, mark.sheet, number);
    if (r->sheets[mark.sheet].line)
        return tell(r, READBACK_TWICE, mark.sheet, number);
    r->sheets[mark.sheet].line = number;
    r->read[r->count++] = mark.sheet;
    return true;
}

static bool take_log(struct readback *r, const char *log)
{
    for (long number = 1; *log; number++) {
        const char *end = log + strcspn(log, "\n");

        if (log + strspn(log, BETWEEN) < end && !take_line(r, log, end, number))
            return false;
        log = end + (*end == '\n');
    }
    return true;
}

/* The length of the longest row in order that the sheet can be put behind. */
static long rows_below(const struct readback *r, long rows, long sheet)
{
    long low = 0, high = rows;

    while (low < high) {
        long middle = (low + high) / 2;

        if (r->last[middle] < sheet)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Sets in_order for a longest row of sheets, as read, whose numbers rise. */
static void find_order(struct readback *r)
{
    long rows = 0;

    for (long i = 0; i < r->count; i++) {
        long sheet = r->read[i], below = rows_below(r, rows, sheet);

        r->sheets[sheet].before = below ? r->last[below - 1] : 0;
        r->last[below] = sheet;
        rows += below == rows;
    }
    for (long sheet = rows ? r->last[rows - 1] : 0; sheet; sheet = r->sheets[sheet].before)
        r->sheets[sheet].in_order = true;
}

/* Of two neighbours one would do to explain the order, but nobody knows which. */
static void add_neighbours(struct readback *r)
{
    for (long i = 1; i < r->count; i++)
        if (r->read[i - 1] == r->read[i] + 1)
            r->sheets[r->read[i - 1]].in_order = r->sheets[r->read[i]].in_order = false;
}

static bool tell_sheets(const struct readback *r)
{
    for (long sheet = 1; sheet <= r->total; sheet++) {
        const struct place *p = &r->sheets[sheet];

        if (!p->in_order && !tell(r, p->line ? READBACK_SWAPPED : READBACK_MISSING, sheet, p->line))
            return false;
    }
    return true;
}

bool readback_check(const char *log, const char job[MARK_JOB + 1], long total, readback_call call, void *ctx, struct tc_error *err)
{
    struct readback r = {.job = job, .total = total, .call = call, .ctx = ctx, .err = err};
    bool ok;

    r.sheets = calloc((size_t)total + 1, sizeof *r.sheets);
    r.read = calloc((size_t)total + 1, sizeof *r.read);
    r.last = calloc((size_t)total + 1, sizeof *r.last);
    ok = r.sheets && r.read && r.last;
    if (!ok)
        error_memory(err);
    ok = ok && take_log(&r, log);
    if (ok) {
        find_order(&r);
        add_neighbours(&r);
        ok = tell_sheets(&r);
    }
    free(r.sheets);
    free(r.read);
    free(r.last);
    return ok;
}
