#include "archive/filing_path.h"

#include <string.h>

bool filing_path_is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (unsigned char)c >= 0x80;

        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':')))
            return false;
    }
    return length > 0;
}

size_t filing_path_parents(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? (size_t)(slash - name) : 0;
}

const char *filing_path_last(const char *name)
{
    return name + filing_path_parents(name) + (filing_path_parents(name) > 0);
}

/* An attribute has nothing but attributes of its element before it, once that has begun. */
static bool comes_first(const char *name, const char *before)
{
    size_t length = filing_path_parents(name), other = filing_path_parents(before);
    bool inside = length == 0 || (!strncmp(before, name, length) && (before[length] == '/' || before[length] == '\0'));

    return !inside || (other == length && *filing_path_last(before) == '@');
}

bool filing_path_is_fit(const char *name, const char *before)
{
    const char *last = filing_path_last(name);
    size_t at = 0;

    while (at < filing_path_parents(name)) {
        size_t length = strcspn(name + at, "/");

        if (!filing_path_is_name(name + at, length))
            return false;
        at += length + 1;
    }
    if (at > 0 && at != filing_path_parents(name) + 1) /* nothing between two / */
        return false;
    if (!strcmp(last, "#"))
        return at > 0;
    if (*last == '@' && before && !comes_first(name, before))
        return false;
    return filing_path_is_name(last + (*last == '@'), strlen(last + (*last == '@')));
}
