/* Many events by one writer: what he remembers of the log is what stands there, others' events are taken, a log that was cut or changed is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/events.h"

static char folder[64], path[128];

static void add(struct events_tail *tail, const char *about)
{
    struct tc_error err = {0};

    assert_true(events_add_behind(tail, folder, "offered", about, "message=1", &err));
}

/* The log's events, whose chain is whole. */
static long count(void)
{
    struct tc_error err = {0};
    char about[80];
    long events;

    assert_true(events_check(folder, &events, about, &err));
    return events;
}

static int begin(void **state)
{
    struct tc_error err = {0};

    (void)state;
    snprintf(folder, sizeof folder, "/tmp/test_events.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/events.log", folder);
    return events_begin(folder, "generated", "0123456789", "abc", &err) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    remove(path);
    return rmdir(folder);
}

static void test_others_add_too(void **state)
{
    struct events_tail tail = {0}, other = {0};
    struct tc_error err = {0};

    (void)state;
    for (int i = 0; i < 3; i++) {
        add(&tail, "a");
        assert_true(events_add(folder, "reprinted", "b", NULL, &err));
        add(&other, "c");
    }
    assert_int_equal(count(), 10);
    assert_int_equal(tail.count + 2, other.count);
}

static void last_line(char line[4096])
{
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    while (fgets(line, 4096, file))
        ;
    fclose(file);
}

/* The same as somebody writes who reads the whole log: seal, and the hash of the event before. */
static void test_same_seals(void **state)
{
    struct events_tail tail = {0};
    struct tc_error err = {0};
    char line[4096], other[4096];

    (void)state;
    add(&tail, "a");
    add(&tail, "b");
    last_line(line);
    assert_int_equal(strlen(line), tail.last);
    assert_int_equal(truncate(path, tail.size - (off_t)tail.last), 0);
    assert_true(events_add(folder, "offered", "b", "message=1", &err));
    last_line(other);
    assert_non_null(strstr(line, "\"seal\":\""));
    assert_string_equal(strstr(line, "\"event\""), strstr(other, "\"event\""));
}

static void cut_line(struct events_tail *tail)
{
    assert_int_equal(truncate(path, tail->size - (off_t)tail->last), 0);
}

static void cut_byte(struct events_tail *tail)
{
    assert_int_equal(truncate(path, tail->size - 1), 0);
}

/* Another last event, as long as it was. */
static void change(struct events_tail *tail)
{
    FILE *file = fopen(path, "r+");

    assert_non_null(file);
    fseek(file, tail->size - 30, SEEK_SET);
    fputc('x', file);
    fclose(file);
}

/* Cut, and then as long again. */
static void other_event(struct events_tail *tail)
{
    struct tc_error err = {0};

    cut_line(tail);
    assert_true(events_add(folder, "offered", "z", "message=1", &err));
}

static void replace(struct events_tail *tail)
{
    char command[1024];

    (void)tail;
    snprintf(command, sizeof command, "cp %s %s.new && mv %s.new %s", path, path, path, path);
    assert_int_equal(system(command), 0); /* NOLINT: a path of ours */
}

/* Somebody added what does not carry the last one's hash. */
static void stray(struct events_tail *tail)
{
    FILE *file = fopen(path, "a");

    (void)tail;
    assert_non_null(file);
    fputs("{\"event\":\"printed\",\"previous\":\"0000\"}\n", file);
    fclose(file);
}

static void test_changes_are_told(void **state)
{
    void (*const changes[])(struct events_tail * tail) = {cut_line, cut_byte, change, other_event, replace, stray};

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct events_tail tail = {0};
        struct tc_error err = {0};

        end(state);
        assert_int_equal(begin(state), 0);
        add(&tail, "a");
        add(&tail, "b");
        changes[i](&tail);
        assert_false(events_add_behind(&tail, folder, "offered", "c", "message=1", &err));
        assert_int_equal(err.code, TC_HELD);
        assert_string_equal(err.rule, "event-chain");
    }
}

/* An event that somebody's kill cut off goes, as with those who read all. */
static void test_half_event(void **state)
{
    struct events_tail tail = {0};
    FILE *file;

    (void)state;
    add(&tail, "a");
    file = fopen(path, "a");
    assert_non_null(file);
    fputs("{\"time\":", file);
    fclose(file);
    add(&tail, "b");
    assert_int_equal(count(), 3);
}

static long bytes_read(void)
{
    FILE *file = fopen("/proc/self/io", "r");
    long bytes = -1;

    if (file && fscanf(file, "rchar: %ld", &bytes) != 1)
        bytes = -1;
    if (file)
        fclose(file);
    return bytes;
}

/* The thousandth event costs what the tenth does. */
static void test_cost(void **state)
{
    struct events_tail tail = {0};
    long before, early, late;

    (void)state;
    for (int i = 0; i < 10; i++)
        add(&tail, "a");
    before = bytes_read();
    add(&tail, "a");
    early = bytes_read() - before;
    for (int i = 0; i < 200; i++)
        add(&tail, "a");
    before = bytes_read();
    add(&tail, "a");
    late = bytes_read() - before;
    assert_int_equal(count(), 213);
    if (before > 0)
        assert_in_range(late, early - 64, early + 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_others_add_too, begin, end),
        cmocka_unit_test_setup_teardown(test_same_seals, begin, end),
        cmocka_unit_test_setup_teardown(test_changes_are_told, begin, end),
        cmocka_unit_test_setup_teardown(test_half_event, begin, end),
        cmocka_unit_test_setup_teardown(test_cost, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
