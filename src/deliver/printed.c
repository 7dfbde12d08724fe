#include "deliver/printed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define FORGET 1024 /* objects after which memory is given back */
#define TAIL 64     /* bytes in which the last cross-reference's place stands */

/* Behind the key in this object, or NULL. */
static const char *behind(const struct printed *p, const char *object, const char *key)
{
    const char *end = object ? memmem(object, p->size - (size_t)(object - p->data), "endobj", 6) : NULL;
    const char *stream = end ? memmem(object, (size_t)(end - object), "stream\n", 7) : NULL; /* its bytes may hold any word */
    const char *at;

    if (stream)
        end = stream;
    at = end ? memmem(object, (size_t)(end - object), key, strlen(key)) : NULL;
    return at ? at + strlen(key) : NULL;
}

static const char *object_at(const struct printed *p, long number)
{
    return number > 0 && number < p->object_count ? p->objects[number] : NULL;
}

/* The reference at text: its number, moved behind; 0 where there is none. */
static long take_reference(const char **text)
{
    char *end;
    long number = strtol(*text, &end, 10);

    if (end == *text || strncmp(end, " 0 R", 4) != 0)
        return 0;
    *text = end + 4;
    return number;
}

/* Bytes of a stream object; NULL where it is none. */
static const char *stream_of(const struct printed *p, long number, size_t *length)
{
    const char *object = object_at(p, number), *size = behind(p, object, "/Length "), *stream;

    if (!size)
        return NULL;
    *length = strtoul(size, NULL, 10);
    stream = memmem(object, p->size - (size_t)(object - p->data), "stream\n", 7);
    if (!stream || *length > p->size || (size_t)(stream + 7 - p->data) > p->size - *length)
        return NULL;
    return stream + 7;
}

static bool read_table(struct printed *p, struct tc_error *err)
{
    bool whole = p->size > TAIL && memcmp(p->data + p->size - 6, "%%EOF\n", 6) == 0; /* no number is the last thing in it */
    const char *tail = whole ? memmem(p->data + p->size - TAIL, TAIL, "startxref\n", 10) : NULL;
    size_t place = tail ? strtoul(tail + 10, NULL, 10) : p->size;
    char *at;

    if (place >= p->size || strncmp(p->data + place, "xref\n0 ", 7) != 0)
        return false;
    p->object_count = strtol(p->data + place + 7, &at, 10);
    if (p->object_count < 2 || (size_t)p->object_count > p->size / 20)
        return false;
    p->objects = calloc((size_t)p->object_count, sizeof *p->objects);
    if (!p->objects)
        return error_memory(err);
    at += 21; /* behind the line's end and the free entry */
    for (long i = 1; i < p->object_count; i++, at += 20) {
        size_t offset = strtoul(at, NULL, 10);
        char *end;

        if (offset >= place || strtol(p->data + offset, &end, 10) != i || strncmp(end, " 0 obj\n", 7) != 0)
            return false;
        p->objects[i] = end + 7;
        if (i % FORGET == 0)
            printed_forget(p);
    }
    return true;
}

/* Adds the pages below a node. */
static bool add_pages(struct printed *p, long number, int depth)
{
    const char *object = object_at(p, number), *kids = behind(p, object, "/Kids[");
    long kid;

    if (!object || depth > 3)
        return false;
    if (!kids) {
        p->pages[p->count++] = number;
        if (p->count % FORGET == 0)
            printed_forget(p);
        return p->count < p->object_count;
    }
    while ((kid = take_reference(&kids)) != 0) {
        if (!add_pages(p, kid, depth + 1))
            return false;
        kids += *kids == ' ';
    }
    return *kids == ']';
}

static bool read_pages(struct printed *p, struct tc_error *err)
{
    const char *root = memmem(p->data + p->size - (p->size < 300 ? p->size : 300), p->size < 300 ? p->size : 300, "/Root ", 6), *pages;

    p->pages = calloc((size_t)p->object_count + 1, sizeof *p->pages);
    if (!p->pages)
        return error_memory(err);
    if (!root)
        return false;
    pages = behind(p, object_at(p, strtol(root + 6, NULL, 10)), "/Pages ");
    return pages && add_pages(p, strtol(pages, NULL, 10), 0);
}

bool printed_open(struct printed *p, const char *folder, const char *name, const struct seals *seals, struct tc_error *err)
{
    char path[FILE_PATH_MAX];
    int fd = file_path(folder, name, path, err) ? file_open_below(folder, name, TC_IO, err) : -1;
    struct stat status;
    void *mapped = MAP_FAILED;

    *p = (struct printed){.count = 0};
    if (fd >= 0 && fstat(fd, &status) == 0 && status.st_size > 0)
        mapped = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (fd >= 0)
        close(fd);
    if (mapped == MAP_FAILED)
        return error_set(err, TC_IO, path, NULL, "file", "the file cannot be read (%s)", error_cause(errno));
    p->data = mapped;
    p->size = (size_t)status.st_size;
    p->resources = calloc((seals->count + 1) * SEALED_PAGES_MAX, sizeof *p->resources);
    if (!p->resources)
        return error_memory(err);
    return (read_table(p, err) && read_pages(p, err))
           || error_set(err, TC_IO, path, NULL, "print-file", "this is not a print file that taxcert made");
}

/* A page of a seal has one resources object always, and no other seal's pages have it. */
static bool has_resources(struct printed *p, long page, const struct seals *seals, size_t seal, int of)
{
    const char *at = behind(p, object_at(p, p->pages[page]), "/Resources ");
    long number = at ? strtol(at, NULL, 10) : 0, *own = &p->resources[seal * SEALED_PAGES_MAX + (size_t)of];

    for (size_t i = 0; *own != number && i < seals->count * SEALED_PAGES_MAX; i++)
        if (i / SEALED_PAGES_MAX != seal && p->resources[i] == number)
            return false;
    if (*own == 0)
        *own = number;
    return number != 0 && *own == number;
}

bool printed_is(struct printed *p, long page, const struct seals *seals, const char *data, size_t length, int of, const char *over)
{
    const char *contents = page < p->count ? behind(p, object_at(p, p->pages[page]), "/Contents[") : NULL, *there, *mark;
    size_t there_size = 0, mark_size = 0, over_length = strlen(over), seal = seals_find(seals, data, length);
    struct sealed_part issued;
    long numbers[3];
    bool fixed;

    if (!contents || seal == seals->count || of >= seals->forms[seal].page_count || !has_resources(p, page, seals, seal, of)
        || !sealed_content(&seals->forms[seal], of, data, length, &issued, &fixed))
        return false;
    for (int i = 0; i < 3; i++) {
        numbers[i] = take_reference(&contents);
        contents += *contents == ' ';
    }
    there = stream_of(p, numbers[1], &there_size);
    mark = stream_of(p, numbers[2], &mark_size);
    return there && mark && *contents == ']' && there_size == issued.size && memcmp(there, issued.data, issued.size) == 0
           && mark_size == over_length + 2 && memcmp(mark, "Q ", 2) == 0 && memcmp(mark + 2, over, over_length) == 0;
}

bool printed_is_blank(const struct printed *p, long page)
{
    const char *object = page < p->count ? object_at(p, p->pages[page]) : NULL;

    return object && !behind(p, object, "/Contents");
}

void printed_forget(const struct printed *p)
{
    madvise(p->data, p->size, MADV_DONTNEED); /* never written to: the file is read again where it is needed */
}

void printed_close(struct printed *p)
{
    if (p->data)
        munmap(p->data, p->size);
    free(p->objects);
    free(p->pages);
    free(p->resources);
    *p = (struct printed){.count = 0};
}
