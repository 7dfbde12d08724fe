/* Signatures in CMS (RFC 5652), PEM: a text and who signed it in one file, which `openssl cms -verify` reads too. */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include "base/buf.h"
#include "base/error.h"

/* key: PEM file of a private key without a pass phrase and its certificate. */
bool sign_text(const char *key, const char *text, size_t length, struct buf *pem, struct tc_error *err);
/* What was signed, where the certificate of the PEM file pub signed it, or one that it issued; TC_HELD with err where it did not. The
 * day does not matter: who was trusted when it was signed may be out of date. */
bool sign_check(const char *pub, const char *pem, size_t length, struct buf *text, struct tc_error *err);

#endif
