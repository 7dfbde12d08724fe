#include "deliver/password.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <utf8proc.h>

#include "base/text.h"

#define PASSWORD_LEAST 8
#define LETTERS 23 /* of the signs of passwords; they come first */

bool password_make(char password[PASSWORD_MAX + 1], struct tc_error *err)
{
    static const char signs[] = "abcdefghjkmnpqrstuvwxyz23456789";
    int length = 0;

    while (length < PASSWORD_SIGNS) {
        unsigned count = length == 0 ? LETTERS : sizeof signs - 1; /* a letter first: else a spreadsheet might read a number, 2e56... */
        unsigned least = 256 % count;                              /* bytes below would make the first signs likelier */
        unsigned char byte;

        if (getrandom(&byte, 1, 0) != 1)
            return error_set(err, TC_IO, NULL, NULL, "random", "the system provides no random numbers");
        if (byte >= least)
            password[length++] = signs[byte % count];
    }
    password[length] = '\0';
    return true;
}

static bool is_nfkc(const char *text)
{
    utf8proc_uint8_t *normal = utf8proc_NFKC((const utf8proc_uint8_t *)text);
    bool same = normal && !strcmp((const char *)normal, text);

    free(normal);
    return same;
}

bool password_normalise(const char *text, char password[PASSWORD_MAX + 1])
{
    utf8proc_uint8_t *normal = text_is_utf8(text) ? utf8proc_NFC((const utf8proc_uint8_t *)text) : NULL;
    size_t length = normal ? strlen((const char *)normal) : 0;
    /* What compatibility forms change, some readers change and others do not. */
    bool ok = length >= PASSWORD_LEAST && !strchr("=+-@'", *normal) /* a list would need a guard */ && length <= PASSWORD_MAX
              && is_nfkc((const char *)normal);

    if (ok)
        memcpy(password, normal, length + 1);
    free(normal);
    return ok;
}
