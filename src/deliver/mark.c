#include "deliver/mark.h"

#include <stdio.h>
#include <string.h>

/* ISO 7064, MOD 37-2. The modulus is a prime and 2 one of its primitive roots, so any one wrong sign and any two neighbours swapped
 * give another check digit. A hybrid system (MOD 37,36) would need no "*" but misses some swaps. */
static const char signs[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

static int sign_value(char c)
{
    const char *at = c ? strchr(signs, c) : NULL;

    return at ? (int)(at - signs) : -1;
}

/* The check digit of the first signs, or '\0' where one is none. */
static char check_digit(const char *text, size_t length)
{
    int sum = 0;

    for (size_t i = 0; i < length; i++) {
        int value = sign_value(text[i]);

        if (value < 0)
            return '\0';
        sum = (sum + value) * 2 % 37;
    }
    return signs[(38 - sum) % 37];
}

/* Within the length: a mark that is read is no string. */
static bool is_job(const char *text, size_t length)
{
    bool is = length == MARK_JOB;

    for (size_t i = 0; is && i < MARK_JOB; i++)
        is = text[i] != '\0' && strchr("0123456789ABCDEF", text[i]);
    return is;
}

static bool read_number(const char *text, size_t length, long *number)
{
    *number = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *number = *number * 10 + (text[i] - '0');
    }
    return true;
}

static bool has_pieces(const struct sheet_mark *mark)
{
    return mark->pieces > 0;
}

/* As it must be where there are some. */
static bool are_pieces(const struct sheet_mark *mark)
{
    return mark->piece >= 1 && mark->piece <= mark->pieces && mark->pieces <= MARK_PIECES_MAX
           && mark->group_end == (mark->piece == mark->pieces);
}

bool mark_write(const struct sheet_mark *mark, char text[MARK_LONG + 1])
{
    char room[64], pieces[32] = "";
    size_t length;

    if (!is_job(mark->job, strlen(mark->job)) || mark->sheet < 1 || mark->sheet > mark->total || mark->total > MARK_SHEETS_MAX
        || (has_pieces(mark) && !are_pieces(mark)))
        return false;
    if (has_pieces(mark))
        snprintf(pieces, sizeof pieces, "%02d%02d", mark->piece, mark->pieces);
    length = (size_t)snprintf(room, sizeof room, "%.6s%06ld%06ld%.4s%d", mark->job, mark->sheet, mark->total, pieces, mark->group_end);
    memcpy(text, room, length);
    text[length] = check_digit(text, length);
    text[length + 1] = '\0';
    return true;
}

static bool read_pieces(const char *text, size_t length, struct sheet_mark *mark)
{
    long piece = 0, pieces = 0;
    bool ok = length == MARK_LENGTH || (read_number(text, 2, &piece) && read_number(text + 2, 2, &pieces));

    mark->piece = (int)piece;
    mark->pieces = (int)pieces;
    return ok && (length == MARK_LENGTH || are_pieces(mark));
}

bool mark_read(const char *text, size_t length, struct sheet_mark *mark)
{
    const char *end = text + length - 2;

    if ((length != MARK_LENGTH && length != MARK_LONG) || check_digit(text, length - 1) != text[length - 1] || (*end != '0' && *end != '1')
        || !is_job(text, MARK_JOB) || !read_number(text + MARK_JOB, 6, &mark->sheet) || !read_number(text + MARK_JOB + 6, 6, &mark->total)
        || mark->sheet < 1 || mark->sheet > mark->total)
        return false;
    memcpy(mark->job, text, MARK_JOB);
    mark->job[MARK_JOB] = '\0';
    mark->group_end = *end == '1';
    return read_pieces(text + MARK_JOB + 12, length, mark);
}
