#include "deliver/recipients.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fold.h"
#include "base/json.h"
#include "base/text.h"
#include "deliver/address.h"
#include "store/chain.h"
#include "store/events.h"
#include "store/folder.h"
#include "store/manifest.h"

#define MARK_LEFT 2000  /* hundredths of a millimetre: where the form does not say */
#define MARK_ABOVE 1900 /* the page's lower edge */

#define RUNS_MAX 1000 /* of a year; more would be a circle */

#define FIELDS_MAX (5 + DELIVERY_NAMES + DELIVERY_NEEDED + DELIVERY_LINES * DELIVERY_NAMES)

struct loader {
    struct recipients *people;
    struct stored_run run;
    bool year, addresses;
    int fields[FIELDS_MAX]; /* of a record, that deliveries look at */
    size_t field_count;
    char countries[64]; /* what caption keys of countries begin with */
    size_t capacity;
    struct arena arena; /* the record in hand */
    struct buf text;
};

static const char *keep(struct loader *l, const char *text)
{
    return text && *text ? arena_copy(&l->people->arena, text, strlen(text)) : "";
}

static const char *value(const struct record *record, int field)
{
    return field >= 0 && record->values[field].present ? record->values[field].text : "";
}

static void add_field(struct loader *l, int field)
{
    for (size_t i = 0; i < l->field_count; i++)
        if (l->fields[i] == field)
            return;
    if (field >= 0)
        l->fields[l->field_count++] = field;
}

/* Of a hundred fields of a form ten are about where it goes. */
static void choose_fields(struct loader *l)
{
    const struct delivery *d = &l->run.template->delivery;
    const int single[] = {d->channel, d->mailbox, d->postcode, d->country, d->cost_centre};

    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        add_field(l, single[i]);
    for (size_t i = 0; i < d->name_count; i++)
        add_field(l, d->names[i]);
    for (size_t i = 0; i < d->needed_count; i++)
        add_field(l, d->needed[i]);
    for (size_t i = 0; l->addresses && i < d->line_count; i++)
        for (size_t k = 0; k < d->lines[i].count; k++)
            add_field(l, d->lines[i].fields[k]);
}

/* The names, the most important one first: as they are, and folded. */
static bool take_names(struct loader *l, const struct record *record, struct person *person)
{
    const struct delivery *d = &l->run.template->delivery;

    l->text.length = 0;
    for (size_t i = 0; i < d->name_count; i++) {
        const char *name = value(record, d->names[i]);

        buf_puts(&l->text, *name && l->text.length ? ", " : "");
        buf_puts(&l->text, name);
    }
    buf_add(&l->text, "", 1);
    if (l->text.failed)
        return false;
    person->name = keep(l, l->text.data);
    l->text.length = 0;
    fold_add(&l->text, person->name ? person->name : "");
    buf_add(&l->text, "", 1);
    person->folded = l->text.failed ? NULL : keep(l, l->text.data);
    return person->folded != NULL;
}

static bool is_inland(const struct template *t, const char *postcode)
{
    int check = t->delivery.postcodes;

    return check >= 0 ? identifier_valid(&t->identifiers[check], postcode, strlen(postcode), NULL, 0, NULL) : !text_is_blank(postcode);
}

static void take_address(struct loader *l, const struct record *record, struct person *person)
{
    const struct delivery *d = &l->run.template->delivery;

    person->postcode = keep(l, value(record, d->postcode));
    person->country = keep(l, value(record, d->country));
    person->foreign = *value(record, d->country) && strcasecmp(value(record, d->country), d->home) != 0;
    if (l->addresses)
        address_write(l->run.template, record, l->countries, person->foreign, &l->text);
    person->address = l->addresses ? keep(l, l->text.data) : "";
    person->reachable = person->foreign || is_inland(l->run.template, value(record, d->postcode));
    for (size_t i = 0; i < d->needed_count; i++)
        person->reachable &= !text_is_blank(value(record, d->needed[i]));
}

/* Blanks around the word and its case are nobody's way. */
static bool is_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    text += strspn(text, " ");
    return !strncasecmp(text, word, length) && text[length + strspn(text + length, " ")] == '\0';
}

static enum channel channel_of(const struct delivery *d, const char *word)
{
    return is_word(word, d->print) ? CHANNEL_PRINT : is_word(word, d->email) ? CHANNEL_EMAIL : CHANNEL_OTHER;
}

static bool make_room(struct loader *l)
{
    size_t capacity = l->capacity ? 2 * l->capacity : 1024;
    struct person *grown;

    if (l->people->count < l->capacity)
        return true;
    grown = realloc(l->people->list, capacity * sizeof *grown);
    if (!grown)
        return false;
    l->people->list = grown;
    l->capacity = capacity;
    return true;
}

/* Of this run itself, as its path says. */
static bool is_own(const char *file)
{
    return folder_find_certificate(file) == file;
}

/* Issued by this run; of the year also what earlier ones issued, and what was cancelled. */
static bool is_meant(const struct loader *l, const struct ledger_entry *entry)
{
    if (entry->state == LEDGER_CANCELLED)
        return l->year && entry->id && entry->record;
    return entry->state == LEDGER_ISSUED && (l->year || is_own(entry->file));
}

/* Adds whoever the entry is about, with what the record says of them. */
static struct person *add_person(struct loader *l, const struct ledger_entry *entry, struct tc_error *err)
{
    const struct delivery *d = &l->run.template->delivery;
    const char *establishment;
    struct person *person;
    struct record record;

    arena_reset(&l->arena);
    if (!stored_run_read_some(&l->run, entry, l->fields, l->field_count, &l->arena, &establishment, &record, err))
        return NULL;
    if (!make_room(l)) {
        error_memory(err);
        return NULL;
    }
    person = &l->people->list[l->people->count++];
    *person = (struct person){.id = keep(l, entry->id),
                              .number = keep(l, entry->personnel_number),
                              .file = keep(l, entry->file),
                              .channel = channel_of(d, value(&record, d->channel)),
                              .establishment = keep(l, establishment),
                              .cost_centre = keep(l, value(&record, d->cost_centre)),
                              .mailbox = keep(l, value(&record, d->mailbox))};
    memcpy(person->hash, entry->hash, HASH_SIZE);
    person->validity = entry->state == LEDGER_CANCELLED ? CANCELLED : VALID;
    take_address(l, &record, person);
    if (take_names(l, &record, person) && !l->people->arena.failed)
        return person;
    error_memory(err);
    return NULL;
}

static bool on_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    return !is_meant(ctx, entry) || add_person(ctx, entry, err) != NULL;
}

/* ---- letters of cancellations */

struct letters {
    struct loader *loader;
    const struct ledger_letter *letter; /* in hand */
    bool found;
};

/* The certificate that the letter says is void: whose it was gets the letter. */
static bool on_cancelled(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    struct letters *letters = ctx;
    const struct ledger_letter *letter = letters->letter;
    struct person *person;
    char id[80];

    if (letters->found || entry->state != LEDGER_CANCELLED || !entry->record
        || strcmp(entry->personnel_number, letter->personnel_number) != 0)
        return true;
    person = add_person(letters->loader, entry, err);
    if (!person)
        return false;
    snprintf(id, sizeof id, "%.60s" RECIPIENTS_LETTER, letter->id);
    person->id = keep(letters->loader, id);
    person->file = keep(letters->loader, letter->file);
    person->letter = letters->found = true;
    person->validity = VALID;
    memcpy(person->hash, letter->hash, HASH_SIZE);
    return (person->id && person->file) || error_memory(err);
}

static bool on_letter(void *ctx, const struct ledger_letter *letter, struct tc_error *err)
{
    struct letters *letters = ctx;

    if (!letters->loader->year && !is_own(letter->file))
        return true;
    letters->letter = letter;
    letters->found = false;
    return ledger_find_id(letters->loader->run.ledger, letter->id, on_cancelled, letters, err)
           && (letters->found
               || error_set(err, TC_IO, "ledger.db", NULL, "ledger",
                            "the ledger has a letter of a cancellation, but not what was cancelled"));
}

static int by_id(const void *a, const void *b)
{
    return strcmp((*(const struct person *const *)a)->id, (*(const struct person *const *)b)->id);
}

bool recipients_index(const struct recipients *p, const struct person ***index, struct tc_error *err)
{
    bool sorted = true; /* as the ledger mostly is */

    *index = malloc((p->count + 1) * sizeof **index);
    if (!*index)
        return error_memory(err);
    for (size_t i = 0; i < p->count; i++) {
        (*index)[i] = &p->list[i];
        sorted = sorted && (i == 0 || by_id(*index + i - 1, *index + i) <= 0);
    }
    if (!sorted)
        qsort(*index, p->count, sizeof **index, by_id);
    return true;
}

const struct person *recipients_find(const struct person *const *index, size_t count, const char *id)
{
    const struct person key = {.id = id}, *const at = &key;
    const struct person *const *found = count > 0 ? bsearch(&at, index, count, sizeof *index, by_id) : NULL;

    return found ? *found : NULL;
}

/* ---- what a later run made of them */

struct later {
    const struct person **index;
    size_t count;
    enum validity validity;
};

static struct person *find(const struct later *later, const char *id)
{
    return (struct person *)recipients_find(later->index, later->count, id); /* of a list that is ours */
}

static void on_void(void *ctx, const char *about, const char *reason)
{
    const struct later *later = ctx;
    struct person *person = find(later, about);

    (void)reason;
    if (person && person->validity != CANCELLED)
        person->validity = later->validity;
}

static bool on_later_entry(void *ctx, const struct ledger_entry *entry, struct tc_error *err)
{
    const struct later *later = ctx;
    struct person *person = entry->id ? find(later, entry->id) : NULL;

    (void)err;
    if (person && entry->state == LEDGER_CANCELLED)
        person->validity = CANCELLED;
    else if (person && entry->state == LEDGER_ISSUED)
        person->validity = memcmp(entry->hash, person->hash, HASH_SIZE) != 0 ? CORRECTED : VALID;
    return true;
}

/* The last ledger of the chain that can be found says what is valid; the run's own log, where none can. */
static bool take_later(struct recipients *p, const char *run, struct tc_error *err)
{
    struct later later = {.count = p->count};
    struct chain_next next;
    char at[FILE_PATH_MAX] = "";
    struct ledger *ledger;
    bool ok = recipients_index(p, &later.index, err) && chain_find_next(run, &next, err);

    later.validity = CORRECTED;
    ok = ok && events_each(run, "corrected", on_void, &later, err);
    later.validity = CANCELLED;
    ok = ok && events_each(run, "cancelled", on_void, &later, err);
    for (int i = 0; ok && *next.path && i < RUNS_MAX; i++) {
        memcpy(at, next.path, sizeof at);
        ok = chain_find_next(at, &next, err);
    }
    if (ok && *at) {
        ledger = manifest_open(at, err);
        ok = ledger && ledger_each(ledger, on_later_entry, &later, err);
        ledger_close(ledger);
    }
    free(later.index);
    return ok;
}

static int hundredths(const json_t *number)
{
    return (int)(json_number_value(number) * 100 + 0.5);
}

static bool read_page(struct loader *l, const char *run, struct tc_error *err)
{
    json_t *form = json_read_below(run, "form/form.json", err);

    const char *countries = json_string_value(json_at(form, "country_captions"));

    l->people->page[0] = hundredths(json_at(form, "page/0"));
    l->people->page[1] = hundredths(json_at(form, "page/1"));
    l->people->mark[0] = l->run.template->delivery.mark[0] >= 0 ? l->run.template->delivery.mark[0] : MARK_LEFT;
    l->people->mark[1] = l->run.template->delivery.mark[1] >= 0 ? l->run.template->delivery.mark[1] : l->people->page[1] - MARK_ABOVE;
    snprintf(l->countries, sizeof l->countries, "%.60s", countries ? countries : "");
    json_decref(form);
    return form != NULL;
}

/* In the people's arena; NULL with err. */
static const char *keep_fact(struct recipients *p, struct stored_run *run, const char *key, struct tc_error *err)
{
    const char *fact = stored_run_fact(run, key, err), *kept = fact ? arena_copy(&p->arena, fact, strlen(fact)) : NULL;

    if (fact && !kept)
        error_memory(err);
    return kept;
}

bool recipients_load(struct recipients *p, const char *run, unsigned what, struct tc_error *err)
{
    struct loader l = {.people = p, .year = what & RECIPIENTS_YEAR, .addresses = what & RECIPIENTS_ADDRESSES};
    char corrects[HASH_HEX + 1] = "";
    bool ok;

    *p = (struct recipients){.count = 0};
    ok = stored_run_open(&l.run, run, err);
    if (ok && !l.run.template->delivery.there)
        ok = error_set(err, TC_USAGE, run, NULL, "no-delivery", "the run's form does not say how certificates go out");
    if (ok)
        choose_fields(&l);
    ok = ok && ledger_get(l.run.ledger, "identity", p->identity, sizeof p->identity, err)
         && ledger_get(l.run.ledger, "corrects", corrects, sizeof corrects, err)
         && (p->employer = keep_fact(p, &l.run, "employer", err)) != NULL && read_page(&l, run, err)
         && ledger_each(l.run.ledger, on_entry, &l, err)
         && ledger_each_letter(l.run.ledger, NULL, on_letter, &(struct letters){.loader = &l}, err) && take_later(p, run, err);
    p->corrects = *corrects;
    if (ok)
        snprintf(p->language, sizeof p->language, "%s", l.run.template->languages[0]);
    stored_run_close(&l.run);
    arena_free(&l.arena);
    buf_free(&l.text);
    if (!ok)
        recipients_free(p);
    return ok;
}

void recipients_free(struct recipients *p)
{
    free(p->list);
    arena_free(&p->arena);
    *p = (struct recipients){.count = 0};
}

bool recipients_read(const char *run, const struct person *person, char **data, size_t *length, struct tc_error *err)
{
    unsigned char hash[HASH_SIZE];
    char path[FILE_PATH_MAX];

    *data = NULL;
    if (!file_path(run, person->file, path, err))
        return false;
    if (!file_read_below(run, person->file, data, length, err)) {
        err->code = TC_IO;
        return false;
    }
    hash_bytes(*data, *length, hash);
    if (memcmp(hash, person->hash, HASH_SIZE) == 0)
        return true;
    free(*data);
    *data = NULL;
    return error_set(err, TC_IO, path, NULL, "changed",
                     "the stored certificate is not what was issued: its hash differs from the ledger's");
}

int recipients_lock(const char *run, struct tc_error *err)
{
    char path[FILE_PATH_MAX];
    int fd = folder_is_run(run, err) && file_path(run, "ledger.db", path, err) ? file_open_below(run, "ledger.db", TC_IO, err) : -1;

    if (fd < 0) {
        error_set(err, error_lack(TC_USAGE), run, NULL, "run", "this run folder cannot be read (%s)", error_cause(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) /* shares without locks go on: events are locked otherwise */
        return fd;
    close(fd);
    error_set(err, TC_IO, run, NULL, "busy", "another delivery of this run is under way; try again when it has ended");
    return -1;
}
