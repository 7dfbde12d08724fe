/* What functions of texts and numbers come to. */
#include "form/expr_reckon.h"

#include <string.h>

bool expr_has_token(struct expr_text text, struct expr_text token)
{
    const char *at = text.data, *end = at + text.length;

    if (token.length == 0 || memchr(token.data, ' ', token.length))
        return false;
    for (; at < end && (at = memmem(at, (size_t)(end - at), token.data, token.length)); at++)
        if ((at == text.data || at[-1] == ' ') && (at + token.length == end || at[token.length] == ' '))
            return true;
    return false;
}

bool expr_contains(struct expr_text text, struct expr_text part)
{
    return part.length == 0 || (text.length >= part.length && memmem(text.data, text.length, part.data, part.length));
}

bool expr_starts_with(struct expr_text text, struct expr_text start)
{
    return text.length >= start.length && expr_same_text((struct expr_text){text.data, start.length}, start);
}

bool expr_round(struct decimal number, struct decimal digits, struct decimal *out)
{
    struct decimal whole;

    if (!decimal_round(digits, 0, &whole) || decimal_compare(whole, digits) != 0)
        return false;
    return whole.m >= 0 && whole.m <= DECIMAL_SCALE_MAX && decimal_round(number, (int)whole.m, out);
}

/* Every token of text is one of list's, and there is one. */
bool expr_all_tokens(struct expr_text list, struct expr_text text)
{
    size_t start = 0, count = 0;

    for (size_t i = 0; i <= text.length; i++) {
        if (i < text.length && text.data[i] != ' ')
            continue;
        if (i > start && !expr_has_token(list, (struct expr_text){text.data + start, i - start}))
            return false;
        count += i > start;
        start = i + 1;
    }
    return count > 0;
}

bool expr_keep_normal(char kept[IDENTIFIER_LENGTH_MAX + 1], struct expr_text *text)
{
    if (text->length > IDENTIFIER_LENGTH_MAX)
        return false;
    memcpy(kept, text->data, text->length);
    text->data = kept;
    return true;
}
