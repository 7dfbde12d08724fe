/* A small form of our own: what rules are tested at, and which texts a page gets, on how many lines, in which rows. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "certificate/canonical.h"
#include "check/judge.h"
#include "layout/place.h"

static const char template_json[] =
    "{\"format\": \"taxcert/template/1\", \"id\": \"x/y\", \"year\": 2030, \"title\": \"words\", \"currency\": \"EUR\", \"digits\": 2,"
    " \"languages\": [\"en\"], \"fields\": ["
    "  {\"id\": \"end\", \"type\": \"date\", \"in\": \"certificate\"},"
    "  {\"id\": \"a\", \"type\": \"money\"}, {\"id\": \"b\", \"type\": \"money\"}, {\"id\": \"c\", \"type\": \"money\"},"
    "  {\"id\": \"t\", \"type\": \"text\", \"in\": \"employee\"}, {\"id\": \"u\", \"type\": \"text\", \"in\": \"employee\"},"
    "  {\"id\": \"rows\", \"most\": 9, \"fields\": [{\"id\": \"from\", \"type\": \"date\"}, {\"id\": \"x\", \"type\": \"text\"}]},"
    "  {\"id\": \"more\", \"most\": 9, \"fields\": [{\"id\": \"a\", \"type\": \"money\"}, {\"id\": \"n\", \"type\": \"count\"}]},"
    "  {\"id\": \"free\", \"most\": 9, \"fields\": [{\"id\": \"x\", \"type\": \"text\"}, {\"id\": \"a\", \"type\": \"money\"}, {\"id\": \"v\", \"type\": \"text\"}]}"
    "], \"parameters\": {\"limit\": \"10\"}, \"identifiers\": {}}";
static const char rules_json[] =
    "{\"format\": \"taxcert/rules/1\", \"rules\": ["
    "  {\"id\": \"each-is-small\", \"severity\": \"warning\", \"at\": [\"a\", \"b\", \"c\"], \"when\": \"[*] != 7\", \"assert\": \"[*] <= limit\","
    "   \"message\": {\"en\": \"m\"}, \"source\": \"s\"},"
    "  {\"id\": \"a-or-b\", \"severity\": \"error\", \"at\": \"a\", \"assert\": \"present([a]) or present([b])\", \"message\": {\"en\": \"m\"}, \"source\": \"s\"},"
    "  {\"id\": \"also-rows\", \"severity\": \"warning\", \"at\": [\"a\", \"c\"], \"also\": \"more\", \"assert\": \"[*] >= 0 and [c] < 1000\","
    "   \"message\": {\"en\": \"m\"}, \"source\": \"s\"},"
    "  {\"id\": \"together\", \"severity\": \"warning\", \"at\": \"c\", \"assert\": \"[a] + total(\\\"more\\\", [a] * [n]) <= 100\", \"message\": {\"en\": \"m\"},"
    "   \"source\": \"s\"}"
    "]}";
static const char form_json[] =
    "{\"format\": \"taxcert/form/1\", \"page\": [210, 297], \"decimal\": \",\", \"thousands\": \".\", \"home_country\": \"XX\", \"country_captions\": \"c.\","
    " \"styles\": {\"s\": {\"size\": 10, \"least\": 5, \"leading\": 5}, \"m\": {\"size\": 20, \"leading\": 9}}, \"elements\": ["
    "  {\"mark\": \"draft\", \"caption\": \"words\", \"at\": [40, 200], \"style\": \"m\"},"
    "  {\"mark\": \"duplicate\", \"caption\": \"words\", \"at\": [40, 220], \"style\": \"m\"},"
    "  {\"mark\": \"correction\", \"caption\": \"words\", \"at\": [40, 240], \"style\": \"m\"},"
    "  {\"caption\": \"words\", \"at\": [20, 10], \"style\": \"s\", \"heading\": true},"
    "  {\"show\": \"t\", \"at\": [20, 20], \"width\": 30, \"lines\": 3, \"style\": \"s\"},"
    "  {\"stack\": [{\"show\": \"t\", \"or\": \"u\"}, \"u\"], \"at\": [20, 40], \"lines\": 4, \"width\": 30, \"style\": \"s\"},"
    "  {\"columns\": [{\"caption\": \"words\", \"show\": \"x\"}], \"group\": \"rows\", \"order_by\": \"from\", \"descending\": true, \"until\": \"end\","
    "   \"overflow\": \"none\", \"attached\": true, \"at\": [20, 90], \"columns_at\": [90], \"width\": 30, \"style\": \"s\"},"
    "  {\"table\": ["
    "    {\"number\": \"1.\", \"caption\": \"words\", \"show\": \"a\", \"none\": {\"major\": \"dash\", \"minor\": \"dash\", \"spoken\": \"none\"}},"
    "    {\"number\": \"2.\", \"caption\": \"words\", \"show\": \"b\"},"
    "    {\"free\": 3},"
    "    {\"group\": \"more\", \"number\": \"1.\", \"text\": [{\"caption\": \"words\"}, {\"field\": \"n\", \"optional\": true}], \"show\": \"a\"},"
    "    {\"group\": \"more\", \"number\": \"3.\", \"text\": [{\"caption\": \"words\"}], \"show\": \"n\"},"
    "    {\"group\": \"free\", \"text\": \"x\", \"show\": \"a\", \"or\": \"v\"}"
    "   ], \"top\": 100, \"left\": 110, \"right\": 200, \"number_at\": 111, \"caption_at\": 118, \"major_at\": 191, \"minor_at\": 198,"
    "   \"major_rule\": 170, \"minor_rule\": 192.5, \"padding\": 2, \"ascent\": 2, \"style\": \"s\", \"number_style\": \"s\", \"value_style\": \"s\","
    "   \"major_caption\": \"words\", \"minor_caption\": \"words\"}"
    " ]}";
static const char captions_json[] =
    "{\"format\": \"taxcert/captions/1\", \"language\": \"en\", \"captions\": {\"words\": \"Words\", \"dash\": \"--\", \"none\": \"nothing\"}}";

static char folder[] = "/tmp/test_place.XXXXXX";
static struct template *t;
static struct font regular, bold;
static struct form form;
static struct placed *placed;
static struct arena arena;
static struct record record;
static struct findings findings;

static bool put(const char *name, const char *text)
{
    char path[200];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    return file && fputs(text, file) >= 0 && fclose(file) == 0;
}

static int load(void **state)
{
    struct tc_error err = {0};

    (void)state;
    if (!mkdtemp(folder) || !put("template.json", template_json) || !put("rules.json", rules_json) || !put("form.json", form_json)
        || !put("captions.en.json", captions_json))
        return -1;
    t = template_load_folder(folder, &err);
    if (!t || !font_load(SOURCE_DIR "/templates/fonts", "regular", &regular, &err)
        || !font_load(SOURCE_DIR "/templates/fonts", "bold", &bold, &err)
        || !form_load(t, FORM_CERTIFICATE, &regular, &bold, 0, &form, &err)) {
        fprintf(stderr, "%s %s %s\n", err.file, err.pointer, err.message);
        return -1;
    }
    placed = calloc((size_t)form.page.slot_count + 1, sizeof *placed);
    return placed ? 0 : -1;
}

static int unload(void **state)
{
    static const char *const names[] = {"template.json", "rules.json", "form.json", "captions.en.json"};
    char path[200];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    free(placed);
    form_free(&form);
    font_free(&regular);
    font_free(&bold);
    template_free(t);
    arena_free(&arena);
    return 0;
}

/* The certificate of these fields and groups, as canonical records have them. */
static struct sources take(const char *fields, const char *groups)
{
    struct sources sources = {.at = {NULL}};
    struct tc_error err = {0};
    char text[4000];

    arena_reset(&arena);
    findings_start(&findings, &arena);
    snprintf(text, sizeof text, "{\"fields\":{%s}%s}", fields, groups);
    if (!canonical_record(t, text, &arena, &record, &err))
        fail_msg("%s: %s", text, err.message);
    for (int place = 0; place < PLACE_COUNT; place++)
        sources.pointers[place] = "";
    return sources;
}

/* "rule pointer, rule pointer" in the order found. */
static const char *found(void)
{
    static char text[1000];
    size_t at = 0;

    *text = '\0';
    for (const struct finding *f = findings.first; f; f = f->next)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %s", at ? ", " : "", f->rule, f->pointer);
    return text;
}

static void rules(void **state)
{
    static const struct {
        const char *fields, *groups, *found;
    } rows[] = {
        /* [*] is each of the fields in turn, in when and in assert. */
        {"\"a\":\"10.00\",\"b\":\"10.01\",\"c\":\"11.00\"", "", "each-is-small /b, each-is-small /c"},
        {"\"a\":\"7.00\",\"b\":\"7.00\",\"c\":\"10.01\"", "", "each-is-small /c"},
        /* or: one of the two is enough. */
        {"\"c\":\"1.00\"", "", "a-or-b /a"},
        {"\"b\":\"0.00\"", "", ""},
        {"\"a\":\"0.00\"", "", ""},
        /* Also of rows: at the fields that the group has, row by row; what it does not have is the form's. */
        {"\"a\":\"1.00\"", ",\"more\":[{\"a\":\"1.00\"},{\"a\":\"-0.01\"},{\"a\":\"-2.00\"}]", "also-rows /more/1/a, also-rows /more/2/a"},
        {"\"a\":\"-1.00\",\"c\":\"-1.00\"", ",\"more\":[{\"a\":\"5.00\"}]", "also-rows /a, also-rows /c"},
        {"\"a\":\"1.00\",\"c\":\"7.00\"", ",\"more\":[{}]", ""},
        /* The sum over the rows, with the form's own. */
        {"\"a\":\"10.00\"", ",\"more\":[{\"a\":\"30.00\",\"n\":2},{\"a\":\"15.00\",\"n\":2}]", ""},
        {"\"a\":\"10.00\"", ",\"more\":[{\"a\":\"30.00\",\"n\":2},{\"a\":\"10.01\",\"n\":3}]", "together /c"},
    };
    const struct rules_run run = {.t = t};
    const struct rules_before before = {.record = NULL};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sources sources = take(rows[i].fields, rows[i].groups);

        rules_check(&run, "C", &record, &before, &sources, &findings);
        assert_string_equal(found(), rows[i].found);
    }
}

/* What stands on the page, part by part: the outline without its indents and what is fixed. */
static const char *page(const char *fields, const char *groups)
{
    static char text[4000];
    struct sources sources = take(fields, groups);
    struct buf out = {0};
    size_t at = 0;

    assert_non_null(place_record(t, &form, &regular, &bold, &record, &sources, &arena, placed, &findings));
    page_outline(&form.page, placed, &out);
    buf_add(&out, "", 1);
    *text = '\0';
    for (char *rest, *line = strtok_r(out.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        line += strspn(line, " ");
        if (strcmp(line, "P") != 0 && strcmp(line, "H1") != 0 && strcmp(line, "Table") != 0 && strcmp(line, "TR") != 0
            && strcmp(line, "TH") != 0 && strcmp(line, "TD") != 0 && strcmp(line, "Words") != 0)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", at ? "|" : "", line);
    }
    buf_free(&out);
    return text;
}

static void pages(void **state)
{
    static const struct {
        const char *fields, *groups, *page, *found;
    } rows[] = {
        /* An amount that is absent or zero shows the words for none, one that may not be so shows nothing. */
        {"\"b\":\"1234.50\"", "", "1. Words|--|--|2. Words|1.234|50", ""},
        {"\"a\":\"0.00\",\"b\":\"0.00\"", "", "1. Words|--|--|2. Words|0|00", ""},
        {"\"a\":\"-0.05\"", "", "1. Words|-0|05|2. Words", ""},
        /* or: the other where the first stays empty. A stack leaves out what is empty. */
        {"\"t\":\"Tea\",\"u\":\"Urn\"", "", "Tea|Tea Urn|1. Words|--|--|2. Words", ""},
        {"\"u\":\"Urn\"", "", "Urn Urn|1. Words|--|--|2. Words", ""},
        /* until: of the rows the last one that is not later; where all are, the last. */
        {"\"end\":\"2030-06-30\"",
         ",\"rows\":[{\"from\":\"2030-01-01\",\"x\":\"January\"},{\"from\":\"2030-07-01\",\"x\":\"July\"},{\"from\":\"2030-06-30\",\"x\":\"June\"}]",
         "June|1. Words|--|--|2. Words", ""},
        {"\"end\":\"2030-06-29\"",
         ",\"rows\":[{\"from\":\"2030-01-01\",\"x\":\"January\"},{\"from\":\"2030-07-01\",\"x\":\"July\"},{\"from\":\"2030-06-30\",\"x\":\"June\"}]",
         "January|1. Words|--|--|2. Words", ""},
        {"\"end\":\"2029-01-01\"", ",\"rows\":[{\"from\":\"2030-01-01\",\"x\":\"January\"},{\"from\":\"2030-07-01\",\"x\":\"July\"}]",
         "July|1. Words|--|--|2. Words", ""},
        {"\"c\":\"1.00\"", ",\"rows\":[{\"from\":\"2030-01-01\",\"x\":\"January\"},{\"from\":\"2030-07-01\",\"x\":\"July\"}]",
         "July|1. Words|--|--|2. Words", ""},
        /* Free rows: a group's lines one after the other, what has no value left out; then the other group. */
        {"\"a\":\"1.00\"", ",\"more\":[{\"a\":\"2.00\",\"n\":5}],\"free\":[{\"x\":\"Text\",\"v\":\"value\"}]",
         "1. Words|1|00|2. Words|1. Words5|2|00|3. Words|5|Text|value", ""},
        {"\"a\":\"1.00\"", ",\"more\":[{\"n\":5},{}],\"free\":[{\"x\":\"Text\"},{\"x\":\"Next\",\"a\":\"3.00\",\"v\":\"unseen\"}]",
         "1. Words|1|00|2. Words|3. Words|5|Text|Next|3|00", ""},
        /* One too many: its field is named, of a numbered line the value's. */
        {"\"a\":\"1.00\"", ",\"more\":[{\"a\":\"2.00\",\"n\":5},{\"a\":\"2.00\",\"n\":6}]",
         "1. Words|1|00|2. Words|1. Words5|2|00|3. Words|5|1. Words6|2|00", "rows-overflow /more/1/n"},
        {"\"a\":\"1.00\"", ",\"more\":[{\"a\":\"2.00\",\"n\":5}],\"free\":[{\"x\":\"Text\"},{\"x\":\"Late\"}]",
         "1. Words|1|00|2. Words|1. Words5|2|00|3. Words|5|Text", "rows-overflow /free/1/x"},
        /* A text too long for one free row goes on in the next; its value stands in the last. */
        {"\"a\":\"1.00\"",
         ",\"free\":[{\"x\":\"The quick brown fox jumps over the lazy dog, and over all the other dogs\",\"a\":\"4.00\"},{\"x\":\"Next\"}]",
         "1. Words|1|00|2. Words|The quick brown fox jumps over the|lazy dog, and over all the other dogs|4|00|Next", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(page(rows[i].fields, rows[i].groups), rows[i].page);
        assert_string_equal(found(), rows[i].found);
    }
}

/* Where the lines of the show of three stand: their texts and the size of the first. */
static const char *lines_of(const char *text, int *size)
{
    static char joined[1000];
    char fields[1000];
    size_t at = 0;

    snprintf(fields, sizeof fields, "\"t\":\"%s\"", text);
    page(fields, "");
    *joined = '\0';
    for (int i = 0; i < 3; i++)
        if (placed[i].text) {
            at += (size_t)snprintf(joined + at, sizeof joined - at, "%s%s", at ? "|" : "", placed[i].text);
            assert_int_equal(form.slots[i].y, 2000 + 500 * i);
            assert_true(font_width(&placed[i].glyphs, placed[i].size) <= 3000);
        }
    *size = placed[0].size;
    return joined;
}

static void lines(void **state)
{
    int size, before;

    (void)state;
    assert_string_equal(lines_of("Tea", &size), "Tea");
    assert_int_equal(size, 100);
    /* First smaller, on one line as long as that is possible. */
    assert_string_equal(lines_of("Teapots and teacups and", &size), "Teapots and teacups and");
    assert_true(size < 100 && size >= 50);
    /* Then two lines, in the largest size that does: larger than one line would have been. */
    before = size;
    assert_string_equal(lines_of("Teapots and teacups and tablespoons and tea", &size), "Teapots and teacups|and tablespoons and tea");
    assert_true(size > 50 && size != before);
    /* A hyphen or slash ends a line and stays on it, a blank that breaks is gone; of two breaks the one whose longer line is shorter is
     * possible in the larger size. */
    assert_string_equal(lines_of("Beispielhausen-Musterburgen-Hohenstein", &size), "Beispielhausen-|Musterburgen-Hohenstein");
    assert_string_equal(lines_of("Beispielhausen/Musterburgen/Hohenstein", &size), "Beispielhausen/|Musterburgen/Hohenstein");
    assert_string_equal(found(), "");
    /* One word that is too long, and a text of too many lines, are findings at the field. */
    lines_of("Wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", &size);
    assert_non_null(strstr(found(), "text-fit /t"));
    lines_of("Wwwwwwwww Wwwwwwwww Wwwwwwwww Wwwwwwwww Wwwwwwwww Wwwwwwwww Wwwwwwwww Wwwwwwwww Wwwwwwwww", &size);
    assert_non_null(strstr(found(), "text-fit /t"));
}

/* The stack of four lines: what is long takes what the others leave. */
static void stacks(void **state)
{
    const char *three = "Teapots and teacups and tablespoons and teapots and teacups and tablespoons";

    char fields[600];

    (void)state;
    snprintf(fields, sizeof fields, "\"t\":\"%s\",\"u\":\"Urn\"", three);
    page(fields, "");
    assert_string_equal(found(), "");
    assert_string_equal(placed[6].text, "Urn"); /* below three lines */
    snprintf(fields, sizeof fields, "\"t\":\"Tea\",\"u\":\"%s\"", three);
    page(fields, "");
    assert_string_equal(found(), "");
    assert_non_null(placed[6].text); /* the last of its three */
    snprintf(fields, sizeof fields, "\"t\":\"%s\",\"u\":\"%s\"", three, three);
    page(fields, "");
    assert_non_null(strstr(found(), "text-fit /u")); /* one line is left for it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rules), cmocka_unit_test(pages), cmocka_unit_test(lines), cmocka_unit_test(stacks)};

    return cmocka_run_group_tests(tests, load, unload);
}
