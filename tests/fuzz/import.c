#include "base/text.h"
#include "fuzz.h"
#include "import/csv.h"

/* What reading tells is compared with what reading it again, written plainly, tells. */
struct reading {
    struct buf fields; /* each with an end, each row with a 1 behind it */
    long mistakes;
};

static void count(void *ctx, long line, long column, const char *rule, const char *message)
{
    struct reading *r = ctx;

    if (line < 1 || column < 0 || !*rule || !*message)
        abort();
    r->mistakes++;
}

static void read_all(const char *path, const char *encoding, uint32_t separator, uint32_t quote, struct reading *r)
{
    static struct csv csv;
    struct tc_error err = {0};
    long last = 0;

    memset(&csv, 0, sizeof csv);
    csv.in.encoding = encoding_find(encoding);
    csv.separator = separator;
    csv.quote = quote;
    csv.tell = count;
    csv.ctx = r;
    if (csv_open(&csv, path, &err))
        while (csv_next(&csv, &err)) {
            if (csv.record_line <= last || csv.count < 1 || csv.line < csv.record_line)
                abort();
            last = csv.record_line;
            for (size_t i = 1; i <= csv.count; i++) {
                const char *text = csv_field(&csv, i);
                if (!text_is_utf8_part(text, strlen(text)))
                    abort();
                buf_add(&r->fields, text, strlen(text) + 1);
            }
            buf_add(&r->fields, "\1", 1);
        }
    if (err.code)
        r->mistakes++;
    csv_close(&csv);
}

/* Every field in quotes. */
static void write_again(const struct buf *fields, struct buf *out)
{
    const char *sign = "";

    buf_puts(out, "\xEF\xBB\xBF"); /* so that a field's own mark stays one */
    for (size_t at = 0; at < fields->length;) {
        if (fields->data[at] == '\1' && *sign) {
            buf_puts(out, "\r\n");
            sign = "";
            at++;
            continue;
        }
        buf_puts(out, sign);
        buf_puts(out, "\"");
        for (; fields->data[at]; at++)
            buf_puts(out, fields->data[at] == '"' ? "\"\"" : (char[]){fields->data[at], '\0'});
        buf_puts(out, "\"");
        sign = ";";
        at++;
    }
}

/* Rows of text without control characters but line breaks come back as they are. */
static void round_trip(const struct reading *first)
{
    struct reading second = {0};
    struct buf text = {0};
    char path[64];
    int fd;

    if (memchr(first->fields.data, '\r', first->fields.length) || !memcmp(first->fields.data, "sep=", 4))
        return;
    write_again(&first->fields, &text);
    fd = fuzz_file((const uint8_t *)text.data, text.length, path);
    read_all(path, "utf-8", ';', '"', &second);
    if (second.mistakes || second.fields.length != first->fields.length
        || memcmp(second.fields.data, first->fields.data, first->fields.length) != 0)
        abort();
    close(fd);
    buf_free(&text);
    buf_free(&second.fields);
}

static void nobody(void *ctx, const struct tc_import_origin *origin)
{
    (void)ctx;
    if (!origin->part || !origin->key)
        abort();
}

static void no_value(void *ctx, const struct tc_import_finding *f)
{
    (void)ctx;
    if (!f->message || !f->rule)
        abort();
}

/* All of a mapping, in the first dialect; the person is looked for, so that nothing is written. */
static void import_all(const char *path, const char *mapping)
{
    const char *files[] = {path};
    struct tc_import_options options = {
        .mapping = mapping, .files = files, .file_count = 1, .explain = "0001", .on_finding = no_value, .on_origin = nobody};
    struct tc_import_result result;
    struct tc_error err = {0};

    tc_import(&options, &result, &err);
    if (result.findings > 0 && !err.code)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const encodings[] = {"utf-8", "windows-1252", "utf-16le", "utf-16be", "cp850", "iso-8859-15", "iso-8859-1"};
    static const char separators[] = ";,\t|", *const mappings[] = {"long", "row", "months"};
    struct reading first = {0};
    char path[64], mapping[200];
    int fd;

    if (size < 3)
        return 0;
    fd = fuzz_file(data + 3, size - 3, path);
    read_all(path, encodings[data[0] % 7], (uint32_t)separators[data[1] % 4], data[1] & 4 ? 0 : '"', &first);
    if (!first.mistakes && first.fields.length > 0)
        round_trip(&first);
    snprintf(mapping, sizeof mapping, SOURCE_DIR "/tests/fuzz/mappings/%s.json", mappings[data[2] % 3]);
    import_all(path, mapping);
    close(fd);
    buf_free(&first.fields);
    return 0;
}
