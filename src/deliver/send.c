/* To the mailbox: each encrypted copy to its person's address, at most once. What is about to be handed over is in the log, on the disk, when the
 * server waits for it and before its first byte goes; what became of it, after. Whatever has no clear end is unknown, and is sent again only by a person's decision. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "deliver/carrier.h"
#include "deliver/history.h"
#include "deliver/journal.h"
#include "deliver/mailconfig.h"
#include "deliver/message.h"
#include "deliver/rate.h"
#include "deliver/recipients.h"

#define SAME_REFUSALS 3 /* in a row: it is about everybody */
#define BREAKS_MAX 3    /* of one person: connections that end before anything is handed over */
#define BROKEN_MAX 4    /* people in a row whose connections end so: it is about everybody */
#define UNKNOWN_MAX 5   /* in a row: whoever comes next would be unknown too */
#define JITTER 11       /* per cent of a delay and one, that are added to it by chance: a copy's bytes are */
#define LOG_ID 32       /* hexadecimal digits of a Message-ID */
#define WAIT_MOST 5000  /* milliseconds slept at once */

enum standing { STANDING_NEW, STANDING_ACCEPTED, STANDING_REFUSED, STANDING_UNKNOWN };

/* Somebody whose certificate goes out by mail. */
struct letter {
    const struct person *person;
    char to[MAILBOX_MAX + 1];
    unsigned char copy[HASH_SIZE]; /* that was made of it */
    bool has_copy, refused_now, done;
    enum standing standing;
    int tries, breaks;
    int streak;  /* of broken connections that it was last part of */
    int64_t due; /* by the rate's clock; 0: at once */
    long reply;
};

struct send {
    const char *run;
    const struct tc_send_options *options;
    struct tc_send_result *result;
    struct tc_error *err;
    const struct carrier *carrier;
    struct recipients people;
    const struct person **index;
    struct mailconfig config;
    struct letter *letters;
    size_t count;
    size_t *by_person; /* index in letters plus one, by place in people; 0: none */
    size_t *queue;     /* a heap of indices in letters of whoever is not done: first whoever is due first, of these who stands first */
    size_t waiting;    /* in it */
    size_t marked;     /* refused and not told yet */
    struct events_tail log;
    struct smtp *smtp;
    struct letter *now; /* the one that is tried */
    bool offered;       /* and that it is so stands in the log */
    struct rate rate;
    int streak, broken;    /* the row of broken connections at hand, from 1; people in it */
    int refusals, unknown; /* in a row */
    long last_refusal;
};

static struct letter *find(struct send *s, const char *id)
{
    const struct person *p = recipients_find(s->index, s->people.count, id);
    size_t at = p ? s->by_person[p - s->people.list] : 0;

    return at ? &s->letters[at - 1] : NULL;
}

/* ---- what the log has */

static bool on_copy(void *ctx, const char *word, long number)
{
    struct send *s = ctx;
    size_t length = strcspn(word, ":");
    char id[80];
    struct letter *letter;

    (void)number;
    snprintf(id, sizeof id, "%.*s", (int)length, word);
    letter = find(s, id);
    if (letter && word[length])
        letter->has_copy = hash_read(word + length + 1, strlen(word + length + 1), letter->copy);
    return true;
}

static bool on_event(void *ctx, const struct event_read *event, struct tc_error *err)
{
    struct send *s = ctx;
    size_t length;
    const char *ids;
    struct letter *letter;

    (void)err;
    if (!strcmp(event->kind, "copied")) {
        ids = journal_find(event->reason, "ids", &length);
        return !ids || journal_each(ids, length, on_copy, s);
    }
    letter = find(s, event->about);
    if (!letter)
        return true;
    if (!strcmp(event->kind, "offered") || !strcmp(event->kind, "unknown"))
        letter->standing = STANDING_UNKNOWN;
    else if (!strcmp(event->kind, "accepted"))
        letter->standing = STANDING_ACCEPTED;
    else if (!strcmp(event->kind, "refused") || !strcmp(event->kind, "bounced"))
        letter->standing = STANDING_REFUSED;
    else if (!strcmp(event->kind, "not-sent"))
        letter->standing = STANDING_NEW;
    else if (!strcmp(event->kind, "resolved"))
        letter->standing = journal_is(event->reason, "reply", "arrived") ? STANDING_ACCEPTED : STANDING_NEW;
    return true;
}

/* ---- who gets mail */

static void tell(const struct send *s, const struct letter *letter, const char *state)
{
    struct tc_send_told told = {
        .personnel_number = letter->person->number, .certificate = letter->person->id, .state = state, .reply = letter->reply};

    if (s->options->on_told)
        s->options->on_told(s->options->ctx, &told);
}

static bool choose(struct send *s)
{
    s->letters = calloc(s->people.count + 1, sizeof *s->letters);
    s->by_person = calloc(s->people.count + 1, sizeof *s->by_person);
    if (!s->letters || !s->by_person)
        return error_memory(s->err);
    for (size_t i = 0; i < s->people.count; i++) {
        const struct person *p = &s->people.list[i];
        struct letter *letter = &s->letters[s->count];

        if (p->channel != CHANNEL_EMAIL || p->validity != VALID)
            continue;
        *letter = (struct letter){.person = p};
        if (!s->carrier->mailbox_write(p->mailbox, letter->to))
            *letter->to = '\0';
        s->by_person[i] = ++s->count;
    }
    s->result->certificates = (long)s->count;
    return true;
}

static int by_address(const void *a, const void *b)
{
    return strcasecmp((*(const struct letter *const *)a)->to, (*(const struct letter *const *)b)->to);
}

/* Two people at one address may be right, but is mostly a slip: somebody must say so. */
static bool check_shared(struct send *s)
{
    const struct letter **all = malloc((s->count + 1) * sizeof *all);
    long shared = 0;

    if (!all)
        return error_memory(s->err);
    for (size_t i = 0; i < s->count; i++)
        all[i] = &s->letters[i];
    qsort(all, s->count, sizeof *all, by_address);
    for (size_t i = 1; i < s->count; i++)
        if (*all[i]->to && by_address(&all[i - 1], &all[i]) == 0 && strcmp(all[i - 1]->person->number, all[i]->person->number) != 0) {
            shared++;
            if (!s->options->shared)
                tell(s, all[i - 1], "shared"), tell(s, all[i], "shared");
        }
    free(all);
    return shared == 0 || s->options->shared
           || error_set(s->err, TC_USAGE, s->run, NULL, "shared-address",
                        "%ld people have the same e-mail address as another person: correct it, or give --shared", shared);
}

/* ---- the log before and after */

static void message_id(const struct send *s, const struct letter *letter, char id[LOG_ID + 1])
{
    unsigned char hash[HASH_SIZE];
    char hex[HASH_HEX + 1];
    struct hash h;

    hash_start(&h);
    hash_add(&h, s->people.identity, strlen(s->people.identity) + 1);
    hash_add(&h, letter->person->id, strlen(letter->person->id) + 1);
    hash_add(&h, letter->person->hash, HASH_SIZE);
    hash_add(&h, letter->copy, HASH_SIZE);
    hash_end(&h, hash);
    hash_hex(hash, hex);
    snprintf(id, LOG_ID + 1, "%.*s", LOG_ID, hex);
}

static bool note(struct send *s, const struct letter *letter, const char *kind, const char *reply, bool whole)
{
    struct buf reason = {0};
    char id[LOG_ID + 1];
    bool ok;

    message_id(s, letter, id);
    journal_word(&reason, "message", id);
    if (reply)
        journal_word(&reason, "reply", reply);
    if (whole)
        journal_hash(&reason, "copy", letter->copy);
    journal_who(&reason);
    buf_add(&reason, "", 1);
    ok = reason.failed ? error_memory(s->err) : events_add_behind(&s->log, s->run, kind, letter->person->id, reason.data, s->err);
    buf_free(&reason);
    return ok;
}

static bool note_end(struct send *s, struct letter *letter, const char *kind)
{
    char reply[24];

    snprintf(reply, sizeof reply, "%ld", letter->reply);
    if (!note(s, letter, kind, reply, false))
        return false;
    tell(s, letter, kind);
    return true;
}

/* ---- one message */

/* The copy's bytes: the very ones that were made of this person's issued certificate, which is as it was; and closed. */
static bool read_copy(struct send *s, const struct letter *letter, char **data, size_t *length)
{
    char path[FILE_PATH_MAX], name[64], *issued = NULL;
    unsigned char hash[HASH_SIZE];
    bool ok;

    snprintf(name, sizeof name, "%.40s.pdf", letter->person->id);
    ok = recipients_read(s->run, letter->person, &issued, length, s->err);
    free(issued);
    if (!ok || !file_path(s->options->copies, name, path, s->err) || !file_read_below(s->options->copies, name, data, length, s->err))
        return false;
    hash_bytes(*data, *length, hash);
    ok = memcmp(hash, letter->copy, HASH_SIZE) == 0 && s->carrier->encrypt_is_closed(*data, *length);
    return ok || error_set(s->err, TC_IO, path, NULL, "copy-changed", "this is not the copy that was made of this person's certificate");
}

static bool make_message(struct send *s, const struct letter *letter, struct buf *out)
{
    const char *domain = strrchr(s->config.from, '@') + 1;
    const struct mail_words *words = letter->person->letter ? &s->config.of_letters : &s->config.words;
    char id[LOG_ID + 1], whole[LOG_ID + MAILBOX_MAX + 2], *data = NULL;
    size_t length;
    struct message m = {.from = s->config.from,
                        .from_name = s->config.from_name,
                        .to = letter->to,
                        .subject = words->subject,
                        .text = words->text,
                        .file = words->file,
                        .id = whole,
                        .date = time(NULL)};
    bool ok = read_copy(s, letter, &data, &length);

    if (ok) {
        message_id(s, letter, id);
        snprintf(whole, sizeof whole, "%s@%s", id, domain);
        m.data = data;
        m.length = length;
        message_write(&m, out);
    }
    free(data);
    return ok && (!out->failed || error_memory(s->err));
}

/* Milliseconds, a few seconds at once at most. */
static void doze(int64_t wait)
{
    int64_t most = wait < WAIT_MOST ? wait : WAIT_MOST;

    nanosleep(&(struct timespec){.tv_sec = most / 1000, .tv_nsec = most % 1000 * 1000000}, NULL);
}

/* Waits until one more message keeps the limit of any minute. Each counts from its end: the server saw it before. */
static void keep_rate(struct send *s)
{
    int64_t wait;

    while ((wait = rate_wait(&s->rate, rate_now())) > 0)
        doze(wait);
}

static bool stop(struct send *s, struct letter *letter, const char *message)
{
    if (!s->offered)
        tell(s, letter, "not-sent");
    else if (!note_end(s, letter, "not-sent"))
        return false;
    return error_set(s->err, TC_IO, NULL, NULL, "mail-stopped",
                     "%s (last reply %ld); nobody counts as served for it, the same command goes on", message, letter->reply);
}

/* Those refused so far were refused by themselves. */
static bool mark_refused(struct send *s)
{
    for (size_t i = 0; s->marked > 0 && i < s->count; i++)
        if (s->letters[i].refused_now) {
            s->letters[i].refused_now = false;
            s->marked--;
            s->result->refused++;
            if (!note_end(s, &s->letters[i], "refused"))
                return false;
        }
    s->refusals = 0;
    return true;
}

static bool put_off(struct send *s, struct letter *letter)
{
    int64_t delay;

    if (letter->tries > s->config.delay_count) {
        letter->done = true;
        s->result->not_sent++;
        return note_end(s, letter, "not-sent");
    }
    delay = s->config.delays[letter->tries - 1];
    letter->due = rate_now()
                  + delay * (1000 + 10 * (letter->copy[0] % JITTER)); /* whoever was put off at once does not come again at once */
    return note(s, letter, "not-sent", "later", false);
}

/* The connection ended: one person may be to blame, several in a row are not. */
static bool take_break(struct send *s, struct letter *letter)
{
    s->broken += letter->streak != s->streak;
    letter->streak = s->streak;
    if (s->broken > BROKEN_MAX)
        return stop(s, letter, "the connection breaks again and again");
    letter->due = rate_now() + 1000 * (int64_t)letter->breaks++;
    if (letter->breaks <= BREAKS_MAX)
        return !s->offered || note(s, letter, "not-sent", "broken", false);
    letter->done = true;
    s->result->not_sent++;
    return note_end(s, letter, "not-sent");
}

static bool take_outcome(struct send *s, struct letter *letter, enum smtp_outcome outcome)
{
    if (outcome != SMTP_BROKEN) {
        s->streak++;
        s->broken = 0;
    }
    s->unknown = outcome == SMTP_UNKNOWN ? s->unknown + 1 : 0;
    switch (outcome) {
    case SMTP_ACCEPTED:
        letter->done = true;
        s->result->accepted++;
        return note_end(s, letter, "accepted") && mark_refused(s);
    case SMTP_UNKNOWN:
        letter->done = true;
        s->result->unknown++;
        return note_end(s, letter, "unknown")
               && (s->unknown < UNKNOWN_MAX
                   || error_set(s->err, TC_UNKNOWN, NULL, NULL, "mail-unclear",
                                "the server ends one message after the other without a clear reply: nothing was sent to anybody else; "
                                "have that repaired first"));
    case SMTP_REFUSED:
        letter->done = letter->refused_now = true;
        s->marked++;
        s->refusals = letter->reply == s->last_refusal ? s->refusals + 1 : 1;
        s->last_refusal = letter->reply;
        if (s->refusals >= SAME_REFUSALS)
            return stop(s, letter, "the server refuses one after the other");
        return note(s, letter, "not-sent", "refused", false);
    case SMTP_LATER: letter->tries++; return put_off(s, letter);
    case SMTP_LARGE:
        letter->done = true;
        s->result->not_sent++;
        tell(s, letter, "larger than the server takes"); /* no mark: it was not asked */
        return true;
    case SMTP_ENDED: letter->due = 0; return note(s, letter, "not-sent", "broken", false);
    case SMTP_BROKEN: return take_break(s, letter);
    case SMTP_DENIED: return stop(s, letter, "the server takes no mail from this sender");
    default: return stop(s, letter, "no connection with TLS and login to this server is possible");
    }
}

/* Whoever is killed before leaves nobody unknown: nothing of the message has gone. */
static bool offer(void *ctx)
{
    struct send *s = ctx;

    s->offered = note(s, s->now, "offered", NULL, true);
    return s->offered;
}

static bool send_one(struct send *s, struct letter *letter)
{
    struct buf message = {0};
    enum smtp_outcome outcome;
    bool ok = make_message(s, letter, &message);

    if (ok) {
        keep_rate(s);
        s->now = letter;
        s->offered = false;
        outcome = s->carrier->smtp_send(s->smtp, s->config.from, letter->to, &message, offer, s, &letter->reply);
        if (outcome != SMTP_LARGE)
            rate_take(&s->rate, rate_now() + 1); /* its clock cuts off parts of a millisecond */
        ok = !s->err->code && take_outcome(s, letter, outcome);
    }
    buf_free(&message);
    return ok;
}

/* ---- everybody */

static bool is_before(const struct send *s, size_t one, size_t other)
{
    int64_t a = s->letters[one].due, b = s->letters[other].due;

    return a < b || (a == b && one < other);
}

/* The first one of the queue was changed: it goes where it belongs. */
static void sink(struct send *s)
{
    size_t *q = s->queue, at = 0, next;

    while ((next = 2 * at + 1) < s->waiting) {
        size_t moved = q[at];

        next += next + 1 < s->waiting && is_before(s, q[next + 1], q[next]);
        if (!is_before(s, q[next], moved))
            break;
        q[at] = q[next];
        q[next] = moved;
        at = next;
    }
}

/* In the order of the letters, who are all due at once: that is a heap. */
static bool make_queue(struct send *s)
{
    s->queue = malloc((s->count + 1) * sizeof *s->queue);
    if (!s->queue)
        return error_memory(s->err);
    for (size_t i = 0; i < s->count; i++)
        if (!s->letters[i].done)
            s->queue[s->waiting++] = i;
    return true;
}

/* The first one was tried: he has an end, or waits. */
static void go_on(struct send *s)
{
    if (s->letters[s->queue[0]].done)
        s->queue[0] = s->queue[--s->waiting];
    sink(s);
}

static bool send_all(struct send *s)
{
    long limit = s->options->limit > 0 ? s->options->limit : -1;

    while (limit != 0 && s->waiting > 0) {
        struct letter *letter = &s->letters[s->queue[0]];
        int64_t now = rate_now();

        if (letter->due > now) {
            doze(letter->due - now);
            continue;
        }
        if (!send_one(s, letter))
            return false;
        limit -= limit > 0 && letter->done;
        go_on(s);
    }
    return mark_refused(s);
}

/* Whoever has an end already, or can have none. */
static bool sort_out(struct send *s)
{
    long without = 0;

    for (size_t i = 0; i < s->count; i++) {
        struct letter *letter = &s->letters[i];
        struct tc_send_result *r = s->result;

        letter->done = letter->standing != STANDING_NEW || !*letter->to;
        r->earlier += letter->standing == STANDING_ACCEPTED;
        if (letter->standing == STANDING_UNKNOWN)
            r->unknown++, tell(s, letter, "unknown");
        else if (letter->standing == STANDING_REFUSED)
            r->refused++, tell(s, letter, "refused before");
        else if (letter->standing == STANDING_NEW && !*letter->to)
            r->no_address++, tell(s, letter, "no usable address");
        without += !letter->done && !letter->has_copy;
    }
    return without == 0
           || error_set(s->err, TC_USAGE, s->run, NULL, "no-copy",
                        "%ld certificates to be mailed have no encrypted copy: make them first with taxcert copies", without);
}

static bool prepare(struct send *s)
{
    s->carrier = carrier_load(s->err);
    return s->carrier && recipients_load(&s->people, s->run, RECIPIENTS_RUN, s->err) && recipients_index(&s->people, &s->index, s->err)
           && choose(s) && events_read(s->run, on_event, s, s->err);
}

/* Who had got the version before. */
static bool count_old(struct send *s)
{
    bool *old, ok;
    long all;

    ok = history_old(s->run, &s->people, &old, &all, s->err);
    for (size_t i = 0; ok && i < s->people.count; i++)
        s->result->had_old += old[i] && s->by_person[i];
    free(old);
    return ok;
}

static bool go(struct send *s)
{
    if (!mailconfig_load(&s->config, s->carrier, s->options->config, s->people.language, s->err) || !check_shared(s) || !sort_out(s)
        || !count_old(s))
        return false;
    if (!rate_start(&s->rate, s->config.per_minute))
        return error_memory(s->err);
    s->smtp = s->carrier->smtp_open(&s->config.server, s->err);
    return s->smtp && make_queue(s) && send_all(s);
}

/* What somebody may say of a certificate that stands so. */
static bool is_open(enum standing standing, const char *word)
{
    return !strcmp(word, "bounced") ? standing == STANDING_ACCEPTED || standing == STANDING_UNKNOWN
                                    : standing == STANDING_UNKNOWN || standing == STANDING_REFUSED;
}

/* "ID=arrived", "ID=again", "ID=bounced": what somebody knows, or decides. */
static bool resolve(struct send *s)
{
    static const char *const known[] = {"arrived", "again", "bounced", NULL};
    const char *equals = strchr(s->options->resolve, '='), *word = equals ? equals + 1 : "";
    struct letter *letter;
    char id[80];
    int i = 0;

    while (known[i] && strcmp(known[i], word) != 0)
        i++;
    snprintf(id, sizeof id, "%.*s", equals ? (int)(equals - s->options->resolve) : 0, s->options->resolve);
    letter = find(s, id);
    if (!letter || !known[i])
        return error_set(s->err, TC_USAGE, NULL, NULL, "resolve",
                         "ID=arrived, ID=again or ID=bounced must be given, for a certificate of this run that goes out by mail");
    if (!is_open(letter->standing, word))
        return error_set(s->err, TC_USAGE, NULL, NULL, "resolve", "there is nothing to resolve about this certificate");
    return !strcmp(word, "bounced") ? note(s, letter, "bounced", NULL, false) : note(s, letter, "resolved", word, false);
}

enum tc_code tc_send(const char *run, const struct tc_send_options *options, struct tc_send_result *result, struct tc_error *err)
{
    struct send s = {.run = run, .options = options, .result = result, .err = err, .streak = 1};
    int lock;

    error_reset(err);
    *result = (struct tc_send_result){0};
    lock = recipients_lock(run, err);
    if (lock >= 0 && prepare(&s)) {
        if (options->resolve)
            resolve(&s);
        else
            go(&s);
    }
    if (s.smtp)
        s.carrier->smtp_close(s.smtp);
    mailconfig_free(&s.config);
    rate_stop(&s.rate);
    free(s.letters);
    free(s.by_person);
    free(s.queue);
    free(s.index);
    recipients_free(&s.people);
    if (lock >= 0)
        close(lock);
    if (err->code)
        return err->code;
    return result->unknown > 0 ? TC_UNKNOWN : result->refused + result->not_sent + result->no_address > 0 ? TC_HELD : TC_OK;
}
