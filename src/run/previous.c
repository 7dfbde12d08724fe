#include "run/previous.h"

#include <ctype.h>
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
        return error_set(err, TC_USAGE, e->folder, NULL, "folder",
                         "the run folder, or the folder for the new one, cannot be found: check both paths");
    strcpy(parent, there);
    return !strcmp(dirname(parent), here) ? file_path("..", strrchr(there, '/') + 1, e->path, err) : file_path("", there, e->path, err);
}

static uint64_t hash_id(const char *id)
{
    uint64_t hash = 0xCBF29CE484222325u;

    for (; *id; id++)
        hash = (hash ^ (unsigned char)tolower((unsigned char)*id)) * 0x100000001B3u;
    return hash;
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static bool add_id(struct previous *e, const char *id)
{
    if (e->id_count == e->id_capacity) {
        size_t capacity = e->id_capacity ? 2 * e->id_capacity : 1024;
        uint64_t *ids = realloc(e->ids, capacity * sizeof *ids);

        if (!ids)
            return false;
        e->ids = ids;
        e->id_capacity = capacity;
    }
    e->ids[e->id_count++] = hash_id(id);
    return true;
}

static bool count_place(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct previous *e = ctx;

    e->places = entry->number + 1;
    e->issued += entry->state == LEDGER_ISSUED;
    return !entry->id || add_id(e, entry->id) || error_memory(err);
}

/* What earlier runs noted: numbers that were given to what was refused, and how many certificates the first run issued. */
static bool read_counts(struct previous *e, struct tc_error *err)
{
    const char *places = stored_run_fact(&e->archive, "places", err), *first = stored_run_fact(&e->archive, "first issued", err);
    int64_t noted;

    if (err->code)
        return false;
    noted = strtoll(places, NULL, 10);
    if (noted > e->places)
        e->places = noted;
    e->first_issued = *first ? strtoll(first, NULL, 10) : e->issued;
    if (e->id_count > 0)
        qsort(e->ids, e->id_count, sizeof *e->ids, by_hash);
    return true;
}

/* The last of them is what the run corrects. */
static bool on_run(void *ctx, const struct ledger_run *run, struct tc_error *err)
{
    struct previous *e = ctx;

    if (e->base_count == e->idle) { /* the last so many are wanted */
        memmove(e->bases, e->bases + 1, (e->base_count - 1) * sizeof *e->bases);
        e->base_count--;
    }
    e->bases[e->base_count++] = *run->path == '/' ? arena_copy(&e->arena, run->path, strlen(run->path))
                                                  : arena_join(&e->arena, (const char *const[]){e->folder, "/", run->path}, 3);
    return e->bases[e->base_count - 1] || error_memory(err);
}

static bool find_bases(struct previous *e, const char *idle, struct tc_error *err)
{
    e->idle = (size_t)strtoull(idle, NULL, 10);
    if (e->idle == 0)
        return true;
    e->bases = arena_array(&e->arena, e->idle + 1, sizeof *e->bases);
    if (!e->bases)
        return error_memory(err);
    return ledger_each_run(e->archive.ledger, on_run, e, err);
}

bool previous_open(struct previous *e, const char *folder, const char *output, struct tc_error *err)
{
    const char *draft, *idle;

    *e = (struct previous){.folder = folder};
    e->list = manifest_read(folder, e->sums, err);
    if (!e->list || !stored_run_open(&e->archive, folder, err) || !(e->identity = stored_run_fact(&e->archive, "identity", err))
        || !(draft = stored_run_fact(&e->archive, "draft", err)) || !ledger_each(e->archive.ledger, count_place, e, err)
        || !read_counts(e, err))
        return false;
    if (!strcmp(draft, "yes"))
        return error_set(err, TC_USAGE, folder, NULL, "draft",
                         "this run is a draft and was never issued: correct the data and make it again");
    idle = stored_run_fact(&e->archive, "idle", err);
    if (!idle || !find_bases(e, idle, err))
        return false;
    return !output || find_path(e, output, err);
}

void previous_close(struct previous *e)
{
    if (e->archive.ledger)
        stored_run_close(&e->archive);
    free(e->list);
    free(e->ids);
    json_decref(e->declarations);
    arena_free(&e->arena);
    *e = (struct previous){.folder = NULL};
}

/* ---- the changes' head */

/* Its place in the list; the list's length where it is not there. */
static size_t find_establishment(const json_t *list, const char *id)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *other = json_string_value(json_object_get(json_array_get(list, i), "id"));

        if (other && id && !strcmp(other, id))
            return i;
    }
    return json_array_size(list);
}

static bool is_sign(char c)
{
    return c && !isalnum((unsigned char)c) && !((unsigned char)c & 0x80);
}

/* Whether two texts are the same but for blanks and signs between letters and digits. */
static bool same_text(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    for (;; a++, b++) {
        while (is_sign(*a))
            a++;
        while (is_sign(*b))
            b++;
        if (*a != *b || !*a)
            return *a == *b;
    }
}

static const char *text_below(const json_t *json, const struct field *f)
{
    for (int i = 0; i < f->step_count; i++)
        json = json_object_get(json, f->steps[i]);
    return json_string_value(json);
}

/* Whether the texts of this place that stay the same all year are as they were. */
static bool has_fixed(const struct template *t, enum field_place place, const json_t *before, const json_t *now)
{
    for (size_t i = 0; i < t->fixed_count; i++) {
        const struct field *f = &t->fields[t->fixed[i]];

        if (f->place == place && !same_text(text_below(before, f), text_below(now, f)))
            return false;
    }
    return true;
}

/* Changes of another employer, or of an establishment that is another one now, would be told of certificates that are not theirs. */
static bool compare_employer(struct previous *e, const json_t *head, const char *file, struct tc_error *err)
{
    const struct template *t = e->archive.template;
    const json_t *list = e->archive.establishments, *told = json_object_get(head, "establishments");
    char pointer[64];

    if (e->archive.employer && !has_fixed(t, PLACE_EMPLOYER, e->archive.employer, json_object_get(head, "employer")))
        return error_set(err, TC_INPUT, file, "/employer", "correction-employer",
                         "the employer is not that of the run to be corrected; give that employer's run or corrections");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *before = json_array_get(list, i);
        size_t at = find_establishment(told, json_string_value(json_object_get(before, "id")));

        if (at < json_array_size(told) && !has_fixed(t, PLACE_ESTABLISHMENT, before, json_array_get(told, at))) {
            snprintf(pointer, sizeof pointer, "/establishments/%zu", at);
            return error_set(err, TC_INPUT, file, pointer, "correction-establishment",
                             "tax number, office or state of an establishment differ from the run to be corrected: a new establishment "
                             "needs an id of its own");
        }
    }
    return true;
}

static bool compare_lists(const struct previous *e, const json_t *head, const char *file, struct tc_error *err)
{
    const json_t *types = json_object_get(head, "wage_types"), *establishments = e->archive.establishments;
    const json_t *told = json_object_get(head, "establishments");
    json_t *value;
    const char *key;

    for (size_t i = 0; i < json_array_size(establishments); i++)
        if (find_establishment(told, json_string_value(json_object_get(json_array_get(establishments, i), "id"))) == json_array_size(told))
            return error_set(err, TC_INPUT, file, "/establishments", "correction-head",
                             "every establishment of the run to be corrected must be given here: add the missing one");
    json_object_foreach(e->archive.wage_types, key, value) if (!json_equal(value, json_object_get(types, key))) return error_set(
        err, TC_INPUT, file, "/wage_types", "correction-head",
        "every wage type of the run to be corrected must be given here, unchanged: add the missing one");
    return true;
}

static bool read_cancellation(struct previous *e, const json_t *value, size_t i, const char *file, struct tc_error *err)
{
    const char *id = json_string_value(json_object_get(value, "certificate")),
               *reason = json_string_value(json_object_get(value, "reason"));
    struct certify_found found;
    char pointer[64];

    snprintf(pointer, sizeof pointer, "/cancellations/%zu", i);
    if (!text_is_handle(id) || !reason || text_is_blank(reason) || !text_is_utf8(reason))
        return error_set(err, TC_INPUT, file, pointer, "cancellation-format",
                         "a cancellation needs the id of the certificate and a reason (certificate, reason)");
    if (!previous_find(e, id, NULL, &e->arena, &found, err))
        return false;
    if (!found.there || !found.valid)
        return error_set(err, TC_INPUT, file, pointer, "cancellation-unknown",
                         "there is no valid certificate with this id, so there is nothing to cancel; check the id");
    e->cancellations[e->cancellation_count++] = (struct cancellation){arena_copy(&e->arena, id, strlen(id)),
                                                                      arena_copy(&e->arena, reason, strlen(reason)),
                                                                      found.number,
                                                                      found.personnel_number,
                                                                      found.record,
                                                                      false,
                                                                      NULL,
                                                                      NULL};
    return !e->arena.failed || error_memory(err);
}

static int by_id(const void *a, const void *b)
{
    const struct cancellation *x = *(struct cancellation *const *)a, *y = *(struct cancellation *const *)b;
    int found = strcmp(x->id, y->id);

    return found ? found : (x > y) - (x < y);
}

static int by_number(const void *a, const void *b)
{
    const struct cancellation *x = *(struct cancellation *const *)a, *y = *(struct cancellation *const *)b;

    return (x->number > y->number) - (x->number < y->number);
}

static bool sort_cancellations(struct previous *e, const char *file, struct tc_error *err)
{
    size_t count = e->cancellation_count;
    char pointer[64];

    e->by_id = arena_array(&e->arena, count + 1, sizeof(*e->by_id));
    e->by_number = arena_array(&e->arena, count + 1, sizeof(*e->by_number));
    if (!e->by_id || !e->by_number)
        return error_memory(err);
    for (size_t i = 0; i < count; i++)
        e->by_id[i] = e->by_number[i] = &e->cancellations[i];
    qsort(e->by_id, count, sizeof(*e->by_id), by_id);
    qsort(e->by_number, count, sizeof(*e->by_number), by_number);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(e->by_id[i - 1]->id, e->by_id[i]->id) != 0)
            continue;
        snprintf(pointer, sizeof pointer, "/cancellations/%zu", (size_t)(e->by_id[i] - e->cancellations));
        return error_set(err, TC_INPUT, file, pointer, "cancellation-twice",
                         "this certificate is listed for cancellation twice; list it once");
    }
    return true;
}

bool previous_compare(struct previous *e, const json_t *head, const char *file, struct tc_error *err)
{
    const struct template *t = e->archive.template;
    const char *form = json_string_value(json_object_get(head, "form"));
    const json_t *list = json_object_get(head, "cancellations");

    if (!form || strcmp(form, t->id) != 0 || json_integer_value(json_object_get(head, "year")) != t->year)
        return error_set(err, TC_INPUT, file, "/form", "correction-head",
                         "form and year must be those of the run to be corrected; give that year's run or corrections");
    if (!compare_lists(e, head, file, err) || !compare_employer(e, head, file, err))
        return false;
    if (list && !json_is_array(list) && !json_is_null(list))
        return error_set(err, TC_INPUT, file, "/cancellations", "value-type", "a list is needed here");
    e->cancellations = arena_array(&e->arena, json_array_size(list) + 1, sizeof *e->cancellations);
    if (!e->cancellations)
        return error_memory(err);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!read_cancellation(e, json_array_get(list, i), i, file, err))
            return false;
    return sort_cancellations(e, file, err);
}

/* ---- declarations */

static bool is_marked(const struct plan *p, const json_t *declaration)
{
    return json_is_true(json_object_get(declaration, "amended")) || plan_marks_correction(p, json_object_get(declaration, "values"));
}

/* A declaration's place: its establishment and period, for a year's wages. Hash of it, so that long lists are found fast. */
static char *declaration_key(const json_t *d)
{
    const char *establishment = json_string_value(json_object_get(d, "establishment"));
    const char *period = json_string_value(json_object_get(d, "period"));
    const json_t *year = json_object_get(d, "calendar_year");
    char *key = NULL;

    if (asprintf(&key, "%s\n%s\n%lld", establishment ? establishment : "", period ? period : "",
                 json_is_integer(year) ? (long long)json_integer_value(year)
                 : period              ? strtoll(period, NULL, 10)
                                       : 0)
        < 0)
        return NULL;
    return key;
}

/* Those of its place so far, by their text. Borrowed; NULL when memory ran out. */
static json_t *find_place(json_t *index, const json_t *declaration)
{
    char *key = declaration_key(declaration);
    json_t *same = key ? json_object_get(index, key) : NULL;

    if (key && !same && json_object_set_new_nocheck(index, key, json_object()) == 0)
        same = json_object_get(index, key);
    free(key);
    return same;
}

/* alone: in place of others that are there. Told again it is nothing new. */
static bool put_declaration(json_t *index, const json_t *one, bool alone)
{
    json_t *same = find_place(index, one);
    char *text = same ? json_text(one, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL;
    bool ok = text != NULL;

    if (ok && !json_object_get(same, text)) {
        if (alone)
            json_object_clear(same);
        ok = json_object_set_nocheck(same, text, (json_t *)one) == 0;
    }
    free(text);
    return ok;
}

/* NULL when memory ran out. */
static json_t *list_of(const json_t *index)
{
    json_t *list = json_array(), *same, *one;
    const char *key, *text;
    bool ok = list != NULL;

    json_object_foreach((json_t *)index, key, same) json_object_foreach(same, text, one) ok = ok && json_array_append(list, one) == 0;
    if (ok)
        return list;
    json_decref(list);
    return NULL;
}

/* One of the changes that is marked comes beside the earlier ones of its place, else in place of them. */
bool previous_declarations(struct previous *e, const json_t *changes, struct tc_error *err)
{
    const json_t *before = e->archive.declarations;
    json_t *index = json_object();
    bool ok = index != NULL;

    for (size_t i = 0; ok && i < json_array_size(before); i++)
        ok = put_declaration(index, json_array_get(before, i), false);
    for (size_t i = 0; ok && i < json_array_size(changes); i++)
        ok = put_declaration(index, json_array_get(changes, i), !is_marked(e->archive.plan, json_array_get(changes, i)));
    e->declarations = ok ? list_of(index) : NULL;
    json_decref(index);
    return e->declarations || error_memory(err);
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

    if (entry->state == LEDGER_REFUSED || s->found->valid || s->found->cancelled)
        return true;
    if (entry->state == LEDGER_HELD
        && (!s->personnel_number || !entry->personnel_number || strcmp(entry->personnel_number, s->personnel_number) != 0))
        return true;
    *s->found = (struct certify_found){.there = true,
                                       .valid = entry->state == LEDGER_ISSUED,
                                       .cancelled = entry->state == LEDGER_CANCELLED,
                                       .number = entry->number,
                                       .corrects = entry->corrects};
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

/* Looks at all ids, since the index goes by case: only where a hash says that there is one. */
static bool on_case(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct search *s = ctx;

    (void)err;
    s->found->there |= entry->id && strcmp(entry->id, s->id) != 0 && !strcasecmp(entry->id, s->id);
    return true;
}

bool previous_has_case(const struct previous *e, const char *id, bool *there, struct tc_error *err)
{
    uint64_t hash = hash_id(id);
    struct certify_found found = {.there = false};
    bool ok = true;

    if (e->id_count > 0 && bsearch(&hash, e->ids, e->id_count, sizeof hash, by_hash))
        ok = ledger_each(e->archive.ledger, on_case, &(struct search){.id = id, .found = &found}, err);
    *there = found.there;
    return ok;
}

bool previous_is_cancelled(const struct previous *e, const char *id)
{
    size_t low = 0, high = e->cancellation_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (strcmp(e->by_id[middle]->id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < e->cancellation_count && !strcmp(e->by_id[low]->id, id);
}

const struct cancellation *previous_cancels(const struct previous *e, int64_t number)
{
    struct cancellation key = {.number = number}, *place = &key;
    struct cancellation **found = e->cancellation_count > 0
                                      ? bsearch(&place, e->by_number, e->cancellation_count, sizeof(*e->by_number), by_number)
                                      : NULL;

    return found && !(*found)->dropped ? *found : NULL;
}

const char *previous_path(const struct previous *e, const char *path, struct arena *arena)
{
    bool beside = !strncmp(e->path, "../", 3) && !strncmp(path, "../", 3); /* of that one too */

    return beside || *path == '/' ? arena_copy(arena, path, strlen(path)) : arena_join(arena, (const char *const[]){e->path, "/", path}, 3);
}
