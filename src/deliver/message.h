/* A message with one attachment, as it goes to one address: ASCII, lines of at most 78 signs that end with CR LF, the same bytes for the same
 * content but for the date. */
#ifndef DELIVER_MESSAGE_H
#define DELIVER_MESSAGE_H

#include <time.h>

#include "base/buf.h"

struct message {
    const char *from, *from_name; /* an address; a name or NULL */
    const char *to;               /* an address */
    const char *subject, *text;   /* UTF-8 */
    const char *id;               /* without < and > */
    const char *file;             /* name of the attachment: ASCII, no quotes */
    const void *data;             /* a PDF */
    size_t length;
    time_t date;
};

/* Replaces out. */
void message_write(const struct message *m, struct buf *out);

#endif
