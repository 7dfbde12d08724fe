/* The rows that the import's reader finds in a file, a JSON list a line: the line it starts in, its fields. Usage:
 * csv_rows FILE ENCODING SEPARATOR [QUOTE] */
#include <stdlib.h>

#include "import/csv.h"

static void tell(void *ctx, long line, long column, const char *rule, const char *message)
{
    (void)ctx;
    fprintf(stderr, "%ld:%ld %s %s\n", line, column, rule, message);
}

int main(int argc, char **argv)
{
    static struct csv csv;
    struct tc_error err = {0};
    struct buf out = {0};

    if (argc < 4)
        return 2;
    csv.in.encoding = encoding_find(argv[2]);
    csv.separator = (unsigned char)argv[3][0];
    csv.quote = argc > 4 ? (unsigned char)argv[4][0] : 0;
    csv.tell = tell;
    if (csv_open(&csv, argv[1], &err))
        while (csv_next(&csv, &err)) {
            buf_printf(&out, "[%ld", csv.record_line);
            for (size_t i = 1; i <= csv.count; i++) {
                buf_add(&out, ",", 1);
                buf_quote(&out, csv_field(&csv, i));
            }
            buf_puts(&out, "]\n");
            fwrite(out.data, 1, out.length, stdout);
            out.length = 0;
        }
    if (err.code)
        fprintf(stderr, "%s\n", err.message);
    csv_close(&csv);
    buf_free(&out);
    return err.code ? 1 : 0;
}
