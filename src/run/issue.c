/* From draft to issued: the same input, form and options but for the draft's mark. The draft's log says where they are, its identity that they are
 * still the same, but for transfer tickets: those come between the two. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run/run.h"
#include "store/events.h"
#include "store/ledger.h"
#include "store/manifest.h"

#define EVENT "draft-input"

/* What the events name, files first. Absolute paths: the draft may be asked for from anywhere. */
enum { PAYROLL, EMPLOYEES, WAIVERS, TEMPLATES, CORRECTS, FILES, TEST_IDS = FILES, WITHOUT_TICKETS, NAMES };
static const char *const names[NAMES] = {[PAYROLL] = "payroll",
                                         [EMPLOYEES] = "employees",
                                         [WAIVERS] = "waivers",
                                         [TEMPLATES] = "templates",
                                         [CORRECTS] = "corrects",
                                         [TEST_IDS] = "test-ids",
                                         [WITHOUT_TICKETS] = "without-tickets"};

static void add_input(struct event *list, size_t *count, char room[FILE_PATH_MAX], const char *name, const char *path)
{
    if (path && realpath(path, room) && text_is_utf8(room))
        list[(*count)++] = (struct event){EVENT, name, room};
}

bool run_note_inputs(struct run *run)
{
    const struct tc_options *o = run->options;
    const char *const paths[FILES] = {
        [PAYROLL] = o->payroll, [EMPLOYEES] = o->employees, [WAIVERS] = o->waivers, [TEMPLATES] = o->templates, [CORRECTS] = o->corrects};
    char(*rooms)[FILE_PATH_MAX] = calloc(NAMES, sizeof *rooms);
    struct event list[NAMES];
    char without[HASH_HEX + 1];
    size_t count = 0;
    bool ok;

    if (!rooms)
        return error_memory(run->err);
    for (size_t i = 0; i < FILES; i++)
        add_input(list, &count, rooms[i], names[i], paths[i]);
    if (o->allow_test_ids)
        list[count++] = (struct event){EVENT, names[TEST_IDS], "allowed"};
    ok = run_identify_without(run, json_string_value(json_object_get(run->in.given, "issued")), without);
    list[count++] = (struct event){EVENT, names[WITHOUT_TICKETS], without};
    ok = ok && events_append(run->out.folder.partial, list, count, run->err);
    free(rooms);
    return ok;
}

/* What a draft was made of. */
struct draft {
    char paths[NAMES][FILE_PATH_MAX]; /* or what else is named; "" where there was none */
    char identity[HASH_HEX + 1], issued[16], draft[8];
};

static void on_input(void *ctx, const char *about, const char *reason)
{
    struct draft *d = ctx;

    for (size_t i = 0; i < NAMES; i++)
        if (!strcmp(about, names[i]))
            snprintf(d->paths[i], sizeof d->paths[i], "%s", reason);
}

static bool read_draft(const char *folder, struct draft *d, struct tc_error *err)
{
    struct ledger *ledger = manifest_open(folder, err);
    bool ok = ledger && ledger_get(ledger, "identity", d->identity, sizeof d->identity, err)
              && ledger_get(ledger, "issue_date", d->issued, sizeof d->issued, err)
              && ledger_get(ledger, "draft", d->draft, sizeof d->draft, err) && events_each(folder, EVENT, on_input, d, err);
    ledger_close(ledger);
    if (ok && strcmp(d->draft, "yes") != 0)
        return error_set(err, TC_USAGE, folder, NULL, "no-draft", "this run is no draft: it is issued already");
    return ok;
}

static const char *choose(const char *given, const char *kept)
{
    return given ? given : *kept ? kept : NULL;
}

enum tc_code tc_issue(const char *folder, const struct tc_options *options, struct tc_result *result, struct tc_error *err)
{
    struct draft *d = calloc(1, sizeof *d);
    struct tc_options o = *options;

    error_reset(err);
    *result = (struct tc_result){0};
    if (!d)
        error_memory(err);
    else if (read_draft(folder, d, err)) {
        o.payroll = choose(o.payroll, d->paths[PAYROLL]);
        o.employees = choose(o.employees, d->paths[EMPLOYEES]);
        o.waivers = choose(o.waivers, d->paths[WAIVERS]);
        o.templates = choose(o.templates, d->paths[TEMPLATES]);
        o.corrects = choose(o.corrects, d->paths[CORRECTS]);
        o.allow_test_ids |= *d->paths[TEST_IDS] != '\0';
        o.issue_date = d->issued;
        o.draft = false;
        o.issues = d->identity;
        o.issues_without = d->paths[WITHOUT_TICKETS];
        if (o.payroll)
            run_generate(&o, NULL, result, err);
        else
            error_set(err, TC_USAGE, folder, NULL, "draft-input", "the draft does not say where its data are: give PAYROLL.json after it");
    }
    free(d);
    return err->code ? err->code : (o.corrects ? result->refused : result->held) ? TC_HELD : TC_OK;
}
