#include "input/scan.h"

#include "base/plain.h"
#include "base/text.h"
#include "base/utf8.h"
#include "input/signs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 64
#define ARRAY_COUNT 2

static const char *const arrays[ARRAY_COUNT] = {"certificates", "employees"};

struct scanner {
    int fd;
    const char *file;
    const struct scan_calls *calls;
    struct tc_error *err;
    unsigned char *block;   /* and a quote behind its last byte */
    size_t size, at, end;   /* of the block */
    uint64_t base;          /* file offset of the block */
    uint64_t line, line_at; /* line number, offset of its first byte */
    bool seen[ARRAY_COUNT];
    unsigned char first[2]; /* bytes of the string that was read last */
    struct text_check encoding;
    size_t slow; /* of the block: up to here something is looked at sign by sign */
};

static uint64_t offset(const struct scanner *s)
{
    return s->base + s->at;
}

static bool not_utf8_here(struct scanner *s)
{
    return error_set(s->err, TC_INPUT, s->file, NULL, "encoding",
                     "line %llu, column %llu: not UTF-8 (is the file Windows-1252?): save or export it as UTF-8",
                     (unsigned long long)s->line, (unsigned long long)offset(s) - s->line_at + 1);
}

/* Where the file ends within a sequence that begins here, that is the mistake. */
static bool mistake(struct scanner *s, const char *sentence)
{
    if (s->encoding.more > 0 && s->at < s->end && s->block[s->at] >= 0xC0)
        return not_utf8_here(s);
    return error_set(s->err, TC_INPUT, s->file, NULL, "json-syntax", "line %llu, column %llu: %s", (unsigned long long)s->line,
                     (unsigned long long)offset(s) - s->line_at + 1, sentence);
}

/* The same of what is needed here, unless the file has ended: then that is the mistake. */
static bool needed(struct scanner *s, const char *sentence)
{
    return mistake(s, s->at == s->end ? "the file is incomplete: it ends too early; export it again" : sentence);
}

/* The block has a byte that UTF-8 has not. Lines up to the block have been counted. */
static bool not_utf8(struct scanner *s, size_t bad)
{
    for (s->at = 0; s->at < bad;)
        if (s->block[s->at++] == '\n') {
            s->line++;
            s->line_at = offset(s);
        }
    return not_utf8_here(s);
}

/* What the file's first bytes say: a byte order mark is passed, UTF-16 and UTF-32 are refused. */
static bool begin_file(struct scanner *s, size_t length)
{
    const char *wide = utf8_wide((const char *)s->block, length);

    if (wide)
        return error_set(s->err, TC_INPUT, s->file, NULL, "encoding", "the file is %s: save or export it as UTF-8", wide);
    s->line_at = s->at = utf8_mark((const char *)s->block, length);
    return true;
}

/* That the block's bytes can stand there; at the end of the file that no sequence is cut off. */
static bool check_encoding(struct scanner *s, size_t length)
{
    size_t bad = text_check(&s->encoding, (const char *)s->block, length);

    if (s->base == 0 && !begin_file(s, length))
        return false;
    return bad == length && (length > 0 || s->encoding.more == 0) ? true : not_utf8(s, bad);
}

/* The next block. False at the end of the file, or with err. Apart, so that looking at a byte is no call. */
static __attribute__((noinline)) bool fill(struct scanner *s)
{
    ssize_t n;

    s->base += s->end;
    s->at = s->end = s->slow = 0;
    do
        n = read(s->fd, s->block, s->size);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return error_set(s->err, error_lack(TC_INPUT), s->file, NULL, "file", "the file cannot be read (%s)", error_cause(errno));
    if (n > 0)
        s->calls->bytes(s->calls->ctx, s->block, (size_t)n);
    if (!check_encoding(s, (size_t)n))
        n = 0;
    s->end = (size_t)n;
    if (n == 0)
        s->at = 0;
    s->block[n] = '"';                           /* ends every search */
    return n > 0 && (s->at < s->end || fill(s)); /* the first block may be a byte order mark alone */
}

/* The byte in hand, or -1 at the end. */
static inline int peek(struct scanner *s)
{
    if (s->at == s->end && !fill(s))
        return -1;
    return s->block[s->at];
}

/* The next byte that is no white space, or -1. */
static inline int peek_token(struct scanner *s)
{
    int c;

    while ((c = peek(s)) == ' ' || c == '\n' || c == '\t' || c == '\r') {
        s->at++;
        if (c == '\n') {
            s->line++;
            s->line_at = offset(s);
        }
    }
    return c;
}

/* By byte: what is looked at between brackets. */
static const bool is_sign[256] = {['"'] = true, ['{'] = true, ['}'] = true, ['['] = true, [']'] = true, [','] = true, ['\n'] = true};

/* The next byte that ends a run of plain text, or the quote behind the block. */
static inline const unsigned char *find_end(const struct scanner *s, const unsigned char *at)
{
    unsigned high = 0;

    return (const unsigned char *)plain_end((const char *)at, (const char *)s->block + s->end, &high);
}

static int hex_digit(int c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Behind a backslash: the printable sign of ASCII that is meant, or 0: another, which no handle and no known key has. jansson
 * checks the rest. */
static int read_escape(struct scanner *s)
{
    int c = peek(s), sign = 0;

    if (c >= 0)
        s->at++;
    if (c == '"' || c == '\\' || c == '/')
        return (char)c;
    for (int i = 0; c == 'u' && i < 4; i++) {
        int digit = hex_digit(peek(s));

        if (digit < 0)
            return 0;
        sign = sign * 16 + digit;
        s->at++;
    }
    return sign >= 0x20 && sign < 0x7F ? sign : 0;
}

/* From the opening quote to behind the closing one. text may be NULL; it is "" where the string does not fit or has
 * other escapes than for printable signs of ASCII. */
static bool read_string(struct scanner *s, char *text, size_t size)
{
    size_t length = 0;
    bool exact = true;

    s->first[0] = s->first[1] = 0;
    s->at++;
    for (;;) {
        int c = peek(s);
        const unsigned char *start = s->block + s->at, *at = start;

        if (c < 0)
            return mistake(s, "the file is incomplete: it ends too early; export it again");
        at = find_end(s, at);
        for (size_t i = length; i < sizeof s->first && i < length + (size_t)(at - start); i++)
            s->first[i] = start[i - length];
        if (text && length + (size_t)(at - start) < size)
            memcpy(text + length, start, (size_t)(at - start));
        length += (size_t)(at - start);
        s->at += (size_t)(at - start);
        if (s->at == s->end)
            continue;
        c = s->block[s->at];
        if (c < 0x20)
            return mistake(s, "a text contains an invisible control character; replace it");
        s->at++;
        if (c == '"')
            break;
        c = read_escape(s);
        exact &= c != 0;
        if (text && length < size)
            text[length] = (char)c;
        length++;
    }
    if (text)
        text[exact && length < size ? length : 0] = '\0';
    return true;
}

/* A number or a word: up to the next structural byte. jansson checks it. */
static bool skip_scalar(struct scanner *s)
{
    uint64_t start = offset(s);

    for (int c = peek(s); c > ' ' && c != ',' && c != '}' && c != ']' && c != ':' && c != '"' && c != '{' && c != '['; c = peek(s))
        s->at++;
    return offset(s) > start || needed(s, "a value is missing here");
}

/* As read_string where nobody wants the text: most are short and end within the block. */
static inline bool skip_string(struct scanner *s)
{
    const unsigned char *at = s->block + s->at + 1;

    at = find_end(s, at);
    if (at >= s->block + s->end || *at != '"')
        return read_string(s, NULL, 0);
    s->at = (size_t)(at - s->block) + 1;
    return true;
}

/* The next sign of a structure, or -1 at the end. */
static inline int peek_sign(struct scanner *s)
{
    for (;;) {
        const unsigned char *at = s->block + s->at;

        while (!is_sign[*at])
            at++;
        s->at = (size_t)(at - s->block);
        if (s->at == s->end) {
            if (!fill(s))
                return -1;
        } else if (*at == '\n') {
            s->at++;
            s->line++;
            s->line_at = offset(s);
        } else {
            return *at;
        }
    }
}

/* The keys of the element itself, and what stands under two of them. */
struct own {
    struct scan_element *element;
    char *target; /* of the last key: where its string goes; NULL: nowhere, or its value is behind */
    bool is_key;  /* the string in hand is one */
};

static char *find_target(struct own *own, const char *key, size_t length)
{
    static const char id[] = "id", number[] = "personnel_number";

    if (length == sizeof id - 1 && !memcmp(key, id, length))
        return own->element->id;
    return length == sizeof number - 1 && !memcmp(key, number, length) ? own->element->personnel_number : NULL;
}

/* As read_own where the string has escapes or goes on in the next block. */
static bool read_own_slowly(struct scanner *s, struct own *own)
{
    char key[24];

    if (!read_string(s, own->is_key ? key : own->target, own->is_key ? sizeof key : SCAN_HANDLE_MAX + 1))
        return false;
    own->target = own->is_key ? find_target(own, key, strlen(key)) : NULL;
    own->is_key = false;
    return true;
}

static inline bool read_own(struct scanner *s, struct own *own)
{
    const char *start = (const char *)s->block + s->at + 1, *end = (const char *)find_end(s, s->block + s->at + 1);
    size_t length = (size_t)(end - start);

    if (end >= (const char *)s->block + s->end || *end != '"')
        return read_own_slowly(s, own);
    s->at += length + 2;
    if (own->is_key) {
        own->target = find_target(own, start, length);
        own->is_key = false;
    } else if (own->target) {
        length = length <= SCAN_HANDLE_MAX ? length : 0;
        memcpy(own->target, start, length);
        own->target[length] = '\0';
        own->target = NULL;
    }
    return true;
}

/* Those that are open. */
struct brackets {
    char open[DEPTH_MAX];
    int depth;
};

/* Whether the bracket can stand there; it is then opened or closed. */
static inline bool take_bracket(struct brackets *b, char sign)
{
    if (sign == '{' || sign == '[') {
        if (b->depth == DEPTH_MAX)
            return false;
        b->open[b->depth++] = sign;
        return true;
    }
    b->depth--;
    return b->open[b->depth] == (sign == '}' ? '{' : '[');
}

#ifdef __SSE2__

/* Counts the ends of lines among the control characters of the piece. */
static void count_lines(struct scanner *s, const unsigned char *piece, uint64_t controls)
{
    for (; controls; controls &= controls - 1) {
        const unsigned char *at = piece + __builtin_ctzll(controls);

        if (*at == '\n') {
            s->line++;
            s->line_at = s->base + (uint64_t)(at + 1 - s->block);
        }
    }
}

/* The brackets of a piece, until so many only are open or one cannot stand there. Returns what stands before the place where that is:
 * all bits where it is not in the piece. */
static uint64_t take_brackets(struct brackets *b, int least, const unsigned char *piece, uint64_t brackets)
{
    for (; brackets; brackets &= brackets - 1) {
        uint64_t bit = brackets & -brackets;
        int depth = b->depth;

        if (!take_bracket(b, (char)piece[__builtin_ctzll(bit)])) {
            b->depth = depth; /* it is looked at again, and told */
            return bit - 1;
        }
        if (b->depth == least)
            return bit - 1 + bit;
    }
    return UINT64_MAX;
}

/* Passes by 64 bytes at a time what has neither escapes nor mistakes, until so many brackets only are open. What is left over at the end of
 * the block, or cannot be passed by, begins at s->at, which is in no string. */
static void skip_pieces(struct scanner *s, struct brackets *b, int least)
{
    const unsigned char *piece = s->block + s->at, *rest = piece, *end = s->block + s->end;
    uint64_t inside = 0, passed = UINT64_MAX;

    for (; end - piece >= SIGNS_PIECE && passed == UINT64_MAX && b->depth > least; piece += SIGNS_PIECE) {
        struct signs signs = signs_find(piece);
        uint64_t strings = signs_strings(signs.quotes, inside);

        if (signs.backslash || (signs.controls & strings)) {
            s->slow = (size_t)(piece - s->block) + SIGNS_PIECE;
            break;
        }
        passed = take_brackets(b, least, piece, signs.brackets & ~strings);
        count_lines(s, piece, signs.controls & ~strings & passed);
        inside = strings >> 63 ? UINT64_MAX : 0;
        if (passed != UINT64_MAX)
            rest = piece + __builtin_ctzll(~passed);
        else if (!inside)
            rest = piece + SIGNS_PIECE;
        else if (signs.quotes) /* the last one opened the string */
            rest = piece + 63 - __builtin_clzll(signs.quotes);
    }
    s->at = (size_t)(rest - s->block);
}

#else

static void skip_pieces(struct scanner *s, struct brackets *b, int least)
{
    (void)s, (void)b, (void)least;
}

#endif

/* Skips a bracketed value by its brackets alone: what is between them is checked when the record is parsed. */
static bool skip_brackets(struct scanner *s, struct scan_element *element)
{
    struct brackets b;
    struct own own = {.element = element};
    int least = element ? 1 : 0, c; /* an element's own keys are looked at one by one */

    b.depth = 0;
    do {
        if (b.depth > least && s->at >= s->slow) {
            skip_pieces(s, &b, least);
            if (b.depth == 0)
                break;
        }
        c = peek_sign(s);
        if (c < 0)
            return mistake(s, "the file is incomplete: it ends too early; export it again");
        if (c == '"') {
            if (b.depth > least ? !skip_string(s) : !read_own(s, &own))
                return false;
            continue;
        }
        s->at++;
        if (c == ',') {
            own.is_key = b.depth == 1 && b.open[0] == '{';
            own.target = b.depth == 1 ? NULL : own.target;
        } else if (!take_bracket(&b, (char)c)) {
            return mistake(s, b.depth == DEPTH_MAX ? "brackets are nested more than 64 deep"
                                                   : "this bracket does not match the one it closes");
        } else {
            own.is_key = c == '{' && b.depth == 1;
        }
    } while (b.depth > 0);
    return true;
}

static bool skip_value(struct scanner *s, struct scan_element *element)
{
    int c = peek_token(s);

    if (c == '{' || c == '[')
        return skip_brackets(s, element);
    if (c == '"')
        return read_string(s, NULL, 0);
    return skip_scalar(s);
}

static bool scan_array(struct scanner *s, int array)
{
    int c;

    if (s->seen[array])
        return mistake(s, "this list occurs twice in the file; keep one of the two");
    s->seen[array] = true;
    if (peek_token(s) != '[')
        return needed(s, "a list [ ] of entries must stand here");
    s->at++;
    if (peek_token(s) == ']') {
        s->at++;
        return true;
    }
    do {
        struct scan_element element = {.id = "", .personnel_number = ""};

        peek_token(s);
        element.range.offset = offset(s);
        if (!skip_value(s, &element))
            return false;
        element.range.length = offset(s) - element.range.offset;
        if (!s->calls->element(s->calls->ctx, array, &element, s->err))
            return false;
        c = peek_token(s);
        if (c != ',' && c != ']')
            return needed(s, "a comma or the closing bracket ] is missing here");
        s->at++;
    } while (c == ',');
    return true;
}

static bool scan_member(struct scanner *s)
{
    char key[SCAN_HANDLE_MAX + 1];
    struct scan_range range;

    if (peek_token(s) != '"')
        return needed(s, "a field name in quotes is missing here");
    if (!read_string(s, key, sizeof key))
        return false;
    if (!*key && s->first[0] == 'x' && s->first[1] == '_')
        strcpy(key, "x_"); /* nobody's business, whatever follows */
    if (peek_token(s) != ':')
        return needed(s, "a colon is missing here");
    s->at++;
    for (int i = 0; i < ARRAY_COUNT; i++)
        if (!strcmp(key, arrays[i]))
            return scan_array(s, i);
    peek_token(s);
    range.offset = offset(s);
    if (!skip_value(s, NULL))
        return false;
    range.length = offset(s) - range.offset;
    return s->calls->member(s->calls->ctx, key, range, s->err);
}

static bool scan_top(struct scanner *s)
{
    int c = peek_token(s);

    if (c < 0)
        return mistake(s, "the file is empty; export it again");
    if (c != '{')
        return mistake(s, "the file must begin with { and end with }, as input files do");
    s->at++;
    if (peek_token(s) == '}') {
        s->at++;
    } else {
        do {
            if (!scan_member(s))
                return false;
            c = peek_token(s);
            if (c != ',' && c != '}')
                return needed(s, "a comma or the closing bracket } is missing here");
            s->at++;
        } while (c == ',');
    }
    return peek_token(s) < 0 || mistake(s, "something follows the last closing bracket }; remove it, or export the file again");
}

bool scan_file(int fd, const char *file, size_t block, const struct scan_calls *calls, struct tc_error *err)
{
    struct scanner s = {.fd = fd, .file = file, .calls = calls, .err = err, .size = block, .line = 1};

    s.block = malloc(block + 1);
    if (!s.block)
        return error_memory(err);
    s.block[0] = '"';
    scan_top(&s);
    free(s.block);
    return !err->code;
}
