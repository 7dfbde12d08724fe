/* Sentences in another language: found again by what is between their values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/say.h"

static const struct {
    const char *english, *other;
} rows[] = {
    {"nothing to say", "nothing to say"},                        /* no translation: as it is */
    {"this is whole", "das ist ganz"},                           /* no value */
    {"run is none", "run ist keine"},                            /* one value */
    {"7 of 12 sheets", "von 12 Blättern 7"},                     /* in another order */
    {"x of 12 sheets", "x of 12 sheets"},                        /* no number: another sentence */
    {"-3 of 12 sheets", "von 12 Blättern -3"},                   /* a sign */
    {"wrong: this is whole", "falsch: das ist ganz"},            /* a sentence in a sentence */
    {"wrong: run is none", "falsch: run ist keine"},             /* with a value of its own */
    {"wrong: at 4: run is none", "falsch: an 4: run ist keine"}, /* three deep */
    {"at 4: this is whole", "an 4: das ist ganz"},               /* the longer of two that fit */
    {"kept (a (b) c)", "behalten (a (b) c)"},                    /* the sentence's end in a value */
    {"a, in b", "b: a"},                                         /* values side by side with words */
    {"a, in ", ": a"},                                           /* an empty value */
    {"{1} is none", "{1} ist keine"},                            /* a value like a place */
    {"%d is none", "%d ist keine"},                              /* a value like a directive */
    {"", ""},
};

static json_t *texts(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "this is whole", "das ist ganz", "%s is none", "{1} ist keine",
                     "%ld of %zu sheets", "von {2} Blättern {1}", "wrong: %s", "falsch: {1*}", "at %d: %.90s", "an {1}: {2*}", "kept (%s)",
                     "behalten ({1})", "%s, in %s", "{2}: {1}");
}

static void test_rows(void **state)
{
    json_t *words = texts();
    char room[200];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(say_in(words, rows[i].english, room, sizeof room), rows[i].other);
    assert_string_equal(say_in(NULL, "this is whole", room, sizeof room), "this is whole");
    json_decref(words);
}

/* Room that is too small cuts the sentence and nothing else. */
static void test_room(void **state)
{
    json_t *words = texts();
    char room[10];

    (void)state;
    memset(room, 'x', sizeof room);
    assert_string_equal(say_in(words, "run is none", room, 6), "run i");
    assert_int_equal(room[6], 'x');
    json_decref(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_room)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
