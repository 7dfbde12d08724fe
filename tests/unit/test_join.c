/* Print files: every page is drawn as issued but for the mark, by poppler; qpdf reads the file without a word. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "deliver/join.h"
#include "deliver/printed.h"
#include "taxcert.h"

#define OVER "14 20 4 4 re f" /* points from the lower left corner */

static char folder[] = "/tmp/taxcert-join-XXXXXX";

static glob_t list(const char *pattern)
{
    char path[200];
    glob_t found;

    snprintf(path, sizeof path, "%s/run/%s", folder, pattern);
    assert_int_equal(glob(path, 0, NULL, &found), 0);
    return found;
}

static int sh(const char *command)
{
    char line[600];

    snprintf(line, sizeof line, "cd %s && { %s; }", folder, command);
    return system(line);
}

static int make_run(void **state)
{
    char run[100];
    struct tc_options options = {.payroll = SOURCE_DIR "/samples/bank/payroll.json",
                                 .employees = SOURCE_DIR "/samples/bank/employees.json",
                                 .output = run,
                                 .templates = SOURCE_DIR "/templates",
                                 .allow_test_ids = true,
                                 .language = "en"};
    struct tc_result result;
    struct tc_error err = {0};

    (void)state;
    if (!mkdtemp(folder))
        return 1;
    snprintf(run, sizeof run, "%s/run", folder);
    return tc_generate(&options, &result, &err) != TC_OK;
}

static int drop_run(void **state)
{
    char line[100];

    (void)state;
    snprintf(line, sizeof line, "rm -r %s", folder);
    return system(line);
}

/* Joins the run's certificates, with an empty page behind each where it is for both sides. */
static bool join_all(const char *name, bool duplex, int spoilt, struct tc_error *err)
{
    glob_t seals = list("form/*.seal"), files = list("certificates/*/*.pdf");
    char **data = calloc(seals.gl_pathc, sizeof *data), path[100];
    unsigned char hash[HASH_SIZE];
    struct join j;
    size_t length;
    bool ok;
    int fd;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ok = join_start(&j, fd, err);
    for (size_t i = 0; ok && i < seals.gl_pathc; i++)
        ok = file_read(seals.gl_pathv[i], &data[i], &length, err) && join_add_seal(&j, seals.gl_pathv[i], data[i], length);
    for (size_t i = 0; ok && i < files.gl_pathc; i++) {
        char *pdf;

        ok = file_read(files.gl_pathv[i], &pdf, &length, err);
        if (ok && (int)i == spoilt)
            pdf[20] ^= 1;
        ok = ok && join_add_page(&j, files.gl_pathv[i], pdf, length, 0, OVER) && (!duplex || join_add_blank(&j));
        free(pdf);
    }
    ok = ok && join_end(&j, hash);
    join_stop(&j);
    close(fd);
    for (size_t i = 0; i < seals.gl_pathc; i++)
        free(data[i]);
    free(data);
    globfree(&seals);
    globfree(&files);
    return ok;
}

/* The mark is 4 points wide, 20 from the bottom: 842 - 24 to 842 - 20 from the top, in whole points. */
static void pages_as_issued(void **state)
{
    struct tc_error err = {0};

    (void)state;
    assert_true(join_all("simplex.pdf", false, -1, &err));
    assert_true(join_all("again.pdf", false, -1, &err));
    assert_int_equal(sh("cmp simplex.pdf again.pdf"), 0);
    assert_int_equal(sh("qpdf --check simplex.pdf > checked 2>&1"), 0);
    assert_int_equal(
        sh("pdftoppm -gray -r 72 simplex.pdf joined; i=0; for f in run/certificates/*/*.pdf; do pdftoppm -gray -r 72 -singlefile $f issued; i=$((i+1));"
           " cmp -l issued.pgm joined-$(printf %02d $i).pgm > differ; test $(wc -l < differ) -gt 0 -a $(wc -l < differ) -le 36 || exit 1; done;"
           " test $(ls joined-* | wc -l) = $i"),
        0);
    assert_int_not_equal(sh("qpdf --qdf simplex.pdf - | grep -aqE 'StructParents|pdfaid|certificate.json|/Metadata|/Info|/Names'"), 0);
    assert_int_equal(sh("test $(qpdf --qdf simplex.pdf - | grep -ac '/FontFile3 ') = $(($(ls run/form/*.seal | wc -l) * 2))"), 0);
}

static void backs_are_empty(void **state)
{
    struct tc_error err = {0};

    (void)state;
    assert_true(join_all("duplex.pdf", true, -1, &err));
    assert_int_equal(sh("n=$(ls run/certificates/*/*.pdf | wc -l); test $(qpdf --show-npages duplex.pdf) = $((2 * n))"), 0);
    assert_int_equal(sh("qpdf --json=2 --json-key=pages duplex.pdf | python3 -c \"import json,sys; p = json.load(sys.stdin)['pages'];"
                        " assert all(bool(x['contents']) == (i % 2 == 0) for i, x in enumerate(p))\""),
                     0);
}

/* How many pages of the file are each certificate's, with this over them; -1 where it is no print file. */
static int count_right(const char *name, const struct seals *seals, int turned, const char *over)
{
    glob_t files = list("certificates/*/*.pdf");
    struct tc_error err = {0};
    struct printed p;
    int right = printed_open(&p, folder, name, seals, &err) ? 0 : -1;

    for (size_t i = 0; right >= 0 && i < files.gl_pathc; i++) {
        size_t length;
        char *pdf;

        assert_true(file_read(files.gl_pathv[(i + (size_t)turned) % files.gl_pathc], &pdf, &length, &err));
        right += printed_is(&p, (long)i, seals, pdf, length, 0, over);
        assert_false(printed_is(&p, (long)i, seals, pdf, length, 1, over)); /* it has one page */
        assert_false(printed_is_blank(&p, (long)i));
        free(pdf);
    }
    assert_true(right < 0 || (size_t)p.count == files.gl_pathc);
    printed_close(&p);
    globfree(&files);
    return right;
}

/* Each page is its own certificate's and no other's; a byte that is another anywhere in a page is seen, and half a file is none. */
static void read_again(void **state)
{
    glob_t files = list("certificates/*/*.pdf");
    int all = (int)files.gl_pathc;
    struct tc_error err = {0};
    struct seals seals;
    char path[100];

    (void)state;
    globfree(&files);
    snprintf(path, sizeof path, "%s/run", folder);
    assert_true(seals_load(&seals, path, &err));
    assert_true(join_all("read.pdf", false, -1, &err));
    assert_int_equal(count_right("read.pdf", &seals, 0, OVER), all);
    assert_int_equal(count_right("read.pdf", &seals, 1, OVER), 0);
    assert_int_equal(count_right("read.pdf", &seals, 0, OVER " "), 0);
    assert_int_equal(
        sh("python3 -c \"import re; d = bytearray(open('read.pdf', 'rb').read());"
           " i = [m.end() for m in re.finditer(rb'/FlateDecode[^>]*>>stream\\n', d)][-1] + 40; d[i] ^= 1; open('spoilt.pdf', 'wb').write(d)\""),
        0);
    assert_int_equal(count_right("spoilt.pdf", &seals, 0, OVER), all - 1);
    assert_int_equal(sh("head -c -7 read.pdf > cut.pdf; head -c 3000 read.pdf > head.pdf; : > empty.pdf"), 0);
    assert_int_equal(count_right("cut.pdf", &seals, 0, OVER), -1);
    assert_int_equal(count_right("head.pdf", &seals, 0, OVER), -1);
    assert_int_equal(count_right("empty.pdf", &seals, 0, OVER), -1);
    seals_free(&seals);
}

/* A file that the run's forms did not begin is refused by name, not left out. */
static void stranger(void **state)
{
    struct tc_error err = {0};

    (void)state;
    assert_false(join_all("spoilt.pdf", false, 3, &err));
    assert_int_equal(err.code, TC_IO);
    assert_non_null(strstr(err.file, "certificates/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pages_as_issued), cmocka_unit_test(backs_are_empty), cmocka_unit_test(read_again),
                                       cmocka_unit_test(stranger)};

    return cmocka_run_group_tests(tests, make_run, drop_run);
}
