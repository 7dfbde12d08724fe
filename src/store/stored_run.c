#include "store/stored_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/older.h"
#include "store/folder.h"
#include "store/manifest.h"

static bool damaged(struct tc_error *err)
{
    return error_set(err, TC_IO, "ledger.db", NULL, "ledger", "an entry of the ledger is damaged");
}

const char *stored_run_fact(struct stored_run *a, const char *key, struct tc_error *err)
{
    char *text = ledger_get_text(a->ledger, key, err);
    const char *kept = err->code ? NULL : arena_copy(&a->template->arena, text ? text : "", text ? strlen(text) : 0);

    free(text);
    if (!kept)
        error_memory(err);
    return kept;
}

const int64_t *stored_run_first_totals(struct stored_run *a, struct tc_error *err)
{
    const struct template *t = a->template;
    const char *corrects = stored_run_fact(a, "corrects", err);
    int64_t *totals = arena_array(&a->template->arena, t->field_count + 1, sizeof *totals);

    for (size_t i = 0; corrects && totals && i < t->field_count; i++) {
        char key[128];
        const char *text;

        if (!t->fields[i].control)
            continue;
        snprintf(key, sizeof key, "%s %s", *corrects ? "first total" : "total", t->fields[i].id);
        text = stored_run_fact(a, key, err);
        totals[i] = text ? strtoll(text, NULL, 10) : 0;
    }
    if (!totals)
        error_memory(err);
    return err->code ? NULL : totals;
}

/* A new reference, or NULL with err. */
static json_t *parse(const char *text, struct tc_error *err)
{
    json_error_t mistake;
    json_t *json = json_parse(text, strlen(text), &mistake, err);

    if (!json)
        damaged(err);
    return json;
}

/* A new reference in *json; absent: NULL. */
static bool read_json(struct stored_run *a, const char *key, json_t **json, struct tc_error *err)
{
    char *text = ledger_get_text(a->ledger, key, err);

    *json = text ? parse(text, err) : NULL;
    free(text);
    return !err->code;
}

/* ending: as manifest_prove_form has it. */
static bool open_run(struct stored_run *a, const char *run, const char *ending, struct tc_error *err)
{
    char path[FILE_PATH_MAX];

    *a = (struct stored_run){.ledger = NULL};
    a->ledger = manifest_open(run, err);
    if (a->ledger && folder_form(run, path, err) && manifest_prove_form(run, a->ledger, ending, err)
        && (a->template = template_load_fields(path, err)) != NULL && (a->plan = plan_load(a->template, err)) != NULL
        && read_json(a, "employer data", &a->employer, err) && read_json(a, "establishments", &a->establishments, err)
        && read_json(a, "declarations", &a->declarations, err) && older_declarations(a->declarations, "ledger.db", NULL, err)
        && read_json(a, "wage_types", &a->wage_types, err) && (a->wages = wages_load(a->template, a->wage_types, "ledger.db", err)) != NULL)
        return true;
    stored_run_close(a);
    return false;
}

bool stored_run_open(struct stored_run *a, const char *run, struct tc_error *err)
{
    return open_run(a, run, NULL, err);
}

bool stored_run_open_texts(struct stored_run *a, const char *run, struct tc_error *err)
{
    return open_run(a, run, ".json", err);
}

void stored_run_close(struct stored_run *a)
{
    wages_free(a->wages);
    json_decref(a->employer);
    json_decref(a->establishments);
    json_decref(a->declarations);
    json_decref(a->wage_types);
    template_free(a->template);
    ledger_close(a->ledger);
    *a = (struct stored_run){.ledger = NULL};
}

bool stored_run_read(const struct stored_run *a, const struct ledger_entry *entry, struct arena *arena, const char **establishment,
                     struct record *record, struct trail *trail, struct tc_error *err)
{
    return stored_run_restore(a->template, a->wages, entry, arena, establishment, record, trail, err);
}

bool stored_run_read_some(const struct stored_run *a, const struct ledger_entry *entry, const int *fields, size_t count,
                          struct arena *arena, const char **establishment, struct record *record, struct tc_error *err)
{
    const struct datum *canon = datum_parse(entry->record, strlen(entry->record), arena, err);
    bool ok = canon && !err->code && record_restore_some(a->template, canon, fields, count, arena, record);

    *establishment = ok ? datum_text(datum_get(canon, "establishment")) : NULL;
    if (arena->failed)
        return error_memory(err);
    return *establishment || damaged(err);
}

bool stored_run_restore(const struct template *t, const struct wages *wages, const struct ledger_entry *entry, struct arena *arena,
                        const char **establishment, struct record *record, struct trail *trail, struct tc_error *err)
{
    const struct datum *canon = datum_parse(entry->record, strlen(entry->record), arena, err);
    const struct datum *entries = entry->trail ? datum_parse(entry->trail, strlen(entry->trail), arena, err) : NULL;
    const char *id = datum_text(datum_get(canon, "establishment"));
    bool ok = id && (entries || !entry->trail) && !err->code && record_restore(t, canon, arena, record);

    ok = trail_restore(wages, entries, t->digits, arena, trail) && ok;
    *establishment = ok ? arena_copy(arena, id, strlen(id)) : NULL;
    if (arena->failed)
        return error_memory(err);
    return (ok && *establishment) || damaged(err);
}
