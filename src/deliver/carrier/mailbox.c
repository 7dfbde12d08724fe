#include "deliver/carrier/mailbox.h"

#include <ctype.h>
#include <idn2.h>
#include <string.h>

#define LOCAL_MAX 64
#define LABEL_MAX 63

static bool is_local(const char *text, size_t length)
{
    static const char others[] = "!#$%&'*+-/=?^_`{|}~.";

    if (length == 0 || length > LOCAL_MAX || text[0] == '.' || text[length - 1] == '.')
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 0x80 || c == '\0' || (!isalnum(c) && !strchr(others, c)) || (c == '.' && text[i + 1] == '.'))
            return false;
    }
    return true;
}

/* Two labels at least, each of letters, digits and hyphens within; the last one is no number, which would be a host's address. */
static bool is_domain(const char *text)
{
    bool letters = false;
    int labels = 0;

    while (*text) {
        size_t length = strcspn(text, ".");

        if (length == 0 || length > LABEL_MAX || text[0] == '-' || text[length - 1] == '-')
            return false;
        letters = false;
        for (size_t i = 0; i < length; i++) {
            if (!isalnum((unsigned char)text[i]) && text[i] != '-')
                return false;
            letters |= isalpha((unsigned char)text[i]) != 0;
        }
        labels++;
        text += length;
        if (*text == '.' && !*++text)
            return false; /* a dot at the end */
    }
    return labels >= 2 && letters;
}

bool mailbox_write(const char *text, char address[MAILBOX_MAX + 1])
{
    const char *at = strrchr(text, '@');
    char *domain = NULL;
    size_t local = at ? (size_t)(at - text) : 0, length;
    bool ok;

    /* What the conversion would take for a dot or leave out is none of ours: an address is typed with plain dots. */
    if (!at || !is_local(text, local) || strpbrk(at, " \t\r\n<>,;:\"()[]\\")
        || idn2_to_ascii_8z(at + 1, &domain, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
        return false;
    length = strlen(domain);
    ok = is_domain(domain) && local + 1 + length <= MAILBOX_MAX;
    if (ok) {
        memcpy(address, text, local + 1);
        for (size_t i = 0; i <= length; i++)
            address[local + 1 + i] = (char)tolower((unsigned char)domain[i]);
    }
    idn2_free(domain);
    return ok;
}
