/* What goes out by mail: addresses, the message's bytes, the rate. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "deliver/carrier/mailbox.h"
#include "deliver/message.h"
#include "deliver/rate.h"

static void addresses(void **state)
{
    static const struct {
        const char *text, *written; /* NULL: refused */
    } rows[] = {
        {"a@b.example", "a@b.example"},
        {"First.Last+x@Firma.Example", "First.Last+x@firma.example"},
        {"a@m\xC3\xBCller.example", "a@xn--mller-kva.example"},
        {"a@M\xC3\x9CLLER.example", "a@xn--mller-kva.example"},
        {"a@mu\xCC\x88ller.example", "a@xn--mller-kva.example"}, /* decomposed */
        {"o'neil@b.example", "o'neil@b.example"},
        {"j\xC3\xB6rg@b.example", NULL},
        {"", NULL},
        {"@b.example", NULL},
        {"a@", NULL},
        {"a", NULL},
        {"a@b", NULL},
        {"a@b.example.", NULL},
        {".a@b.example", NULL},
        {"a.@b.example", NULL},
        {"a..b@c.example", NULL},
        {"a@b..example", NULL},
        {"a@-b.example", NULL},
        {"a b@c.example", NULL},
        {" a@b.example", NULL},
        {"a@b.example ", NULL},
        {"a@b.example,c@d.example", NULL},
        {"a@b.example;c@d.example", NULL},
        {"<a@b.example>", NULL},
        {"<a@b.example> <c@d.example>", NULL},
        {"a@b.example\r\nRCPT TO:<c@d.example>", NULL},
        {"a@b.example\n", NULL},
        {"a@b.example\t", NULL},
        {"\"a\"@b.example", NULL},
        {"a(b)@c.example", NULL},
        {"a@b@c.example", NULL},
        {"a@[127.0.0.1]", NULL},
        {"a\xFF@b.example", NULL},
        {"a@b\xFF.example", NULL},
        {"a\x7F@b.example", NULL},
    };
    char written[MAILBOX_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool ok = mailbox_write(rows[i].text, written);

        if (ok != (rows[i].written != NULL))
            fail_msg("row %zu", i);
        if (ok)
            assert_string_equal(written, rows[i].written);
    }
}

/* RFC 5321, 4.5.3.1: 64 octets before the @, 254 in all. */
static void long_addresses(void **state)
{
    char text[400], written[MAILBOX_MAX + 1];

    (void)state;
    snprintf(text, sizeof text, "%.*s@b.example", 64, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    assert_true(mailbox_write(text, written));
    snprintf(text, sizeof text, "%.*s@b.example", 65, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    assert_false(mailbox_write(text, written));
    memset(text, 'x', sizeof text);
    memcpy(text + 1, "@", 1);
    for (int i = 10; i < 300; i += 10)
        text[i] = '.';
    text[300] = '\0';
    assert_false(mailbox_write(text, written));
}

static unsigned char *data_of(size_t length)
{
    unsigned char *data = malloc(length + 1);

    for (size_t i = 0; i < length; i++)
        data[i] = (unsigned char)(i * 31 + i / 256);
    return data;
}

/* Short lines of ASCII, each ended by CR LF; one of each header; nothing of the words is a header. */
static void message_form(void **state)
{
    unsigned char *data = data_of(100000);
    struct message m = {
        .from = "lohn@bank.example",
        .from_name = "M\xC3\xBCller \"Lohn\"\r\nBcc: x@y.example",
        .to = "a@b.example",
        .subject = "Ihre Bescheinigung \xE2\x80\x93 2025\r\nBcc: x@y.example, and words enough for several lines of a header",
        .text = "Guten Tag\n.\n..\n",
        .file = "Bescheinigung.pdf",
        .id = "0123@bank.example",
        .data = (const char *)data,
        .length = 100000,
        .date = 0};
    struct buf out = {0};
    size_t line = 0;

    (void)state;
    message_write(&m, &out);
    assert_false(out.failed);
    for (size_t i = 0; i < out.length; i++) {
        unsigned char c = (unsigned char)out.data[i];

        assert_true(c < 0x7F && (c >= 0x20 || c == '\r' || c == '\n'));
        assert_true((c == '\n') == (i > 0 && out.data[i - 1] == '\r'));
        line = c == '\n' ? 0 : line + 1;
        assert_true(line <= 79); /* 78 and the CR */
    }
    buf_add(&out, "", 1);
    assert_non_null(strstr(out.data, "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"));
    assert_non_null(strstr(out.data, "\r\nTo: <a@b.example>\r\n"));
    assert_non_null(strstr(out.data, "\r\nMessage-ID: <0123@bank.example>\r\n"));
    assert_null(strstr(out.data, "Bcc"));
    assert_null(strstr(out.data, "\r\n.\r\n"));
    buf_free(&out);
    free(data);
}

/* RFC 4648, 10: the tests of base64. */
static void base64(void **state)
{
    static const char *const rows[][2] = {{"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct message m = {.from = "a@b.example",
                            .to = "c@d.example",
                            .subject = "s",
                            .text = rows[i][0],
                            .file = "f.pdf",
                            .id = "i",
                            .data = "",
                            .length = 0};
        struct buf out = {0};
        char line[40];

        message_write(&m, &out);
        buf_add(&out, "", 1);
        snprintf(line, sizeof line, "\r\n\r\n%s\r\n--=_taxcert", rows[i][1]);
        assert_non_null(strstr(out.data, line));
        buf_free(&out);
    }
}

/* Whatever the time between them: in no window of a minute more than the limit, and nobody waits longer than for that. */
static void rate_of_a_minute(void **state)
{
    static const long limits[] = {1, 2, 30};
    int64_t sent[400];

    (void)state;
    for (size_t k = 0; k < sizeof limits / sizeof *limits; k++) {
        struct rate r;
        int64_t now = 5; /* since the machine began */

        assert_true(rate_start(&r, limits[k]));
        for (int i = 0; i < 400; i++) {
            now += i % 7 * 137;
            now += rate_wait(&r, now);
            assert_int_equal(rate_wait(&r, now), 0);
            rate_take(&r, now);
            sent[i] = now;
            if (i >= limits[k])
                assert_true(sent[i] - sent[i - limits[k]] >= 60000);
            if (i >= limits[k] && i % 7 == 0)
                assert_int_equal(sent[i], sent[i - 1] > sent[i - limits[k]] + 60000 ? sent[i - 1] : sent[i - limits[k]] + 60000);
        }
        rate_stop(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(addresses), cmocka_unit_test(long_addresses), cmocka_unit_test(message_form),
                                       cmocka_unit_test(base64), cmocka_unit_test(rate_of_a_minute)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
