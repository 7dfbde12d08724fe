/* Both files at once, and records in any order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "input/input.h"

#define PEOPLE 3000 /* several windows of the reader */

static char folder[] = "/tmp/test_input_XXXXXX", payroll[64], employees[64];

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(payroll, sizeof payroll, "%s/payroll.json", folder);
    snprintf(employees, sizeof employees, "%s/employees.json", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(payroll);
    unlink(employees);
    return rmdir(folder);
}

static void write_text(const char *path, const char *text)
{
    struct tc_error err = {0};

    unlink(path);
    assert_true(file_write(path, text, strlen(text), &err));
}

/* Records of many lengths, the certificates in the other order. */
static void write_people(void)
{
    struct buf c = {0}, e = {0};
    struct tc_error err = {0};

    buf_puts(&c, "{\"certificates\":[");
    buf_puts(&e, "{\"employees\":[\n");
    for (int i = 0; i < PEOPLE; i++) {
        buf_printf(&c, "%s{\"id\":\"C%d\",\"personnel_number\":\"%d\"}", i ? ", " : "", PEOPLE - i, PEOPLE - i);
        buf_printf(&e, "%s{\"personnel_number\":\"%d\",\"x\":\"%.*s\"}", i ? "\n,\n" : "", i + 1, i % 97,
                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    }
    buf_puts(&c, "]}");
    buf_puts(&e, "]}");
    unlink(payroll);
    unlink(employees);
    assert_true(file_write(payroll, c.data, c.length, &err) && file_write(employees, e.data, e.length, &err));
    buf_free(&c);
    buf_free(&e);
}

static void records_in_any_order(void **state)
{
    struct input_reader reader = {0};
    struct tc_error err = {0};
    struct input *input;
    uint32_t place = 1;

    (void)state;
    write_people();
    input = input_open(payroll, employees, &err);
    assert_non_null(input);
    assert_int_equal(input_certificates(input), PEOPLE);
    assert_int_equal(input_employees(input), PEOPLE);
    for (int round = 0; round < 6; round++)
        for (size_t i = 0; i < PEOPLE; i++) {
            char number[16];
            size_t at;

            place = place * 1664525u + 1013904223u;
            at = round % 3 == 0 ? i : round % 3 == 1 ? PEOPLE - 1 - i : place % PEOPLE;
            reader.ahead = round < 3 ? 0 : i % 40; /* whatever is read with it */
            input_reader_reset(&reader);
            snprintf(number, sizeof number, "%zu", PEOPLE - at);
            assert_string_equal(datum_text(datum_get(input_certificate(input, at, &reader, &err), "personnel_number")), number);
            assert_int_equal(input_person(input, at), PEOPLE - at - 1);
            assert_string_equal(
                datum_text(datum_get(input_employee(input, (size_t)input_person(input, at), &reader, &err), "personnel_number")), number);
        }
    input_reader_free(&reader);
    input_close(input);
}

/* What is wrong with payroll is told, whatever is wrong with the other file. */
static void payroll_first(void **state)
{
    static const struct {
        const char *payroll, *employees, *file, *rule;
    } table[] = {
        {"{\"certificates\":[", "[", payroll, "json-syntax"},
        {"{\"certificates\":[]}", "[", employees, "json-syntax"},
        {"{\"certificates\":[],\"employees\":[{}]}", "{\"employees\":[{}]}", payroll, "employee-duplicate"},
        {"{\"certificates\":[],\"employees\":[{}]}", "{", payroll, "employee-duplicate"},
        {"{\"a\":1,\"a\":2,\"certificates\":[]}", "{}", payroll, "json-syntax"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct tc_error err = {0};

        write_text(payroll, table[i].payroll);
        write_text(employees, table[i].employees);
        assert_null(input_open(payroll, employees, &err));
        assert_string_equal(err.rule, table[i].rule);
        assert_string_equal(err.file, table[i].file);
    }
}

static void one_file(void **state)
{
    struct tc_error err = {0};
    struct input *input;

    (void)state;
    write_text(payroll, "{\"employees\":[{\"personnel_number\":\"1\"}],\"certificates\":[{\"id\":\"A\",\"personnel_number\":\"1\"}]}");
    input = input_open(payroll, NULL, &err);
    assert_non_null(input);
    assert_false(input_is_split(input));
    assert_int_equal(input_person(input, 0), 0);
    assert_memory_equal(input_hash(input, true), input_hash(input, false), 32);
    input_close(input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(records_in_any_order), cmocka_unit_test(payroll_first), cmocka_unit_test(one_file)};

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
