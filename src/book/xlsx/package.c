#include "book/xlsx/package.h"

#include <errno.h>
#include <inttypes.h>
#include <libdeflate.h>
#include <minizip/unzip.h>
#include <minizip/zip.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SIZE "<dimension "
#define ROWS "<sheetData"
#define ROWS_NONE "<sheetData/>"
#define ROWS_BEGIN "<sheetData>"
#define ROWS_END "</sheetData>"
#define LARGE 0xFFFF0000u /* bytes from which an entry needs the format's wide numbers */

/* An entry as it goes out: packed parts in order, and what they hold. */
struct entry {
    char name[128];
    zip_fileinfo info;
    int method, level;
    uint64_t length;
    uint32_t crc;
};

static bool describe(unzFile from, struct entry *e)
{
    unz_file_info64 info;

    *e = (struct entry){.method = 0};
    if (unzGetCurrentFileInfo64(from, &info, e->name, sizeof e->name, NULL, 0, NULL, 0) != UNZ_OK)
        return false;
    e->info.dosDate = info.dosDate;
    e->info.external_fa = info.external_fa;
    e->length = info.uncompressed_size;
    e->crc = (uint32_t)info.crc;
    return true;
}

static bool begin(zipFile to, const struct entry *e)
{
    return zipOpenNewFileInZip2_64(to, e->name, &e->info, NULL, 0, NULL, 0, NULL, e->method, e->level, 1, e->length >= LARGE) == ZIP_OK;
}

static bool end(zipFile to, const struct entry *e)
{
    return zipCloseFileInZipRaw64(to, e->length, e->crc) == ZIP_OK;
}

static bool copy_entry(unzFile from, zipFile to, struct entry *e)
{
    char block[16384];
    bool ok = unzOpenCurrentFile2(from, &e->method, &e->level, 1) == UNZ_OK && begin(to, e);
    int n = 0;

    while (ok && (n = unzReadCurrentFile(from, block, sizeof block)) > 0)
        ok = zipWriteInFileInZip(to, block, (unsigned)n) == ZIP_OK;
    return ok && n == 0 && end(to, e) && unzCloseCurrentFile(from) == UNZ_OK;
}

/* Text of a sheet before and behind its rows, of which it has none: written in one of two ways. */
static bool split(const char *text, size_t length, const struct rows *r, struct buf *before, struct buf *behind, struct tc_error *err)
{
    const char *end = text + length, *size = memmem(text, length, SIZE, sizeof SIZE - 1);
    const char *rest = size ? memchr(size, '>', (size_t)(end - size)) : NULL;
    const char *data = rest ? memmem(rest, (size_t)(end - rest), ROWS, sizeof ROWS - 1) : NULL;
    bool none = data && (size_t)(end - data) > sizeof ROWS_NONE && !memcmp(data, ROWS_NONE, sizeof ROWS_NONE - 1);
    char column[4];

    if (!data
        || (!none
            && ((size_t)(end - data) < sizeof ROWS_BEGIN ROWS_END
                || memcmp(data, ROWS_BEGIN ROWS_END, sizeof ROWS_BEGIN ROWS_END - 1) != 0)))
        return false;
    rows_column(r->columns - 1, column);
    buf_add(before, text, (size_t)(size - text));
    buf_printf(before, SIZE "ref=\"A1:%s%" PRIu32 "\"/", column, r->last);
    buf_add(before, rest, (size_t)(data - rest));
    buf_puts(before, ROWS_BEGIN);
    buf_puts(behind, ROWS_END);
    data += none ? sizeof ROWS_NONE - 1 : sizeof ROWS_BEGIN ROWS_END - 1;
    buf_add(behind, data, (size_t)(end - data));
    return (!before->failed && !behind->failed) || error_memory(err);
}

static void extend(struct entry *e, uint32_t crc, uint64_t length)
{
    e->crc = (uint32_t)crc32_combine(e->crc, crc, (z_off_t)length);
    e->length += length;
}

static bool put_packed(zipFile to, const char *data, size_t length, struct reopen_sheet *written)
{
    written->packed += length;
    written->packed_crc = libdeflate_crc32(written->packed_crc, data, length);
    return zipWriteInFileInZip(to, data, (unsigned)length) == ZIP_OK;
}

static bool put_rows(zipFile to, const struct rows *r, struct reopen_sheet *written)
{
    char block[65536];
    size_t n;

    if (fseek(r->file, 0, SEEK_SET) != 0) /* writes what it still holds */
        return false;
    while ((n = fread(block, 1, sizeof block, r->file)) > 0)
        if (!put_packed(to, block, n, written))
            return false;
    return !ferror(r->file);
}

static bool write_sheet(zipFile to, struct entry *e, const struct rows *r, const struct buf *before, const struct buf *behind,
                        struct packer *packer, struct reopen_sheet *written, struct tc_error *err)
{
    struct buf first = {0}, last = {0};
    bool ok = (packer_add(packer, before->data, before->length, false, &first)
               && packer_add(packer, behind->data, behind->length, true, &last))
              || error_memory(err);

    e->crc = (uint32_t)crc32(0, (const Bytef *)before->data, (uInt)before->length);
    e->length = before->length;
    extend(e, r->crc, r->length);
    extend(e, (uint32_t)crc32(0, (const Bytef *)behind->data, (uInt)behind->length), behind->length);
    written->length = e->length;
    written->crc = e->crc;
    ok = ok && begin(to, e) && put_packed(to, first.data, first.length, written) && put_rows(to, r, written)
         && put_packed(to, last.data, last.length, written) && end(to, e);
    buf_free(&first);
    buf_free(&last);
    return ok;
}

static bool fill_sheet(unzFile from, zipFile to, struct entry *e, const struct rows *r, struct packer *packer, struct reopen_sheet *written,
                       struct tc_error *err)
{
    struct buf before = {0}, behind = {0};
    char *text = malloc(e->length + 1);
    bool ok = (text || error_memory(err)) && unzOpenCurrentFile2(from, &e->method, &e->level, 0) == UNZ_OK
              && unzReadCurrentFile(from, text, (unsigned)e->length) == (int)e->length && unzCloseCurrentFile(from) == UNZ_OK
              && split(text, e->length, r, &before, &behind, err) && write_sheet(to, e, r, &before, &behind, packer, written, err);

    free(text);
    buf_free(&before);
    buf_free(&behind);
    return ok;
}

bool package_join(const char *frame, const char *path, const struct rows *const *rows, int sheets, struct packer *packer,
                  struct reopen_sheet *written, struct tc_error *err)
{
    unzFile from = (errno = 0, unzOpen64(frame));
    zipFile to = from ? zipOpen64(path, APPEND_STATUS_CREATE) : NULL;
    int next = to ? unzGoToFirstFile(from) : UNZ_ERRNO;
    bool ok = to != NULL;

    while (ok && next == UNZ_OK) {
        struct entry e;
        int number;

        ok = describe(from, &e);
        number = ok ? reopen_number(e.name) : 0;
        if (number >= 1 && number <= sheets && rows[number - 1]->last > 0)
            ok = fill_sheet(from, to, &e, rows[number - 1], packer, &written[number - 1], err);
        else
            ok = ok && copy_entry(from, to, &e);
        next = unzGoToNextFile(from);
    }
    if (from)
        unzClose(from);
    ok = (!to || zipClose(to, NULL) == ZIP_OK) && ok && next == UNZ_END_OF_LIST_OF_FILE;
    return ok || error_set(err, TC_IO, path, NULL, "workbook", "the workbook cannot be written (%s)", error_cause(errno));
}
