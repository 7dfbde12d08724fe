/* What somebody types to name certificates: a certificate id, a personnel number, or both as NUMBER+ID, as in the file's name. The two
 * kinds of handles are often running numbers, so the same text can be one person's id and another's number: then it names nobody. */
#ifndef STORE_HANDLE_H
#define STORE_HANDLE_H

#include "store/ledger.h"

#define HANDLE_TEXT 72 /* room for NUMBER+ID with its end */

/* Calls for each certificate that the handle names, in the ledger's order, and counts them. Refused (TC_USAGE) where it is none, or
 * where it is the id of one person's certificate and another's personnel number: both are named. */
bool handle_find(struct ledger *l, const char *handle, ledger_entry_call call, void *ctx, long *found, struct tc_error *err);
/* NUMBER+ID of an entry; either may be missing. */
void handle_text(const struct ledger_entry *entry, char text[HANDLE_TEXT]);

#endif
