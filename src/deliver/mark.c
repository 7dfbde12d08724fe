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

static bool is_job(const char *text, size_t length)
{
    return length == MARK_JOB && strspn(text, "0123456789ABCDEF") >= MARK_JOB;
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

bool mark_write(const struct sheet_mark *mark, char text[MARK_LENGTH + 1])
{
    char room[64];

    if (!is_job(mark->job, strlen(mark->job)) || mark->sheet < 1 || mark->sheet > mark->total || mark->total > MARK_SHEETS_MAX)
        return false;
    snprintf(room, sizeof room, "%.6s%06ld%06ld%d", mark->job, mark->sheet, mark->total, mark->group_end);
    memcpy(text, room, MARK_LENGTH - 1);
    text[MARK_LENGTH - 1] = check_digit(text, MARK_LENGTH - 1);
    text[MARK_LENGTH] = '\0';
    return true;
}

bool mark_read(const char *text, size_t length, struct sheet_mark *mark)
{
    const char *end = text + MARK_LENGTH - 2;

    if (length != MARK_LENGTH || check_digit(text, MARK_LENGTH - 1) != text[MARK_LENGTH - 1] || (*end != '0' && *end != '1')
        || !is_job(text, MARK_JOB) || !read_number(text + MARK_JOB, 6, &mark->sheet) || !read_number(text + MARK_JOB + 6, 6, &mark->total)
        || mark->sheet < 1 || mark->sheet > mark->total)
        return false;
    memcpy(mark->job, text, MARK_JOB);
    mark->job[MARK_JOB] = '\0';
    mark->group_end = *end == '1';
    return true;
}
