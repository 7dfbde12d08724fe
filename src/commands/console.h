/* What the console says of a run: findings one by one, counts, totals, whether the year agrees; in words or as JSON lines. */
#ifndef COMMANDS_CONSOLE_H
#define COMMANDS_CONSOLE_H

#include "commands/command.h"

#define RULES_MAX 300

/* How often a rule was broken. */
struct tally {
    char rule[64];
    long count;
};

struct tallies {
    struct tally list[RULES_MAX];
    size_t count;
};

struct console {
    bool json, corrects;
    const struct command *command;
    const struct tc_words *words; /* the command's */
    long shown, most;             /* findings told one by one */
    long unsaid;                  /* corrections without a reason, of a run in words */
    long jobs;                    /* threads; 0: as many as there are cores */
    struct tallies one, all;      /* of the run in hand; of all employers */
    const char *employer;         /* whose run is in hand, where there are several */
    size_t turn, turns;
    const volatile int *interrupted; /* set by a signal */
    long states[3];                  /* employers: all issued, some held back, failed */
    struct tc_result sums;           /* over employers */
};

/* For struct tc_options, whose ctx is the console. */
void console_finding(void *ctx, const struct tc_finding *f);
bool console_progress(void *ctx, long done, long all);
/* For tc_generate_all. */
void console_employer(void *ctx, const struct tc_employer *e, bool ended);
/* The closing lines of a run, and of runs for several employers, whose largest exit code this is. */
void console_result(struct console *out, const struct tc_options *options, const struct tc_result *r);
void console_all(struct console *out, const struct tc_options *options, int code);

/* Keys of the input that have another name by now, on standard error. */
void console_older(const struct console *out, const struct tc_result *r);

#endif
