/* Passwords of encrypted copies. */
#ifndef DELIVER_PASSWORD_H
#define DELIVER_PASSWORD_H

#include "base/error.h"

#define PASSWORD_SIGNS 12 /* of those that are made here */
#define PASSWORD_MAX 32   /* bytes that every reader takes */

/* A new password from the system's randomness, without signs that look alike. */
bool password_make(char password[PASSWORD_MAX + 1], struct tc_error *err);
/* The password as readers take it: UTF-8 in NFC, no control characters, 8 to PASSWORD_MAX bytes. False where it is none. */
bool password_normalise(const char *text, char password[PASSWORD_MAX + 1]);

#endif
