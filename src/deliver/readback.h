/* What the inserting machine read, held against the print job: whose sheet did not go out as it should. */
#ifndef DELIVER_READBACK_H
#define DELIVER_READBACK_H

#include "base/error.h"
#include "deliver/mark.h"

enum readback_fault {
    READBACK_MISSING,    /* no line has the sheet */
    READBACK_TWICE,      /* more than one line has it; told for each but the first */
    READBACK_SWAPPED,    /* it came out of its turn */
    READBACK_FOREIGN,    /* a mark of another job, or of another print of this one: the sheet number is that one's */
    READBACK_UNREADABLE, /* a line without a mark whose check digit is right: sheet 0 */
    READBACK_FAULTS
};

/* The next mark in the line at *at, which is moved behind it, or to the line's end where there is none: false. A mark is a word of letters and
 * digits, in upper or lower case, whatever stands around it. */
bool readback_find(const char **at, struct sheet_mark *mark);
/* The next line's begin, or the end of the text. Lines end as any system ends them. */
const char *readback_next_line(const char *at);

/* line: of the log, from 1; 0 for a missing sheet. Returns false to stop. */
typedef bool (*readback_call)(void *ctx, enum readback_fault fault, long sheet, long line, struct tc_error *err);

/* Goes through a log in reading order, without a byte order mark: its marks; lines without one are unreadable, but empty ones and a table's head are
 * none. The marks are told first, in their order, then the sheets missing and those out of their turn: the fewest that explain the order, and both of
 * two neighbours that were swapped. False with err where memory or the call fails. */
bool readback_check(const char *log, const char job[MARK_JOB + 1], long total, readback_call call, void *ctx, struct tc_error *err);

#endif
