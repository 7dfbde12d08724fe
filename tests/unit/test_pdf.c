/* What a PDF reader finds in the sample bank's certificates is what struct page says: elements, order, texts. Of those that have the
 * same elements and as many texts the first is read, and every eighth of all. */
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
#define BANK_MARKS (MARK_DRAFT | MARK_DUPLICATE | MARK_CORRECTION)
#include "bank.h"

/* poppler's tree in the outline's form: an element's name alone, texts without quotes, empty ones and attributes left out. */
static void read_tree(const char *path, struct buf *out)
{
    char command[200], line[1000];
    FILE *tree;

    snprintf(command, sizeof command, "pdfinfo -struct-text %s 2>&1", path);
    tree = popen(command, "r");
    assert_non_null(tree);
    while (fgets(line, sizeof line, tree)) {
        size_t indent = strspn(line, " "), length = strcspn(line, "\n");

        if (indent == 0 || line[indent] == '/' || !strcmp(line + indent, "\"\"\n"))
            continue;
        if (line[indent] == '"')
            buf_printf(out, "%.*s%.*s\n", (int)indent, line, (int)(length - indent) - 2, line + indent + 1);
        else
            buf_printf(out, "%.*s\n", (int)(indent + strcspn(line + indent, " :\n")), line);
    }
    assert_int_equal(pclose(tree), 0);
}

/* Whether a certificate of these elements and as many texts was read before. */
static bool read_before(uint32_t choices, const struct buf *outline)
{
    static uint64_t seen[256];
    static size_t count;
    uint64_t shape = (uint64_t)choices << 32;

    for (size_t i = 0; i < outline->length; i++)
        shape += outline->data[i] == '\n';
    for (size_t i = 0; i < count; i++)
        if (seen[i] == shape)
            return true;
    assert_in_range(count, 0, 255);
    seen[count++] = shape;
    return false;
}

static void tags(void **state)
{
    struct certify_job job = {&engine, input, wages, given, {engine.template, NULL, NULL, 0}, NULL, NULL};
    struct certify_worker worker;
    struct tc_error err = {0};
    struct arena arena = {0};
    char path[] = "/tmp/test_pdf.XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_true(certify_start(&worker, &engine, &err));
    for (size_t i = 0; i < input_certificates(input); i++) {
        struct certify_result result;
        struct buf said = {0}, heard = {0};

        assert_true(certify(&job, &worker, i, true, &arena, &result, &err));
        assert_true(result.issued);
        page_outline(&engine.form.page, worker.placed, &said);
        if (!read_before(page_choices(&engine.form.page, worker.placed), &said) || i % 8 == 0) {
            unlink(path);
            assert_true(file_write_parts(path, worker.pdf.file, PDF_PARTS, &err));
            read_tree(path, &heard);
            buf_add(&said, "", 1);
            buf_add(&heard, "", 1);
            assert_string_equal(heard.data, said.data);
        }
        buf_free(&said);
        buf_free(&heard);
        arena_reset(&arena);
    }
    unlink(path);
    certify_stop(&worker);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tags)};

    return cmocka_run_group_tests(tests, load, unload);
}
