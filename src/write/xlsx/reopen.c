#include "write/xlsx/reopen.h"

#include <minizip/unzip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)256 * 1024)
#define ROW "<row "
#define END "</worksheet>"

/* One part while it is unpacked. The end of a block is kept before the next one, so that nothing is missed between. */
struct part {
    char *block;
    size_t kept;
    uint32_t rows;
};

static void count_rows(struct part *p, size_t length)
{
    const char *at = p->block, *end = p->block + length;

    while ((at = memmem(at, (size_t)(end - at), ROW, sizeof ROW - 1)) != NULL) {
        p->rows++;
        at += sizeof ROW - 1;
    }
}

/* Whether the part is whole; rows and the last bytes are left in p. */
static bool unpack(unzFile zip, struct part *p)
{
    bool ok;
    int n;

    p->kept = 0;
    p->rows = 0;
    if (unzOpenCurrentFile(zip) != UNZ_OK)
        return false;
    while ((n = unzReadCurrentFile(zip, p->block + p->kept, (unsigned)BLOCK)) > 0) {
        size_t length = p->kept + (size_t)n, keep = length < sizeof END ? length : sizeof END;

        count_rows(p, length);
        memmove(p->block, p->block + length - keep, keep);
        p->kept = keep;
        if (memmem(p->block, keep, ROW, sizeof ROW - 1))
            p->rows--; /* it is counted again with the next block */
    }
    ok = n == 0;
    if (p->kept > 0 && memmem(p->block, p->kept, ROW, sizeof ROW - 1))
        p->rows++;
    return unzCloseCurrentFile(zip) == UNZ_OK && ok;
}

int reopen_sheet(const char *name)
{
    int number, read = 0;

    return sscanf(name, "xl/worksheets/sheet%d.xml%n", &number, &read) == 1 && read > 0 && name[read] == '\0' ? number : 0;
}

static bool check_part(unzFile zip, struct part *p, const uint32_t *rows, int sheets, int *found)
{
    unz_file_info info;
    char name[128];
    int number;

    if (unzGetCurrentFileInfo(zip, &info, name, sizeof name, NULL, 0, NULL, 0) != UNZ_OK || !unpack(zip, p))
        return false;
    number = reopen_sheet(name);
    if (number == 0)
        return true;
    ++*found;
    return number >= 1 && number <= sheets && p->rows == rows[number - 1] && memmem(p->block, p->kept, END, sizeof END - 1) != NULL;
}

/* The archive's last record, without a comment, is the file's end; minizip does not mind a few bytes less. */
static bool ends_whole(const char *path)
{
    static const char signature[] = "PK\5\6";
    char record[22] = "";
    FILE *file = fopen(path, "rb");
    bool ok = file && fseek(file, -(long)sizeof record, SEEK_END) == 0 && fread(record, 1, sizeof record, file) == sizeof record;

    if (file)
        fclose(file);
    return ok && memcmp(record, signature, 4) == 0 && record[20] == 0 && record[21] == 0;
}

bool reopen_check(const char *path, const uint32_t *rows, int sheets, struct tc_error *err)
{
    struct part part = {.block = malloc(BLOCK + sizeof END)};
    unzFile zip = part.block ? unzOpen64(path) : NULL;
    int found = 0, next = zip ? unzGoToFirstFile(zip) : UNZ_ERRNO;

    while (next == UNZ_OK && check_part(zip, &part, rows, sheets, &found))
        next = unzGoToNextFile(zip);
    if (zip)
        unzClose(zip);
    if (!part.block)
        return error_memory(err);
    free(part.block);
    if (next == UNZ_END_OF_LIST_OF_FILE && found == sheets && ends_whole(path))
        return true;
    return error_set(err, TC_IO, path, NULL, "workbook", "the finished workbook is not whole: is the disk full?");
}
