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
/* The message that counts for the certificate that begins on the day (as JSON: in quotes); NULL where there is none, or where it was
 * told that it was cancelled or that two contradict each other. */
const struct ticket *tickets_choose(struct tickets_of *of, struct origins *o, const char *day);
/* Tells the messages whose day no certificate has. has_any: whether the person has some. */
void tickets_unused(const struct tickets_of *of, struct origins *o, bool has_any);

#endif
