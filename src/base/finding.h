/* Findings about one person: an error holds back that certificate, a warning does not. All of a person's are collected.
 * They say where and which rule, never an input value. */
#ifndef BASE_FINDING_H
#define BASE_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Waived: an error that somebody answers for; it holds back nothing. */
enum severity { SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_WAIVED };
enum input_file { INPUT_PAYROLL, INPUT_EMPLOYEES, INPUT_WAIVERS, INPUT_FILES };

struct finding {
    struct finding *next;
    enum severity severity;
    enum input_file file;
    const char *pointer;      /* JSON pointer in that file */
    const char *rule;         /* id */
    const char *message;      /* one sentence with the remedy; constant or owned by the template */
    const char *told;         /* the message in the language of the console; NULL: there is only one */
    const char *label;        /* of what is said behind the message, such as what was found; NULL: nothing */
    const char *detail;       /* that; never a value; lives in the list's arena, or longer */
    bool named;               /* the detail is a certificate's id, and the same in every language */
    const char *source;       /* law, decree or manual; NULL for what no rule of the form says */
    const char *wage_types;   /* whose entries feed the field found at; NULL where it has none */
    const char *reason, *who; /* of a waiver; else NULL */
};

struct findings {
    struct arena *arena; /* findings live in it */
    struct finding *first, **last;
    size_t errors, warnings, waived;
};

void findings_start(struct findings *list, struct arena *arena);
/* Always returns false, so that callers can `return findings_add(..)`. pointer, rule and message are borrowed. */
bool findings_add(struct findings *list, enum severity severity, enum input_file file, const char *pointer, const char *rule,
                  const char *message);
/* The same, returning the finding to be completed, or NULL when memory ran out. */
struct finding *findings_put(struct findings *list, enum severity severity, enum input_file file, const char *pointer, const char *rule,
                             const char *message);

#endif
