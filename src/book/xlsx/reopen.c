#include "book/xlsx/reopen.h"

#include <errno.h>
#include <libdeflate.h>
#include <minizip/unzip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define BLOCK ((size_t)64 * 1024)

int reopen_number(const char *name)
{
    int number, read = 0;

    return sscanf(name, "xl/worksheets/sheet%d.xml%n", &number, &read) == 1 && read > 0 && name[read] == '\0' ? number : 0;
}

/* The finished file while it is looked at. */
struct opened {
    unzFile zip;
    int fd; /* the same file */
    unsigned char *block;
};

/* Unpacks the part to its end. */
static bool unpack(const struct opened *o, uint64_t *length)
{
    int n;

    *length = 0;
    if (unzOpenCurrentFile(o->zip) != UNZ_OK)
        return false;
    while ((n = unzReadCurrentFile(o->zip, o->block, (unsigned)BLOCK)) > 0)
        *length += (uint64_t)n;
    return unzCloseCurrentFile(o->zip) == UNZ_OK && n == 0; /* closing compares the checksum */
}

/* Reads the part as it is packed: minizip would go through it byte by byte. */
static bool read_packed(const struct opened *o, uint64_t length, uint32_t *crc)
{
    int method, level;
    ZPOS64_T at = unzOpenCurrentFile2(o->zip, &method, &level, 1) == UNZ_OK ? unzGetCurrentFileZStreamPos64(o->zip) : 0;
    ssize_t n = 1;

    *crc = 0;
    for (; at > 0 && length > 0 && n > 0; at += (ZPOS64_T)n, length -= (uint64_t)n) {
        n = pread(o->fd, o->block, length < BLOCK ? length : BLOCK, (off_t)at);
        if (n > 0)
            *crc = libdeflate_crc32(*crc, o->block, (size_t)n);
    }
    unzCloseCurrentFile(o->zip);
    return at > 0 && n > 0;
}

static bool check_part(const struct opened *o, const struct reopen_sheet *sheets, int count, int *found)
{
    const struct reopen_sheet *sheet = NULL;
    unz_file_info64 info;
    char name[128];
    uint64_t length;
    uint32_t crc;
    int number;

    if (unzGetCurrentFileInfo64(o->zip, &info, name, sizeof name, NULL, 0, NULL, 0) != UNZ_OK)
        return false;
    number = reopen_number(name);
    if (number > count)
        return false;
    *found += number > 0;
    if (number > 0 && sheets[number - 1].packed > 0)
        sheet = &sheets[number - 1];
    if (!sheet)
        return unpack(o, &length) && length == info.uncompressed_size;
    return info.compressed_size == sheet->packed && info.uncompressed_size == sheet->length && info.crc == sheet->crc
           && read_packed(o, sheet->packed, &crc) && crc == sheet->packed_crc;
}

/* The archive's last record, without a comment, is the file's end; minizip does not mind a few bytes less. */
static bool ends_whole(int fd)
{
    static const char signature[] = "PK\5\6";
    char record[22] = "";
    bool ok = lseek(fd, -(off_t)sizeof record, SEEK_END) >= 0 && read(fd, record, sizeof record) == sizeof record;

    return ok && memcmp(record, signature, 4) == 0 && record[20] == 0 && record[21] == 0;
}

bool reopen_check(const char *path, const struct reopen_sheet *sheets, int count, struct tc_error *err)
{
    struct tc_error ignored = {0}; /* its errno is told */
    struct opened o = {.block = malloc(BLOCK), .fd = file_open(path, TC_IO, &ignored)};
    int found = 0, next = UNZ_ERRNO, code;
    bool whole;

    if (o.fd >= 0)
        errno = 0;
    if (o.block && o.fd >= 0 && (o.zip = unzOpen64(path)) != NULL)
        next = unzGoToFirstFile(o.zip);
    while (next == UNZ_OK && check_part(&o, sheets, count, &found))
        next = unzGoToNextFile(o.zip);
    code = errno;
    whole = next == UNZ_END_OF_LIST_OF_FILE && found == count && ends_whole(o.fd);
    if (o.zip)
        unzClose(o.zip);
    if (o.fd >= 0)
        close(o.fd);
    free(o.block);
    if (whole)
        return true;
    if (!o.block)
        return error_memory(err);
    return error_set(err, TC_IO, path, NULL, "workbook", "the finished workbook is incomplete: is the disk full? (%s)", error_cause(code));
}
