/* Transfer tickets: of each certificate the latest accepted message counts. A certificate is known by the person and its first day;
 * a ticket is a whole delivery's, so that many share it. */
#ifndef IMPORT_TICKETS_H
#define IMPORT_TICKETS_H

#include "import/origin.h"

struct ticket {
    char day[11];
    const char *sent, *ticket; /* sent: comparable as text; "-" where the list does not say */
    bool accepted, cancels, used;
    struct row *row;
    uint32_t column, day_column;
};

/* A person's messages. */
struct tickets_of {
    struct ticket *list;
    size_t count, room;
};

#define TICKET_WRONG "?" /* a ticket that was told to be none: the message counts, so that others are compared with it */

/* An item as rows put it. The arena holds the list. */
void tickets_add(struct tickets_of *of, struct arena *arena, struct row *row, const struct item *item, const char *text,
                 struct tc_error *err);
/* The message that counts for the certificate that begins on the day (as JSON: in quotes); NULL where there is none. One that cancels is
 * told, and gives no ticket. */
const struct ticket *tickets_choose(struct tickets_of *of, struct origins *o, const char *day);
/* Tells the messages whose day no certificate has. has_any: whether the person has some. */
void tickets_unused(const struct tickets_of *of, struct origins *o, bool has_any);

/* Warns that a certificate has none; row: the person's first. */
void tickets_tell_none(struct origins *o, const struct row *row);

/* Every delivery has one ticket: how often each was met at a time of sending, and where first. */
struct deliveries {
    json_t *met;
};

/* False where memory fails. row and column: where the ticket stands. */
bool deliveries_note(struct deliveries *d, const char *sent, const char *ticket, const struct row *row, uint32_t column);
/* Warns of those that were met less often than another ticket of the same time. False where memory fails. */
bool deliveries_tell(const struct deliveries *d, struct origins *o);
void deliveries_free(struct deliveries *d);

#endif
