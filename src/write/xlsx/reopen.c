#include "write/xlsx/reopen.h"

#include <fcntl.h>
#include <minizip/unzip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define BLOCK ((size_t)64 * 1024)

int reopen_number(const char *name)
{
    int number, read = 0;

    return sscanf(name, "xl/worksheets/sheet%d.xml%n", &number, &read) == 1 && read > 0 && name[read] == '\0' ? number : 0;
}

/* Reads the part to its end, as it is packed or not. */
static bool read_part(unzFile zip, bool packed, unsigned char *block, uint32_t *crc, uint64_t *length)
{
    int method, level, n;

    *crc = 0;
    *length = 0;
    if (unzOpenCurrentFile2(zip, &method, &level, packed) != UNZ_OK)
        return false;
    while ((n = unzReadCurrentFile(zip, block, (unsigned)BLOCK)) > 0) {
        *crc = (uint32_t)crc32(*crc, block, (uInt)n);
        *length += (uint64_t)n;
    }
    return unzCloseCurrentFile(zip) == UNZ_OK && n == 0; /* closing compares the checksum of what was unpacked */
}

static bool check_part(unzFile zip, unsigned char *block, const struct reopen_sheet *sheets, int count, int *found)
{
    const struct reopen_sheet *sheet = NULL;
    unz_file_info64 info;
    char name[128];
    uint64_t length;
    uint32_t crc;
    int number;

    if (unzGetCurrentFileInfo64(zip, &info, name, sizeof name, NULL, 0, NULL, 0) != UNZ_OK)
        return false;
    number = reopen_number(name);
    if (number > count)
        return false;
    *found += number > 0;
    if (number > 0 && sheets[number - 1].packed > 0)
        sheet = &sheets[number - 1];
    if (!read_part(zip, sheet != NULL, block, &crc, &length))
        return false;
    if (!sheet)
        return length == info.uncompressed_size;
    return length == sheet->packed && crc == sheet->packed_crc && info.compressed_size == sheet->packed
           && info.uncompressed_size == sheet->length && info.crc == sheet->crc;
}

/* The archive's last record, without a comment, is the file's end; minizip does not mind a few bytes less. */
static bool ends_whole(const char *path)
{
    static const char signature[] = "PK\5\6";
    char record[22] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && lseek(fd, -(off_t)sizeof record, SEEK_END) >= 0 && read(fd, record, sizeof record) == sizeof record;

    if (fd >= 0)
        close(fd);
    return ok && memcmp(record, signature, 4) == 0 && record[20] == 0 && record[21] == 0;
}

bool reopen_check(const char *path, const struct reopen_sheet *sheets, int count, struct tc_error *err)
{
    unsigned char *block = malloc(BLOCK);
    unzFile zip = block ? unzOpen64(path) : NULL;
    int found = 0, next = zip ? unzGoToFirstFile(zip) : UNZ_ERRNO;

    while (next == UNZ_OK && check_part(zip, block, sheets, count, &found))
        next = unzGoToNextFile(zip);
    if (zip)
        unzClose(zip);
    if (!block)
        return error_memory(err);
    free(block);
    if (next == UNZ_END_OF_LIST_OF_FILE && found == count && ends_whole(path))
        return true;
    return error_set(err, TC_IO, path, NULL, "workbook", "the finished workbook is not whole: is the disk full?");
}
