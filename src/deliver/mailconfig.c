#include "deliver/mailconfig.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"

#define PER_MINUTE 30 /* what the strictest of the large providers lets pass */
#define TIMEOUT 600   /* RFC 5321, 4.5.3.2.6: after the final dot */

static bool wrong(const char *path, const char *key, const char *message, struct tc_error *err)
{
    char pointer[80];

    snprintf(pointer, sizeof pointer, "/%.60s", key);
    return error_set(err, TC_USAGE, path, pointer, "mail-config", "%s", message);
}

static bool check_keys(const json_t *root, const char *path, struct tc_error *err)
{
    static const char *const known[] = {"format",  "server", "ca",   "user",       "password", "timeout", "from", "name",
                                        "subject", "text",   "file", "per_minute", "delays",   "letter",  NULL};
    const char *key, *format = json_string_value(json_object_get(root, "format"));
    json_t *value;

    json_object_foreach((json_t *)root, key, value)
    {
        int i = 0;

        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (!known[i])
            return error_set(err, TC_USAGE, path, NULL, "mail-config",
                             "a field here has an unknown name; known are format, server, ca, user, password, timeout, from, name, "
                             "subject, text, file, letter, per_minute, delays");
    }
    return (format && !strcmp(format, "taxcert/mail/1"))
           || wrong(path, "format", "this is not a file for mail: its format must be \"taxcert/mail/1\"", err);
}

/* A text, or one by language. */
static const char *words(const json_t *root, const char *key, const char *language)
{
    const json_t *value = json_object_get(root, key);

    return json_string_value(json_is_object(value) ? json_object_get(value, language) : value);
}

static bool read_number(const json_t *root, const char *key, long least, long most, long otherwise, long *out)
{
    const json_t *value = json_object_get(root, key);

    *out = value ? (long)json_integer_value(value) : otherwise;
    return !value || (json_is_integer(value) && *out >= least && *out <= most);
}

static bool read_delays(struct mailconfig *m)
{
    static const long usual[] = {300, 900, 1800, 3600};
    const json_t *list = json_object_get(m->root, "delays");

    m->delay_count = list ? (int)json_array_size(list) : 4;
    if (m->delay_count > MAIL_TRIES || (list && !json_is_array(list)))
        return false;
    for (int i = 0; i < m->delay_count; i++) {
        const json_t *value = list ? json_array_get(list, (size_t)i) : NULL;

        m->delays[i] = list ? (long)json_integer_value(value) : usual[i];
        if (m->delays[i] < 0 || m->delays[i] > 86400 || (list && !json_is_integer(value)))
            return false;
    }
    return true;
}

/* Nobody else reads a file with a password in it. */
static bool is_private(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && (status.st_mode & 077) == 0;
}

/* Whoever opens it waits for nothing. */
static bool is_plain_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool is_file_name(const char *name)
{
    size_t length = strlen(name);

    return length > 4 && length <= 60 && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == length;
}

/* root: the file, or its "letter"; what is not there is as otherwise. */
static bool take_words(struct mail_words *w, const json_t *root, const struct mail_words *otherwise, const char *path, const char *language,
                       struct tc_error *err)
{
    *w = (struct mail_words){words(root, "subject", language), words(root, "text", language),
                             json_string_value(json_object_get(root, "file"))};
    w->subject = json_object_get(root, "subject") ? w->subject : otherwise->subject;
    w->text = json_object_get(root, "text") ? w->text : otherwise->text;
    w->file = json_object_get(root, "file") ? w->file : otherwise->file;
    if (!w->subject || !text_is_utf8(w->subject))
        return wrong(path, "subject", "the subject must be a text in the form's language, without invisible characters", err);
    if (!w->text)
        return wrong(path, "text", "a text must stand here, or one for the form's language", err);
    return (w->file && is_file_name(w->file))
           || wrong(path, "file", "the name of the attachment must stand here: ASCII letters and digits, '.', '_' and '-'", err);
}

/* The messages' words, and those that differ where a letter of a cancellation goes out. */
static bool take_all_words(struct mailconfig *m, const char *path, const char *language, struct tc_error *err)
{
    static const struct mail_words none = {NULL, NULL, NULL};
    const json_t *letter = json_object_get(m->root, "letter"), *value;
    const char *key;

    json_object_foreach((json_t *)letter, key,
                        value) if (strcmp(key, "subject") != 0 && strcmp(key, "text") != 0
                                   && strcmp(key, "file") != 0) return wrong(path, "letter", "letter needs subject, text and file", err);
    return take_words(&m->words, m->root, &none, path, language, err)
           && ((!letter || json_is_object(letter)) || wrong(path, "letter", "letter needs subject, text and file", err))
           && take_words(&m->of_letters, letter, &m->words, path, language, err);
}

static bool take(struct mailconfig *m, const struct carrier *carrier, const char *path, const char *language, struct tc_error *err)
{
    const char *from = json_string_value(json_object_get(m->root, "from"));

    m->server.url = json_string_value(json_object_get(m->root, "server"));
    m->server.ca = json_string_value(json_object_get(m->root, "ca"));
    m->server.user = json_string_value(json_object_get(m->root, "user"));
    m->server.password = json_string_value(json_object_get(m->root, "password"));
    m->from_name = json_string_value(json_object_get(m->root, "name"));
    if (!m->server.url || (strncmp(m->server.url, "smtp://", 7) != 0 && strncmp(m->server.url, "smtps://", 8) != 0)
        || strchr(m->server.url, '@'))
        return wrong(path, "server", "smtp://HOST:PORT (which changes to TLS) or smtps://HOST:PORT must stand here", err);
    if (m->server.ca && !is_plain_file(m->server.ca))
        return wrong(path, "ca", "a file with certificates in PEM format must stand here", err);
    if (!from || !carrier->mailbox_write(from, m->from))
        return wrong(path, "from", "an e-mail address must stand here", err);
    if (m->from_name && !text_is_utf8(m->from_name))
        return wrong(path, "name", "the name must be a text without invisible characters", err);
    if (!take_all_words(m, path, language, err))
        return false;
    if (!m->server.user != !m->server.password)
        return wrong(path, "user", "a login needs user and password", err);
    if (m->server.password && !is_private(path))
        return wrong(path, "password", "other accounts can read this file, which holds a password: chmod 600", err);
    return (read_number(m->root, "per_minute", 1, 100000, PER_MINUTE, &m->per_minute)
            && read_number(m->root, "timeout", 1, 3600, TIMEOUT, &m->server.timeout) && read_delays(m))
           || wrong(path, "per_minute",
                    "per_minute, timeout and delays must be whole numbers: messages, seconds, a list of up to 8 times in seconds", err);
}

bool mailconfig_load(struct mailconfig *m, const struct carrier *carrier, const char *path, const char *language, struct tc_error *err)
{
    *m = (struct mailconfig){.root = json_read(path, err)};
    return m->root && (json_is_object(m->root) || wrong(path, "", "A group of named fields { } must stand here.", err))
           && check_keys(m->root, path, err) && take(m, carrier, path, language, err);
}

void mailconfig_free(struct mailconfig *m)
{
    json_decref(m->root);
    *m = (struct mailconfig){.root = NULL};
}
