/* An issued certificate as an encrypted copy: AES-256, opened by its person's password. Alone includes libqpdf. */
#ifndef DELIVER_CARRIER_ENCRYPT_H
#define DELIVER_CARRIER_ENCRYPT_H

#include "base/buf.h"
#include "base/error.h"

#define ENCRYPT_REFUSED "copy" /* rule of what is no copy of the certificate, or none that the password opens */

/* Replaces out by the copy. The other password, which would open it too, is random and forgotten. It is opened again before this returns:
 * without a password that must fail, with it page and attachment must be those of the issued one. */
bool encrypt_copy(const char *issued, size_t length, const char *password, struct buf *out, struct tc_error *err);
/* Whether the copy is that of the issued certificate, without a password it does not open; false with err where not. */
bool encrypt_prove(const char *issued, size_t length, const char *copy, size_t copy_length, const char *password, struct tc_error *err);
/* Whether nobody opens it without a password. */
bool encrypt_is_closed(const char *copy, size_t length);

#endif
