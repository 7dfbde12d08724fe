#include "deliver/carrier/smtp.h"

#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct smtp {
    CURL *curl;
    const struct buf *message;
    smtp_offer offer;
    void *ctx; /* of offer */
    size_t at;
    bool asked; /* offer was called */
    bool ended; /* the end of the message was asked for: the server may have all of it */
    /* libcurl goes on without a login where the server offers none. Greetings (220) before the last EHLO: one, and one of STARTTLS; those seen in
     * this connection; whether it offers a login since. */
    bool login, offered, refused, failed;
    bool large;   /* the message is larger than the limit */
    size_t limit; /* the server's of this connection (SIZE of RFC 1870), in bytes; 0: it names none */
    int greetings, wanted;
    int replies; /* since the connection stood: to MAIL, RCPT, DATA and the message; CONNECTING before */
};

#define CONNECTING (-1)

static size_t give(char *to, size_t size, size_t count, void *ctx)
{
    struct smtp *s = ctx;
    size_t room = size * count, left = s->message->length - s->at, length = left < room ? left : room;

    if (!s->asked && !s->offer(s->ctx))
        return CURL_READFUNC_ABORT;
    s->asked = true;
    memcpy(to, s->message->data + s->at, length);
    s->at += length;
    s->ended |= length == 0;
    return length;
}

static size_t ignore(char *data, size_t size, size_t count, void *ctx)
{
    (void)data, (void)ctx;
    return size * count;
}

/* The last line of an answer. */
static void count(struct smtp *s, const char *line)
{
    if (!strncmp(line, "220", 3)) {
        s->greetings++;
        s->offered = false;
        s->limit = 0;
        s->replies = CONNECTING;
    } else if (s->replies != CONNECTING) {
        s->replies += !s->failed; /* QUIT follows a refusal */
        s->failed |= *line >= '4';
    } else if (s->login ? !strncmp(line, "235", 3) : !strncmp(line, "250", 3) && s->greetings >= s->wanted)
        s->replies = 0;
}

static void read_limit(struct smtp *s, const char *line, size_t length)
{
    if (length < 9 || strncmp(line, "250", 3) != 0 || strncasecmp(line + 4, "SIZE ", 5) != 0)
        return;
    s->limit = 0;
    for (size_t i = 9; i < length && line[i] >= '0' && line[i] <= '9'; i++)
        s->limit = s->limit < SIZE_MAX / 100 ? 10 * s->limit + (size_t)(line[i] - '0') : SIZE_MAX / 10;
}

static bool is_large(const struct smtp *s)
{
    return s->limit > 0 && s->message->length > s->limit;
}

/* Every line of the server's. Stops before anything is said of the message where a login is meant and none is offered, or the message is larger
 * than the server takes. What stands before TLS anybody may have written. */
static size_t look(char *line, size_t size, size_t length, void *ctx)
{
    struct smtp *s = ctx;
    bool greeted = s->greetings >= s->wanted && s->replies == CONNECTING;

    length *= size;
    if (greeted)
        read_limit(s, line, length);
    s->offered |= length >= 8 && !strncmp(line, "250", 3) && !strncasecmp(line + 4, "AUTH", 4);
    if (length < 4 || line[3] == '-')
        return length;
    count(s, line);
    if (!greeted || strncmp(line, "250 ", 4) != 0)
        return length;
    s->greetings = 0;
    s->refused = s->login && !s->offered;
    s->large = is_large(s);
    return s->refused || s->large ? 0 : length;
}

static bool set_options(struct smtp *s, const struct smtp_server *server)
{
    CURL *c = s->curl;
    bool ok = curl_easy_setopt(c, CURLOPT_URL, server->url) == CURLE_OK
              && curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK
              && curl_easy_setopt(c, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL) == CURLE_OK
              && curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK && curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK
              && curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK
              && curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, server->timeout) == CURLE_OK
              && curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 60L) == CURLE_OK && curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK
              && curl_easy_setopt(c, CURLOPT_UPLOAD, 1L) == CURLE_OK && curl_easy_setopt(c, CURLOPT_READFUNCTION, give) == CURLE_OK
              && curl_easy_setopt(c, CURLOPT_READDATA, s) == CURLE_OK && curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, ignore) == CURLE_OK
              && curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, look) == CURLE_OK && curl_easy_setopt(c, CURLOPT_HEADERDATA, s) == CURLE_OK
              && curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK
              && curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;

    if (ok && server->ca)
        ok = curl_easy_setopt(c, CURLOPT_CAINFO, server->ca) == CURLE_OK && curl_easy_setopt(c, CURLOPT_CAPATH, NULL) == CURLE_OK;
    if (ok && server->user)
        ok = curl_easy_setopt(c, CURLOPT_USERNAME, server->user) == CURLE_OK
             && curl_easy_setopt(c, CURLOPT_PASSWORD, server->password) == CURLE_OK;
    return ok;
}

struct smtp *smtp_open(const struct smtp_server *server, struct tc_error *err)
{
    struct smtp *s = calloc(1, sizeof *s);

    if (s) {
        s->login = server->user != NULL;
        s->wanted = strncmp(server->url, "smtps:", 6) == 0 ? 1 : 2;
    }
    if (s && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK && (s->curl = curl_easy_init()) != NULL && set_options(s, server))
        return s;
    smtp_close(s);
    error_set(err, TC_IO, NULL, NULL, "mail", "the mail library cannot be made ready");
    return NULL;
}

void smtp_close(struct smtp *s)
{
    if (s && s->curl)
        curl_easy_cleanup(s->curl);
    free(s);
}

/* A code alone says little: where the connection died, the last one may be of an earlier command. named: the server knows for whom it is. */
static enum smtp_outcome judge(CURLcode code, long reply, bool ended, bool named)
{
    switch (code) {
    case CURLE_OK: return SMTP_ACCEPTED;
    case CURLE_USE_SSL_FAILED:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_LOGIN_DENIED:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: return SMTP_STOP;
    default: break;
    }
    if (ended) {
        if (code != CURLE_WEIRD_SERVER_REPLY || reply < 400 || reply > 599)
            return SMTP_UNKNOWN;
        return reply < 500 ? SMTP_LATER : SMTP_REFUSED;
    }
    if (code == CURLE_WEIRD_SERVER_REPLY && reply < 400)
        return SMTP_STOP; /* something was said that no server says: perhaps by somebody between */
    if (reply == 421 || reply < 400)
        return SMTP_BROKEN;
    if (reply == 530 || reply == 534 || reply == 535 || reply == 538)
        return SMTP_STOP;
    return reply < 500 ? SMTP_LATER : named ? SMTP_REFUSED : SMTP_DENIED;
}

enum smtp_outcome smtp_send(struct smtp *s, const char *from, const char *to, const struct buf *message, smtp_offer offer, void *ctx,
                            long *reply)
{
    struct curl_slist *recipients = curl_slist_append(NULL, to);
    enum smtp_outcome outcome;
    long made = 1;
    CURLcode code = CURLE_OUT_OF_MEMORY;

    *reply = 0;
    s->message = message;
    s->offer = offer;
    s->ctx = ctx;
    s->asked = false;
    s->at = 0;
    s->ended = s->refused = s->failed = false;
    s->large = is_large(s);
    s->greetings = s->replies = 0;
    if (s->large) {
        curl_slist_free_all(recipients);
        return SMTP_LARGE;
    }
    if (recipients && curl_easy_setopt(s->curl, CURLOPT_MAIL_FROM, from) == CURLE_OK
        && curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, recipients) == CURLE_OK) {
        code = curl_easy_perform(s->curl);
        curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, reply);
        curl_easy_getinfo(s->curl, CURLINFO_NUM_CONNECTS, &made);
        curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL);
    }
    curl_slist_free_all(recipients);
    if (s->large)
        *reply = 0;
    outcome = s->refused ? SMTP_STOP : s->large ? SMTP_LARGE : judge(code, *reply, s->ended, s->replies > 1);
    return outcome == SMTP_BROKEN && made == 0 && s->replies <= 1 ? SMTP_ENDED : outcome;
}
