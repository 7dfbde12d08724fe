#include "input/input.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "input/older.h"
#include "input/scan.h"

#define BLOCK_SIZE ((size_t)256 * 1024)
#define RECORD_MAX 0x7FFFFFFF
#define WINDOW ((size_t)64 * 1024) /* at most read ahead */
#define IN_A_ROW 127               /* employees read at once where all are looked at */

/* 24 bytes for a certificate or an employee. */
struct entry {
    uint64_t offset;
    uint64_t hash; /* of the employee's number, or of the certificate's id without regard to case; 0: no handle */
    uint32_t length;
    int32_t person; /* of a certificate: index of its employee; of an employee: 1 where it is named */
};

struct list {
    struct entry *entries;
    uint8_t *problems; /* of certificates: enum input_problem; of employees: 1 where the number stands again */
    size_t count, capacity;
};

struct input {
    const char *paths[2];
    int fds[2];
    struct stat opened[2]; /* as they were then */
    int employee_file;     /* 0 where payroll holds both */
    unsigned char hashes[2][32];
    json_t *head;
    const struct datum *tree; /* of the head, in arena */
    unsigned older;           /* keys that were renamed, by bit */
    struct arena arena;
    struct list lists[2]; /* certificates, employees */
    uint32_t *table;      /* open addressing: employee index + 1 by hash; only while opening */
    size_t table_size;
};

/* One file while it is scanned, in a thread of its own. */
struct opening {
    struct input *input; /* only what is this file's is changed */
    int file;
    struct hash hash;
    struct list lists[2];
    uint64_t *numbers; /* by certificate: hash of its personnel number; while opening */
    size_t number_capacity;
    struct tc_error err;
};

/* FNV-1a, finished by a mixer so that the low bits serve a table. Never 0 for a text. */
static uint64_t hash_text(const char *text, size_t length, bool fold)
{
    uint64_t hash = 0xCBF29CE484222325u;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if (fold && c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + 32);
        hash = (hash ^ c) * 0x100000001B3u;
    }
    hash ^= hash >> 33;
    hash *= 0xFF51AFD7ED558CCDu;
    hash ^= hash >> 33;
    return hash ? hash : 1;
}

static bool grow(struct list *list)
{
    size_t capacity = list->capacity ? list->capacity + list->capacity / 2 : 1024;
    struct entry *entries = realloc(list->entries, capacity * sizeof *entries);

    if (!entries)
        return false;
    list->entries = entries;
    list->capacity = capacity;
    return true;
}

static bool on_element(void *ctx, int array, const struct scan_element *element, struct tc_error *err)
{
    struct opening *o = ctx;
    struct list *list = &o->lists[array];
    const char *handle = array == 0 ? element->id : element->personnel_number;
    struct entry *entry;

    if (array == 0 && o->file != 0)
        return true; /* certificates in the employees' file are nobody's business */
    if (element->range.length > RECORD_MAX || list->count >= INT32_MAX)
        return error_set(err, TC_INPUT, o->input->paths[o->file], NULL, "json-size",
                         "an entry of the list, or the whole list, is too long");
    if (list->count == list->capacity && !grow(list))
        return error_memory(err);
    if (array == 0 && list->count >= o->number_capacity) {
        uint64_t *numbers = realloc(o->numbers, list->capacity * sizeof *numbers);

        if (!numbers)
            return error_memory(err);
        o->numbers = numbers;
        o->number_capacity = list->capacity;
    }
    if (array == 0)
        o->numbers[list->count] = text_is_handle(element->personnel_number)
                                      ? hash_text(element->personnel_number, strlen(element->personnel_number), false)
                                      : 0;
    entry = &list->entries[list->count++];
    *entry = (struct entry){
        .offset = element->range.offset, .length = (uint32_t)element->range.length, .person = array == 0 ? INPUT_NOBODY : 0};
    entry->hash = text_is_handle(handle) ? hash_text(handle, strlen(handle), array == 0) : 0;
    return true;
}

static bool read_range(const struct input *input, int file, uint64_t offset, uint64_t length, struct buf *buffer, struct tc_error *err)
{
    buffer->length = 0;
    if (!buf_reserve(buffer, length))
        return error_memory(err);
    while (buffer->length < length) {
        ssize_t n = pread(input->fds[file], buffer->data + buffer->length, length - buffer->length, (off_t)(offset + buffer->length));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return error_set(err, TC_INPUT, input->paths[file], NULL, "file",
                             "the file changed while it was read, or can no longer be read: repeat the command");
        buffer->length += (size_t)n;
    }
    return true;
}

static uint64_t end_of(const struct entry *entry)
{
    return entry->offset + entry->length;
}

/* The record's text, borrowed until the next one. */
static const char *read_near(const struct input *input, int which, size_t i, struct input_reader *reader, struct tc_error *err)
{
    const struct list *list = &input->lists[which];
    const struct entry *entry = &list->entries[i], *last = entry, *behind = list->entries + list->count;
    struct input_window *w = &reader->windows[which];
    size_t ahead = which == 0 || w->next == i ? reader->ahead : 0;

    w->next = i + 1;
    if (entry->offset >= w->offset && end_of(entry) <= w->offset + w->bytes.length)
        return w->bytes.data + (entry->offset - w->offset);
    while (last + 1 < behind && last < entry + ahead && end_of(last + 1) - entry->offset <= WINDOW)
        last++;
    if (!read_range(input, which == 0 ? 0 : input->employee_file, entry->offset, end_of(last) - entry->offset, &w->bytes, err)) {
        w->bytes.length = 0;
        return NULL;
    }
    w->offset = entry->offset;
    return w->bytes.data;
}

/* What a file says that it is. An employees' file in the payroll's place, and the other way round, is what happens most. */
static bool check_format(const struct opening *o, const char *format, struct tc_error *err)
{
    static const char *const formats[] = {"taxcert/payroll/1", "taxcert/employees/1"};
    static const char *const what[] = {"payroll", "file of employees"};
    const char *path = o->input->paths[o->file], *other = formats[!o->file];

    if (format && !strcmp(format, formats[o->file]))
        return true;
    if (format && !strncmp(format, other, strlen(other) - 1))
        return error_set(err, TC_INPUT, path, "/format", "format", "this is a %s where a %s is expected: are the two files swapped?",
                         what[!o->file], what[o->file]);
    if (format && !strncmp(format, formats[o->file], strlen(formats[o->file]) - 1))
        return error_set(err, TC_INPUT, path, "/format", "format", "this version of the format is unknown; known is %s", formats[o->file]);
    return error_set(err, TC_INPUT, path, "/format", "format", "this is not a %s: its format must be \"%s\"", what[o->file],
                     formats[o->file]);
}

static bool on_format(struct opening *o, struct scan_range value, struct tc_error *err)
{
    struct buf buffer = {0};
    json_error_t mistake = {0};
    json_t *json = read_range(o->input, o->file, value.offset, value.length, &buffer, err)
                       ? json_parse(buffer.data, buffer.length, &mistake, err)
                       : NULL;

    if (!err->code)
        check_format(o, json_string_value(json), err);
    json_decref(json);
    buf_free(&buffer);
    return !err->code;
}

static bool on_member(void *ctx, const char *key, struct scan_range value, struct tc_error *err)
{
    struct opening *o = ctx;
    struct buf buffer = {0};
    json_error_t mistake = {0};
    json_t *json = NULL;

    if (!strcmp(key, "format") && !on_format(o, value, err))
        return false;
    if (o->file != 0 || !strncmp(key, "x_", 2))
        return true;
    if (!*key) /* it is told with the other unknown ones */
        return json_object_set_new(o->input->head, "", json_null()) == 0 || error_memory(err);
    if (!read_range(o->input, o->file, value.offset, value.length, &buffer, err))
        goto cleanup;
    json = json_parse(buffer.data, buffer.length, &mistake, err);
    if (!json)
        error_set(err, TC_INPUT, o->input->paths[o->file], NULL, "json-syntax", "a field of the top level: there in line %d, column %d: %s",
                  mistake.line, mistake.column, json_mistake(&mistake));
    else if (json_object_get(o->input->head, key))
        error_set(err, TC_INPUT, o->input->paths[o->file], NULL, "json-syntax",
                  "a field of the top level occurs twice; keep one of the two");
    else if (json_object_set(o->input->head, key, json) != 0)
        error_memory(err);
cleanup:
    json_decref(json);
    buf_free(&buffer);
    return !err->code;
}

static void on_bytes(void *ctx, const void *data, size_t length)
{
    hash_add(&((struct opening *)ctx)->hash, data, length);
}

static void *scan_one(void *ctx)
{
    struct opening *o = ctx;
    struct scan_calls calls = {o, on_member, on_element, on_bytes};
    struct input *input = o->input;
    int *fd = &input->fds[o->file];

    *fd = file_open(input->paths[o->file], TC_INPUT, &o->err);
    if (*fd < 0)
        return NULL;
    if (fstat(*fd, &input->opened[o->file]) != 0)
        error_set(&o->err, error_lack(TC_INPUT), input->paths[o->file], NULL, "file", "the file cannot be read (%s)", error_cause(errno));
    hash_start(&o->hash);
    scan_file(*fd, input->paths[o->file], BLOCK_SIZE, &calls, &o->err);
    hash_end(&o->hash, input->hashes[o->file]);
    return NULL;
}

/* Both files at once. What is wrong with payroll is told first. */
static bool scan_files(struct input *input, struct opening o[2], struct tc_error *err)
{
    bool split = input->paths[1] != NULL;
    pthread_t thread;
    bool started = split && pthread_create(&thread, NULL, scan_one, &o[1]) == 0;

    scan_one(&o[0]);
    if (split && !started)
        scan_one(&o[1]);
    if (started)
        pthread_join(thread, NULL);
    input->employee_file = split;
    input->lists[0] = o[0].lists[0];
    input->lists[1] = o[split].lists[1];
    if (!o[0].err.code && split && o[0].lists[1].count > 0)
        error_set(&o[0].err, TC_INPUT, input->paths[0], "/employees", "employee-duplicate",
                  "the payroll file holds employee data, and a file of employees is given too: give only one of them");
    if (split)
        free(o[0].lists[1].entries);
    else
        memcpy(input->hashes[1], input->hashes[0], sizeof input->hashes[0]);
    if (o[0].err.code || o[1].err.code)
        *err = o[o[0].err.code == TC_OK].err;
    return !err->code;
}

/* Slot of the employee with this hash, or the free one. */
static size_t find_slot(const struct input *input, uint64_t hash)
{
    size_t slot = hash & (input->table_size - 1);

    while (input->table[slot] && input->lists[1].entries[input->table[slot] - 1].hash != hash)
        slot = (slot + 1) & (input->table_size - 1);
    return slot;
}

static bool index_employees(struct input *input, struct tc_error *err)
{
    struct list *people = &input->lists[1];

    input->table_size = 1024;
    while (input->table_size < people->count * 2)
        input->table_size *= 2;
    input->table = calloc(input->table_size, sizeof *input->table);
    people->problems = calloc(people->count + 1, 1);
    if (!input->table || !people->problems)
        return error_memory(err);
    for (size_t i = 0; i < people->count; i++) {
        size_t slot;

        if (!people->entries[i].hash)
            continue;
        slot = find_slot(input, people->entries[i].hash);
        if (input->table[slot])
            people->problems[i] = people->problems[input->table[slot] - 1] = 1;
        else
            input->table[slot] = (uint32_t)i + 1;
    }
    return true;
}

static void link_people(struct input *input, const uint64_t *numbers)
{
    for (size_t i = 0; i < input->lists[0].count; i++) {
        size_t slot = numbers[i] ? find_slot(input, numbers[i]) : 0;
        uint32_t found = numbers[i] ? input->table[slot] : 0;

        if (!found)
            continue;
        input->lists[1].entries[found - 1].person = 1;
        input->lists[0].entries[i].person = input->lists[1].problems[found - 1] ? INPUT_SEVERAL : (int32_t)found - 1;
    }
    free(input->table);
    input->table = NULL;
}

struct hashed {
    uint64_t hash;
    uint32_t index;
};

static int by_hash(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Sorts those whose hash may stand again, and returns how many: most are alone, and sorting them all would be dear. */
static size_t sort_likely(struct hashed *all, size_t count)
{
    size_t slots = 1024, kept = 0;
    uint8_t *seen;

    while (slots < 4 * count)
        slots *= 2;
    seen = calloc(slots, 1);
    for (size_t i = 0; seen && i < count; i++)
        seen[all[i].hash & (slots - 1)] += seen[all[i].hash & (slots - 1)] < 2;
    for (size_t i = 0; i < count; i++)
        if (!seen || (all[i].hash && seen[all[i].hash & (slots - 1)] == 2))
            all[kept++] = all[i];
    free(seen);
    qsort(all, kept, sizeof *all, by_hash);
    return kept;
}

/* A certificate's id as it stands in the record; NULL where that cannot be read. */
struct read_id {
    const char *id;
    uint32_t index;
};

static int by_id(const void *a, const void *b)
{
    const struct read_id *x = a, *y = b;
    int order = x->id && y->id ? strcasecmp(x->id, y->id) : (x->id != NULL) - (y->id != NULL);

    return order || !x->id ? order : strcmp(x->id, y->id);
}

/* Ids from first to end differ in case at most. */
static void mark_class(struct input *input, const struct read_id *ids, size_t first, size_t end)
{
    for (size_t i = first; end - first > 1 && i < end; i++) {
        bool twice = (i > first && !strcmp(ids[i].id, ids[i - 1].id)) || (i + 1 < end && !strcmp(ids[i].id, ids[i + 1].id));

        input->lists[0].problems[ids[i].index] = twice ? INPUT_ID_TWICE : INPUT_ID_CASE;
    }
}

/* All certificates whose ids' hashes are equal. Where one of them cannot be read, its id was found by the scanner and is the others'. */
static void mark_ids(struct input *input, struct read_id *ids, size_t count)
{
    size_t first = 0, end;

    qsort(ids, count, sizeof *ids, by_id);
    while (first < count && !ids[first].id)
        first++;
    for (size_t i = first; first > 0 && i < count; i++)
        input->lists[0].problems[ids[i].index] = INPUT_ID_TWICE;
    for (; first < count; first = end) {
        for (end = first + 1; end < count && !strcasecmp(ids[first].id, ids[end].id);)
            end++;
        if (ids[0].id)
            mark_class(input, ids, first, end);
    }
}

/* Equal hashes are confirmed by reading all the records again: neighbours do not stand for a whole class. */
static bool compare_ids(struct input *input, const struct hashed *same, size_t count, struct tc_error *err)
{
    struct input_reader reader = {0};
    struct arena kept = {0};
    struct read_id *ids = calloc(count, sizeof *ids);

    for (size_t i = 0; ids && i < count && !err->code; i++) {
        const char *id;

        input_reader_reset(&reader);
        id = datum_text(datum_get(input_certificate(input, same[i].index, &reader, err), "id"));
        ids[i] = (struct read_id){id ? arena_copy(&kept, id, strlen(id)) : NULL, same[i].index};
    }
    if (!ids || kept.failed)
        error_memory(err);
    if (!err->code)
        mark_ids(input, ids, count);
    free(ids);
    arena_free(&kept);
    input_reader_free(&reader);
    return !err->code;
}

static bool find_repeated_ids(struct input *input, struct tc_error *err)
{
    struct list *list = &input->lists[0];
    struct hashed *sorted = malloc((list->count + 1) * sizeof *sorted);
    size_t count;

    list->problems = calloc(list->count + 1, 1);
    if (!sorted || !list->problems) {
        free(sorted);
        return error_memory(err);
    }
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = (struct hashed){list->entries[i].hash, (uint32_t)i};
    count = sort_likely(sorted, list->count);
    for (size_t i = 0, end; i < count && !err->code; i = end) {
        for (end = i + 1; end < count && sorted[end].hash == sorted[i].hash;)
            end++;
        if (sorted[i].hash && end - i > 1)
            compare_ids(input, sorted + i, end - i, err);
    }
    free(sorted);
    return !err->code;
}

struct input *input_open(const char *payroll, const char *employees, struct tc_error *err)
{
    struct input *input = calloc(1, sizeof *input);
    struct opening o[2] = {{.input = input, .file = 0}, {.input = input, .file = 1}};

    if (!input || !(input->head = json_object())) {
        free(input);
        error_memory(err);
        return NULL;
    }
    input->paths[0] = payroll;
    input->paths[1] = employees;
    input->fds[0] = input->fds[1] = -1;
    /* One after the other, so that their tables are never in memory together. */
    if (scan_files(input, o, err) && index_employees(input, err))
        link_people(input, o[0].numbers);
    free(o[0].numbers);
    if (!err->code)
        find_repeated_ids(input, err);
    if (!err->code)
        older_head(input->head, payroll, &input->older, err);
    if (!err->code && !(input->tree = datum_of(input->head, &input->arena)))
        error_memory(err);
    if (!err->code)
        return input;
    input_close(input);
    return NULL;
}

bool input_is_same(const struct input *input, struct tc_error *err)
{
    for (int i = 0; i < 2 && input->fds[i] >= 0; i++) {
        const struct stat *then = &input->opened[i];
        struct stat now;

        if (fstat(input->fds[i], &now) != 0 || now.st_size != then->st_size || now.st_ino != then->st_ino
            || now.st_mtim.tv_sec != then->st_mtim.tv_sec || now.st_mtim.tv_nsec != then->st_mtim.tv_nsec
            || now.st_ctim.tv_sec != then->st_ctim.tv_sec || now.st_ctim.tv_nsec != then->st_ctim.tv_nsec)
            return error_set(err, TC_INPUT, input->paths[i], NULL, "file-changed",
                             "the file was changed while it was read, so nothing came of it; repeat the command");
    }
    return true;
}

void input_close(struct input *input)
{
    if (!input)
        return;
    for (int i = 0; i < 2; i++) {
        if (input->fds[i] >= 0)
            close(input->fds[i]);
        free(input->lists[i].entries);
        free(input->lists[i].problems);
    }
    free(input->table);
    json_decref(input->head);
    arena_free(&input->arena);
    free(input);
}

unsigned input_older(const struct input *input)
{
    return input->older;
}

const json_t *input_head(const struct input *input)
{
    return input->head;
}

const struct datum *input_head_tree(const struct input *input)
{
    return input->tree;
}

size_t input_certificates(const struct input *input)
{
    return input->lists[0].count;
}

size_t input_employees(const struct input *input)
{
    return input->lists[1].count;
}

bool input_is_split(const struct input *input)
{
    return input->employee_file == 1;
}

const unsigned char *input_hash(const struct input *input, bool employees)
{
    return input->hashes[employees];
}

static const struct datum *read_record(const struct input *input, int which, size_t i, struct input_reader *reader, struct tc_error *err)
{
    const char *text = read_near(input, which, i, reader, err);

    return text ? datum_read(text, input->lists[which].entries[i].length, &reader->trees, &reader->mistake, err) : NULL;
}

const struct datum *input_certificate(const struct input *input, size_t i, struct input_reader *reader, struct tc_error *err)
{
    return read_record(input, 0, i, reader, err);
}

const struct datum *input_employee(const struct input *input, size_t i, struct input_reader *reader, struct tc_error *err)
{
    return read_record(input, 1, i, reader, err);
}

void input_reader_reset(struct input_reader *reader)
{
    arena_reset(&reader->trees);
}

void input_reader_free(struct input_reader *reader)
{
    buf_free(&reader->windows[0].bytes);
    buf_free(&reader->windows[1].bytes);
    arena_free(&reader->trees);
}

enum input_problem input_problem(const struct input *input, size_t i)
{
    return (enum input_problem)input->lists[0].problems[i];
}

long input_person(const struct input *input, size_t i)
{
    return input->lists[0].entries[i].person;
}

/* Hash of the employee's text under the key; 0 where there is none. A record with the key once and without escapes needs
 * no parsing: what is found there is the text, or, deeper down, one that is compared in vain. */
static uint64_t hash_member(const struct input *input, size_t employee, const char *key, struct input_reader *reader, struct tc_error *err)
{
    const struct entry *entry = &input->lists[1].entries[employee];
    const char *record, *at, *end, *close;
    const struct datum *text;
    char quoted[80];
    size_t length = (size_t)snprintf(quoted, sizeof quoted, "\"%.70s\"", key);

    record = read_near(input, 1, employee, reader, err);
    if (!record)
        return 0;
    end = record + entry->length;
    at = memmem(record, entry->length, quoted, length);
    if (!at && !memchr(record, '\\', entry->length))
        return 0;
    if (at && !memmem(at + length, (size_t)(end - at) - length, quoted, length) && !memchr(record, '\\', entry->length)) {
        for (at += length; at < end && strchr(" :\t\r\n", *at);)
            at++;
        close = at < end && *at == '"' ? memchr(at + 1, '"', (size_t)(end - at - 1)) : NULL;
        return close ? hash_text(at + 1, (size_t)(close - at - 1), false) : 0;
    }
    input_reader_reset(reader);
    text = datum_get(input_employee(input, employee, reader, err), key);
    return datum_is(text, DATUM_TEXT) ? hash_text(text->text, text->length, false) : 0;
}

/* The hashes of the certificates' employees that may stand again, sorted. NULL with err. */
static struct hashed *hash_people(const struct input *input, const char *key, size_t *count, struct tc_error *err)
{
    const struct list *certificates = &input->lists[0], *people = &input->lists[1];
    uint64_t *hashes = calloc(people->count + 1, sizeof *hashes);
    struct hashed *sorted = malloc((certificates->count + 1) * sizeof *sorted);
    struct input_reader reader = {.ahead = IN_A_ROW};

    if (!hashes || !sorted)
        error_memory(err);
    for (size_t i = 0; i < people->count && !err->code; i++)
        if (people->entries[i].person)
            hashes[i] = hash_member(input, i, key, &reader, err);
    for (size_t i = 0; i < certificates->count && !err->code; i++)
        sorted[i] = (struct hashed){certificates->entries[i].person >= 0 ? hashes[certificates->entries[i].person] : 0, (uint32_t)i};
    input_reader_free(&reader);
    free(hashes);
    if (err->code) {
        free(sorted);
        return NULL;
    }
    *count = sort_likely(sorted, certificates->count);
    return sorted;
}

static bool is_repeated(const struct hashed *sorted, size_t count, size_t i)
{
    return sorted[i].hash && ((i > 0 && sorted[i - 1].hash == sorted[i].hash) || (i + 1 < count && sorted[i + 1].hash == sorted[i].hash));
}

size_t *input_likely_same(const struct input *input, const char *key, size_t *count, struct tc_error *err)
{
    size_t all = 0, found = 0;
    struct hashed *sorted = hash_people(input, key, &all, err);
    size_t *indices;

    *count = 0;
    if (!sorted)
        return NULL;
    for (size_t i = 0; i < all; i++)
        found += is_repeated(sorted, all, i);
    indices = malloc((found + 1) * sizeof *indices);
    for (size_t i = 0; indices && i < all; i++)
        if (is_repeated(sorted, all, i))
            indices[(*count)++] = sorted[i].index;
    free(sorted);
    if (!indices)
        error_memory(err);
    return indices;
}

bool input_has_certificate(const struct input *input, size_t employee)
{
    return input->lists[1].entries[employee].person != 0;
}
