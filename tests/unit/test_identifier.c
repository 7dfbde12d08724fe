/* Identifier methods, against the published examples: ISO 7064's own and the tax administration's test numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "template/identifier.h"

static bool valid(const char *steps, const char *text)
{
    struct arena arena = {0};
    struct tc_error err = {0};
    struct identifier identifier;
    json_t *json = json_loads(steps, 0, NULL);
    struct node n = {.json = json, .file = "t", .arena = &arena, .err = &err, .pointer = ""};
    bool ok;

    assert_true(identifier_load(&n, "test", &identifier));
    ok = identifier_valid(&identifier, text, strlen(text));
    json_decref(json);
    arena_free(&arena);
    return ok;
}

static void methods(void **state)
{
    static const char check[] = "[{\"method\": \"digits\", \"length\": 11}, {\"method\": \"iso7064-mod11-10\"}]";
    static const char iso[] = "[{\"method\": \"iso7064-mod11-10\"}]";
    static const char repeated[] = "[{\"method\": \"digit-repetition\", \"count\": 10, \"most\": 3}]";
    static const char weighted[] = "[{\"method\": \"weighted-sum\", \"modulus\": 11, \"remainder\": true, \"weights\": [3, 2, 1]}]";
    static const struct { const char *steps, *text; bool valid; } rows[] = {
        {iso, "07945", true}, /* ISO 7064: 0794 has the check digit 5 */
        {iso, "07946", false}, {iso, "5", false},
        {check, "86095742719", true}, {check, "47036892816", true}, {check, "65929970489", true}, {check, "57549285017", true},
        {check, "25768131411", true}, {check, "86095742718", false}, {check, "8609574271", false}, {check, "8609574271a", false},
        {check, "", false},
        {repeated, "86095742719", true}, {repeated, "65929970489", true}, /* twice; three times */
        {repeated, "12345678903", false}, /* none stands twice */
        {repeated, "11223456789", false}, /* two digits stand twice */
        {repeated, "11123456789", false}, /* three in a row */
        {weighted, "1000", false}, {weighted, "1003", true}, {weighted, "1108", false}, {weighted, "1105", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (valid(rows[i].steps, rows[i].text) != rows[i].valid)
            fail_msg("row %zu: %s", i, rows[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(methods)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
