/* The mark on each sheet of a print job, read by the inserting machine: which job, which sheet of how many, whether the envelope is
 * closed behind it, and a check digit. It says nothing of the person; who belongs to a sheet stands in the job's table alone. */
#ifndef DELIVER_MARK_H
#define DELIVER_MARK_H

#include <stdbool.h>
#include <stddef.h>

#define MARK_JOB 6 /* hexadecimal digits, upper case, that a job is known by */
#define MARK_SHEETS_MAX 999999
#define MARK_LENGTH 20 /* job, six digits of the sheet, six of the total, 1 or 0 for the group's end, the check digit */

struct sheet_mark {
    char job[MARK_JOB + 1];
    long sheet, total; /* from 1; in sheets */
    bool group_end;    /* the envelope is closed behind this sheet */
};

/* The mark's text; the job must be one, and 1 <= sheet <= total <= MARK_SHEETS_MAX: false otherwise. */
bool mark_write(const struct sheet_mark *mark, char text[MARK_LENGTH + 1]);
/* False unless the text of this length is a mark whose check digit is right. */
bool mark_read(const char *text, size_t length, struct sheet_mark *mark);

#endif
