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

static bool count_place(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct previous *e = ctx;

    (void)err;
    e->places = entry->number + 1;
    return true;
}

bool previous_open(struct previous *e, const char *folder, const char *output, struct tc_error *err)
{
    const char *draft;

    *e = (struct previous){.folder = folder};
    e->list = manifest_read(folder, e->sums, err);
    if (!e->list || !manifest_ledger(folder, e->list, err) || !stored_run_open(&e->archive, folder, err)
        || !(e->identity = stored_run_fact(&e->archive, "identity", err)) || !(draft = stored_run_fact(&e->archive, "draft", err))
        || !ledger_each(e->archive.ledger, count_place, e, err))
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
    if (previous_is_cancelled(e, id))
        return error_set(err, TC_INPUT, file, pointer, "cancellation-twice", "this certificate is cancelled twice");
    if (!previous_find(e, id, NULL, &e->arena, &found, err))
        return false;
    if (!found.there || !found.valid)
        return error_set(err, TC_INPUT, file, pointer, "cancellation-unknown", "no certificate of this id is valid in the run, so there is none to cancel");
    e->cancellations[e->cancellation_count++] = (struct cancellation){arena_copy(&e->arena, id, strlen(id)), arena_copy(&e->arena, reason, strlen(reason)),
                                                                           found.number, found.personnel_number, found.record};
    return !e->arena.failed || error_memory(err);
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
    return true;
}

/* ---- asking */

struct search {
    const char *id, *personnel_number;
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
    return ledger_find_id(e->archive.ledger, id, on_entry, &(struct search){id, personnel_number, arena, found}, err);
}

bool previous_is_cancelled(const struct previous *e, const char *id)
{
    for (size_t i = 0; i < e->cancellation_count; i++)
        if (!strcmp(e->cancellations[i].id, id))
            return true;
    return false;
}

bool previous_cancels(const struct previous *e, int64_t number)
{
    for (size_t i = 0; i < e->cancellation_count; i++)
        if (e->cancellations[i].number == number)
            return true;
    return false;
}

const char *previous_path(const struct previous *e, const char *path, struct arena *arena)
{
    bool beside = !strncmp(e->path, "../", 3) && !strncmp(path, "../", 3); /* of that one too */

    return beside || *path == '/' ? arena_copy(arena, path, strlen(path)) : arena_join(arena, (const char *const[]){e->path, "/", path}, 3);
}
