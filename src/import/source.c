#include "import/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "import/cell.h"

struct source_missing {
    struct tc_import_finding finding;
    char pointer[190];
};

/* Whether the mapping speaks of this text anywhere: then it is a name, and no value of a row that was taken for the header. */
static bool is_spoken_of(const json_t *json, const char *text)
{
    const char *own = json_string_value(json), *key;
    json_t *value;
    size_t i;

    if (own)
        return !strncmp(own, text, strlen(text)) && (!own[strlen(text)] || own[strlen(text)] == '#');
    json_object_foreach((json_t *)(uintptr_t)json, key, value) if (is_spoken_of(value, text)) return true;
    json_array_foreach((json_t *)(uintptr_t)json, i, value) if (is_spoken_of(value, text)) return true;
    return false;
}

const char *source_name(const json_t *as, const json_t *titles, size_t column)
{
    const char *name = column ? json_string_value(json_array_get(titles, column - 1)) : NULL;

    return name && *name && is_spoken_of(as, name) ? name : NULL;
}

static void give(struct source *s, const struct tc_import_finding *finding)
{
    if (s->silent)
        return;
    s->findings++;
    if (s->options->on_finding)
        s->options->on_finding(s->options->ctx, finding);
}

/* Tells a finding of any line: source_tell's arguments beside it. */
static void tell_line(struct source *s, long line, size_t column, long other, const char *rule, const char *message)
{
    give(s, &(struct tc_import_finding){.file = s->path,
                                        .line = line,
                                        .column = (long)column,
                                        .other_line = other,
                                        .name = source_name(s->as, s->titles, column),
                                        .rule = rule,
                                        .message = message});
}

void source_tell(struct source *s, size_t column, long other, const char *rule, const char *message)
{
    tell_line(s, s->csv.record_line, column, other, rule, message);
}

static void tell_csv(void *ctx, long line, long column, const char *rule, const char *message)
{
    tell_line(ctx, line, (size_t)column, 0, rule, message);
}

static uint32_t letter(const json_t *text)
{
    const char *at = json_string_value(text);

    return at && *at ? text_next(&at) : 0;
}

static bool add_name(struct source *s, size_t column, const char *name)
{
    json_t *list = json_object_get(s->names, name);

    if (!list && (json_object_set_new(s->names, name, json_array()) || !(list = json_object_get(s->names, name))))
        return false;
    return !json_array_append_new(s->titles, json_string(name)) && !json_array_append_new(list, json_integer((json_int_t)column));
}

static bool take_header(struct source *s, struct tc_error *err)
{
    s->width = s->csv.count;
    for (size_t i = 1; i <= s->width; i++)
        if (!add_name(s, i, cell_trim((char *)(uintptr_t)csv_field(&s->csv, i))))
            return error_memory(err);
    return true;
}

static bool read_header(struct source *s, struct tc_error *err)
{
    json_int_t header = json_integer_value(json_object_get(s->as, "header"));

    while (header > 0 && csv_next(&s->csv, err)) {
        s->before++;
        if (s->csv.record_line >= header)
            return s->csv.record_line == header
                       ? take_header(s, err)
                       : error_set(err, TC_INPUT, s->path, NULL, "import-header", "no row of the table begins in the line of the header");
    }
    return *err->message || header == 0 ? !*err->message
                                        : error_set(err, TC_INPUT, s->path, NULL, "import-header", "the file ends before the header");
}

/* The columns as index.xml has them, and the rows in front of its range. */
static bool take_index(struct source *s, struct tc_error *err)
{
    for (size_t i = 0; i < s->table.count; i++)
        if (!add_name(s, i + 1, s->table.columns[i].name))
            return error_memory(err);
    s->width = s->table.count;
    while (s->before + 1 < s->table.from && csv_next(&s->csv, err))
        s->before++;
    return !*err->message;
}

static const char *dialect(const struct source *s, const char *key, const char *indexed)
{
    const char *own = json_string_value(json_object_get(s->as, key));

    return own ? own : indexed;
}

bool source_open(struct source *s, struct tc_error *err)
{
    const char *index = json_string_value(json_object_get(s->as, "index"));

    s->names = json_object();
    s->titles = json_array();
    if (!s->names || !s->titles)
        return error_memory(err);
    if (index && !index_read(&s->table, s->path, index, err))
        return false;
    s->csv.in.encoding = encoding_find(dialect(s, "encoding", s->table.encoding));
    s->csv.separator = letter(json_object_get(s->as, "separator"));
    s->csv.quote = letter(json_object_get(s->as, "quote"));
    if (index && !s->csv.separator)
        s->csv.separator = s->table.separator;
    if (index && !json_object_get(s->as, "quote"))
        s->csv.quote = s->table.quote;
    s->csv.tell = tell_csv;
    s->csv.ctx = s;
    s->width = (size_t)json_integer_value(json_object_get(s->as, "columns"));
    return csv_open(&s->csv, s->path, err) && (index ? take_index(s, err) : read_header(s, err));
}

void source_close(struct source *s)
{
    csv_close(&s->csv);
    index_free(&s->table);
    free(s->missing);
    json_decref(s->names);
    json_decref(s->titles);
}

/* The column of a name, or of the n-th column that has it where it is NAME#N. 0 where there is none; *several: where there are more. */
static size_t named(const struct source *s, const char *name, size_t *several)
{
    const json_t *list = json_object_get(s->names, name);
    const char *mark = strrchr(name, '#');
    char base[300];
    char *end;
    long n;

    *several = 0;
    if (list) {
        *several = json_array_size(list) > 1 ? (size_t)json_integer_value(json_array_get(list, 1)) : 0;
        return (size_t)json_integer_value(json_array_get(list, 0));
    }
    if (!mark || mark[1] < '1' || mark[1] > '9')
        return 0;
    n = strtol(mark + 1, &end, 10);
    snprintf(base, sizeof base, "%.*s", (int)(mark - name), name);
    return *end ? 0 : (size_t)json_integer_value(json_array_get(json_object_get(s->names, base), (size_t)n - 1));
}

/* Keeps it for source_tell_missing. Where memory fails, it is told that something is missing, without its place. */
static void miss(struct source *s, const struct tc_import_finding *finding, const char *pointer)
{
    struct source_missing *list = realloc(s->missing, (s->missing_count + 1) * sizeof *list);

    if (!list)
        return;
    s->missing = list;
    list[s->missing_count].finding = *finding;
    snprintf(list[s->missing_count++].pointer, sizeof list->pointer, "%s", pointer);
}

size_t source_column(struct source *s, const json_t *ref, const char *pointer)
{
    struct tc_import_finding finding = {
        .file = s->path, .line = s->csv.record_line, .rule = "import-columns", .message = "the header has no column of this name"};
    size_t number = (size_t)json_integer_value(ref), several = 0;

    s->asked++;
    if (json_is_string(ref))
        number = named(s, json_string_value(ref), &several);
    else if (s->width && number > s->width) {
        finding.message = "the rows have fewer columns than this number";
        number = 0;
    }
    if (number && !several)
        return number;
    if (several) {
        finding.message = "several columns have this name: write NAME#1, NAME#2 or the number of the column";
        finding.column = (long)number;
        finding.other_line = finding.line;
        finding.other_column = (long)several;
    } else if (json_is_string(ref) && !json_array_size(s->titles)) {
        finding.message = "a name of a column, and the file has no header: name its line as `header`, or columns by number";
    }
    miss(s, &finding, pointer);
    return 0;
}

/* Whether the line that was taken for the header begins a section, as files do that go into a payroll program. */
static bool begins_section(const struct source *s)
{
    const char *title = json_string_value(json_array_get(s->titles, 0));

    return title && *title == '[' && title[strlen(title) - 1] == ']';
}

bool source_tell_missing(struct source *s)
{
    if (s->missing_count == s->asked && s->asked > 2 && json_array_size(s->titles)) {
        source_tell(s, 0, 0, "import-header",
                    begins_section(s)
                        ? "a section in brackets: such a file is input of a payroll program, not its result; export the results, by "
                          "person and wage type or line"
                        : "this line has none of the columns that the mapping names: it is another kind of file, or the header is "
                          "in another line");
        return true;
    }
    for (size_t i = 0; i < s->missing_count; i++) {
        s->missing[i].finding.pointer = s->missing[i].pointer;
        give(s, &s->missing[i].finding);
    }
    return s->missing_count > 0;
}

const struct index_column *source_described(const struct source *s, size_t column)
{
    return column >= 1 && column <= s->table.count ? &s->table.columns[column - 1] : NULL;
}

bool source_is_blank(const struct source *s)
{
    for (size_t i = 1; i <= s->csv.count; i++)
        if (csv_field(&s->csv, i)[strspn(csv_field(&s->csv, i), " \t")])
            return false;
    return true;
}
