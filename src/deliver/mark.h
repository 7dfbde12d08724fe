/* The mark on each sheet of a print job, read by the inserting machine: which job, which sheet of how many, whether the envelope is
 * closed behind it, and a check digit. It says nothing of the person; who belongs to a sheet stands in the job's table alone. */
#ifndef DELIVER_MARK_H
#define DELIVER_MARK_H

#include <stdbool.h>
#include <stddef.h>

#define MARK_JOB 6 /* hexadecimal digits, upper case, that a job is known by */
#define MARK_SHEETS_MAX 999999
#define MARK_LENGTH 20 /* job, six digits of the sheet, six of the total, 1 or 0 for the group's end, the check digit */
#define MARK_LONG \
    24 /* of jobs with groups of several sheets: two digits of the sheet in its group and two of their number behind the total */
#define MARK_PIECES_MAX 99

struct sheet_mark {
    char job[MARK_JOB + 1];
    long sheet, total; /* from 1; in sheets */
    bool group_end;    /* the envelope is closed behind this sheet */
    int piece, pieces; /* from 1, of the group; 0: the mark has them not, and is a short one */
};

/* The mark's text; the job must be one, 1 <= sheet <= total <= MARK_SHEETS_MAX, and so with the pieces, the last of which is the group's end: false
 * otherwise. */
bool mark_write(const struct sheet_mark *mark, char text[MARK_LONG + 1]);
/* False unless the text of this length is a mark whose check digit is right. */
bool mark_read(const char *text, size_t length, struct sheet_mark *mark);

#endif
