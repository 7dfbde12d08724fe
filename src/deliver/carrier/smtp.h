/* One message to one address by SMTP: TLS or nothing, certificates checked. Alone includes libcurl. */
#ifndef DELIVER_CARRIER_SMTP_H
#define DELIVER_CARRIER_SMTP_H

#include "base/buf.h"
#include "base/error.h"

struct smtp_server {
    const char *url;             /* smtp://host:port (STARTTLS) or smtps://host:port */
    const char *ca;              /* file of certificates that are trusted; NULL: the system's */
    const char *user, *password; /* NULL: no login */
    long timeout;                /* seconds until an answer counts as missing */
};

enum smtp_outcome {
    SMTP_ACCEPTED, /* the server took it; whether it arrives nobody knows */
    SMTP_REFUSED,  /* 5xx about this message: nothing was taken */
    SMTP_LATER,    /* 4xx: nothing was taken, it may be later */
    SMTP_BROKEN,   /* the connection ended before anything was handed over */
    SMTP_ENDED,    /* the same of a connection that had served others: the next message gets a new one */
    SMTP_UNKNOWN,  /* all was handed over, and no clear answer came */
    SMTP_LARGE,    /* more bytes than the server says that it takes: it was not asked, and nothing said for whom the message is */
    SMTP_DENIED,   /* 5xx before the server knew for whom it is: it is about everybody */
    SMTP_STOP      /* no TLS, no login, no server: it is about everybody */
};

struct smtp;

/* New, or NULL with err. Borrows the server. */
struct smtp *smtp_open(const struct smtp_server *server, struct tc_error *err);
void smtp_close(struct smtp *s);
/* Called when the server waits for the message, before its first byte goes; false: none goes. */
typedef bool (*smtp_offer)(void *ctx);
/* *reply: the server's last code, 0 where it gave none. */
enum smtp_outcome smtp_send(struct smtp *s, const char *from, const char *to, const struct buf *message, smtp_offer offer, void *ctx,
                            long *reply);

#endif
