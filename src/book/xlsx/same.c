#include "book/xlsx/same.h"

#include <minizip/unzip.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)64 * 1024)

static bool part_name(unzFile zip, char name[128])
{
    unz_file_info64 info;

    return unzGetCurrentFileInfo64(zip, &info, name, 128, NULL, 0, NULL, 0) == UNZ_OK && info.size_filename < 128;
}

/* blocks: two. */
static bool same_bytes(unzFile a, unzFile b, char *blocks)
{
    int m, n;

    if (unzOpenCurrentFile(a) != UNZ_OK || unzOpenCurrentFile(b) != UNZ_OK)
        return false;
    do {
        m = unzReadCurrentFile(a, blocks, (unsigned)BLOCK);
        n = unzReadCurrentFile(b, blocks + BLOCK, (unsigned)BLOCK);
    } while (m > 0 && m == n && memcmp(blocks, blocks + BLOCK, (size_t)m) == 0);
    return m == 0 && n == 0 && unzCloseCurrentFile(a) == UNZ_OK && unzCloseCurrentFile(b) == UNZ_OK; /* which compares the checksums */
}

static bool same_parts(unzFile a, unzFile b, char *blocks)
{
    int m = unzGoToFirstFile(a), n = unzGoToFirstFile(b);
    char ours[128], theirs[128];

    for (; m == UNZ_OK && n == UNZ_OK; m = unzGoToNextFile(a), n = unzGoToNextFile(b))
        if (!part_name(a, ours) || !part_name(b, theirs) || strcmp(ours, theirs) != 0 || !same_bytes(a, b, blocks))
            return false;
    return m == UNZ_END_OF_LIST_OF_FILE && n == UNZ_END_OF_LIST_OF_FILE;
}

bool xlsx_same(const char *ours, const char *theirs, bool *same, struct tc_error *err)
{
    char *blocks = malloc(2 * BLOCK);
    unzFile a = blocks ? unzOpen64(ours) : NULL, b = a ? unzOpen64(theirs) : NULL;

    *same = b && same_parts(a, b, blocks);
    if (!blocks)
        error_memory(err);
    else if (!a)
        error_set(err, TC_IO, ours, NULL, "workbook", "the workbook that was just made cannot be read");
    if (a)
        unzClose(a);
    if (b)
        unzClose(b);
    free(blocks);
    return blocks && a;
}
