/* Waivers that several employers share. */
#ifndef RUN_SHARED_H
#define RUN_SHARED_H

#include "check/waivers.h"

/* Tells of a waiver that nobody needed (it may be for the wrong certificate), and of one that several did though it names one certificate.
 * Known only where every employer's certificates were looked at; else nothing is said. */
void shared_tell(const struct tc_employers *all, const struct tc_options *options, const struct waiver_file *f, struct tc_error *err);

#endif
