#include "import/index.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/text.h"
#include "import/cell.h"

#define COLUMNS_MAX 2000
#define TEXT_MAX 300 /* bytes of an element's text that are looked at */

struct reading {
    struct index_table made; /* the table that is being read */
    struct index_table *table;
    const char *file; /* its name, without folders */
    struct index_column column;
    char text[TEXT_MAX];
    size_t length;
    int depth, column_depth;
    bool is_table, is_wanted, is_fixed, in_range, found, failed, twice;
};

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool is_column(const char *name)
{
    return is(name, "VariablePrimaryKey") || is(name, "VariableColumn");
}

/* The standard's names of encodings, by the name of the element. */
static const char *encoding_of(const char *name)
{
    static const char *const names[][2] = {{"ANSI", "windows-1252"}, {"OEM", "cp850"}, {"UTF16", "utf-16le"}, {"UTF8", "utf-8"}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is(name, names[i][0]))
            return names[i][1];
    return NULL;
}

static void begin_table(struct reading *r)
{
    struct arena arena = r->made.arena;
    struct index_column *columns = r->made.columns; /* of a table that is not wanted: the room serves again */

    r->made = (struct index_table){.encoding = "windows-1252",
                                   .decimal = ",",
                                   .grouping = ".",
                                   .separator = ';',
                                   .quote = '"',
                                   .from = 1,
                                   .epoch = 30,
                                   .arena = arena};
    r->made.columns = columns ? columns : arena_array(&r->made.arena, COLUMNS_MAX, sizeof *r->made.columns);
    r->failed = r->failed || !r->made.columns;
    r->is_table = true;
    r->is_wanted = r->is_fixed = false;
}

static void XMLCALL on_start(void *ctx, const char *name, const char **attributes)
{
    struct reading *r = ctx;

    (void)attributes;
    r->depth++;
    r->length = 0;
    if (is(name, "Table"))
        begin_table(r);
    if (!r->is_table)
        return;
    if (is_column(name)) {
        r->column = (struct index_column){.dates = "DD.MM.YYYY"};
        r->column_depth = r->depth;
    } else if (r->column_depth) {
        r->column.type = is(name, "Numeric") ? INDEX_NUMBER : is(name, "Date") ? INDEX_DATE : r->column.type;
    } else if (is(name, "Range")) {
        r->in_range = true;
    } else if (is(name, "FixedLength")) {
        r->is_fixed = true;
    } else if (encoding_of(name) || is(name, "Macintosh") || is(name, "UTF7")) {
        r->made.encoding = encoding_of(name);
    }
}

static void XMLCALL on_text(void *ctx, const char *text, int length)
{
    struct reading *r = ctx;
    size_t take = (size_t)length;

    if (r->length + take >= TEXT_MAX)
        take = TEXT_MAX - 1 - r->length;
    memcpy(r->text + r->length, text, take);
    r->length += take;
}

static const char *keep(struct reading *r, const char *text)
{
    const char *kept = arena_copy(&r->made.arena, text, strlen(text));

    r->failed = r->failed || !kept;
    return kept;
}

static uint32_t first_letter(const char *text)
{
    return *text ? text_next(&text) : 0;
}

/* How many decimals; -1 where that is no number of them that is read: amounts of such a column are refused. */
static int count_digits(const char *text)
{
    char *end;
    long digits = strtol(text, &end, 10);

    return end > text && !end[strspn(end, " \t\r\n")] && digits >= 0 && digits <= CELL_DIGITS_MAX ? (int)digits : -1;
}

static void end_of_column(struct reading *r, const char *name, int above)
{
    if (above == r->column_depth && is(name, "Name"))
        r->column.name = keep(r, r->text);
    else if (is(name, "Accuracy") || is(name, "ImpliedAccuracy")) {
        r->column.digits = count_digits(r->text);
        r->column.implied = *name == 'I';
    } else if (is(name, "Format")) {
        r->column.dates = keep(r, r->text);
    }
}

static void end_of_table(struct reading *r, const char *name)
{
    const char *text = r->text;

    if (is(name, "URL"))
        r->is_wanted = !strcasecmp(text, r->file);
    else if (is(name, "DecimalSymbol"))
        r->made.decimal = keep(r, text);
    else if (is(name, "DigitGroupingSymbol"))
        r->made.grouping = keep(r, text);
    else if (is(name, "ColumnDelimiter"))
        r->made.separator = first_letter(text);
    else if (is(name, "TextEncapsulator"))
        r->made.quote = first_letter(text);
    else if (is(name, "Epoch"))
        r->made.epoch = atoi(text);
    else if (is(name, "From") && r->in_range)
        r->made.from = atol(text) > 0 ? atol(text) : 1;
    else if (is(name, "Range"))
        r->in_range = false;
}

static void finish_table(struct reading *r)
{
    struct arena arena = r->made.arena;

    r->is_table = false;
    if (!r->is_wanted)
        return;
    r->twice = r->found;
    r->found = true;
    *r->table = r->made;
    r->table->arena = arena;
    r->made.columns = NULL;
    if (r->is_fixed)
        r->table->count = 0;
}

static void XMLCALL on_end(void *ctx, const char *name)
{
    struct reading *r = ctx;

    r->text[r->length] = '\0';
    r->depth--;
    if (r->is_table && is(name, "Table")) {
        finish_table(r);
    } else if (r->is_table && r->column_depth && is_column(name)) {
        r->column_depth = 0;
        if (r->column.name && r->made.columns && r->made.count < COLUMNS_MAX)
            r->made.columns[r->made.count++] = r->column;
        else
            r->failed = true;
    } else if (r->is_table && r->column_depth) {
        end_of_column(r, name, r->depth);
    } else if (r->is_table) {
        end_of_table(r, name);
    }
    r->length = 0;
}

/* False where it is no XML. */
static bool parse(struct reading *r, const char *data, size_t length, struct tc_error *err)
{
    XML_Parser parser = XML_ParserCreate(NULL);
    bool good;

    if (!parser)
        return error_memory(err);
    XML_SetUserData(parser, r);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    good = XML_Parse(parser, data, (int)length, XML_TRUE) == XML_STATUS_OK;
    XML_ParserFree(parser);
    return good;
}

static bool check(const struct reading *r, const char *path, struct tc_error *err)
{
    const char *wrong = r->failed              ? "a column without a name, or too many columns"
                        : !r->found            ? "the index has no table of this file"
                        : r->twice             ? "the index has several tables of this file"
                        : !r->table->count     ? "a table of columns of fixed length, or without columns: only separated ones are read"
                        : !r->table->encoding  ? "the index names an encoding that is not read: export in another one"
                        : !r->table->separator ? "the index names no separator of columns"
                                               : NULL;

    return !wrong || error_set(err, TC_INPUT, path, NULL, "import-index", "%s", wrong);
}

bool index_read(struct index_table *table, const char *file, const char *name, struct tc_error *err)
{
    const char *slash = strrchr(file, '/');
    struct reading r = {.table = table, .file = slash ? slash + 1 : file};
    char path[FILE_PATH_MAX], folder[FILE_PATH_MAX];
    size_t length;
    char *data;
    bool good;

    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - file) : 1, slash ? file : ".");
    if (!file_path(slash == file ? "/" : folder, name, path, err) || !file_read(path, &data, &length, err))
        return false;
    good = parse(&r, data, length, err);
    free(data);
    table->arena = r.made.arena;
    if (!good)
        return error_set(err, TC_INPUT, path, NULL, "import-index", "this is not XML that can be read");
    return check(&r, path, err);
}

void index_free(struct index_table *table)
{
    arena_free(&table->arena);
}
