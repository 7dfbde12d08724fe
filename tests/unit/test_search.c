/* Looking for people in a ledger of several segments finds whom reading everything finds: whatever part of a word is asked for, and in which pairs. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "store/ledger.h"
#include "store/words.h"

#define PEOPLE \
    (WORDS_SEGMENT * WORDS_PEOPLE + WORDS_LEAST * WORDS_PEOPLE + 130) /* the last segment has bits too, its last block is not full */
#define LONGEST 100

static char folder[] = "/tmp/test_search.XXXXXX";
static char (*people)[LONGEST];
static struct ledger *ledger;
static uint64_t rng = 1;

static uint32_t next(uint32_t below)
{
    rng = rng * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(rng >> 33) % below;
}

/* As certificates are: number and id alike, a number of eleven digits, names of which some are common and most are not. */
static void make_words(int i, char out[LONGEST])
{
    static const char *const firsts[] = {"wolfgang", "annegret", "ida", "li", "jean luc", "soren", "\xce\xb1\xce\xbd\xce\xbd\xce\xb1"};
    static const char syllables[] = "bachmullerhofschneidertal";
    char last[16];
    int length = 2 + (int)next(9);

    for (int k = 0; k < length; k++)
        last[k] = syllables[next(sizeof syllables - 1)];
    snprintf(out, LONGEST, "%d lb25 %d 1 %05u%06u %s %.*s", 1000000 + 3 * i, 1000000 + 3 * i, next(100000), next(1000000),
             firsts[next(sizeof firsts / sizeof *firsts)], length, last);
}

static bool put(int i, struct tc_error *err)
{
    char id[32];
    struct ledger_entry entry = {.number = 2 * i, .id = id, .personnel_number = "1", .state = LEDGER_HELD, .words = people[i]};

    snprintf(id, sizeof id, "C%d", i);
    if (next(1000) == 0)
        entry.words = NULL; /* no record could be read */
    make_words(i, people[i]);
    if (!entry.words)
        *people[i] = '\0';
    return ledger_add(ledger, &entry, err);
}

static const char *const without[] = {"W1", "W2", "W3"}; /* without a certificate; of W2 there are no words */

static int make(void **state)
{
    struct tc_error err = {0};
    char path[100];
    bool ok;

    (void)state;
    people = calloc(PEOPLE, sizeof *people);
    ok = people && mkdtemp(folder);
    snprintf(path, sizeof path, "%s/ledger.db", folder);
    ok = ok && (ledger = ledger_create(path, &err)) != NULL;
    for (int i = 0; ok && i < PEOPLE; i++)
        ok = put(i, &err);
    for (int i = 0; ok && i < 3; i++)
        ok = ledger_add_person(ledger, &(struct ledger_person){.personnel_number = without[i], .words = i == 1 ? NULL : "qxqx vyvy"}, &err);
    ok = ok && ledger_commit(ledger, &err);
    ledger_close(ledger);
    ledger = ok ? ledger_open(folder, &err) : NULL;
    if (!ledger)
        fprintf(stderr, "%s %s\n", err.file, err.message);
    return ledger ? 0 : -1;
}

static int drop(void **state)
{
    char path[100];

    (void)state;
    ledger_close(ledger);
    snprintf(path, sizeof path, "%s/ledger.db", folder);
    unlink(path);
    rmdir(folder);
    free(people);
    return 0;
}

/* What is found must be the next of those who have all words. */
struct expected {
    const char *const *words;
    size_t count;
    int at;
    long found;
};

static bool has_all(int i, const char *const *words, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (!strstr(people[i], words[k]))
            return false;
    return true;
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct expected *e = ctx;

    (void)err;
    while (e->at < PEOPLE && !has_all(e->at, e->words, e->count))
        e->at++;
    if (entry->number != 2 * e->at)
        fail_msg("%s: %ld was found, %d comes next", e->words[0], (long)entry->number, 2 * e->at);
    e->at++;
    e->found++;
    return true;
}

static long look(const char *const *words, size_t count)
{
    struct expected e = {.words = words, .count = count};
    struct tc_error err = {0};

    assert_true(ledger_search(ledger, words, count, on_entry, NULL, &e, &err));
    while (e.at < PEOPLE)
        if (has_all(e.at++, words, count))
            fail_msg("%s %s: not all were found", words[0], count > 1 ? words[1] : "");
    return e.found;
}

static void fixed(void **state)
{
    static const char *const rows[][3] = {{"wolfgang"},
                                          {"ol"},
                                          {"1"},
                                          {"lb25"},
                                          {"25"},
                                          {"zzz"},
                                          {"00000000"},
                                          {"annegret", "mull"},
                                          {"jean", "luc", "bach"},
                                          {"\xbd\xce\xbd"},
                                          {"\xce\xb1"},
                                          {"9999999"},
                                          {"lb25", "wolfgang", "1000000"},
                                          {"b25", "77"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        look(rows[i], rows[i][2] ? 3 : rows[i][1] ? 2 : 1);
    assert_int_equal(look((const char *const[]){"wolfgang", "lb25"}, 2), look((const char *const[]){"lb25", "wolfgang"}, 2));
}

static bool on_person(void *ctx, const struct ledger_person *person, struct tc_error *err)
{
    (void)err;
    strcat(strcat(ctx, person->personnel_number), " ");
    return true;
}

static bool on_nobody(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    (void)ctx;
    (void)entry;
    (void)err;
    fail_msg("somebody with a certificate was found");
    return false;
}

/* People without a certificate are found by their words, in their order, where they are asked for. */
static void without_one(void **state)
{
    const char *const words[] = {"xqx", "vyvy"};
    struct tc_error err = {0};
    char found[100] = "";

    (void)state;
    assert_true(ledger_search(ledger, words, 2, on_nobody, on_person, found, &err));
    assert_string_equal(found, "W1 W3 ");
    assert_int_equal(look(words, 2), 0);
    *found = '\0';
    assert_true(ledger_find_person(ledger, "W2", on_person, found, &err));
    assert_string_equal(found, "W2 ");
}

/* A part of a word that somebody has, most often a whole one. */
static void any_part(int i, char out[LONGEST])
{
    const char *word = people[i];
    size_t length;

    for (uint32_t skip = next(7); skip > 0 && strchr(word, ' '); skip--)
        word = strchr(word, ' ') + 1;
    length = strcspn(word, " ");
    snprintf(out, LONGEST, "%.*s", (int)length, word);
    if (length > 2 && next(2)) {
        size_t from = next((uint32_t)length - 1), most = length - from;

        snprintf(out, LONGEST, "%.*s", 1 + (int)next((uint32_t)most), word + from);
    }
}

static void parts(void **state)
{
    char texts[2][LONGEST];
    const char *const words[] = {texts[0], texts[1]};
    long found = 0;

    (void)state;
    for (int n = 0; n < 40; n++) {
        int i = (int)next(PEOPLE);

        any_part(i, texts[0]);
        any_part(next(2) ? i : (int)next(PEOPLE), texts[1]);
        if (*texts[0] && *texts[1])
            found += look(words, 1 + next(2)) > 0;
    }
    assert_true(found > 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fixed), cmocka_unit_test(without_one), cmocka_unit_test(parts)};

    return cmocka_run_group_tests(tests, make, drop);
}
