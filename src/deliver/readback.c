#include "deliver/readback.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ENDS "\r\n"
#define BETWEEN ",;|\t" /* a table's cells */

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

/* Whether the word is a mark in whatever case. */
static bool read_word(const char *word, size_t length, struct sheet_mark *mark)
{
    char upper[MARK_LONG];

    if (length > sizeof upper)
        return false;
    for (size_t i = 0; i < length; i++)
        upper[i] = (char)toupper((unsigned char)word[i]);
    return mark_read(upper, length, mark);
}

/* A star is a check digit, or what fonts of bar codes put around a word. */
static bool read_starred(const char *word, size_t length, struct sheet_mark *mark)
{
    size_t front = *word == '*', behind = length > 1 && word[length - 1] == '*';

    return read_word(word + front, length - front, mark) || (behind && read_word(word + front, length - front - 1, mark));
}

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '*';
}

/* Readers may put AIM's identifier of the kind of code, as "]d2", in front. */
static bool read_identified(const char *word, size_t length, struct sheet_mark *mark)
{
    return length > 2 && read_starred(word + 2, length - 2, mark);
}

bool readback_find(const char **at, struct sheet_mark *mark)
{
    bool bracket = false; /* before the word */

    while (**at && !strchr(ENDS, **at)) {
        const char *word = *at;
        size_t length;

        while (is_of_word(**at))
            ++*at;
        length = (size_t)(*at - word);
        if (length > 0 && (read_starred(word, length, mark) || (bracket && read_identified(word, length, mark))))
            return true;
        bracket = length == 0 && *word == ']';
        *at += length == 0;
    }
    return false;
}

const char *readback_next_line(const char *at)
{
    at += strcspn(at, ENDS);
    return at + (*at == '\r' && at[1] == '\n') + (*at != '\0');
}

/* How many cells' ends the line has, and whether it has a digit. */
static size_t count_cells(const char *line, bool *digits)
{
    size_t count = 0;

    for (*digits = false; *line && !strchr(ENDS, *line); line++) {
        count += strchr(BETWEEN, *line) != NULL;
        *digits |= isdigit((unsigned char)*line);
    }
    return count;
}

/* The first line, of as many cells as the second one, and without any digit: it names the columns. */
static bool is_head(const char *line)
{
    bool digits, ignored;
    size_t cells = count_cells(line, &digits);

    return cells > 0 && !digits && count_cells(readback_next_line(line), &ignored) == cells;
}

static bool take_mark(struct readback *r, const struct sheet_mark *mark, long line)
{
    if (strcmp(mark->job, r->job) != 0 || mark->total != r->total)
        return tell(r, READBACK_FOREIGN, mark->sheet, line);
    if (r->sheets[mark->sheet].line == line)
        return true; /* a line may say twice which sheet it is about */
    if (r->sheets[mark->sheet].line)
        return tell(r, READBACK_TWICE, mark->sheet, line);
    r->sheets[mark->sheet].line = line;
    r->read[r->count++] = mark->sheet;
    return true;
}

static bool take_line(struct readback *r, const char *line, long number)
{
    struct sheet_mark mark;
    const char *at = line;
    bool any = false;

    while (readback_find(&at, &mark)) {
        if (!take_mark(r, &mark, number))
            return false;
        any = true;
    }
    return any || strchr(ENDS, line[strspn(line, " \t")]) || (number == 1 && is_head(line)) || tell(r, READBACK_UNREADABLE, 0, number);
}

static bool take_log(struct readback *r, const char *log)
{
    for (long number = 1; *log; number++) {
        if (!take_line(r, log, number))
            return false;
        log = readback_next_line(log);
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
