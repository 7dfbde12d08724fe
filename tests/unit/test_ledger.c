/* Certificates are put into the ledger several at a time: as many come out as went in, each column as it was, however many are left at the end. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/ledger.h"

#define TEXT 4000

static char folder[] = "/tmp/test_ledger.XXXXXX", path[100];

/* What certificate i has, by its number alone. Texts are the caller's until the call returns: they are written over by the next one's. */
struct made {
    struct ledger_entry entry;
    char id[40], number[40], file[80], record[TEXT], trail[40], issued[16];
};

static const char *any(char *room, size_t size, bool there, const char *format, int i)
{
    snprintf(room, size, format, i);
    return there ? room : NULL;
}

static void make_entry(struct made *m, int i)
{
    bool issued = i % 3 != 2;

    memset(m->record, 'a' + i % 26, TEXT);
    m->record[i * 337 % TEXT] = '\0';
    m->entry = (struct ledger_entry){.number = 5 * i,
                                     .id = any(m->id, sizeof m->id, issued || i % 2, "C%d", i),
                                     .personnel_number = any(m->number, sizeof m->number, issued || i % 4, "%d", 7 * i),
                                     .state = issued  ? LEDGER_ISSUED
                                              : i % 2 ? LEDGER_HELD
                                                      : LEDGER_CANCELLED,
                                     .file = any(m->file, sizeof m->file, issued, "certificates/ab/x-%d.pdf", i),
                                     .size = issued ? 1000 + i : 0,
                                     .corrects = i % 5,
                                     .late = i % 7 == 0,
                                     .issued = any(m->issued, sizeof m->issued, i % 6 == 0, "2026-01-%02d", i % 28 + 1),
                                     .record = issued || i % 4 ? m->record : NULL,
                                     .trail = any(m->trail, sizeof m->trail, i % 2, "{\"1000\":%d}", i)};
    memset(m->entry.hash, issued ? i : 0, HASH_SIZE);
}

static bool same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static bool on_entry(void *ctx, const struct ledger_entry *e, struct tc_error *err)
{
    static struct made m;
    int *at = ctx;

    (void)err;
    make_entry(&m, (*at)++);
    assert_int_equal(e->number, m.entry.number);
    assert_int_equal(e->state, m.entry.state);
    assert_int_equal(e->size, m.entry.size);
    assert_int_equal(e->corrects, m.entry.corrects);
    assert_int_equal(e->late, m.entry.late);
    assert_memory_equal(e->hash, m.entry.hash, HASH_SIZE);
    assert_true(same(e->id, m.entry.id) && same(e->personnel_number, m.entry.personnel_number) && same(e->file, m.entry.file)
                && same(e->record, m.entry.record) && same(e->trail, m.entry.trail) && same(e->issued, m.entry.issued));
    return true;
}

static void comes_out_as_it_went_in(void **state)
{
    static struct made m;

    (void)state;
    for (int count = 0; count < 36; count++) {
        struct tc_error err = {0};
        struct ledger *l = ledger_create(path, &err);
        int at = 0;

        assert_non_null(l);
        for (int i = 0; i < count; i++) {
            make_entry(&m, i);
            assert_true(ledger_add(l, &m.entry, &err));
            memset(&m, 'x', sizeof m);
        }
        assert_true(ledger_commit(l, &err));
        ledger_close(l);
        l = ledger_open(folder, &err);
        assert_non_null(l);
        assert_true(ledger_each(l, on_entry, &at, &err));
        assert_int_equal(at, count);
        ledger_close(l);
        unlink(path);
    }
}

/* Two issued certificates of one id would be one file: the ledger is not made, however far they are apart. */
static void id_twice_is_refused(void **state)
{
    static struct made m;

    (void)state;
    for (int apart = 1; apart < 20; apart++) {
        struct tc_error err = {0};
        struct ledger *l = ledger_create(path, &err);
        bool ok = true;

        for (int i = 0; ok && i <= apart; i++) {
            make_entry(&m, 3 * i);
            ok = ledger_add(l, i == apart ? &(struct ledger_entry){.number = 9999, .id = "C0", .file = m.file, .record = "{}"} : &m.entry,
                            &err);
        }
        assert_false(ok && ledger_commit(l, &err));
        assert_int_equal(err.code, TC_IO);
        ledger_close(l);
        unlink(path);
    }
}

static int make(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/ledger.db", folder);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(comes_out_as_it_went_in), cmocka_unit_test(id_twice_is_refused)};

    return cmocka_run_group_tests(tests, make, drop);
}
