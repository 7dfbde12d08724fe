/* A round of the disk in the background: what it did not take is known at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/flush.h"

static void not_asked(void **state)
{
    struct flush f = {.folder = NULL};
    struct tc_error err = {0};

    (void)state;
    assert_true(flush_stop(&f, &err));
    assert_int_equal(err.code, TC_OK);
}

static void taken(void **state)
{
    char path[] = "/tmp/test_flush_XXXXXX";
    struct folder folder = {.resumed = false};
    struct flush f = {.folder = &folder};
    struct tc_error err = {0};

    (void)state;
    assert_non_null(mkdtemp(path));
    snprintf(folder.partial, sizeof folder.partial, "%s", path);
    for (int i = 0; i < 100; i++)
        flush_ask(&f);
    assert_true(flush_stop(&f, &err));
    assert_true(flush_stop(&f, &err));
    rmdir(path);
}

/* The round may not have begun when it is stopped: asked until it has failed. */
static void not_taken(void **state)
{
    struct folder folder = {.partial = "/tmp/test_flush_no_such_folder"};
    struct flush f = {.folder = &folder};
    struct tc_error err = {0}, first = {.code = TC_INPUT};

    (void)state;
    flush_ask(&f);
    for (bool taken = false; !taken; usleep(1000)) {
        pthread_mutex_lock(&f.mutex);
        taken = !f.wanted;
        pthread_mutex_unlock(&f.mutex);
    }
    assert_false(flush_stop(&f, &err));
    assert_int_equal(err.code, TC_IO);
    assert_false(flush_stop(&f, &first));
    assert_int_equal(first.code, TC_INPUT); /* the first error is kept */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(not_asked), cmocka_unit_test(taken), cmocka_unit_test(not_taken)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
