/* An issued certificate as an encrypted copy: AES-256, opened by its person's password. Alone includes libqpdf. */
#ifndef DELIVER_ENCRYPT_H
#define DELIVER_ENCRYPT_H

#include "base/buf.h"
#include "base/error.h"

#define ENCRYPT_REFUSED "copy" /* rule of what is no copy of the certificate, or none that the password opens */
#define PASSWORD_SIGNS 12      /* of those that are made here */
#define PASSWORD_MAX 32        /* bytes that every reader takes */

/* A new password from the system's randomness, without signs that look alike. */
bool encrypt_make_password(char password[PASSWORD_MAX + 1], struct tc_error *err);
/* The password as readers take it: UTF-8 in NFC, no control characters, 8 to PASSWORD_MAX bytes. False where it is none. */
bool encrypt_normalise(const char *text, char password[PASSWORD_MAX + 1]);
/* Replaces out by the copy. The other password, which would open it too, is random and forgotten. It is opened again before this returns:
 * without a password that must fail, with it page and attachment must be those of the issued one. */
bool encrypt_copy(const char *issued, size_t length, const char *password, struct buf *out, struct tc_error *err);
/* Whether the copy is that of the issued certificate, without a password it does not open; false with err where not. */
bool encrypt_prove(const char *issued, size_t length, const char *copy, size_t copy_length, const char *password, struct tc_error *err);
/* Whether nobody opens it without a password. */
bool encrypt_is_closed(const char *copy, size_t length);

#endif
