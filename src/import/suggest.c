/* A mapping to begin with, guessed from a file: how it is written, where its header is, what each column may be. No value of the file is
 * in it, but the names of the header. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "import/cell.h"
#include "import/csv.h"

#define COLUMNS 500
#define LOOK 2000 /* rows that separator and header are guessed from */
#define HEADER 40 /* the first rows, of which one may be the header */
#define AMOUNTS (2 * 6 * 2)

static const char *const orders[] = {"DD.MM.YYYY", "D.M.YYYY", "YYYY-MM-DD", "YYYYMMDD", "DD/MM/YYYY",
                                     "MM/DD/YYYY", "MM.YYYY",  "MM/YYYY",    "YYYYMM",   "DD.MM."};
#define ORDERS (sizeof orders / sizeof *orders)
static const char *const decimals[] = {",", "."}, *const groupings[] = {"", ".", ",", " ", "\u00a0", "'"};

#define LENGTHS 33

/* How many cells fit a kind, and the first line where one does not. */
struct fit {
    long count, missed;
};

struct guess {
    long filled;
    struct fit digits, tax_id, date[ORDERS], amount[AMOUNTS]; /* tax_id: blanks taken away */
    long lengths[LENGTHS];                                    /* of those that are digits */
    bool zero, broken, has_minus, has_blanks;                 /* zero: some began with 0 and had more digits */
};

struct looking {
    const char *path, *encoding;
    uint32_t separator, quote;
    size_t width;   /* fields of most rows */
    long header;    /* its line; 0: none */
    long first_row; /* the line of the first row */
    json_t *names;
    struct guess *columns;
    long rows;
    struct tc_error *err;
};

static void ignore(void *ctx, long line, long column, const char *rule, const char *message)
{
    (void)ctx;
    (void)line;
    (void)column;
    (void)rule;
    (void)message;
}

static bool open_csv(const struct looking *l, uint32_t separator, struct csv *csv)
{
    memset(csv, 0, sizeof *csv);
    csv->in.encoding = encoding_find(l->encoding);
    csv->separator = separator;
    csv->quote = l->quote;
    csv->tell = ignore;
    return csv_open(csv, l->path, l->err);
}

/* How many of the first rows have the number of fields that most have, and that number. */
static long fitness(const struct looking *l, uint32_t separator, size_t *width)
{
    long counts[COLUMNS] = {0}, best = 0;
    struct csv csv;
    bool good = open_csv(l, separator, &csv);

    for (long n = 0; good && n < LOOK && csv_next(&csv, l->err); n++)
        if (csv.count > 1 && csv.count < COLUMNS && !csv.record_is_bad)
            counts[csv.count]++;
    csv_close(&csv);
    for (size_t i = 2; i < COLUMNS; i++)
        if (counts[i] > best) {
            best = counts[i];
            *width = i;
        }
    return best;
}

static bool guess_separator(struct looking *l)
{
    static const uint32_t candidates[] = {';', '\t', '|', ','};
    long best = 0;

    for (size_t i = 0; i < 4; i++) {
        size_t width = 0;
        long rows = fitness(l, candidates[i], &width);
        if (rows > best) {
            best = rows;
            l->separator = candidates[i];
            l->width = width;
        }
    }
    return best > 0 || error_set(l->err, TC_INPUT, l->path, NULL, "import-suggest", "no separator divides this file into columns");
}

static void guess_encoding(struct looking *l, FILE *file)
{
    const char *marked = encoding_marked(file);
    char block[1 << 16];
    size_t length = fread(block, 1, sizeof block, file), whole = length;

    l->encoding = marked && strcmp(marked, ENCODING_UTF32) != 0 ? marked : "utf-8"; /* opened, the other is refused */
    while (whole > 0 && length - whole < 4 && ((unsigned char)block[whole - 1] & 0xC0) == 0x80)
        whole--; /* a sequence may be cut off at the end */
    if (whole > 0 && (unsigned char)block[whole - 1] >= 0xC0)
        whole--;
    if (marked || text_is_utf8_part(block, whole))
        return;
    l->encoding = "windows-1252";
    for (size_t i = 0; i < length; i++)
        if (strchr("\x81\x8D\x8F\x90\x9D", block[i]) && block[i])
            l->encoding = "cp850";
}

/* Fields of a row that may be the header: not empty, a quarter of them beginning with a letter ("01" is a month's column). 0 where one has
 * more than two digits, as no name of a column has. */
static size_t count_names(const struct csv *csv)
{
    size_t filled = 0, named = 0;

    for (size_t i = 1; i <= csv->count; i++) {
        const char *text = csv_field(csv, i) + strspn(csv_field(csv, i), " ");
        size_t digits = 0;
        for (const char *c = text; *c; c++)
            digits += isdigit((unsigned char)*c) != 0;
        if (digits > 2)
            return 0;
        filled += *text != '\0';
        named += *text && (isalpha((unsigned char)*text) || (unsigned char)*text >= 0x80);
    }
    return named * 4 >= filled ? filled : 0;
}

static bool take_names(struct looking *l, const struct csv *csv)
{
    json_array_clear(l->names);
    l->header = csv->record_line;
    for (size_t i = 1; i <= csv->count; i++)
        if (json_array_append_new(l->names, json_string(cell_trim((char *)(uintptr_t)csv_field(csv, i)))) != 0)
            return error_memory(l->err);
    return true;
}

/* Of the first rows the one that has the most names. False where memory fails for them. */
static bool find_header(struct looking *l)
{
    struct csv csv;
    bool good = open_csv(l, l->separator, &csv), taken = true;
    size_t best = l->width / 2;

    for (long n = 0; good && taken && n < HEADER && csv_next(&csv, l->err); n++) {
        size_t names = csv.count == l->width ? count_names(&csv) : 0;
        if (names <= best)
            continue;
        best = names;
        taken = take_names(l, &csv);
    }
    csv_close(&csv);
    return taken;
}

static struct cell_amount amount_of(size_t way)
{
    struct cell_amount as = {.decimal = decimals[way / 12], .minus = way % 2 ? CELL_BEHIND : CELL_BEFORE, .digits = 2};

    if (*groupings[way / 2 % 6] && strcmp(groupings[way / 2 % 6], as.decimal) != 0)
        as.groupings[as.grouping_count++] = groupings[way / 2 % 6];
    return as;
}

static bool checks(const char *text)
{
    int rest = 10;

    for (; text[1]; text++) {
        rest = (rest + (*text - '0')) % 10;
        rest = (rest ? rest : 10) * 2 % 11;
    }
    return (11 - rest) % 10 == *text - '0';
}

static void count(struct fit *fit, bool fits, long line)
{
    fit->count += fits;
    if (!fits && !fit->missed)
        fit->missed = line;
}

/* Eleven digits with a check digit, perhaps in groups. */
static bool is_tax_id(const char *text)
{
    char plain[40];

    if (strlen(text) >= sizeof plain)
        return false;
    strcpy(plain, text);
    cell_remove(plain, " ");
    return strlen(plain) == 11 && strspn(plain, "0123456789") == 11 && checks(plain);
}

static void look(struct guess *g, char *text, long line)
{
    char date[CELL_DATE];
    int64_t units;
    size_t length;

    text = cell_trim(text);
    length = strlen(text);
    if (!length || !strcmp(text, "-"))
        return;
    g->filled++;
    count(&g->digits, strspn(text, "0123456789") == length, line);
    count(&g->tax_id, is_tax_id(text), line);
    g->has_blanks = g->has_blanks || strchr(text, ' ');
    if (strspn(text, "0123456789") == length && length < LENGTHS)
        g->lengths[length]++;
    g->zero = g->zero || (*text == '0' && length > 1 && strspn(text, "0123456789") == length);
    g->broken = g->broken || cell_damage(text);
    g->has_minus = g->has_minus || *text == '-' || text[length - 1] == '-';
    for (size_t i = 0; i < ORDERS; i++)
        count(&g->date[i], !cell_date(orders[i], text, 2000, 30, date), line);
    for (size_t i = 0; i < AMOUNTS; i++) {
        struct cell_amount as = amount_of(i);
        count(&g->amount[i], !cell_amount(&as, text, &units), line);
    }
}

static bool look_at_rows(struct looking *l)
{
    struct csv csv;
    bool good = open_csv(l, l->separator, &csv);

    while (good && csv_next(&csv, l->err)) {
        if (csv.count != l->width || csv.record_line <= l->header)
            continue;
        l->rows++;
        for (size_t i = 0; i < l->width; i++)
            look(&l->columns[i], (char *)(uintptr_t)csv_field(&csv, i + 1), csv.record_line);
    }
    csv_close(&csv);
    return !*l->err->message;
}

static size_t best_fit(const struct fit *list, size_t size)
{
    size_t best = 0;

    for (size_t i = 1; i < size; i++)
        if (list[i].count > list[best].count)
            best = i;
    return best;
}

static size_t usual_length(const struct guess *g)
{
    size_t best = 0;

    for (size_t i = 1; i < LENGTHS; i++)
        if (g->lengths[i] > g->lengths[best])
            best = i;
    return best;
}

/* Nearly all: totals and titles are among the rows. */
static bool is_usual(const struct guess *g, const struct fit *fit)
{
    return fit->count * 10 >= g->filled * 7 && fit->count > 0;
}

static json_t *reference(const struct looking *l, size_t i)
{
    const char *name = json_string_value(json_array_get(l->names, i));
    int times = 1, all = 0;

    if (!name || !*name)
        return json_integer((json_int_t)i + 1);
    for (size_t k = 0; k < l->width; k++) {
        bool same = !strcmp(json_string_value(json_array_get(l->names, k)), name);
        all += same;
        times += same && k < i;
    }
    return all > 1 ? json_sprintf("%s#%d", name, times) : json_string(name);
}

/* Decimal sign, grouping sign and minus, where they are needed. */
static void put_amount(const struct guess *g, size_t way, json_t *made)
{
    struct cell_amount as = amount_of(way);

    json_object_set_new(made, "decimal", json_string(as.decimal));
    if (as.grouping_count)
        json_object_set_new(made, "grouping", json_pack("[s]", as.groupings[0]));
    if (g->has_minus)
        json_object_set_new(made, "minus", json_string(as.minus == CELL_BEHIND ? "behind" : "before"));
}

static const struct fit *describe_amount(const struct guess *g, json_t *made)
{
    size_t way = best_fit(g->amount, AMOUNTS);

    json_object_set_new(made, "type", json_string("amount"));
    put_amount(g, way, made);
    return &g->amount[way];
}

/* What most cells of the column are. The fit that was chosen, or NULL. */
static const struct fit *describe_kind(const struct guess *g, json_t *made)
{
    size_t date = best_fit(g->date, ORDERS), length = usual_length(g);

    if (is_usual(g, &g->tax_id)) {
        json_object_update_new(made, json_pack("{s:i, s:s}", "length", 11, "check", "iso7064"));
        if (g->has_blanks)
            json_object_set_new(made, "remove", json_string(" "));
        return &g->tax_id;
    }
    if (is_usual(g, &g->date[date]) && (!is_usual(g, &g->digits) || length == 8)) {
        json_object_update_new(made, json_pack("{s:s, s:s}", "type", "date", "dates", orders[date]));
        return &g->date[date];
    }
    if (is_usual(g, &g->digits)) {
        if (length > 1 && g->lengths[length] * 10 >= g->filled * 7 && (g->zero || length == 5))
            json_object_set_new(made, "length", json_integer((json_int_t)length));
        else
            json_object_set_new(made, "type", json_string(g->zero ? "text" : "whole"));
        return &g->digits;
    }
    if (is_usual(g, &g->amount[best_fit(g->amount, AMOUNTS)]))
        return describe_amount(g, made);
    json_object_set_new(made, "type", json_string("text"));
    return NULL;
}

static json_t *describe(const struct looking *l, size_t i)
{
    const struct guess *g = &l->columns[i];
    json_t *made = json_pack("{s:o}", "column", reference(l, i));
    const struct fit *fit = g->filled ? describe_kind(g, made) : NULL;

    if (!g->filled)
        json_object_set_new(made, "_", json_string("nothing in any row"));
    if (fit && fit->count < g->filled)
        json_object_set_new(made, "_but",
                            json_sprintf("%ld of %ld cells are not so, the first in line %ld: totals and titles, or another kind",
                                         g->filled - fit->count, g->filled, fit->missed));
    if (g->broken)
        json_object_set_new(made, "_damaged", json_string("a spreadsheet or an export destroyed cells of this column: export it again"));
    return made;
}

/* What most columns of amounts have goes to the source, and from them. */
static void share_amounts(json_t *columns, json_t *source)
{
    static const char *const keys[] = {"decimal", "grouping", "minus"};
    const json_t *best = NULL;
    json_t *one;
    size_t i;

    json_array_foreach(columns, i, one) if (json_object_get(one, "decimal") && (!best || json_object_size(one) > json_object_size(best)))
        best = one;
    for (size_t k = 0; best && k < 3; k++) {
        json_t *shared = json_object_get(best, keys[k]);
        if (!shared)
            continue;
        json_object_set(source, keys[k], shared);
        json_array_foreach(columns, i, one) if (one != best && json_equal(json_object_get(one, keys[k]), shared))
            json_object_del(one, keys[k]);
    }
    for (size_t k = 0; best && k < 3; k++)
        json_object_del((json_t *)(uintptr_t)best, keys[k]);
}

/* The first column whose cells are numbers of one length, and no postcodes; else the first one that has cells in most rows. */
static size_t likely_person(const struct looking *l)
{
    size_t first = l->width;

    for (size_t i = 0; i < l->width; i++) {
        const struct guess *g = &l->columns[i];
        if (first == l->width && g->filled * 2 > l->rows)
            first = i;
        if (is_usual(g, &g->digits) && g->filled * 2 > l->rows)
            return i;
    }
    return first < l->width ? first : 0;
}

static char *mapping_text(const struct looking *l)
{
    const char *slash = strrchr(l->path, '/');
    char separator[8] = {(char)l->separator};
    json_t *columns, *source, *mapping;
    char *text;

    json_watch();
    columns = json_array();
    for (size_t i = 0; i < l->width; i++)
        json_array_append_new(columns, describe(l, i));
    source = json_pack("{s:s, s:s, s:s, s:s}", "file", slash ? slash + 1 : l->path, "encoding", l->encoding, "separator", separator,
                       "quote", "\"");
    json_object_set_new(source, l->header ? "header" : "columns", json_integer(l->header ? l->header : (json_int_t)l->width));
    share_amounts(columns, source);
    json_object_set_new(source, "person", reference(l, likely_person(l)));
    json_object_set_new(source, "_columns", columns);
    mapping = json_pack("{s:s, s:s, s:[o]}", "format", "taxcert/mapping/1", "_guess",
                        "All of this is guessed from the file. Check each line, then give the columns to keys: templates/IMPORT.md",
                        "sources", source);
    text = json_starved() ? NULL : json_text(mapping, JSON_INDENT(1));
    json_decref(mapping);
    return text;
}

enum tc_code tc_import_suggest(const char *path, FILE *to, struct tc_error *err)
{
    struct looking l = {.path = path, .quote = '"', .names = json_array(), .err = err};
    FILE *file = NULL;
    char *text = NULL;
    bool good;
    int fd;

    error_reset(err);
    fd = file_open(path, TC_INPUT, err);
    file = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (fd >= 0 && !file)
        close(fd);
    l.columns = calloc(COLUMNS, sizeof *l.columns);
    good = file && l.names && l.columns;
    if (!good)
        error_memory(err); /* unless the file cannot be opened, which was said */
    if (good)
        guess_encoding(&l, file);
    if (file)
        fclose(file);
    if (good && guess_separator(&l)) {
        text = find_header(&l) && look_at_rows(&l) ? mapping_text(&l) : NULL;
        if (!text)
            error_memory(err);
        else if (fprintf(to, "%s\n", text) < 0)
            error_set(err, TC_IO, NULL, NULL, "write", "the mapping cannot be written");
    }
    free(text);
    free(l.columns);
    json_decref(l.names);
    return err->code;
}
