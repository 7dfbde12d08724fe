/* Findings about one person: an error withholds that certificate, a warning does not. All of a person's are collected.
 * They say where and which rule, never an input value. */
#ifndef BASE_FINDING_H
#define BASE_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum severity { SEVERITY_WARNING, SEVERITY_ERROR };
enum input_file { INPUT_PAYROLL, INPUT_EMPLOYEES };

struct finding {
    struct finding *next;
    enum severity severity;
    enum input_file file;
    const char *pointer; /* JSON pointer in that file */
    const char *rule;    /* id */
    const char *message; /* one sentence with the remedy; constant or owned by the template */
};

struct findings {
    struct arena *arena; /* findings live in it */
    struct finding *first, **last;
    size_t errors, warnings;
};

void findings_start(struct findings *list, struct arena *arena);
/* Always returns false, so that callers can `return findings_add(..)`. pointer, rule and message are borrowed. */
bool findings_add(struct findings *list, enum severity severity, enum input_file file, const char *pointer,
                  const char *rule, const char *message);

#endif
