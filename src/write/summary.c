#include "write/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "write/xlsx.h"

enum sheet_kind { SHEET_OVERVIEW, SHEET_CERTIFICATES, SHEET_FINDINGS, SHEET_WITHHELD, SHEET_WITHOUT, SHEET_KINDS };
enum column_kind { COLUMN_FIELD, COLUMN_ID, COLUMN_NUMBER, COLUMN_ESTABLISHMENT, COLUMN_FILE };

/* Words of the overview and of the sheets that are the same for every form; summary.json names their captions. */
enum label {
    LABEL_EMPLOYER, LABEL_FORM, LABEL_YEAR, LABEL_ISSUED_ON, LABEL_IDENTITY, LABEL_PAYROLL_HASH, LABEL_EMPLOYEES_HASH,
    LABEL_CERTIFICATES, LABEL_ISSUED, LABEL_WITHHELD, LABEL_WITHOUT, LABEL_UNEXPLAINED, LABEL_WARNINGS, LABEL_TOTALS,
    LABEL_TOTAL, LABEL_CONTROL, LABEL_CHECK, LABEL_PASSED, LABEL_FAILED, LABEL_SEVERITY, LABEL_RULE, LABEL_FILE,
    LABEL_POINTER, LABEL_MESSAGE, LABEL_REASON, LABEL_ERROR, LABEL_WARNING, LABEL_COUNT_CHECK, LABEL_NO_REASON,
    LABEL_CERTIFICATE, LABEL_SOURCE, LABEL_WHO, LABEL_WAIVED_ONE, LABEL_WAIVED, LABEL_WAGE_TYPES, LABEL_COUNT
};

static const char *const label_names[LABEL_COUNT] = {
    "employer", "form", "year", "issued_on", "identity", "payroll_hash", "employees_hash", "certificates", "issued",
    "withheld", "without", "unexplained", "warnings", "totals", "total", "control", "check", "passed", "failed",
    "severity", "rule", "file", "pointer", "message", "reason", "error", "warning", "count_check", "no_reason", "certificate",
    "source", "who", "waived_one", "waived", "wage_types",
};
static const char *const sheet_kinds[SHEET_KINDS] = {"overview", "certificates", "findings", "withheld", "without"};
static const char *const column_kinds[] = {"field", "id", "personnel_number", "establishment", "file"};

struct column {
    enum column_kind kind;
    int field;
};

struct summary {
    struct template *t;
    const struct summary_run *run;
    struct xlsx *xlsx;
    int sheets[SHEET_KINDS]; /* number in the workbook */
    const char *titles[SHEET_KINDS];
    const char *labels[LABEL_COUNT];
    struct column *columns;
    struct table_column *heads;
    size_t column_count;
    int64_t *totals; /* by field index, of what was issued */
    bool *columned;  /* by field index: it has a column */
    size_t certificates, issued, withheld, warnings, waived, without, unexplained;
};

static bool find_caption(const struct template *t, const struct node *n, const char **words)
{
    const char *key;

    if (!node_string(n, &key))
        return false;
    *words = template_caption(t, key);
    return *words || node_fail(n, "template-caption", "there is no such caption");
}

static bool load_sheets(struct summary *s, const struct node *list)
{
    size_t count;

    if (!node_array(list, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node n = node_at(list, i), kind = node_get(&n, "kind"), title = node_get(&n, "title");
        int index = 0;

        if (!node_keys(&n, "kind title id") || !node_choice(&kind, sheet_kinds, SHEET_KINDS, &index)
            || !find_caption(s->t, &title, &s->titles[index]))
            return false;
    }
    for (int i = 0; i < SHEET_KINDS; i++)
        if (!s->titles[i])
            return node_fail(list, "template-summary", "there is no sheet of the kind \"%s\"", sheet_kinds[i]);
    return true;
}

static bool load_columns(struct summary *s, const struct node *list)
{
    size_t count;

    if (!node_array(list, &count))
        return false;
    s->columns = arena_array(list->arena, count + 1, sizeof *s->columns);
    s->heads = arena_array(list->arena, count + 1, sizeof *s->heads);
    if (!s->columns || !s->heads)
        return error_memory(list->err);
    for (size_t i = 0; i < count; i++) {
        struct node n = node_at(list, i), field = node_get(&n, "field"), kind = node_get(&n, "kind");
        struct node title = node_get(&n, "title"), width = node_get(&n, "width"), number = node_get(&n, "number");
        const char *id = NULL, *line = NULL, *words = NULL;
        int index = 0;

        if (!node_keys(&n, "field kind title width number") || (kind.json && !node_choice(&kind, column_kinds, 5, &index))
            || !node_string_or(&field, &id) || !node_string_or(&number, &line) || !find_caption(s->t, &title, &words)
            || !node_integer(&width, 3, 100, &s->heads[i].width))
            return false;
        s->columns[i] = (struct column){(enum column_kind)index, id ? template_field(s->t, id, -1) : -1};
        if (index == COLUMN_FIELD && s->columns[i].field < 0)
            return node_fail(&field, "template-id", "there is no such field");
        s->heads[i].title = line ? arena_printf(list->arena, "%s %s", line, words) : words;
        if (!s->heads[i].title)
            return error_memory(list->err);
        if (s->columns[i].field >= 0)
            s->columned[s->columns[i].field] = true;
    }
    s->column_count = count;
    for (size_t i = 0; i < s->t->field_count; i++)
        if (s->t->fields[i].type == FIELD_MONEY && s->t->fields[i].group < 0 && !s->columned[i])
            return node_fail(list, "template-summary", "the line \"%.40s\" has no column: its total could not be checked",
                             s->t->fields[i].id);
    return true;
}

static bool load_summary(struct summary *s, const struct node *n)
{
    static const char *const formats[] = {"taxcert/summary/1"};
    struct node format = node_get(n, "format"), sheets = node_get(n, "sheets"), columns = node_get(n, "columns");
    struct node labels = node_get(n, "labels");
    int index;

    if (!node_keys(n, "format sheets columns labels note") || !node_choice(&format, formats, 1, &index)
        || !load_sheets(s, &sheets) || !load_columns(s, &columns))
        return false;
    for (int i = 0; i < LABEL_COUNT; i++) {
        struct node label = node_get(&labels, label_names[i]);

        if (!find_caption(s->t, &label, &s->labels[i]))
            return false;
    }
    return true;
}

static bool write_heads(struct summary *s, int sheet, const struct table_column *heads, size_t count, struct tc_error *err)
{
    struct cell *cells = calloc(count + 1, sizeof *cells);
    bool ok;

    if (!cells)
        return error_memory(err);
    for (size_t i = 0; i < count; i++)
        cells[i] = (struct cell){.kind = CELL_TEXT, .style = STYLE_HEAD, .text = heads[i].title};
    ok = xlsx_row(s->xlsx, sheet, cells, count, err);
    free(cells);
    return ok;
}

static bool add_sheet(struct summary *s, enum sheet_kind kind, const struct table_column *heads, size_t count, int frozen,
                      struct tc_error *err)
{
    s->sheets[kind] = xlsx_sheet(s->xlsx, s->titles[kind], heads, count, kind == SHEET_OVERVIEW ? -1 : 0, frozen, err);
    if (s->sheets[kind] < 0)
        return false;
    return kind == SHEET_OVERVIEW || write_heads(s, s->sheets[kind], heads, count, err);
}

static bool add_sheets(struct summary *s, struct tc_error *err)
{
    const char *const *l = s->labels;
    const struct table_column overview[] = {{"", 46}, {"", 24}, {"", 24}, {"", 14}};
    const struct table_column findings[] = {{s->heads[0].title, 18}, {l[LABEL_CERTIFICATE], 22}, {l[LABEL_SEVERITY], 12},
                                            {l[LABEL_RULE], 26}, {l[LABEL_FILE], 16}, {l[LABEL_POINTER], 44},
                                            {l[LABEL_MESSAGE], 90}, {l[LABEL_SOURCE], 50}, {l[LABEL_WAGE_TYPES], 24}, {l[LABEL_REASON], 40},
                                            {l[LABEL_WHO], 24}};
    const struct table_column without[] = {{s->heads[0].title, 18}, {l[LABEL_REASON], 70}};

    return add_sheet(s, SHEET_OVERVIEW, overview, 4, 0, err)
           && add_sheet(s, SHEET_CERTIFICATES, s->heads, s->column_count, 3, err)
           && add_sheet(s, SHEET_FINDINGS, findings, sizeof findings / sizeof *findings, 1, err)
           && add_sheet(s, SHEET_WITHHELD, s->heads, s->column_count, 3, err)
           && add_sheet(s, SHEET_WITHOUT, without, 2, 1, err);
}

struct summary *summary_create(struct template *t, const struct summary_run *run, const char *path, const char *folder,
                               struct tc_error *err)
{
    struct summary *s = calloc(1, sizeof *s);
    const char *source = arena_printf(&t->arena, "%s/summary.json", t->folder);
    json_t *root = NULL;
    bool ok = false;

    if (s) {
        *s = (struct summary){.t = t, .run = run};
        s->totals = calloc(t->field_count + 1, sizeof *s->totals);
        s->columned = calloc(t->field_count + 1, sizeof *s->columned);
    }
    if (!s || !s->totals || !s->columned || !source) {
        summary_free(s);
        error_memory(err);
        return NULL;
    }
    root = json_read(source, err);
    if (root) {
        struct node n = {.json = root, .file = source, .arena = &t->arena, .err = err, .pointer = ""};

        ok = load_summary(s, &n);
    }
    json_decref(root);
    if (ok && path)
        s->xlsx = xlsx_create(path, folder, t->title, run->issued, err);
    if (ok && (!path || (s->xlsx && add_sheets(s, err))))
        return s;
    summary_free(s);
    return NULL;
}

void summary_free(struct summary *s)
{
    if (!s)
        return;
    xlsx_free(s->xlsx);
    free(s->totals);
    free(s->columned);
    free(s);
}

static struct cell text_cell(const char *text)
{
    return (struct cell){.kind = text && *text ? CELL_TEXT : CELL_EMPTY, .text = text};
}

static struct cell value_cell(const struct field *f, const struct value *v, char *room, size_t size)
{
    struct cell c = {.kind = CELL_EMPTY};

    if (!v->present)
        return c;
    c.number = v->number;
    switch (f->type) {
    case FIELD_MONEY:
    case FIELD_DECIMAL:
        c.kind = CELL_MONEY;
        c.digits = f->digits;
        break;
    case FIELD_DATE:
        c.kind = CELL_DATE;
        break;
    case FIELD_TEXT:
    case FIELD_LETTERS:
        return text_cell(v->text);
    case FIELD_MONTHS:
        snprintf(room, size, "%02d - %02d", (int)(v->number / 100), (int)(v->number % 100));
        return text_cell(room);
    case FIELD_CROSS:
        return text_cell(v->number ? "X" : "");
    default:
        c.kind = CELL_COUNT;
    }
    return c;
}

static bool add_totals(struct summary *s, const struct record *record, struct tc_error *err)
{
    for (size_t i = 0; i < s->t->field_count; i++)
        if (s->t->fields[i].type == FIELD_MONEY && s->t->fields[i].group < 0 && record->values[i].present
            && !money_add(&s->totals[i], record->values[i].number))
            return error_set(err, TC_INPUT, NULL, NULL, "amount-range", "the total of a line is too large");
    return true;
}

bool summary_add(struct summary *s, const struct ledger_entry *entry, const char *establishment, const struct record *record,
                 struct tc_error *err)
{
    bool issued = entry->state == LEDGER_ISSUED;
    int sheet = s->sheets[issued ? SHEET_CERTIFICATES : SHEET_WITHHELD];
    struct cell *cells = calloc(s->column_count + 1, sizeof *cells);
    char(*rooms)[16] = calloc(s->column_count + 1, sizeof *rooms);
    bool ok = false;

    s->certificates++;
    s->issued += issued;
    s->withheld += !issued;
    if (!cells || !rooms) {
        error_memory(err);
        goto cleanup;
    }
    for (size_t i = 0; i < s->column_count; i++) {
        const struct column *c = &s->columns[i];

        if (c->kind == COLUMN_ID)
            cells[i] = text_cell(entry->id);
        else if (c->kind == COLUMN_NUMBER)
            cells[i] = text_cell(entry->personnel_number);
        else if (c->kind == COLUMN_ESTABLISHMENT)
            cells[i] = text_cell(establishment);
        else if (c->kind == COLUMN_FILE && issued)
            cells[i] = (struct cell){.kind = CELL_LINK, .text = "PDF", .cached = entry->file};
        else if (c->kind == COLUMN_FIELD && record)
            cells[i] = value_cell(&s->t->fields[c->field], &record->values[c->field], rooms[i], sizeof rooms[i]);
    }
    ok = (!issued || add_totals(s, record, err)) && xlsx_row(s->xlsx, sheet, cells, s->column_count, err);
cleanup:
    free(cells);
    free(rooms);
    return ok;
}

bool summary_add_finding(struct summary *s, const struct ledger_finding *f, struct tc_error *err)
{
    static const enum label severities[] = {LABEL_WARNING, LABEL_ERROR, LABEL_WAIVED_ONE};
    const struct cell cells[] = {text_cell(f->personnel_number), text_cell(f->id),
                                 text_cell(s->labels[severities[f->severity]]), text_cell(f->rule),
                                 text_cell(f->file), text_cell(f->pointer), text_cell(f->message),
                                 text_cell(f->source), text_cell(f->wage_types), text_cell(f->reason), text_cell(f->who)};

    s->warnings += f->severity == SEVERITY_WARNING;
    s->waived += f->severity == SEVERITY_WAIVED;
    return xlsx_row(s->xlsx, s->sheets[SHEET_FINDINGS], cells, sizeof cells / sizeof *cells, err);
}

bool summary_add_person(struct summary *s, const char *personnel_number, const char *reason, struct tc_error *err)
{
    const struct cell cells[] = {text_cell(personnel_number), text_cell(reason ? reason : s->labels[LABEL_NO_REASON])};

    s->without++;
    s->unexplained += reason == NULL;
    return xlsx_row(s->xlsx, s->sheets[SHEET_WITHOUT], cells, 2, err);
}

/* Rows of the overview, one call each. */
static bool overview(struct summary *s, const struct cell *cells, size_t count, struct tc_error *err)
{
    return xlsx_row(s->xlsx, s->sheets[SHEET_OVERVIEW], cells, count, err);
}

static bool put_text(struct summary *s, enum label label, const char *text, struct tc_error *err)
{
    const struct cell cells[] = {{.kind = CELL_TEXT, .style = STYLE_LABEL, .text = s->labels[label]}, text_cell(text)};

    return overview(s, cells, 2, err);
}

static bool put_count(struct summary *s, enum label label, size_t count, struct tc_error *err)
{
    const struct cell cells[] = {{.kind = CELL_TEXT, .style = STYLE_LABEL, .text = s->labels[label]},
                                 {.kind = CELL_COUNT, .number = (int64_t)count}};

    return overview(s, cells, 2, err);
}

static void column_name(size_t column, char out[4])
{
    size_t at = 0;

    if (column >= 26)
        out[at++] = (char)('A' + column / 26 - 1);
    out[at++] = (char)('A' + column % 26);
    out[at] = '\0';
}

/* A sheet's name in a formula, quotes doubled. */
static void quote_sheet(const char *title, char *out, size_t size)
{
    size_t at = 0;

    out[at++] = '\'';
    for (; *title && at + 3 < size; title++) {
        if (*title == '\'')
            out[at++] = '\'';
        out[at++] = *title;
    }
    out[at++] = '\'';
    out[at] = '\0';
}

/* A line's total as a formula over the rows, beside the control total as a constant, and whether they agree. */
static bool put_total(struct summary *s, size_t column, struct tc_error *err)
{
    int field = s->columns[column].field;
    uint32_t rows = xlsx_rows(s->xlsx, s->sheets[SHEET_CERTIFICATES]), row = xlsx_rows(s->xlsx, s->sheets[SHEET_OVERVIEW]) + 1;
    char name[4], sheet[80], sum[160], check[200];
    int digits = s->t->fields[field].digits;

    column_name(column, name);
    quote_sheet(s->titles[SHEET_CERTIFICATES], sheet, sizeof sheet);
    snprintf(sum, sizeof sum, "=ROUND(SUM(%s!%s2:%s%" PRIu32 "),%d)", sheet, name, name, rows > 1 ? rows : 2, digits);
    snprintf(check, sizeof check, "=IF(ABS(B%" PRIu32 "-C%" PRIu32 ")<0.005,\"%s\",\"%s\")", row, row,
             s->labels[LABEL_PASSED], s->labels[LABEL_FAILED]);
    const struct cell cells[] = {
        {.kind = CELL_TEXT, .text = s->heads[column].title},
        {.kind = CELL_FORMULA, .text = sum, .number = s->totals[field], .digits = digits},
        {.kind = CELL_MONEY, .number = s->totals[field], .digits = digits},
        {.kind = CELL_VERDICT, .text = check, .cached = s->labels[LABEL_PASSED]},
    };

    return overview(s, cells, 4, err);
}

static bool put_count_check(struct summary *s, struct tc_error *err)
{
    uint32_t row = xlsx_rows(s->xlsx, s->sheets[SHEET_OVERVIEW]) + 1;
    uint32_t rows = xlsx_rows(s->xlsx, s->sheets[SHEET_CERTIFICATES]);
    char sheet[80], count[160], check[200];

    quote_sheet(s->titles[SHEET_CERTIFICATES], sheet, sizeof sheet);
    snprintf(count, sizeof count, "=COUNTA(%s!A2:A%" PRIu32 ")", sheet, rows > 1 ? rows : 2);
    snprintf(check, sizeof check, "=IF(B%" PRIu32 "=C%" PRIu32 ",\"%s\",\"%s\")", row, row, s->labels[LABEL_PASSED],
             s->labels[LABEL_FAILED]);
    const struct cell cells[] = {
        {.kind = CELL_TEXT, .text = s->labels[LABEL_COUNT_CHECK]},
        {.kind = CELL_FORMULA, .text = count, .number = (int64_t)s->issued},
        {.kind = CELL_COUNT, .number = (int64_t)s->issued},
        {.kind = CELL_VERDICT, .text = check, .cached = s->labels[LABEL_PASSED]},
    };

    return overview(s, cells, 4, err);
}

static bool put_head(struct summary *s, struct tc_error *err)
{
    const struct cell title[] = {{.kind = CELL_TEXT, .style = STYLE_TITLE, .text = s->t->title}};
    const struct cell year[] = {{.kind = CELL_TEXT, .style = STYLE_LABEL, .text = s->labels[LABEL_YEAR]},
                                {.kind = CELL_COUNT, .number = s->t->year}};
    const struct cell day[] = {{.kind = CELL_TEXT, .style = STYLE_LABEL, .text = s->labels[LABEL_ISSUED_ON]},
                               {.kind = CELL_DATE, .number = s->run->issued}};

    return overview(s, title, 1, err) && overview(s, NULL, 0, err) && put_text(s, LABEL_EMPLOYER, s->run->employer, err)
           && put_text(s, LABEL_FORM, s->t->id, err) && overview(s, year, 2, err) && overview(s, day, 2, err)
           && put_text(s, LABEL_IDENTITY, s->run->identity, err) && put_text(s, LABEL_PAYROLL_HASH, s->run->payroll_hash, err)
           && put_text(s, LABEL_EMPLOYEES_HASH, s->run->employees_hash, err) && overview(s, NULL, 0, err);
}

static bool put_counts(struct summary *s, struct tc_error *err)
{
    return put_count(s, LABEL_CERTIFICATES, s->certificates, err) && put_count(s, LABEL_ISSUED, s->issued, err)
           && put_count(s, LABEL_WITHHELD, s->withheld, err) && put_count(s, LABEL_WITHOUT, s->without, err)
           && put_count(s, LABEL_UNEXPLAINED, s->unexplained, err) && put_count(s, LABEL_WARNINGS, s->warnings, err)
           && put_count(s, LABEL_WAIVED, s->waived, err)
           && overview(s, NULL, 0, err);
}

static bool put_totals(struct summary *s, struct tc_error *err)
{
    const struct cell heads[] = {{.kind = CELL_TEXT, .style = STYLE_HEAD, .text = s->labels[LABEL_TOTALS]},
                                 {.kind = CELL_TEXT, .style = STYLE_HEAD, .text = s->labels[LABEL_TOTAL]},
                                 {.kind = CELL_TEXT, .style = STYLE_HEAD, .text = s->labels[LABEL_CONTROL]},
                                 {.kind = CELL_TEXT, .style = STYLE_HEAD, .text = s->labels[LABEL_CHECK]}};
    bool ok = overview(s, heads, 4, err) && put_count_check(s, err);

    for (size_t i = 0; ok && i < s->column_count; i++)
        if (s->columns[i].field >= 0 && s->t->fields[s->columns[i].field].type == FIELD_MONEY)
            ok = put_total(s, i, err);
    return ok;
}

bool summary_close(struct summary *s, struct tc_error *err)
{
    bool ok = put_head(s, err) && put_counts(s, err) && put_totals(s, err);

    if (ok) {
        struct xlsx *x = s->xlsx;

        s->xlsx = NULL;
        ok = xlsx_close(x, err);
    }
    summary_free(s);
    return ok;
}
