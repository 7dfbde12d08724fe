#include "run/previous.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/manifest.h"

/* The folder's path as seen from the new run's: "../NAME" where both stand side by side, so that they can be moved together. */
static bool find_path(struct previous *e, const char *output, struct tc_error *err)
{
    char copy[FILE_PATH_MAX], here[FILE_PATH_MAX], there[FILE_PATH_MAX], parent[FILE_PATH_MAX];

    if (strlen(output) >= sizeof copy)
        return error_set(err, TC_USAGE, output, NULL, "path", "the path is too long");
    strcpy(copy, output);
    if (!realpath(e->folder, there) || !realpath(dirname(copy), here))
        return error_set(err, TC_IO, e->folder, NULL, "folder", "the run's folder, or the one that the new run's is to be in, cannot be found");
    strcpy(parent, there);
    return !strcmp(dirname(parent), here) ? file_path("..", strrchr(there, '/') + 1, e->path, err) : file_path("", there, e->path, err);
}

/* FNV-1a of a handle in small letters. */
static uint64_t fold_hash(const char *id)
{
    uint64_t hash = 0xCBF29CE484222325u;

    for (; *id; id++)
        hash = (hash ^ (unsigned char)(*id >= 'A' && *id <= 'Z' ? *id + 32 : *id)) * 0x100000001B3u;
    return hash;
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int by_cancelled_id(const void *a, const void *b)
{
    return strcmp(((const struct cancellation *)a)->id, ((const struct cancellation *)b)->id);
}

/* A number that was refused is in no entry, but in findings and in the ledger's own count, which older runs do not have. */
static bool count_finding(void *ctx, const struct ledger_finding *f, struct tc_error *err)
{
    struct previous *e = ctx;

    (void)err;
    e->places = f->id && f->number >= e->places ? f->number + 1 : e->places;
    return true;
}

static bool count_place(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct previous *e = ctx;

    e->places = entry->number >= e->places ? entry->number + 1 : e->places;
    if (!entry->id)
        return true;
    if (e->id_count == e->id_capacity) {
        size_t capacity = e->id_capacity ? 2 * e->id_capacity : 1024;
        uint64_t *ids = realloc(e->ids, capacity * sizeof *ids);

        if (!ids)
            return error_memory(err);
        e->ids = ids;
        e->id_capacity = capacity;
    }
    e->ids[e->id_count++] = fold_hash(entry->id);
    return true;
}

static bool count_places(struct previous *e, struct tc_error *err)
{
    const char *places;

    if (!ledger_each(e->archive.ledger, count_place, e, err) || !ledger_each_finding(e->archive.ledger, count_finding, e, err)
        || !(places = stored_run_fact(&e->archive, "places", err)))
        return false;
    if (strtoll(places, NULL, 10) > e->places)
        e->places = strtoll(places, NULL, 10);
    if (e->id_count > 0)
        qsort(e->ids, e->id_count, sizeof *e->ids, by_hash);
    return true;
}

bool previous_open(struct previous *e, const char *folder, const char *output, struct tc_error *err)
{
    const char *draft;

    *e = (struct previous){.folder = folder};
    e->list = manifest_read(folder, e->sums, err);
    if (!e->list || !manifest_ledger(folder, e->list, err) || !stored_run_open(&e->archive, folder, err)
        || !(e->identity = stored_run_fact(&e->archive, "identity", err)) || !(draft = stored_run_fact(&e->archive, "draft", err))
        || !count_places(e, err))
        return false;
    if (!strcmp(draft, "yes"))
        return error_set(err, TC_USAGE, folder, NULL, "draft", "a draft was never issued: make it again instead");
    return !output || find_path(e, output, err);
}

void previous_close(struct previous *e)
{
    if (e->archive.ledger)
        stored_run_close(&e->archive);
    free(e->list);
    free(e->ids);
    arena_free(&e->arena);
    *e = (struct previous){.folder = NULL};
}

/* ---- the changes' head */

static bool has_establishment(const json_t *head, const char *id)
{
    const json_t *list = json_object_get(head, "establishments");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *other = json_string_value(json_object_get(json_array_get(list, i), "id"));

        if (other && id && !strcmp(other, id))
            return true;
    }
    return false;
}

static bool compare_lists(const struct previous *e, const json_t *head, const char *file, struct tc_error *err)
{
    const json_t *types = json_object_get(head, "wage_types"), *establishments = e->archive.establishments;
    json_t *value;
    const char *key;

    for (size_t i = 0; i < json_array_size(establishments); i++)
        if (!has_establishment(head, json_string_value(json_object_get(json_array_get(establishments, i), "id"))))
            return error_set(err, TC_INPUT, file, "/establishments", "correction-head", "every establishment of the run that is corrected is needed here");
    json_object_foreach(e->archive.wage_types, key, value)
        if (!json_equal(value, json_object_get(types, key)))
            return error_set(err, TC_INPUT, file, "/wage_types", "correction-head",
                             "every wage type of the run that is corrected is needed here, as it was");
    return true;
}

static bool read_cancellation(struct previous *e, const json_t *value, size_t i, const char *file, struct tc_error *err)
{
    const char *id = json_string_value(json_object_get(value, "certificate")), *reason = json_string_value(json_object_get(value, "reason"));
    struct certify_found found;
    char pointer[64];

    snprintf(pointer, sizeof pointer, "/cancellations/%zu", i);
    if (!text_is_handle(id) || !reason || !*reason || !text_is_utf8(reason))
        return error_set(err, TC_INPUT, file, pointer, "cancellation-format", "the id of a certificate and a reason are needed, as certificate and reason");
    if (!previous_find(e, id, NULL, &e->arena, &found, err))
        return false;
    if (!found.there || !found.valid)
        return error_set(err, TC_INPUT, file, pointer, "cancellation-unknown", "no certificate of this id is valid in the run, so there is none to cancel");
    e->cancellations[e->cancellation_count++] = (struct cancellation){arena_copy(&e->arena, id, strlen(id)), arena_copy(&e->arena, reason, strlen(reason)),
                                                                           found.number, found.personnel_number, found.record};
    return !e->arena.failed || error_memory(err);
}

static bool sort_cancellations(struct previous *e, const char *file, struct tc_error *err)
{
    size_t count = e->cancellation_count;

    e->cancelled = arena_array(&e->arena, count + 1, sizeof *e->cancelled);
    if (!e->cancelled)
        return error_memory(err);
    for (size_t i = 0; i < count; i++)
        e->cancelled[i] = e->cancellations[i].number;
    qsort(e->cancelled, count, sizeof *e->cancelled, by_number);
    qsort(e->cancellations, count, sizeof *e->cancellations, by_cancelled_id);
    for (size_t i = 1; i < count; i++)
        if (!strcmp(e->cancellations[i - 1].id, e->cancellations[i].id))
            return error_set(err, TC_INPUT, file, "/cancellations", "cancellation-twice", "the certificate %.32s is cancelled twice",
                             e->cancellations[i].id);
    return true;
}

bool previous_compare(struct previous *e, const json_t *head, const char *file, struct tc_error *err)
{
    const struct template *t = e->archive.template;
    const char *form = json_string_value(json_object_get(head, "form"));
    const json_t *list = json_object_get(head, "cancellations");

    if (!form || strcmp(form, t->id) != 0 || json_integer_value(json_object_get(head, "year")) != t->year)
        return error_set(err, TC_INPUT, file, "/form", "correction-head", "form and year must be those of the run that is corrected");
    if (!compare_lists(e, head, file, err))
        return false;
    if (list && !json_is_array(list) && !json_is_null(list))
        return error_set(err, TC_INPUT, file, "/cancellations", "json-type", "a list is needed here");
    e->cancellations = arena_array(&e->arena, json_array_size(list) + 1, sizeof *e->cancellations);
    if (!e->cancellations)
        return error_memory(err);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!read_cancellation(e, json_array_get(list, i), i, file, err))
            return false;
    return sort_cancellations(e, file, err);
}

/* ---- asking */

struct search {
    const char *personnel_number;
    struct arena *arena;
    struct certify_found *found;
};

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct search *s = ctx;

    if (entry->state == LEDGER_WITHHELD
        && (!s->personnel_number || !entry->personnel_number || strcmp(entry->personnel_number, s->personnel_number) != 0))
        return true;
    *s->found = (struct certify_found){.there = true, .valid = entry->state == LEDGER_ISSUED, .cancelled = entry->state == LEDGER_CANCELLED,
                                       .number = entry->number};
    if (entry->personnel_number)
        s->found->personnel_number = arena_copy(s->arena, entry->personnel_number, strlen(entry->personnel_number));
    if (entry->record)
        s->found->record = arena_copy(s->arena, entry->record, strlen(entry->record));
    return !s->arena->failed || error_memory(err);
}

bool previous_find(const struct previous *e, const char *id, const char *personnel_number, struct arena *arena, struct certify_found *found,
                  struct tc_error *err)
{
    *found = (struct certify_found){.there = false};
    return ledger_find_id(e->archive.ledger, id, on_entry, &(struct search){personnel_number, arena, found}, err);
}

static bool note_case(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    (void)entry;
    (void)err;
    *(bool *)ctx = true;
    return true;
}

bool previous_differs_in_case(const struct previous *e, const char *id, bool *differs, struct tc_error *err)
{
    uint64_t hash = fold_hash(id);

    *differs = false;
    return e->id_count == 0 || !bsearch(&hash, e->ids, e->id_count, sizeof hash, by_hash)
           || ledger_find_case(e->archive.ledger, id, note_case, differs, err);
}

bool previous_is_cancelled(const struct previous *e, const char *id)
{
    const struct cancellation key = {.id = id};

    return e->cancellation_count > 0
           && bsearch(&key, e->cancellations, e->cancellation_count, sizeof key, by_cancelled_id) != NULL;
}

bool previous_cancels(const struct previous *e, int64_t number)
{
    return e->cancellation_count > 0 && bsearch(&number, e->cancelled, e->cancellation_count, sizeof number, by_number) != NULL;
}

const char *previous_path(const struct previous *e, const char *path, struct arena *arena)
{
    bool beside = !strncmp(e->path, "../", 3) && !strncmp(path, "../", 3); /* of that one too */

    return beside || *path == '/' ? arena_copy(arena, path, strlen(path)) : arena_join(arena, (const char *const[]){e->path, "/", path}, 3);
}
