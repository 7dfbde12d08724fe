/* Addresses for mail: none goes to a server that could say more than one. Alone includes libidn2. */
#ifndef DELIVER_CARRIER_MAILBOX_H
#define DELIVER_CARRIER_MAILBOX_H

#include <stdbool.h>

#define MAILBOX_MAX 254 /* bytes */

/* The address as a server takes it: ASCII, the domain with its xn-- labels, in lower case. False where it is none: quotes, comments,
 * lists, blanks and letters beyond ASCII before the @ are refused. */
bool mailbox_write(const char *text, char address[MAILBOX_MAX + 1]);

#endif
