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

/* line: of the log, from 1; 0 for a missing sheet. Returns false to stop. */
typedef bool (*readback_call)(void *ctx, enum readback_fault fault, long sheet, long line, struct tc_error *err);

/* Goes through a log in reading order: a line for each sheet, with its mark as a word of its own; words end at blanks, commas, semicolons
 * and quotes, empty lines are none. The lines are told first, in their order, then the sheets missing and those out of their turn: the
 * fewest that explain the order, and both of two neighbours that were swapped. False with err where memory or the call fails. */
bool readback_check(const char *log, const char job[MARK_JOB + 1], long total, readback_call call, void *ctx, struct tc_error *err);

#endif
