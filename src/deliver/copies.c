/* To the file: an encrypted copy for each person, and the list of passwords outside of it and of the run. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pool.h"
#include "base/utf8.h"
#include "book/csv.h"
#include "certificate/prepared.h"
#include "deliver/carrier.h"
#include "deliver/history.h"
#include "deliver/journal.h"
#include "deliver/outfolder.h"
#include "deliver/passletter.h"
#include "deliver/passlist.h"
#include "deliver/password.h"
#include "deliver/recipients.h"
#include "store/outside.h"

#define THREADS_MAX 64

/* A certificate and its copy. */
struct copy {
    const struct person *person;
    char password[PASSWORD_MAX + 1];
    unsigned char hash[HASH_SIZE];
};

struct copies {
    const char *run;
    const struct tc_copies_options *options;
    struct tc_copies_result *result;
    struct tc_error *err;
    const struct carrier *carrier;
    struct recipients people;
    bool *old; /* by place in people: an earlier version went out */
    struct copy *list;
    size_t count;
    struct outfolder folder;
    char set[PASSLIST_SET + 1], all[HASH_HEX + 1]; /* all: hash of the copies' hashes, which set is the beginning of */
    char key[HASH_HEX + 1];                        /* of the list, passlist_key; "" where the passwords are given */
    bool finishing;                                /* the folder is there: somebody was killed when it had its name */
    bool letters_there;                            /* letters of a set that was not finished */
    char *passwords;                               /* text of the file of passwords; owned */
    bool (*step)(const struct copies *c, struct copy *copy, struct buf *out, struct tc_error *err); /* of each copy, in several threads */
    atomic_size_t next;
    atomic_bool failed;
    pthread_mutex_t mutex; /* of err while threads run */
};

static bool choose(struct copies *c)
{
    c->list = calloc(c->people.count + 1, sizeof *c->list);
    if (!c->list)
        return error_memory(c->err);
    for (size_t i = 0; i < c->people.count; i++) {
        const struct person *p = &c->people.list[i];

        c->result->not_valid += p->validity != VALID;
        if (p->validity != VALID)
            continue;
        c->list[c->count++].person = p;
        c->result->letters += p->letter;
        c->result->had_old += c->old[i];
    }
    return true;
}

/* ---- passwords */

static bool wrong_line(struct copies *c, long line, const char *message)
{
    return error_set(c->err, TC_INPUT, c->options->passwords, NULL, "password", "line %ld: %s", line, message);
}

/* What a line of passwords may call a copy. */
struct handle {
    const char *text; /* not terminated */
    size_t length;
    struct copy *copy;
};

struct handles {
    struct handle *list;
    size_t count;
};

static int by_handle(const void *a, const void *b)
{
    const struct handle *one = a, *other = b;
    size_t length = one->length < other->length ? one->length : other->length;
    int order = memcmp(one->text, other->text, length);

    return order ? order : one->length < other->length ? -1 : one->length > other->length;
}

/* Those of one copy beside each other. */
static int by_handle_and_copy(const void *a, const void *b)
{
    const struct copy *one = ((const struct handle *)a)->copy, *other = ((const struct handle *)b)->copy;
    int order = by_handle(a, b);

    return order ? order : one < other ? -1 : one > other;
}

static void add_handle(struct handles *h, const char *text, size_t length, struct copy *copy)
{
    h->list[h->count++] = (struct handle){text, length, copy};
}

/* The id and the personnel number; a letter goes by its certificate's id too. */
static bool list_handles(struct copies *c, struct handles *h)
{
    h->list = calloc(3 * c->count + 1, sizeof *h->list);
    if (!h->list)
        return error_memory(c->err);
    for (size_t i = 0; i < c->count; i++) {
        const struct person *p = c->list[i].person;

        add_handle(h, p->id, strlen(p->id), &c->list[i]);
        add_handle(h, p->number, strlen(p->number), &c->list[i]);
        if (p->letter)
            add_handle(h, p->id, strlen(p->id) - strlen(RECIPIENTS_LETTER), &c->list[i]);
    }
    qsort(h->list, h->count, sizeof *h->list, by_handle_and_copy);
    return true;
}

/* The first one that is not before it. */
static size_t find_handle(const struct handles *h, const struct handle *wanted)
{
    size_t low = 0, high = h->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (by_handle(&h->list[middle], wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The copies of the handle, a certificate id or a personnel number, get the password. */
static bool give_password(struct copies *c, const struct handles *h, const char *text, const char *password, long line)
{
    const struct handle wanted = {text, strlen(text), NULL};
    const struct copy *last = NULL; /* whose id is its number is there twice */
    bool found = false;

    for (size_t i = find_handle(h, &wanted); i < h->count && by_handle(&h->list[i], &wanted) == 0; i++) {
        struct copy *copy = h->list[i].copy;

        if (copy == last)
            continue;
        if (*copy->password)
            return wrong_line(c, line, "this certificate has a password already: list it once");
        memcpy(copy->password, password, sizeof copy->password);
        found = true;
        last = copy;
    }
    return found || wrong_line(c, line, "this is neither a certificate id nor a personnel number of the run; try taxcert find");
}

static bool read_line(struct copies *c, const struct handles *h, char *text, long line)
{
    char *comma = strpbrk(text, ",;\t"), password[PASSWORD_MAX + 1];
    size_t length = strlen(text);

    if (length > 0 && text[length - 1] == '\r')
        text[--length] = '\0';
    if (length == 0)
        return true;
    if (!comma)
        return wrong_line(c, line, "a certificate id or personnel number, a comma and a password must stand here");
    *comma = '\0';
    if (!password_normalise(comma + 1, password))
        return wrong_line(c, line,
                          "a password must have 8 to 32 bytes in UTF-8, and no characters that PDF readers understand differently");
    return give_password(c, h, text, password, line);
}

static bool read_lines(struct copies *c, const struct handles *h)
{
    char *rest, *text;
    long line = 0;

    for (text = rest = c->passwords; rest; text = rest) {
        rest = strchr(text, '\n');
        if (rest)
            *rest++ = '\0';
        if (!read_line(c, h, text, ++line))
            return false;
    }
    return true;
}

static bool read_passwords(struct copies *c)
{
    struct handles handles = {.count = 0};
    size_t length, missing = 0;
    bool ok = utf8_read(c->options->passwords, &c->passwords, &length, c->err) && list_handles(c, &handles) && read_lines(c, &handles);

    free(handles.list);
    if (!ok)
        return false;
    for (size_t i = 0; i < c->count; i++)
        missing += *c->list[i].password == '\0';
    return missing == 0
           || error_set(c->err, TC_INPUT, c->options->passwords, NULL, "password", "%zu certificates have no password in this file",
                        missing);
}

static int by_password(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Nobody's password opens another person's copy. */
static bool check_different(struct copies *c)
{
    const char **all = malloc((c->count + 1) * sizeof *all);
    bool same = false;

    if (!all)
        return error_memory(c->err);
    for (size_t i = 0; i < c->count; i++)
        all[i] = c->list[i].password;
    qsort(all, c->count, sizeof *all, by_password);
    for (size_t i = 1; i < c->count; i++)
        if (!strcmp(all[i - 1], all[i])) {
            const struct copy *one = (const struct copy *)(all[i - 1] - offsetof(struct copy, password)),
                              *other = (const struct copy *)(all[i] - offsetof(struct copy, password));

            same |= strcmp(one->person->number, other->person->number) != 0;
        }
    free(all);
    return !same
           || error_set(c->err, TC_INPUT, c->options->passwords, NULL, "password",
                        "two people have the same password; give each their own");
}

/* ---- passwords that were made before */

/* The row as it stands in the list, up to the password. */
static void start_row(const struct copy *copy, struct buf *out)
{
    char file[64];
    const char *const texts[] = {copy->person->number, copy->person->id, copy->person->name, file};
    struct cell cells[4];

    snprintf(file, sizeof file, "%.40s.pdf", copy->person->id);
    for (int k = 0; k < 4; k++)
        cells[k] = (struct cell){.kind = CELL_TEXT, .text = texts[k]};
    csv_row(out, cells, 4);
    if (!out->failed)
        out->data[--out->length - 1] = ','; /* in the place of the line's end, which is of two bytes */
}

/* The passwords of a list that was made here for these very copies. */
static bool reread_list(struct copies *c, const char *at)
{
    struct buf row = {0};
    bool ok = strncmp(at, OUTSIDE_PASSWORDS, strlen(OUTSIDE_PASSWORDS)) == 0;

    at += ok ? strlen(OUTSIDE_PASSWORDS) : 0;
    for (size_t i = 0; ok && i < c->count; i++) {
        char password[PASSWORD_MAX + 1] = "";
        size_t length;

        row.length = 0;
        start_row(&c->list[i], &row);
        ok = !row.failed && strncmp(at, row.data, row.length) == 0;
        at += ok ? row.length : 0;
        length = strcspn(at, "\r");
        ok = ok && length > 0 && length <= PASSWORD_MAX && at[length + 1] == '\n';
        if (ok)
            memcpy(password, at, length);
        ok = ok && password_normalise(password, c->list[i].password);
        explicit_bzero(password, sizeof password);
        at += ok ? length + 2 : 0;
    }
    buf_free(&row);
    return ok && !*at;
}

/* The list that is there is one of these very people: its passwords, and what the log may say of it. */
static bool read_list(struct copies *c, bool *ours)
{
    char *text = NULL;
    size_t length;
    bool ok = file_read(c->options->list, &text, &length, c->err);

    *ours = ok && reread_list(c, text);
    ok = ok && (!*ours || passlist_key(c->people.identity, text, length, c->key, c->err));
    if (text)
        explicit_bzero(text, length);
    free(text);
    return ok;
}

static bool find_passwords(struct copies *c)
{
    bool ours;

    if (c->options->passwords)
        return read_passwords(c) && check_different(c);
    return read_list(c, &ours)
           && (ours
               || error_set(c->err, TC_USAGE, c->options->list, NULL, "list",
                            "the copies are there already, and this is not the list of their passwords"));
}

static const char list_exists[] = "this file exists and is not replaced, because passwords may be in it only; give another --list";

/* A list is there before the copies: its passwords are taken once more where it is that of a set that was begun and never finished. */
static bool take_up_list(struct copies *c)
{
    struct passlist_known known;
    bool ours;

    if (!read_list(c, &ours))
        return false;
    if (ours && !passlist_look(c->run, c->key, &known, c->err))
        return false;
    if (ours && known.state == PASSLIST_MADE)
        return error_set(c->err, TC_USAGE, c->options->list, NULL, "list-exists",
                         "this list holds the passwords of the copies %s and is not replaced; give another --list", known.set);
    return (ours && known.state == PASSLIST_BEGUN) || error_set(c->err, TC_USAGE, c->options->list, NULL, "list-exists", "%s", list_exists);
}

static bool is_there(const char *path)
{
    struct stat status;

    return path && lstat(path, &status) == 0;
}

static bool take_passwords(struct copies *c)
{
    if (c->options->passwords)
        return read_passwords(c) && check_different(c);
    if (is_there(c->options->list))
        return take_up_list(c);
    for (size_t i = 0; i < c->count; i++)
        if (!password_make(c->list[i].password, c->err))
            return false;
    return true;
}

/* ---- the copies, by several threads */

static const char *copy_name(const struct copy *copy, char name[64])
{
    snprintf(name, 64, "%.40s.pdf", copy->person->id);
    return name;
}

static bool make_copy(const struct copies *c, struct copy *copy, struct buf *out, struct tc_error *err)
{
    char *issued = NULL, path[FILE_PATH_MAX], name[64];
    size_t length;
    bool ok = recipients_read(c->run, copy->person, &issued, &length, err)
              && c->carrier->encrypt_copy(issued, length, copy->password, out, err)
              && file_path(c->folder.partial, copy_name(copy, name), path, err) && file_write(path, out->data, out->length, err);

    if (ok)
        hash_bytes(out->data, out->length, copy->hash);
    free(issued);
    return ok;
}

/* Whether the file lies there under its person's name. */
static bool look_at_copy(const struct copies *c, struct copy *copy, struct buf *out, struct tc_error *err)
{
    const char *folder = c->finishing ? c->options->output : c->folder.partial;
    unsigned char hash[HASH_SIZE];
    char name[64];

    (void)out;
    if (!hash_file_below(folder, copy_name(copy, name), hash, err))
        return false;
    if (c->finishing)
        memcpy(copy->hash, hash, HASH_SIZE);
    return memcmp(copy->hash, hash, HASH_SIZE) == 0
           || error_set(err, TC_IO, folder, NULL, "copy-changed", "a file is not the copy that was made for the person of its name");
}

/* Whether the copy that is there is the person's, and opens by the person's password alone. */
static bool prove_copy(const struct copies *c, struct copy *copy, struct buf *out, struct tc_error *err)
{
    char *issued = NULL, *data = NULL, name[64];
    size_t length, size;
    bool ok = recipients_read(c->run, copy->person, &issued, &length, err)
              && file_read_below(c->options->output, copy_name(copy, name), &data, &size, err)
              && c->carrier->encrypt_prove(issued, length, data, size, copy->password, err);

    (void)out;
    free(issued);
    free(data);
    return ok;
}

static void *work(void *ctx)
{
    struct copies *c = ctx;
    struct buf out = {0};
    size_t i;

    while (!c->failed && (i = c->next++) < c->count) {
        struct tc_error err = {0};

        if (c->step(c, &c->list[i], &out, &err))
            continue;
        pthread_mutex_lock(&c->mutex);
        if (!c->err->code)
            *c->err = err;
        c->failed = true;
        pthread_mutex_unlock(&c->mutex);
    }
    buf_free(&out);
    return NULL;
}

static bool each_copy(struct copies *c, bool (*step)(const struct copies *c, struct copy *copy, struct buf *out, struct tc_error *err))
{
    int jobs = pool_jobs(c->options->jobs, THREADS_MAX), started = 0;
    pthread_t threads[THREADS_MAX];

    c->step = step;
    c->next = 0;
    while (started < jobs - 1 && pthread_create(&threads[started], NULL, work, c) == 0)
        started++;
    work(c);
    while (started > 0)
        pthread_join(threads[--started], NULL);
    return !c->err->code;
}

static bool sync_all(struct copies *c)
{
    int fd = open(c->folder.partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && syncfs(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok || error_set(c->err, TC_IO, c->folder.partial, NULL, "sync", "the disk did not take everything (%s)", error_cause(errno));
}

/* ---- what says whose they are */

static void drop_secret(struct buf *text)
{
    if (text->data)
        explicit_bzero(text->data, text->capacity);
    buf_free(text);
}

/* Whether the file that is there says just that. */
static bool says(const char *path, const struct buf *text, bool *same, struct tc_error *err)
{
    char *there = NULL;
    size_t length;
    bool ok = file_read(path, &there, &length, err);

    *same = ok && length == text->length && memcmp(there, text->data, length) == 0;
    if (there)
        explicit_bzero(there, length);
    free(there);
    return ok;
}

/* Gives a file of secrets out where none is, and reads it again: whoever got between finds no list that is moved by a line. One that says the same
 * already stays, any other one too, which is told. */
static bool give_secret(struct copies *c, const char *path, const struct buf *text, const char *rule, const char *message)
{
    bool there = is_there(path), same;

    if (!there && !file_give_new(path, &(struct iovec){text->data, text->length}, 1, c->err)) {
        if (strcmp(c->err->rule, "file-exists") != 0)
            return false;
        there = true;
        error_reset(c->err);
    }
    if (!says(path, text, &same, c->err) || same)
        return !c->err->code;
    return there ? error_set(c->err, TC_USAGE, path, NULL, rule, "%s", message)
                 : error_set(c->err, TC_IO, path, NULL, "list", "the file does not say what was written to it");
}

/* The list of passwords: a secret as large as all of the copies together. */
static bool make_list(struct copies *c, struct buf *out)
{
    struct buf row = {0};
    struct cell cell = {.kind = CELL_TEXT};

    buf_puts(out, OUTSIDE_PASSWORDS);
    for (size_t i = 0; i < c->count; i++) {
        row.length = 0;
        start_row(&c->list[i], &row);
        buf_add(out, row.data, row.length);
        cell.text = c->list[i].password;
        csv_row(out, &cell, 1);
    }
    out->failed |= row.failed;
    buf_free(&row);
    return (!out->failed || error_memory(c->err))
           && (c->options->passwords || passlist_key(c->people.identity, out->data, out->length, c->key, c->err));
}

static bool write_list(struct copies *c, const struct buf *list)
{
    return give_secret(c, c->options->list, list, "list-exists", list_exists);
}

/* ---- letters for the passwords */

/* Those for everybody whom the post reaches; of the others the list tells. */
static struct passletter *choose_letters(struct copies *c, size_t *count)
{
    struct passletter *list = calloc(c->count + 1, sizeof *list);

    *count = 0;
    for (size_t i = 0; list && i < c->count; i++) {
        if (c->list[i].person->reachable)
            list[(*count)++] = (struct passletter){c->list[i].person, c->list[i].password};
        else
            c->result->no_address++;
    }
    if (!list)
        error_memory(c->err);
    else
        passletter_sort(list, *count);
    return list;
}

static bool make_letters(struct copies *c, const struct passletters *letters, struct buf *out)
{
    size_t count;
    struct passletter *list = choose_letters(c, &count);
    bool ok = list != NULL;

    for (size_t i = 0; ok && i < count; i++)
        ok = passletter_can_draw(letters->font, list[i].password)
             || error_set(c->err, TC_INPUT, c->options->passwords, NULL, "password",
                          "a password has a character that cannot be printed in a letter");
    ok = ok && (count == 0 || passletter_make(letters, list, count, out, c->err));
    free(list);
    return ok;
}

/* The letters as a print file, of the set of this name: as much a secret as the list. Nothing where no post reaches anybody. */
static bool print_letters(struct copies *c, const char *set, struct buf *out)
{
    struct passletters letters = {.people = &c->people, .set = set, .made = !c->options->passwords};
    char room[PREPARED_PATH_MAX], fonts[FILE_PATH_MAX];
    struct font font = {0};
    struct tc_words *words = tc_words_load(c->options->templates, c->people.language, c->err);
    bool ok = words && prepared_fonts(prepared_root(c->options->templates, room), fonts, c->err)
              && font_load(fonts, "regular", &font, c->err);

    letters.font = &font;
    letters.words = words;
    ok = ok && make_letters(c, &letters, out) && (!out->failed || error_memory(c->err));
    font_free(&font);
    tc_words_free(words);
    return ok;
}

static const char letters_exist[] =
    "this file exists and is not replaced, because passwords may be in it only; give --letters another name";

static bool write_letters(struct copies *c)
{
    struct buf out = {0};
    bool ok = print_letters(c, c->set, &out)
              && (out.length == 0 || give_secret(c, c->options->letters, &out, "letters-exist", letters_exist));

    drop_secret(&out);
    return ok;
}

/* Whether the letters that are there are of this set, with the passwords at hand. */
static bool are_of_set(void *ctx, const char *set, bool *taken, struct tc_error *err)
{
    struct copies *c = ctx;
    struct buf out = {0};
    long no_address = c->result->no_address;
    bool ok = print_letters(c, set, &out) && says(c->options->letters, &out, taken, err);

    c->result->no_address = no_address;
    drop_secret(&out);
    return ok;
}

/* Letters that are there give way to new ones only where they are of a set that was begun and never finished. */
static bool look_at_letters(struct copies *c)
{
    if (!is_there(c->options->letters))
        return true;
    return passlist_each_begun(c->run, are_of_set, c, &c->letters_there, c->err)
           && (c->letters_there || error_set(c->err, TC_USAGE, c->options->letters, NULL, "letters-exist", "%s", letters_exist));
}

static void name_set(struct copies *c)
{
    unsigned char hash[HASH_SIZE];
    struct hash h;

    hash_start(&h);
    for (size_t i = 0; i < c->count; i++)
        hash_add(&h, c->list[i].hash, HASH_SIZE);
    hash_end(&h, hash);
    hash_hex(hash, c->all);
    for (int i = 0; i < PASSLIST_SET; i++)
        c->set[i] = (char)(c->all[i] >= 'a' ? c->all[i] - 'a' + 'A' : c->all[i]);
}

static bool add_event(struct copies *c)
{
    struct buf reason = {0};
    char text[40], hex[HASH_HEX + 1];
    bool ok;

    snprintf(text, sizeof text, "%zu", c->count);
    journal_word(&reason, "copies", text);
    journal_word(&reason, "passwords", c->options->passwords ? "given" : "made");
    if (*c->key)
        journal_word(&reason, "list", c->key);
    journal_who(&reason);
    for (size_t i = 0; i < c->count; i++) {
        hash_hex(c->list[i].hash, hex);
        buf_puts(&reason, i ? "," : " ids=");
        buf_puts(&reason, c->list[i].person->id);
        buf_puts(&reason, ":");
        buf_puts(&reason, hex);
    }
    buf_add(&reason, "", 1);
    ok = reason.failed ? error_memory(c->err) : events_add(c->run, "copied", c->set, reason.data, c->err);
    buf_free(&reason);
    return ok;
}

/* Whether a file of this path would be among the copies, also where a former call left some half-made. */
static bool is_among_copies(const struct tc_copies_options *o, const char *path)
{
    char folder[FILE_PATH_MAX], partial[FILE_PATH_MAX];
    struct tc_error ignored = {0};
    size_t length = strlen(o->output);

    while (length > 1 && o->output[length - 1] == '/')
        length--;
    snprintf(partial, sizeof partial, "%.*s.partial", (int)(length > 4000 ? 4000 : length), o->output);
    return (!strncmp(path, o->output, length) && (path[length] == '/' || !path[length])) || outside_is_same(path, o->output)
           || (file_folder_of(path, folder, &ignored) && (outside_is_same(folder, o->output) || outside_is_same(folder, partial)));
}

/* A file with passwords stands neither in a run nor among the copies, and takes no other's place. */
static bool check_secret(const struct tc_copies_options *o, const char *path, const char *other, struct tc_error *err)
{
    if (!path)
        return true;
    if (is_among_copies(o, path))
        return error_set(err, TC_USAGE, NULL, NULL, "list", "passwords do not belong beside the copies; give another place");
    return outside_place(path, (const char *const[]){o->passwords, other}, 2, err);
}

static bool check_places(struct copies *c)
{
    const struct tc_copies_options *o = c->options;

    if (!o->passwords && !o->list)
        return error_set(c->err, TC_USAGE, NULL, NULL, "list", "generated passwords need a list to be written to: --list FILE");
    return outside_folder(o->output, c->err) && check_secret(o, o->list, NULL, c->err) && check_secret(o, o->letters, o->list, c->err);
}

/* Letters of a set that was never finished: their passwords stand in the list. */
static bool make_way(struct copies *c)
{
    return !c->letters_there || unlink(c->options->letters) == 0
           || error_set(c->err, TC_IO, c->options->letters, NULL, "write", "the file cannot be written (%s)", error_cause(errno));
}

/* Passwords, letters and the folder get their names between two events, so that whoever is killed between them is understood: the list is known by what
 * the first one says of it. It is there before the copies are: copies that nobody can open would be worse than passwords of nothing. */
static bool publish(struct copies *c)
{
    struct buf list = {0};
    bool there = false, ok = !c->options->list || make_list(c, &list);

    ok = ok && journal_begin(c->run, JOURNAL_COPIES, c->set, c->all, *c->key ? c->key : NULL, c->err)
         && (!c->options->list || write_list(c, &list)) && (!c->options->letters || (make_way(c) && write_letters(c)))
         && outfolder_publish(&c->folder, &there, c->err) && add_event(c);
    drop_secret(&list);
    return ok;
}

/* Whether the folder that is there is what the last command of this kind made, of the very people. */
static bool is_last(struct copies *c, const struct begun *begun)
{
    struct tc_error ignored = {0}, *err = c->err;
    bool ok;

    if (!begun->value)
        return false;
    c->err = &ignored;
    ok = each_copy(c, look_at_copy);
    c->err = err;
    c->failed = false;
    name_set(c);
    return ok && !strcmp(begun->value, c->all);
}

static bool prove_passwords(struct copies *c)
{
    if (each_copy(c, prove_copy))
        return true;
    if (!strcmp(c->err->rule, ENCRYPT_REFUSED)) {
        error_reset(c->err);
        error_set(c->err, TC_USAGE, c->options->output, NULL, "folder",
                  "the copies are there already, and do not all open with these passwords; give another -o");
    }
    return false;
}

/* The folder is there. Where it is ours, whole and as it was, its list is held against it, and what was not said of it in the log is said. */
static bool finish(struct copies *c)
{
    struct begun begun;
    bool ok;

    c->finishing = true;
    ok = journal_last(c->run, JOURNAL_COPIES, &begun, c->err)
         && (is_last(c, &begun)
             || error_set(c->err, TC_USAGE, c->options->output, NULL, "folder", "this folder exists already; give another -o"))
         && find_passwords(c) && prove_passwords(c);
    ok = ok && (!c->options->letters || write_letters(c));
    if (ok)
        outfolder_settle(c->options->output);
    ok = ok && (begun.ends > 0 || add_event(c));
    c->result->there = ok;
    begun_free(&begun);
    return ok;
}

static bool make(struct copies *c)
{
    long ignored;

    c->carrier = carrier_load(c->err);
    if (!c->carrier || !history_old(c->run, &c->people, &c->old, &ignored, c->err) || !choose(c))
        return false;
    if (is_there(c->options->output))
        return finish(c);
    if (!take_passwords(c) || !look_at_letters(c) || !outfolder_open(&c->folder, c->options->output, c->err) || !each_copy(c, make_copy)
        || !sync_all(c) || !each_copy(c, look_at_copy))
        return false;
    name_set(c);
    return publish(c);
}

enum tc_code tc_copies(const char *run, const struct tc_copies_options *options, struct tc_copies_result *result, struct tc_error *err)
{
    struct copies c = {.run = run, .options = options, .result = result, .err = err, .mutex = PTHREAD_MUTEX_INITIALIZER};
    int lock;

    error_reset(err);
    *result = (struct tc_copies_result){0};
    lock = check_places(&c) ? recipients_lock(run, err) : -1;
    if (lock >= 0 && recipients_load(&c.people, run, options->letters ? RECIPIENTS_ADDRESSES : RECIPIENTS_RUN, err) && make(&c))
        result->copies = (long)c.count;
    outfolder_drop(&c.folder);
    if (c.list)
        explicit_bzero(c.list, c.people.count * sizeof *c.list);
    if (c.passwords)
        explicit_bzero(c.passwords, strlen(c.passwords));
    free(c.list);
    free(c.old);
    free(c.passwords);
    recipients_free(&c.people);
    if (lock >= 0)
        close(lock);
    return err->code;
}
