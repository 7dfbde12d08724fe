#include "store/ledger.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "store/folder.h"
#include "store/ledger_file.h"
#include "store/purged.h"
#include "store/words.h"

enum statement { S_ENTRY, S_ENTRIES, S_WORDS, S_PIECES, S_FINDING, S_PERSON, S_CORRECTION, S_RUN, S_LETTER, S_SET, S_COUNT };

#define ROWS 8 /* certificates that are put into it together: what a statement begins and ends with costs a third of a row */

struct ledger {
    sqlite3 *db;
    sqlite3_stmt *statements[S_COUNT];
    char *path;                 /* owned; of messages */
    struct ledger_file *file;   /* of one that is read */
    int64_t steps_left, budget; /* in thousands, of the query in hand; of each */
    struct words words;         /* of one that is made */
    struct ledger_entry rows[ROWS];
    int row_count;        /* that are not put into it yet */
    struct arena texts;   /* theirs */
    bool searched_by_row; /* see row_schema */
};

static const char schema[] =
    "CREATE TABLE run (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE certificate (number INTEGER PRIMARY KEY, id TEXT, personnel_number TEXT, state TEXT NOT NULL,"
    " file TEXT, sha256 BLOB, size INTEGER, record TEXT, trail TEXT, corrects INTEGER NOT NULL,"
    " late INTEGER NOT NULL, issue_date TEXT);"
    "CREATE TABLE words (place INTEGER PRIMARY KEY, text TEXT NOT NULL);"  /* store/words.h: blocks, by number from 0 */
    "CREATE TABLE pieces (place INTEGER PRIMARY KEY, bits BLOB NOT NULL);" /* WORDS_ROWS a segment */
    "CREATE TABLE finding (place INTEGER PRIMARY KEY, number INTEGER NOT NULL, id TEXT, personnel_number TEXT,"
    " severity TEXT NOT NULL, file TEXT NOT NULL, pointer TEXT NOT NULL, rule TEXT NOT NULL, message TEXT NOT NULL,"
    " source TEXT, wage_types TEXT, reason TEXT, approved_by TEXT);"
    "CREATE TABLE person (place INTEGER PRIMARY KEY, personnel_number TEXT NOT NULL, reason TEXT, record TEXT);"
    "CREATE TABLE correction (place INTEGER PRIMARY KEY, change TEXT NOT NULL, id TEXT NOT NULL, personnel_number TEXT NOT NULL,"
    " issue_date TEXT NOT NULL, reason TEXT, before TEXT, after TEXT, other TEXT);"
    "CREATE TABLE letter (place INTEGER PRIMARY KEY, id TEXT NOT NULL, personnel_number TEXT NOT NULL, file TEXT NOT NULL, sha256 BLOB NOT NULL);"
    "CREATE TABLE earlier (place INTEGER PRIMARY KEY, path TEXT NOT NULL, identity TEXT NOT NULL, sums TEXT NOT NULL);"
    /* From the start: sorting them afterwards would need memory for every person. */
    "CREATE UNIQUE INDEX certificate_issued ON certificate (id) WHERE state = 'issued';" /* two would be one file */
    "CREATE INDEX certificate_other ON certificate (id) WHERE state <> 'issued';"
    "CREATE INDEX certificate_personnel_number ON certificate (personnel_number);"
    "CREATE INDEX person_number ON person (personnel_number);";

/* Tables as earlier versions made them, where a column had another name: columns are read by their place. */
static const char earlier_schema[] =
    "CREATE TABLE person (place INTEGER PRIMARY KEY, personnel_number TEXT NOT NULL, reason TEXT);"
    "CREATE TABLE certificate (number INTEGER PRIMARY KEY, id TEXT, personnel_number TEXT, state TEXT NOT NULL,"
    " file TEXT, sha256 BLOB, size INTEGER, record TEXT, trail TEXT, corrects INTEGER NOT NULL,"
    " late INTEGER NOT NULL, issued TEXT);"
    "CREATE TABLE finding (place INTEGER PRIMARY KEY, number INTEGER NOT NULL, id TEXT, personnel_number TEXT,"
    " severity TEXT NOT NULL, file TEXT NOT NULL, pointer TEXT NOT NULL, rule TEXT NOT NULL, message TEXT NOT NULL,"
    " source TEXT, wage_types TEXT, reason TEXT, who TEXT);"
    "CREATE TABLE correction (place INTEGER PRIMARY KEY, change TEXT NOT NULL, id TEXT NOT NULL, personnel_number TEXT NOT NULL,"
    " issued TEXT NOT NULL, reason TEXT, before TEXT, after TEXT, other TEXT);";
/* What a ledger of an earlier version has in place of words and pieces: a row a certificate. */
static const char row_schema[] = "CREATE TABLE search (number INTEGER PRIMARY KEY, words TEXT NOT NULL)";

#define ENTRY "(?,?,?,?,?,?,?,?,?,?,?,?)"
#define ENTRY_COLUMNS 12

static const char *const sql[S_COUNT] = {
    "INSERT INTO certificate VALUES " ENTRY,
    "INSERT INTO certificate VALUES " ENTRY "," ENTRY "," ENTRY "," ENTRY "," ENTRY "," ENTRY "," ENTRY "," ENTRY,
    "INSERT INTO words VALUES (?,?)",
    "INSERT INTO pieces VALUES (?,?)",
    "INSERT INTO finding VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?)",
    "INSERT INTO person VALUES (NULL,?,?,?)",
    "INSERT INTO correction VALUES (NULL,?,?,?,?,?,?,?,?)",
    "INSERT INTO earlier VALUES (NULL,?,?,?)",
    "INSERT INTO letter VALUES (NULL,?,?,?,?)",
    "INSERT INTO run VALUES (?,?)",
};

static const char *const states[] = {"issued", "held", "cancelled", "refused"};
static const char held_before[] = "withheld"; /* as earlier versions wrote it */
static const char *const changes[LEDGER_CHANGES] = {"correction", "cancellation", "late"};
static const char *const severities[] = {"warning", "error", "waived"};

const char *ledger_state_name(enum ledger_state state)
{
    return states[state];
}

static bool damaged(const struct ledger *l, struct tc_error *err)
{
    return error_set(err, TC_IO, l->path, NULL, "ledger", "an entry of the ledger is damaged");
}

/* What SQLite's code means to whoever has to do something about it. */
static const char *cause(struct ledger *l)
{
    int number = sqlite3_system_errno(l->db);

    if (number == EMFILE || number == ENFILE)
        return "too many files are open";
    switch (sqlite3_errcode(l->db)) {
    case SQLITE_FULL: return "the disk is full";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return "it is damaged";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "another program is using it";
    case SQLITE_CANTOPEN: return "it is not there, or cannot be opened";
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH: return "this account has no permission";
    case SQLITE_IOERR: return "the disk fails to write or read it";
    case SQLITE_ERROR:
    case SQLITE_SCHEMA: return "it is not a ledger of this program";
    default: return "it cannot be used";
    }
}

/* SQLite's own text may quote values: what its code means is passed on. */
static bool failed(struct ledger *l, struct tc_error *err)
{
    char system[FILE_SYSTEM_MAX];

    if (l->file && ledger_file_is_other(l->file))
        return error_set(err, TC_IO, l->path, NULL, "file-changed", "the run folder's file is not what the run made");
    if (l->db && sqlite3_errcode(l->db) == SQLITE_INTERRUPT)
        return error_set(err, TC_IO, l->path, NULL, "ledger", "the ledger is damaged: a search in it does not end");
    if (!l->db || sqlite3_errcode(l->db) == SQLITE_NOMEM)
        return error_memory(err);
    if (sqlite3_errcode(l->db) == SQLITE_CONSTRAINT)
        return error_set(err, TC_IO, l->path, NULL, "ledger", "the ledger refuses a certificate: its id has been issued already");
    return error_set(err, TC_IO, l->path, NULL, "ledger", "the ledger cannot be read or written: %s (%s, on %s)", cause(l),
                     error_cause(sqlite3_system_errno(l->db)), file_system(l->path, system));
}

/* A query, with as many steps as it may take. */
static bool prepare(struct ledger *l, const char *text, sqlite3_stmt **s, struct tc_error *err)
{
    l->steps_left = l->budget;
    return sqlite3_prepare_v2(l->db, text, -1, s, NULL) == SQLITE_OK || failed(l, err);
}

static bool run_sql(struct ledger *l, const char *text, struct tc_error *err)
{
    return sqlite3_exec(l->db, text, NULL, NULL, NULL) == SQLITE_OK || failed(l, err);
}

/* Without locks: a ledger is made by one process in a folder of its own and read as immutable, and many shares have no locks. A connection is used by
 * one thread at a time, so it needs none for itself either (NOMUTEX). */
static bool open_db(struct ledger *l, const char *name, int flags, const char *system, struct tc_error *err)
{
    if (sqlite3_open_v2(name, &l->db, flags | SQLITE_OPEN_NOMUTEX, system) != SQLITE_OK)
        return failed(l, err);
    sqlite3_busy_timeout(l->db, 5000);
    return true;
}

/* path: of messages. */
static struct ledger *new_ledger(const char *path, struct tc_error *err)
{
    struct ledger *l = calloc(1, sizeof *l);

    if (l)
        l->path = strdup(path);
    if (l && l->path)
        return l;
    error_memory(err);
    ledger_close(l);
    return NULL;
}

struct ledger *ledger_create(const char *path, struct tc_error *err)
{
    char name[FILE_PATH_MAX + 2];
    struct ledger *l;
    bool ok;

    snprintf(name, sizeof name, "%s%s", *path == '/' ? "" : "./", path); /* "file:" at the beginning would make it a URI */
    l = new_ledger(path, err);
    ok = l && open_db(l, name, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix-none", err)
         && run_sql(l,
                    "PRAGMA page_size=16384; PRAGMA cache_size=-4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                    "PRAGMA temp_store=MEMORY; BEGIN EXCLUSIVE;",
                    err)
         && run_sql(l, schema, err);
    for (int i = 0; ok && i < S_COUNT; i++)
        ok = sqlite3_prepare_v3(l->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &l->statements[i], NULL) == SQLITE_OK || failed(l, err);
    ok = ok && (words_start(&l->words) || error_memory(err));
    if (ok)
        return l;
    ledger_close(l);
    return NULL;
}

/* ---- what is read may have been made by anybody */

#define STEPS 1000 /* of SQLite's machine between two looks */

static int on_steps(void *ctx)
{
    return --((struct ledger *)ctx)->steps_left < 0;
}

/* Nothing in the file is run, nothing grows beyond what a ledger of ours has, and no query takes longer than a file of this size can ask for. */
static void defend(struct ledger *l)
{
    static const struct {
        int what, value;
    } switches[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},   {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0}, {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                    {SQLITE_DBCONFIG_ENABLE_VIEW, 0}, {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0},
                    {SQLITE_DBCONFIG_ENABLE_FKEY, 0}},
      limits[] = {{SQLITE_LIMIT_LENGTH, 256 << 20}, {SQLITE_LIMIT_SQL_LENGTH, 1 << 16}, {SQLITE_LIMIT_COLUMN, 64},
                  {SQLITE_LIMIT_EXPR_DEPTH, 64},    {SQLITE_LIMIT_COMPOUND_SELECT, 2},  {SQLITE_LIMIT_ATTACHED, 0},
                  {SQLITE_LIMIT_TRIGGER_DEPTH, 1},  {SQLITE_LIMIT_WORKER_THREADS, 0}};

    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        sqlite3_db_config(l->db, switches[i].what, switches[i].value, (int *)NULL);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(l->db, limits[i].what, limits[i].value);
    /* A row takes some forty steps and some hundred bytes: ten steps a byte are plenty. */
    l->budget = 10000 + (int64_t)(ledger_file_size(l->file) / (STEPS / 10));
    sqlite3_progress_handler(l->db, STEPS, on_steps, l);
}

/* Whether it is a statement of the tables, word for word. */
static bool is_among(const char *tables, const char *statement)
{
    size_t length = strlen(statement);

    if (!strcmp(statement, row_schema))
        return true;
    for (const char *at = tables; (at = strstr(at, statement)) != NULL; at++)
        if ((at == tables || at[-1] == ';') && at[length] == ';')
            return true;
    return false;
}

/* Every table and index is one that we made: nothing else could be asked in our words and answer in its own. */
static bool check_schema(struct ledger *l, struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    int code;

    if (!prepare(l, "SELECT sql FROM sqlite_schema", &s, err))
        return false;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(s, 0);

        if (sqlite3_column_type(s, 0) != SQLITE_TEXT || !text || (!is_among(schema, text) && !is_among(earlier_schema, text))) {
            error_set(err, TC_IO, l->path, NULL, "ledger", "the ledger has other tables than the program makes");
            break;
        }
        l->searched_by_row |= !strcmp(text, row_schema);
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        failed(l, err);
    sqlite3_finalize(s);
    return !err->code;
}

static struct ledger *open_run(const char *run, const char *root, struct tc_error *err)
{
    char path[FILE_PATH_MAX];
    struct ledger *l = purged_refuse(run, err) && file_path(run, "ledger.db", path, err) ? new_ledger(path, err) : NULL;

    if (l && (l->file = ledger_file_open(run, root, err)) != NULL
        && open_db(l, "ledger", SQLITE_OPEN_READONLY, ledger_file_system(l->file), err)) {
        defend(l);
        if (run_sql(l, "PRAGMA temp_store=MEMORY", err) && check_schema(l, err))
            return l;
    }
    ledger_close(l);
    return NULL;
}

struct ledger *ledger_open(const char *run, struct tc_error *err)
{
    return open_run(run, NULL, err);
}

struct ledger *ledger_open_proved(const char *run, const char *root, struct tc_error *err)
{
    return open_run(run, root, err);
}

static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
    sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC); /* NULL binds NULL */
}

static bool step(struct ledger *l, enum statement which, struct tc_error *err)
{
    sqlite3_stmt *s = l->statements[which];
    bool ok = sqlite3_step(s) == SQLITE_DONE;

    if (!ok)
        failed(l, err);
    sqlite3_reset(s);
    return ok;
}

bool ledger_set(struct ledger *l, const char *key, const char *value, struct tc_error *err)
{
    bind_text(l->statements[S_SET], 1, key);
    bind_text(l->statements[S_SET], 2, value);
    return step(l, S_SET, err);
}

static bool keep_segment(struct ledger *l, struct tc_error *err)
{
    struct words *w = &l->words;
    int64_t segment = (w->block - 1) / WORDS_SEGMENT;

    for (int row = 0, rows = words_rows(w->blocks); row < rows; row++) {
        const uint8_t *bits = words_bits(w, row);

        if (!bits)
            continue;
        sqlite3_bind_int64(l->statements[S_PIECES], 1, segment * WORDS_ROWS + row);
        sqlite3_bind_blob(l->statements[S_PIECES], 2, bits, WORDS_BITS, SQLITE_STATIC);
        if (!step(l, S_PIECES, err))
            return false;
    }
    words_end_segment(w);
    return true;
}

static bool keep_block(struct ledger *l, struct tc_error *err)
{
    struct words *w = &l->words;

    sqlite3_bind_int64(l->statements[S_WORDS], 1, w->block);
    sqlite3_bind_text(l->statements[S_WORDS], 2, w->text.data, (int)w->text.length, SQLITE_STATIC);
    if (!step(l, S_WORDS, err))
        return false;
    words_end_block(w);
    return w->blocks < WORDS_SEGMENT || keep_segment(l, err);
}

static bool add_words(struct ledger *l, int64_t number, const char *words, struct tc_error *err)
{
    if (!words_add(&l->words, number, words))
        return error_memory(err);
    return l->words.people < WORDS_PEOPLE || keep_block(l, err);
}

/* From the parameter behind before on. */
static void bind_entry(sqlite3_stmt *s, int before, const struct ledger_entry *e)
{
    bool issued = e->state == LEDGER_ISSUED;

    sqlite3_bind_int64(s, before + 1, e->number);
    bind_text(s, before + 2, e->id);
    bind_text(s, before + 3, e->personnel_number);
    bind_text(s, before + 4, states[e->state]);
    bind_text(s, before + 5, issued ? e->file : NULL);
    sqlite3_bind_blob(s, before + 6, issued ? e->hash : NULL, HASH_SIZE, SQLITE_STATIC);
    if (issued)
        sqlite3_bind_int64(s, before + 7, e->size);
    else
        sqlite3_bind_null(s, before + 7);
    bind_text(s, before + 8, e->record);
    bind_text(s, before + 9, e->trail);
    sqlite3_bind_int(s, before + 10, e->corrects);
    sqlite3_bind_int(s, before + 11, e->late);
    bind_text(s, before + 12, e->issued);
}

/* Puts the rows that wait into the ledger: all at once where they are a full number, else one by one. */
static bool keep_rows(struct ledger *l, struct tc_error *err)
{
    enum statement which = l->row_count == ROWS ? S_ENTRIES : S_ENTRY;
    bool ok = true;

    for (int i = 0; ok && i < l->row_count; i++) {
        bind_entry(l->statements[which], which == S_ENTRIES ? i * ENTRY_COLUMNS : 0, &l->rows[i]);
        ok = (which == S_ENTRIES && i < ROWS - 1) || step(l, which, err);
    }
    l->row_count = 0;
    arena_reset(&l->texts);
    return ok;
}

static bool keep_text(struct ledger *l, const char **text)
{
    return !*text || (*text = arena_copy(&l->texts, *text, strlen(*text))) != NULL;
}

/* The row waits for others: its texts are the caller's only until now. */
bool ledger_add(struct ledger *l, const struct ledger_entry *e, struct tc_error *err)
{
    struct ledger_entry *row = &l->rows[l->row_count];

    *row = *e;
    if (!keep_text(l, &row->id) || !keep_text(l, &row->personnel_number) || !keep_text(l, &row->file) || !keep_text(l, &row->record)
        || !keep_text(l, &row->trail) || !keep_text(l, &row->issued))
        return error_memory(err);
    return (++l->row_count < ROWS || keep_rows(l, err)) && (!e->words || add_words(l, e->number, e->words, err));
}

bool ledger_add_finding(struct ledger *l, const struct ledger_finding *f, struct tc_error *err)
{
    sqlite3_stmt *s = l->statements[S_FINDING];

    sqlite3_bind_int64(s, 1, f->number);
    bind_text(s, 2, f->id);
    bind_text(s, 3, f->personnel_number);
    bind_text(s, 4, severities[f->severity]);
    bind_text(s, 5, f->file);
    bind_text(s, 6, f->pointer);
    bind_text(s, 7, f->rule);
    bind_text(s, 8, f->message);
    bind_text(s, 9, f->source);
    bind_text(s, 10, f->wage_types);
    bind_text(s, 11, f->reason);
    bind_text(s, 12, f->who);
    return step(l, S_FINDING, err);
}

/* Among the words somebody without a certificate has a number below 0: of their place. */
bool ledger_add_person(struct ledger *l, const struct ledger_person *p, struct tc_error *err)
{
    bind_text(l->statements[S_PERSON], 1, p->personnel_number);
    bind_text(l->statements[S_PERSON], 2, p->reason);
    bind_text(l->statements[S_PERSON], 3, p->record);
    return step(l, S_PERSON, err) && (!p->words || add_words(l, -sqlite3_last_insert_rowid(l->db), p->words, err));
}

bool ledger_add_correction(struct ledger *l, const struct ledger_correction *c, struct tc_error *err)
{
    const char *const texts[] = {changes[c->change], c->id, c->personnel_number, c->issued, c->reason, c->before, c->after, c->other};

    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
        bind_text(l->statements[S_CORRECTION], i + 1, texts[i]);
    return step(l, S_CORRECTION, err);
}

bool ledger_add_run(struct ledger *l, const struct ledger_run *run, struct tc_error *err)
{
    bind_text(l->statements[S_RUN], 1, run->path);
    bind_text(l->statements[S_RUN], 2, run->identity);
    bind_text(l->statements[S_RUN], 3, run->sums);
    return step(l, S_RUN, err);
}

bool ledger_add_letter(struct ledger *l, const struct ledger_letter *letter, struct tc_error *err)
{
    sqlite3_stmt *s = l->statements[S_LETTER];

    bind_text(s, 1, letter->id);
    bind_text(s, 2, letter->personnel_number);
    bind_text(s, 3, letter->file);
    sqlite3_bind_blob(s, 4, letter->hash, HASH_SIZE, SQLITE_STATIC);
    return step(l, S_LETTER, err);
}

bool ledger_commit(struct ledger *l, struct tc_error *err)
{
    return keep_rows(l, err) && (l->words.people == 0 || keep_block(l, err)) && (l->words.blocks == 0 || keep_segment(l, err))
           && run_sql(l, "COMMIT", err);
}

/* Whether a text is one that we wrote in a column of that name: UTF-8 without a zero byte, and a handle where it names somebody. A path is
 * whatever a folder is called. */
static bool is_text(const char *name, const char *text, size_t length)
{
    if (strlen(text) != length)
        return false;
    if (!strcmp(name, "id") || !strcmp(name, "personnel_number") || !strcmp(name, "other"))
        return text_is_handle(text);
    return text_is_utf8_part(text, length) || !strcmp(name, "file") || !strcmp(name, "path");
}

/* False where a text found no room, for which SQLite gives NULL, one of the columns (by bit) has none, or one is none that we wrote. */
static bool has_columns(struct ledger *l, sqlite3_stmt *s, unsigned columns, struct tc_error *err)
{
    for (int i = 0; i < sqlite3_column_count(s); i++) {
        int type = sqlite3_column_type(s, i);
        const char *text = type == SQLITE_TEXT ? (const char *)sqlite3_column_text(s, i) : NULL, *name;

        if (type != SQLITE_TEXT && type != SQLITE_BLOB && !(columns >> i & 1))
            continue;
        name = sqlite3_column_name(s, i);
        if (!name || (type == SQLITE_TEXT && !text))
            return failed(l, err);
        if ((text && !is_text(name, text, (size_t)sqlite3_column_bytes(s, i))) || (columns >> i & 1 && !text)
            || (type == SQLITE_BLOB && strcmp(name, "sha256") != 0))
            return damaged(l, err);
    }
    return true;
}

static char *get_text(struct ledger *l, const char *key, struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    char *text = NULL;
    int code;

    if (!prepare(l, "SELECT value FROM run WHERE key = ?", &s, err))
        return NULL;
    bind_text(s, 1, key);
    code = sqlite3_step(s);
    if (code == SQLITE_ROW && has_columns(l, s, 1, err) && !(text = strdup((const char *)sqlite3_column_text(s, 0))))
        error_memory(err);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        failed(l, err);
    sqlite3_finalize(s);
    return text;
}

char *ledger_get_text(struct ledger *l, const char *key, struct tc_error *err)
{
    char *text = get_text(l, key, err);

    return text || err->code || strcmp(key, "issue_date") != 0 ? text : get_text(l, "issued", err); /* its name in earlier versions */
}

bool ledger_get(struct ledger *l, const char *key, char *value, size_t size, struct tc_error *err)
{
    char *text = ledger_get_text(l, key, err);

    snprintf(value, size, "%s", text ? text : "");
    free(text);
    return !err->code;
}

bool ledger_get_number(struct ledger *l, const char *key, int64_t least, int64_t most, int64_t *number, struct tc_error *err)
{
    char *text = ledger_get_text(l, key, err), *end = NULL;
    bool ok;

    *number = 0;
    if (!text)
        return !err->code && (least <= 0 || damaged(l, err));
    errno = 0;
    *number = strtoll(text, &end, 10);
    ok = errno == 0 && end != text && !*end && *number >= least && *number <= most;
    free(text);
    return ok || damaged(l, err);
}

static const char *column(sqlite3_stmt *s, int i)
{
    return (const char *)sqlite3_column_text(s, i);
}

/* Whether a path of the ledger leads into its run, or into one that it names. A path of ours is certificates/ or letters/ with two steps, behind the
 * other run's folder where there is one. */
static bool is_in_runs(struct ledger *l, const char *file, struct tc_error *err)
{
    const char *place = folder_find_certificate(file);
    sqlite3_stmt *s = NULL;
    int64_t left = l->steps_left;
    bool named;

    if (!place || place == file)
        return place != NULL || damaged(l, err);
    if (!prepare(l, "SELECT 1 FROM earlier WHERE path = ?", &s, err))
        return false;
    sqlite3_bind_text(s, 1, file, (int)(place - file) - 1, SQLITE_STATIC);
    named = sqlite3_step(s) == SQLITE_ROW;
    sqlite3_finalize(s);
    l->steps_left = left; /* of the query that this one is in */
    return named || damaged(l, err);
}

/* "../NAME", or from the root on. */
static bool is_folder(const char *path)
{
    return *path == '/' || (!strncmp(path, "../", 3) && path[3] && !strchr(path + 3, '/') && strcmp(path + 3, "..") != 0);
}

static enum ledger_state read_state(const char *name)
{
    int state = LEDGER_ISSUED;

    if (!strcmp(name, held_before))
        return LEDGER_HELD;
    while (state < LEDGER_REFUSED && strcmp(name, states[state]) != 0)
        state++;
    return (enum ledger_state)state;
}

static bool read_entry(struct ledger *l, sqlite3_stmt *s, struct ledger_entry *e, struct tc_error *err)
{
    if (!has_columns(l, s, 1u << 3, err))
        return false;
    *e = (struct ledger_entry){.number = sqlite3_column_int64(s, 0),
                               .id = column(s, 1),
                               .personnel_number = column(s, 2),
                               .file = column(s, 4),
                               .size = sqlite3_column_int64(s, 6),
                               .record = column(s, 7),
                               .trail = column(s, 8)};
    e->state = read_state(column(s, 3));
    e->corrects = sqlite3_column_int(s, 9);
    e->late = sqlite3_column_int(s, 10) != 0; /* what a ledger of an earlier version does not have is NULL */
    e->issued = column(s, 11);
    if (e->file && !is_in_runs(l, e->file, err))
        return false;
    if (e->state != LEDGER_ISSUED)
        return true;
    if (sqlite3_column_bytes(s, 5) != HASH_SIZE || !e->file || !e->id || !e->record)
        return damaged(l, err);
    memcpy(e->hash, sqlite3_column_blob(s, 5), HASH_SIZE);
    return true;
}

static bool each_entry(struct ledger *l, const char *select, const char *const *texts, size_t count, ledger_entry_call call, void *ctx,
                       struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    struct ledger_entry entry;
    int code;

    if (!prepare(l, select, &s, err))
        return false;
    for (size_t i = 0; i < count; i++)
        bind_text(s, (int)i + 1, texts[i]);
    while ((code = sqlite3_step(s)) == SQLITE_ROW)
        if (!read_entry(l, s, &entry, err) || !call(ctx, &entry, err))
            break;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        failed(l, err);
    sqlite3_finalize(s);
    return !err->code;
}

bool ledger_each(struct ledger *l, ledger_entry_call call, void *ctx, struct tc_error *err)
{
    return each_entry(l, "SELECT * FROM certificate ORDER BY number", NULL, 0, call, ctx, err);
}

/* The indexes of ids are two, by state: each half of a condition uses its own. */
#define BY_ID "(id = ?1 AND state = 'issued') OR (id = ?1 AND state <> 'issued')"

bool ledger_find(struct ledger *l, const char *handle, ledger_entry_call call, void *ctx, struct tc_error *err)
{
    return each_entry(l, "SELECT * FROM certificate WHERE " BY_ID " OR personnel_number = ?1 ORDER BY number", &handle, 1, call, ctx, err);
}

bool ledger_find_id(struct ledger *l, const char *id, ledger_entry_call call, void *ctx, struct tc_error *err)
{
    return each_entry(l, "SELECT * FROM certificate WHERE " BY_ID " ORDER BY number", &id, 1, call, ctx, err);
}

bool ledger_find_both(struct ledger *l, const char *personnel_number, const char *id, ledger_entry_call call, void *ctx,
                      struct tc_error *err)
{
    const char *const texts[] = {id, personnel_number};

    return each_entry(l, "SELECT * FROM certificate WHERE (" BY_ID ") AND personnel_number = ?2 ORDER BY number", texts, 2, call, ctx, err);
}

bool ledger_has_person(struct ledger *l, const char *personnel_number, bool *there, struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    int code;

    if (!prepare(l, "SELECT 1 FROM person WHERE personnel_number = ? LIMIT 1", &s, err))
        return false;
    bind_text(s, 1, personnel_number);
    code = sqlite3_step(s);
    *there = code == SQLITE_ROW;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        failed(l, err);
    sqlite3_finalize(s);
    return !err->code;
}

/* In a ledger of an earlier version: each row is looked at. */
static bool search_rows(struct ledger *l, const char *const *words, size_t count, ledger_entry_call call, void *ctx, struct tc_error *err)
{
    struct buf select = {0};
    bool ok;

    buf_puts(&select, "SELECT * FROM certificate WHERE number IN (SELECT number FROM search WHERE 1");
    for (size_t i = 0; i < count; i++)
        buf_printf(&select, " AND instr(words, ?%zu)", i + 1);
    buf_puts(&select, ") ORDER BY number");
    buf_add(&select, "", 1);
    ok = select.failed ? error_memory(err) : each_entry(l, select.data, words, count, call, ctx, err);
    buf_free(&select);
    return ok;
}

/* While somebody is looked for. */
struct search {
    sqlite3_stmt *bits, *text;
    const char *const *words;
    size_t count;
    struct buf numbers; /* of those found, int64_t each */
};

static bool take_number(void *ctx, int64_t number)
{
    struct search *s = ctx;

    buf_add(&s->numbers, &number, sizeof number);
    return !s->numbers.failed;
}

/* A row of one column: its bytes, or NULL without err where there is none. They live until the next step. */
static const void *get_bytes(struct ledger *l, sqlite3_stmt *s, int64_t place, int type, size_t *length, struct tc_error *err)
{
    const void *bytes = NULL;
    int code;

    sqlite3_reset(s);
    sqlite3_bind_int64(s, 1, place);
    code = sqlite3_step(s);
    if (code != SQLITE_ROW) {
        if (code != SQLITE_DONE)
            failed(l, err);
        return NULL;
    }
    if (sqlite3_column_type(s, 0) != type)
        damaged(l, err);
    else if (!(bytes = type == SQLITE_BLOB ? sqlite3_column_blob(s, 0) : sqlite3_column_text(s, 0)))
        failed(l, err);
    *length = (size_t)sqlite3_column_bytes(s, 0);
    return bytes;
}

static int count_bits(const uint8_t *bits, int blocks)
{
    int count = 0;

    for (int i = 0; i < blocks; i++)
        count += bits[i / 8] >> i % 8 & 1;
    return count;
}

/* Leaves those of a segment's blocks that have the piece. */
static bool narrow(struct ledger *l, struct search *s, int64_t segment, int blocks, int piece, uint8_t *left, struct tc_error *err)
{
    struct words_place place = words_place(piece, blocks);
    size_t length = 0;
    const uint8_t *bits = get_bytes(l, s->bits, segment * WORDS_ROWS + place.row, SQLITE_BLOB, &length, err);

    if (err->code)
        return false;
    if (bits && length != WORDS_BITS)
        return damaged(l, err);
    for (int i = 0; i < place.length; i++)
        left[i] &= bits ? bits[place.at + i] : 0;
    return true;
}

#define READ_ANYWAY 2 /* to read so many blocks costs no more than the next piece's bits */

/* From each word's end: numbers that are given in a row differ there. */
static bool narrow_all(struct ledger *l, struct search *s, int64_t segment, int blocks, uint8_t *left, struct tc_error *err)
{
    for (size_t i = 0; i < s->count; i++) {
        size_t length = strlen(s->words[i]);

        for (size_t at = length; at-- > 0 && count_bits(left, blocks) > READ_ANYWAY;) {
            int piece = words_piece(s->words[i] + at, length - at);

            if (piece >= 0 && !narrow(l, s, segment, blocks, piece, left, err))
                return false;
        }
    }
    return true;
}

static bool search_segment(struct ledger *l, struct search *s, int64_t segment, int blocks, struct tc_error *err)
{
    uint8_t left[WORDS_SEGMENT / 8];

    memset(left, 0xFF, sizeof left);
    if (words_rows(blocks) > 0 && !narrow_all(l, s, segment, blocks, left, err))
        return false;
    for (int i = 0; i < blocks; i++) {
        size_t length = 0;
        const char *text;

        if (!(left[i / 8] >> i % 8 & 1))
            continue;
        text = get_bytes(l, s->text, segment * WORDS_SEGMENT + i, SQLITE_TEXT, &length, err);
        if (!text)
            return err->code ? false : damaged(l, err);
        if (!words_look(text, length, s->words, s->count, take_number, s))
            return s->numbers.failed ? error_memory(err) : damaged(l, err);
    }
    return true;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static bool tell_person(struct ledger *l, sqlite3_stmt *s, ledger_person_call call, void *ctx, struct tc_error *err)
{
    struct ledger_person p;

    if (!has_columns(l, s, 1u << 1, err))
        return false;
    p = (struct ledger_person){.personnel_number = column(s, 1),
                               .reason = text_is_blank(column(s, 2)) ? NULL : column(s, 2), /* "" was a reason once */
                               .record = column(s, 3)};                                     /* NULL in a ledger of an earlier version */
    return call(ctx, &p, err);
}

static bool tell_person_at(struct ledger *l, int64_t place, ledger_person_call call, void *ctx, struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    int code;

    if (!prepare(l, "SELECT * FROM person WHERE place = ?", &s, err))
        return false;
    sqlite3_bind_int64(s, 1, place);
    code = sqlite3_step(s);
    if (code == SQLITE_ROW)
        tell_person(l, s, call, ctx, err);
    else
        code == SQLITE_DONE ? damaged(l, err) : failed(l, err);
    sqlite3_finalize(s);
    return !err->code;
}

/* Each certificate that was found, in the input's order; those without one, whose numbers are below 0, follow. */
static bool tell_numbers(struct ledger *l, struct buf *numbers, ledger_entry_call call, ledger_person_call person, void *ctx,
                         struct tc_error *err)
{
    int64_t *list = (int64_t *)(void *)numbers->data;
    size_t count = numbers->length / sizeof *list, first = 0;
    struct ledger_entry entry;
    sqlite3_stmt *s = NULL;
    int code = SQLITE_DONE;

    if (count == 0)
        return true;
    qsort(list, count, sizeof *list, by_number);
    while (first < count && list[first] < 0)
        first++;
    if (!prepare(l, "SELECT * FROM certificate WHERE number = ?", &s, err))
        return false;
    for (size_t i = first; i < count && !err->code; i++) {
        sqlite3_reset(s);
        sqlite3_bind_int64(s, 1, list[i]);
        code = sqlite3_step(s);
        if (code != SQLITE_ROW)
            code == SQLITE_DONE ? damaged(l, err) : failed(l, err);
        else if (!read_entry(l, s, &entry, err) || !call(ctx, &entry, err))
            break;
    }
    sqlite3_finalize(s);
    while (person && first > 0 && !err->code && tell_person_at(l, -list[first - 1], person, ctx, err))
        first--;
    return !err->code;
}

static bool count_blocks(struct ledger *l, int64_t *blocks, struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    int code;

    if (!prepare(l, "SELECT max(place) FROM words", &s, err))
        return false;
    code = sqlite3_step(s);
    *blocks = code == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_INTEGER ? sqlite3_column_int64(s, 0) + 1 : 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        failed(l, err);
    sqlite3_finalize(s);
    return !err->code && ((*blocks >= 0 && *blocks <= LEDGER_COUNT_MAX) || damaged(l, err));
}

bool ledger_search(struct ledger *l, const char *const *words, size_t count, ledger_entry_call call, ledger_person_call person, void *ctx,
                   struct tc_error *err)
{
    struct search s = {.words = words, .count = count};
    int64_t blocks = 0;
    bool ok;

    if (l->searched_by_row)
        return search_rows(l, words, count, call, ctx, err);
    ok = count_blocks(l, &blocks, err) && prepare(l, "SELECT bits FROM pieces WHERE place = ?", &s.bits, err)
         && prepare(l, "SELECT text FROM words WHERE place = ?", &s.text, err);
    for (int64_t first = 0; ok && first < blocks; first += WORDS_SEGMENT)
        ok = search_segment(l, &s, first / WORDS_SEGMENT, blocks - first < WORDS_SEGMENT ? (int)(blocks - first) : WORDS_SEGMENT, err);
    sqlite3_finalize(s.bits);
    sqlite3_finalize(s.text);
    ok = ok && tell_numbers(l, &s.numbers, call, person, ctx, err);
    buf_free(&s.numbers);
    return ok;
}

bool ledger_each_finding(struct ledger *l, ledger_finding_call call, void *ctx, struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    int code;

    if (!prepare(l, "SELECT * FROM finding ORDER BY place", &s, err))
        return false;
    while ((code = sqlite3_step(s)) == SQLITE_ROW && has_columns(l, s, 0x1F0, err)) {
        struct ledger_finding f = {.number = sqlite3_column_int64(s, 1),
                                   .id = column(s, 2),
                                   .personnel_number = column(s, 3),
                                   .file = column(s, 5),
                                   .pointer = column(s, 6),
                                   .rule = column(s, 7),
                                   .message = column(s, 8),
                                   .source = column(s, 9),
                                   .wage_types = column(s, 10),
                                   .reason = column(s, 11),
                                   .who = column(s, 12)};

        while (f.severity < SEVERITY_WAIVED && strcmp(column(s, 4), severities[f.severity]) != 0)
            f.severity++;
        if (!call(ctx, &f, err))
            break;
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        failed(l, err);
    sqlite3_finalize(s);
    return !err->code;
}

bool ledger_each_correction(struct ledger *l, ledger_correction_call call, void *ctx, struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    int code;

    if (!prepare(l, "SELECT * FROM correction ORDER BY place", &s, err))
        return false;
    while ((code = sqlite3_step(s)) == SQLITE_ROW && has_columns(l, s, 0x1E, err)) {
        struct ledger_correction c = {.id = column(s, 2),
                                      .personnel_number = column(s, 3),
                                      .issued = column(s, 4),
                                      .reason = column(s, 5),
                                      .before = column(s, 6),
                                      .after = column(s, 7),
                                      .other = column(s, 8)};

        while (c.change < LEDGER_LATE && strcmp(column(s, 1), changes[c.change]) != 0)
            c.change++;
        if (!call(ctx, &c, err))
            break;
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        failed(l, err);
    sqlite3_finalize(s);
    return !err->code;
}

bool ledger_each_run(struct ledger *l, ledger_run_call call, void *ctx, struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    int code;

    if (!prepare(l, "SELECT path, identity, sums FROM earlier ORDER BY place", &s, err))
        return false;
    while ((code = sqlite3_step(s)) == SQLITE_ROW && has_columns(l, s, 7, err))
        if (!is_folder(column(s, 0)) ? !damaged(l, err) : !call(ctx, &(struct ledger_run){column(s, 0), column(s, 1), column(s, 2)}, err))
            break;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        failed(l, err);
    sqlite3_finalize(s);
    return !err->code;
}

static bool has_letters(struct ledger *l, bool *has, struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    int code;

    if (!prepare(l, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'letter'", &s, err))
        return false;
    code = sqlite3_step(s);
    *has = code == SQLITE_ROW;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        failed(l, err);
    sqlite3_finalize(s);
    return !err->code;
}

static bool read_letter(struct ledger *l, sqlite3_stmt *s, struct ledger_letter *letter, struct tc_error *err)
{
    if (!has_columns(l, s, 7, err))
        return false;
    if (sqlite3_column_bytes(s, 3) != HASH_SIZE)
        return damaged(l, err);
    *letter = (struct ledger_letter){.id = column(s, 0), .personnel_number = column(s, 1), .file = column(s, 2)};
    memcpy(letter->hash, sqlite3_column_blob(s, 3), HASH_SIZE);
    return is_in_runs(l, letter->file, err);
}

bool ledger_each_letter(struct ledger *l, const char *id, ledger_letter_call call, void *ctx, struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    struct ledger_letter letter;
    bool has;
    int code;

    if (!has_letters(l, &has, err) || !has)
        return !err->code;
    if (!prepare(l, "SELECT id, personnel_number, file, sha256 FROM letter WHERE ?1 IS NULL OR id = ?1 ORDER BY place", &s, err))
        return false;
    bind_text(s, 1, id);
    while ((code = sqlite3_step(s)) == SQLITE_ROW)
        if (!read_letter(l, s, &letter, err) || !call(ctx, &letter, err))
            break;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        failed(l, err);
    sqlite3_finalize(s);
    return !err->code;
}

static bool each_person(struct ledger *l, const char *select, const char *number, ledger_person_call call, void *ctx, struct tc_error *err)
{
    sqlite3_stmt *s = NULL;
    int code;

    if (!prepare(l, select, &s, err))
        return false;
    if (number)
        bind_text(s, 1, number);
    while ((code = sqlite3_step(s)) == SQLITE_ROW)
        if (!tell_person(l, s, call, ctx, err))
            break;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        failed(l, err);
    sqlite3_finalize(s);
    return !err->code;
}

bool ledger_each_person(struct ledger *l, ledger_person_call call, void *ctx, struct tc_error *err)
{
    return each_person(l, "SELECT * FROM person ORDER BY place", NULL, call, ctx, err);
}

bool ledger_find_person(struct ledger *l, const char *personnel_number, ledger_person_call call, void *ctx, struct tc_error *err)
{
    return each_person(l, "SELECT * FROM person WHERE personnel_number = ? ORDER BY place", personnel_number, call, ctx, err);
}

void ledger_close(struct ledger *l)
{
    if (!l)
        return;
    for (int i = 0; i < S_COUNT; i++)
        sqlite3_finalize(l->statements[i]);
    sqlite3_close(l->db);
    ledger_file_close(l->file);
    words_free(&l->words);
    arena_free(&l->texts);
    free(l->path);
    free(l);
}
