/* Identifier methods, against the published examples: ISO 7064's own and the tax administration's test numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "form/identifier.h"

static bool valid_as(const char *steps, const char *text, const char *variant, char *normal)
{
    struct arena arena = {0};
    struct tc_error err = {0};
    struct identifier identifier;
    json_t *json = json_loads(steps, 0, NULL);
    struct node n = {.json = json, .file = "t", .arena = &arena, .err = &err, .pointer = ""};
    bool ok;

    assert_true(identifier_load(&n, "test", &identifier));
    ok = identifier_valid(&identifier, text, strlen(text), variant, variant ? strlen(variant) : 0, normal);
    json_decref(json);
    arena_free(&arena);
    return ok;
}

static bool valid(const char *steps, const char *text)
{
    return valid_as(steps, text, NULL, NULL);
}

/* A check letter by a table, Spain's (the examples of the identity card 12345678Z and the foreigner's X1234567L are public); a check number of
 * two digits, France's (the published 255081416802538); and a sum over all digits. */
static void letters_and_numbers(void **state)
{
#define CARD \
    "{\"method\": \"weighted-sum\", \"modulus\": 23, \"weights\": [14, 6, 19, 18, 11, 8, 10, 1], \"signs\": \"TRWAGMYFPDXBNJZSQVHLCKE\"}"
    static const char card[] = "[{\"method\": \"replace\", \"at\": 1, \"characters\": \"XYZ\", \"by\": \"012\"}, " CARD "]";
    static const char key[] =
        "[{\"method\": \"weighted-sum\", \"modulus\": 97, \"equals\": 0, \"weights\": [50, 5, 49, 34, 81, 76, 27, 90, 9, 30, 3, 10, 1,"
        " 10, 1]}, {\"method\": \"range\", \"from\": 14, \"count\": 2, \"least\": 1, \"most\": 97}]";
    static const struct {
        const char *steps, *text;
        bool valid;
    } rows[] = {
        {card, "12345678Z", true},      {card, "X1234567L", true},       {card, "12345678A", false},      {card, "12345678z", false},
        {card, "1234567Z", false},      {card, "X1234567X", false},      {card, "1X345678Z", false},      {card, "", false},
        {key, "255081416802538", true}, {key, "255081416802539", false}, {key, "255081416802583", false}, {key, "25508141680253", false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (valid(rows[i].steps, rows[i].text) != rows[i].valid)
            fail_msg("row %zu", i);
}

static json_t *german(void)
{
    json_t *t = json_load_file(SOURCE_DIR "/templates/de/lohnsteuerbescheinigung/2025/template.json", 0, NULL);
    json_t *stnr = json_incref(json_object_get(json_object_get(t, "identifiers"), "stnr"));

    json_decref(t);
    return stnr;
}

/* Lexware's published example of every Land, and further ones of the tax administration's document (table 4-1). */
static void tax_numbers(void **state)
{
    static const struct {
        const char *land, *text, *normal;
    } rows[] = {
        {"BW", "93815/08152", "2893081508152"},
        {"BY", "181/815/08155", "9181081508155"},
        {"BE", "21/815/08150", "1121081508150"},
        {"BB", "048/815/08155", "3048081508155"},
        {"HB", "75 815 08152", "2475081508152"},
        {"HH", "02/815/08156", "2202081508156"},
        {"HE", "013 815 08153", "2613081508153"},
        {"MV", "079/815/08151", "4079081508151"},
        {"NI", "24/815/08151", "2324081508151"},
        {"NW", "133/8150/8159", "5133081508159"},
        {"RP", "22/815/0815/4", "2722081508154"},
        {"RP", "22/815/08154", "2722081508154"},
        {"SL", "010/815/08182", "1010081508182"},
        {"SN", "201/123/12340", "3201012312340"},
        {"ST", "101/815/08154", "3101081508154"},
        {"SH", "29 815 08158", "2129081508158"},
        {"TH", "151/815/08156", "4151081508156"},
        {"BW", "2866081508156", "2866081508156"},
        {"HE", "2653081508158", "2653081508158"},
        {"SH", "2138081508154", "2138081508154"},
        {"BY", "9198081508152", "9198081508152"},
        {"BY", "9296081508153", "9296081508153"},
        {"BB", "3098081508157", "3098081508157"},
        {"MV", "4098081508157", "4098081508157"},
        {"ST", "3198081508152", "3198081508152"},
        {"SL", "1096081508187", "1096081508187"},
        {"NW", "5400081508159", "5400081508159"},
        {"NW", "5500081508151", "5500081508151"},
        /* another Land's form or check digit; districts that are never given */
        {"HE", "93815/08152", NULL},
        {"BY", "181/815/08154", NULL},
        {"HB", "75 815 08156", NULL},
        {"NI", "24/815/08156", NULL},
        {"BY", "181/099/08155", NULL},
        {"BW", "93000/08150", NULL},
        {"NW", "133/0000/8157", NULL},
        {"XX", "181/815/08155", NULL},
        {"BY", "181/815/0815A", NULL},
        {"BY", "", NULL},
        {"BY", "9181181508155", NULL},
    };
    json_t *stnr = german();
    char *steps = json_dumps(stnr, 0);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char normal[IDENTIFIER_LENGTH_MAX + 1];

        if (valid_as(steps, rows[i].text, rows[i].land, normal) != (rows[i].normal != NULL))
            fail_msg("%s %s", rows[i].land, rows[i].text);
        assert_string_equal(normal, rows[i].normal ? rows[i].normal : "");
    }
    free(steps);
    json_decref(stnr);
}

static void methods(void **state)
{
    static const char check[] = "[{\"method\": \"digits\", \"length\": 11}, {\"method\": \"iso7064-mod11-10\"}]";
    static const char iso[] = "[{\"method\": \"iso7064-mod11-10\"}]";
    static const char repeated[] = "[{\"method\": \"digit-repetition\", \"count\": 10, \"most\": 3}]";
    static const char weighted[] = "[{\"method\": \"weighted-sum\", \"modulus\": 11, \"remainder\": true, \"weights\": [3, 2, 1]}]";
    static const char shape[] = "[{\"method\": \"shape\", \"forms\": [\"[A-CX]{2}-[0-9]{1,3}[k-]?\", \"[+]9\"], \"refused\": [\"BC\"]}]";
    static const char dropped[] = "[{\"method\": \"drop\", \"characters\": \"CH-.\"}, {\"method\": \"digits\", \"length\": 3}]";
    static const struct {
        const char *steps, *text;
        bool valid;
    } rows[] = {
        {shape, "AB-1", true},
        {shape, "CX-123k", true},
        {shape, "CX-123-", true},
        {shape, "+9", true},
        {shape, "AD-1", false},
        {shape, "A-1", false},
        {shape, "AB-", false},
        {shape, "AB-1234", false},
        {shape, "AB-1kk", false},
        {shape, "BC-1", false}, /* a beginning that is refused */
        {shape, "", false},
        {dropped, "CHE-123", false}, /* E stays */
        {dropped, "CH-1.2.3", true},
        {dropped, "CH-", false},
        {iso, "07945", true}, /* ISO 7064: 0794 has the check digit 5 */
        {iso, "07946", false},
        {iso, "5", false},
        {check, "86095742719", true},
        {check, "47036892816", true},
        {check, "65929970489", true},
        {check, "57549285017", true},
        {check, "25768131411", true},
        {check, "86095742718", false},
        {check, "8609574271", false},
        {check, "8609574271a", false},
        {check, "", false},
        {repeated, "86095742719", true},
        {repeated, "65929970489", true},  /* twice; three times */
        {repeated, "12345678903", false}, /* none stands twice */
        {repeated, "11223456789", false}, /* two digits stand twice */
        {repeated, "11123456789", false}, /* three in a row */
        {weighted, "1000", false},
        {weighted, "1003", true},
        {weighted, "1108", false},
        {weighted, "1105", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (valid(rows[i].steps, rows[i].text) != rows[i].valid)
            fail_msg("row %zu: %s", i, rows[i].text);
}

/* Shapes that are none are refused when the form is loaded. */
static void shapes(void **state)
{
    static const struct {
        const char *shape;
        bool fine;
    } rows[] = {
        {"[A-Z]{3}", true},
        {"A?", true},
        {"", true},
        {"[A-Z", false},
        {"[]", false},
        {"A{", false},
        {"A{2", false},
        {"A{}", false},
        {"A{0}", false},
        {"A{3,2}", false},
        {"A{0,2}", true},
        {"A{33}", false},
        {"A{99999999999999999999}", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena = {0};
        struct tc_error err = {0};
        struct identifier identifier;
        json_t *json = json_pack("[{s:s, s:[s]}]", "method", "shape", "forms", rows[i].shape);
        struct node n = {.json = json, .file = "t", .arena = &arena, .err = &err, .pointer = ""};

        if (identifier_load(&n, "test", &identifier) != rows[i].fine)
            fail_msg("%s", rows[i].shape);
        json_decref(json);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(methods), cmocka_unit_test(tax_numbers), cmocka_unit_test(letters_and_numbers),
                                       cmocka_unit_test(shapes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
