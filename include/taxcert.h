/* taxcert: certificates from payroll data. The public interface.
 * The program taxcert is a client of this header. Nothing else is exported.
 *
 * Texts that are given to a call are borrowed until it returns; what a callback is given is borrowed for that callback; what a call
 * returns as new is freed by the call of the same name with _free. Every call resets its struct tc_error on entry. Calls may be made from
 * any thread, about the same run too: each opens what it needs. Structs of options begin as {0}: zero is each member's default, also of
 * members that later versions add. */
#ifndef TAXCERT_H
#define TAXCERT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TC_API __attribute__((visibility("default")))
#define TC_VERSION "0.3.0"
#define TC_VERSION_SIZE 16

/* Exit codes of the program as well; append-only. */
enum tc_code {
    TC_OK = 0,
    TC_HELD = 1,      /* finished, some certificates held back */
    TC_NOT_FOUND = 1, /* of one who was asked for: there is none */
    TC_USAGE = 2,     /* usage or template mistake; nothing was written */
    TC_INPUT = 3,     /* input unreadable or invalid as a whole */
    TC_IO = 4,        /* input/output, memory or internal */
    TC_UNKNOWN = 5    /* finished; of some mail nobody knows whether it was taken */
};

/* A fatal error. Owned by the caller, fixed size, set once: the first error wins.
 * message is one sentence that never holds an input value. */
struct tc_error {
    enum tc_code code;
    char file[256];
    char pointer[192];
    char rule[64];
    char message[256];
};

#define TC_TOTALS_MAX 16

/* The console's words in a language; see tc_words_load. */
struct tc_words;

/* What was found about one person. Texts are borrowed for the call; never an input value but the two handles, which
 * are NULL where they are no handles. */
struct tc_finding {
    bool error;  /* it holds back the certificate; else a warning, or waived */
    bool waived; /* an error that somebody answers for */
    const char *personnel_number, *certificate;
    const char *file, *pointer, *rule, *message;
    const char *source;     /* law, decree or manual; NULL for what no rule of the form says */
    const char *wage_types; /* whose entries make up the amount, as "1000, 1100"; NULL where there are none */
    const char *employer;   /* of a run for several employers: its name; else NULL */
    const char *place;      /* what stands there, in the form's words: "line 22a ...", "... (employee data)"; NULL where they have none */
};

struct tc_options {
    const char *payroll;        /* path */
    const char *employees;      /* path, or NULL when payroll holds both */
    const char *output;         /* run folder to make; NULL: only check, nothing is written */
    const char *corrects;       /* run folder that payroll holds corrections of; NULL: payroll is the year's */
    const char *lost;           /* why a run that corrected that one already, and is not there, is given up; or NULL */
    const char *templates;      /* folder of templates, or NULL for $TAXCERT_TEMPLATES or the installed one */
    const char *issue_date;     /* YYYY-MM-DD, or NULL for the one in payroll */
    int jobs;                   /* threads; 0: as many as there are cores */
    bool draft;                 /* every page carries the form's draft mark; rules may let pass what only final pages need */
    bool allow_test_ids;        /* rules may let test identifiers pass */
    const char *language;       /* of messages, like "de"; NULL, or one the form does not have: the form's first */
    const char *waivers;        /* path: errors that somebody answers for; or NULL. Of several employers: for each, besides its own */
    const char *group;          /* name or number: reads the run and adds to its log; NULL: as of the run that is corrected, else nobody */
    const char *issues;         /* hexadecimal: stop unless a draft of the same would have this identity; or NULL */
    const char *issues_without; /* of that draft: what its identity would be whatever transfer tickets it had; or NULL */
    const char *identity;       /* hexadecimal: stop unless this is the run's, of input, form and options; or NULL */
    void *ctx;                  /* for the calls below, which may be NULL and come from the caller's thread, in input order */
    void (*on_finding)(void *ctx, const struct tc_finding *finding);
    bool (*on_progress)(void *ctx, long done, long all); /* false interrupts the run */
};

struct tc_total {
    char line[32];     /* field id of the form */
    char caption[120]; /* its words in the form's language, without the number; "" where it has none */
    int64_t units;     /* minor units, of what was issued */
    char text[40];     /* the same as "1234.50" */
    bool box;          /* the form calls it a box, and not a line */
};

/* Certificates against the year's declarations. */
enum tc_reconciled {
    TC_NOT_RECONCILED /* nothing was declared in the input */,
    TC_RECONCILED,
    TC_DIFFERENT,
    TC_NOTHING_ISSUED /* it would agree, but nobody's certificate was issued */
};

/* A key of the input that has another name by now: it was read, and is to be written so. */
struct tc_older {
    const char *before, *now;
};
#define TC_OLDER_MAX 8

#define TC_SEAL 65 /* room for a seal */

/* Of a call that ended with an error: numbers of what was worked on, which may be ahead of what was told. */
struct tc_result {
    bool finished;      /* the output was this very run already: nothing was made */
    bool other_tickets; /* of tc_issue: the input has other transfer tickets than the draft's, and is else the same */
    char seal[TC_SEAL]; /* of the run folder: one hash over all its files and its log so far; "" where none was written */
    long certificates;  /* in the input */
    long issued, held, warnings, waived;
    long without;                          /* employees without a certificate */
    long unexplained;                      /* of those, without a reason */
    long unreadable;                       /* of those, without a usable personnel number: only counted */
    struct tc_total totals[TC_TOTALS_MAX]; /* the form's control lines */
    int total_count;
    char currency[8];
    enum tc_reconciled reconciled;
    /* Of what is compared with them and held back, by the declaration's line, or by the form's words for what belongs to none; none that are 0. */
    struct tc_total held_sums[TC_TOTALS_MAX];
    int held_count;
    long undeclared;         /* months that certificates are about and no declaration, by tax number */
    long wrong_declarations; /* whose totals are not what their lines add up to */
    long differences;        /* lines of declarations, by establishment and year, that differ */
    char language[9];        /* the form's, of ledger and workbook */
    struct tc_older older[TC_OLDER_MAX];
    int older_count;
    /* Of a correcting run; then everything above is of the year as it is now. */
    long corrected, cancelled, late; /* late: issued for the first time */
    long refused;                    /* corrections and late ones that are held back: what was valid before stays so */
};

/* Makes the run folder: the year's, or with options->corrects the year as it is with corrections. That one's ledger, workbook and list
 * of records are the whole year's; of the certificates it holds the new ones, the others stay in the run that issued them. The run
 * that is corrected logs it. Returns the exit code; err is filled for codes above TC_HELD. */
TC_API enum tc_code tc_generate(const struct tc_options *options, struct tc_result *result, struct tc_error *err);

/* Makes the issued run of exactly what the draft run was made of, but for transfer tickets, which are there after the transmission only: TC_USAGE where anything else
 * of it is another now. The draft says where its input is;
 * options name files only where they were moved. */
TC_API enum tc_code tc_issue(const char *draft, const struct tc_options *options, struct tc_result *result, struct tc_error *err);

#define TC_ONLY_MAX 1000

/* Some people of the input alone: certificates by id, or all of a personnel number. Judged as in a check of everybody, nothing of a run is made;
 * options->output is not looked at. output: the one certificate's PDF, where it is issued; or NULL. Who is not there is TC_USAGE. */
TC_API enum tc_code tc_only(const struct tc_options *options, const char *const *ids, size_t count, const char *output,
                            struct tc_result *result, struct tc_error *err);

struct tc_reprint_options {
    const char *output;    /* file; "-": standard output; NULL: the certificate's name, in folder */
    const char *folder;    /* that is there; NULL: the current one */
    const char *reason;    /* kept in the event log; or NULL */
    bool duplicate;        /* a visibly marked copy, made again from the ledger's record and the run's own copy of the form */
    const char *templates; /* of duplicates: where the fonts are, as in struct tc_options */
    bool even_void;        /* also a certificate that is valid no more: as a copy with the form's mark for that */
    bool letter;           /* of a cancelled certificate: the letter that says so, as it was made */
    const char *journal;   /* file: where it is logged, of a run whose own log cannot be written (a read-only medium); or NULL */
    bool force;            /* a file that is there is replaced; else it is refused (TC_USAGE), and nothing is logged */
};

struct tc_reprinted {
    /* Of the run that issued it, as it was closed, with this event in its log. Whether the list of hashes is still that one tc_verify tells. */
    char seal[TC_SEAL];
    /* Of duplicates: without its mark the certificate came out as the issued bytes again; where it did not (other fonts or libraries), what
     * proves the values is the ledger's root in the run's first event. */
    bool same;
    bool corrected, cancelled; /* it is valid no more, as far as the chain can be followed; given out only with even_void */
    char file[300];            /* where it was written, where no output was given */
};

/* Whether a later run corrected this one, so that it is the year's last state no more; last: the last run of that chain that can be
 * found from here, "" where there is none or it has no room. size: of last. */
TC_API enum tc_code tc_superseded(const char *run, bool *superseded, char *last, size_t size, struct tc_error *err);

/* Gives out the issued bytes of one certificate, named by certificate id, personnel number or both as NUMBER+ID (a handle that is
 * one person's id and another's number is refused), after proving them by the ledger's hash, and logs it in the run that issued it: this one or, where this is a correcting one, an earlier one.
 * One that this or a later run of the chain cancelled or corrected is refused (TC_INPUT), but for even_void. */
TC_API enum tc_code tc_reprint(const char *run, const char *handle, const struct tc_reprint_options *options, struct tc_reprinted *result,
                               struct tc_error *err);

/* Lists the certificates whose handles, name or other words that the form names hold every word of text, without
 * regard to case, accents and the spelling of umlauts; a line or a JSON object each. TC_INPUT where there is none. words: those of a line, or NULL. */
TC_API enum tc_code tc_find(const char *run, const char *text, const struct tc_words *words, bool json, FILE *to, struct tc_error *err);

/* A finished run, opened once for several questions to it: reading ledger and form is most of what one costs. What it is made of may
 * grow; a program that was built against this header goes on working. */
struct tc_run;

/* New, to be closed, or NULL with err: ledger and form are proved by the run's list of hashes first. The folder's name is copied. One thread at a time may use it. */
TC_API struct tc_run *tc_run_open(const char *folder, struct tc_error *err);
/* As the functions without _run, which open and close for one call. Texts are borrowed for the call. */
TC_API enum tc_code tc_run_find(struct tc_run *run, const char *text, const struct tc_words *words, bool json, FILE *to,
                                struct tc_error *err);
TC_API enum tc_code tc_run_explain(struct tc_run *run, const char *handle, const struct tc_words *words, bool json, FILE *to,
                                   struct tc_error *err);
TC_API enum tc_code tc_run_reprint(struct tc_run *run, const char *handle, const struct tc_reprint_options *options,
                                   struct tc_reprinted *result, struct tc_error *err);
/* NULL is allowed. */
TC_API void tc_run_close(struct tc_run *run);

struct tc_summary_options {
    const char *output;    /* the workbook to write */
    const char *csv;       /* path for summary.csv's bytes, or NULL */
    long rows_per_sheet;   /* 0: as many as a workbook can have, as in the run */
    bool deliveries;       /* with a sheet more */
    const char *templates; /* where the words of the sheet of deliveries are, as in struct tc_options */
    void *ctx;
    bool (*on_progress)(void *ctx); /* called often; false: it is given up, and nothing written. Or NULL */
};

/* Writes the workbook again from a run's ledger, byte for byte as it is in the run. deliveries: with one sheet more, from
 * the logs of the year's runs, which tells how everybody's certificate went out, and a check of it in the overview. */
TC_API enum tc_code tc_summary(const char *run, const struct tc_summary_options *options, struct tc_error *err);

struct tc_filing_options {
    const char *templates; /* where filing.json of the run's form is, as in struct tc_options */
    const char *given;     /* path of a JSON object with what the layout asks for and no payroll has, or NULL */
    const char *output;    /* the file to write */
    bool force;            /* replaces a file that is there */
    bool unverified;       /* though the layout says that its places were not verified, or lacks some for what certificates have */
};

struct tc_filed {
    char name[64]; /* the layout's */
    bool verified;
    long certificates, held; /* filed; held in the run, and so not filed */
    long lacking;            /* filed without something that the layout has no place for */
    long corrected;          /* filed as corrected: the file is the year as it is now, not the changes alone */
    long bytes;
    char hash[65]; /* SHA-256 */
};

/* Writes the file that an authority gets of a run, as the form's filing.json declares it: from the ledger, the same bytes each time, nothing where a sum
 * is not the ledger's. */
TC_API enum tc_code tc_file(const char *run, const struct tc_filing_options *options, struct tc_filed *result, struct tc_error *err);

/* Tells where the amounts of a certificate come from (or of all of a person's), as text or as a JSON object each. */
TC_API enum tc_code tc_explain(const char *run, const char *handle, const struct tc_words *words, bool json, FILE *to,
                               struct tc_error *err);
/* One employer of several, and what became of it. */
struct tc_employer {
    char name[33];                       /* a handle; names the run folder below the output */
    char *payroll, *employees, *waivers; /* paths; the last two NULL where there are none */
    enum tc_code code;
    bool corrected; /* a later run beside it has changed it: the result is the year's as it is there */
    bool there;     /* an earlier command made its run folder, of the same input, form and options: checked, not made again */
    struct tc_result result;
    struct tc_error err; /* for codes above TC_HELD: this employer's only */
};

struct tc_employers {
    struct tc_employer *list; /* by name */
    size_t count;
};

/* The employers in the paths. A payroll file is one, named like the file without .json, or like its folder where it is called
 * payroll.json. A folder is one for every sub-folder with a payroll.json and every payroll NAME.json in it. Employees and
 * waivers stand beside: NAME.employees.json, NAME.waivers.json, for payroll.json employees.json, waivers.json. Refused
 * where there is none, a file given is no payroll, a name is no handle, or two differ at most in case. */
TC_API enum tc_code tc_employers_find(const char *const *paths, size_t count, struct tc_employers *employers, struct tc_error *err);
TC_API void tc_employers_free(struct tc_employers *employers);

/* When an employer's turn begins, and when it has ended. */
typedef void (*tc_employer_call)(void *ctx, const struct tc_employer *employer, bool ended);

/* tc_generate for each: the output is a folder of run folders, made where it is not there, with employers.xlsx, the
 * overview. An employer's fatal error stops no other. options name no payroll, employees or waivers. Returns the largest
 * of the employers' codes; err is filled where all were stopped: interrupted, output or overview cannot be written. */
TC_API enum tc_code tc_generate_all(struct tc_employers *employers, const struct tc_options *options, tc_employer_call call,
                                    struct tc_error *err);

/* A folder that holds runs, of several years and employers, at a depth of a few folders: which of them a command is about. */
struct tc_archive;
struct tc_archive_filter {
    long year;            /* 0: any */
    const char *employer; /* words of the employer's name, whatever their case and accents; NULL: any */
};
struct tc_archive_run {
    const char *folder;   /* the folder given, and what leads from there to the run */
    const char *employer; /* its name; NULL where the run cannot be read */
    int year;
    bool draft;
    bool last;           /* the last one of its chain that is there, and no draft: what is valid stands in it */
    bool has;            /* of tc_archive_pick: it has certificates of that handle */
    char unreadable[64]; /* the rule that says why the run cannot be read; "" where it can */
    char why[256];       /* the same in words, for people */
    bool purged;         /* its personal data are gone (tc_purge): it is never the last one */
};
/* Opens the folder; a run's own folder is a collection of that one. The folder's name is borrowed until it is closed. New, or NULL with err:
 * TC_USAGE where there is no run, or none of that year and employer. A run that cannot be read is in it, and said to be so. */
TC_API struct tc_archive *tc_archive_open(const char *folder, const struct tc_archive_filter *filter, struct tc_error *err);
TC_API void tc_archive_close(struct tc_archive *archive);
/* Its runs, ordered by their folders. Borrowed. */
TC_API size_t tc_archive_count(const struct tc_archive *archive);
TC_API const struct tc_archive_run *tc_archive_get(const struct tc_archive *archive, size_t i);
/* Whether the folder is a run itself. */
TC_API bool tc_archive_is_run(const struct tc_archive *archive);
/* The folder of the one last run that has certificates of this handle; borrowed. NULL with err where none has (TC_IO where a run cannot
 * be read), or several have (TC_USAGE; each says so by has). Of a run's own folder that folder, unasked. */
TC_API const char *tc_archive_pick(struct tc_archive *archive, const char *handle, struct tc_error *err);
/* Several at once, each as tc_reprint does it: all of them, or none where one could not be given. handles: of the archive, and those that the file
 * list has, the first word of each line. options->output: the folder for a file each, made where it is not there; merged: the file for all, each
 * page as issued, for the printer. on_refused tells each that cannot be given; which: its handle, or the line or place in the list. */
struct tc_reprints {
    const char *const *handles;
    size_t count;
    const char *list; /* path, or NULL */
    bool merged;
    void *ctx;
    void (*on_refused)(void *ctx, const char *which, const struct tc_error *err);
    void (*on_given)(void *ctx, const char *run, const struct tc_reprinted *reprinted); /* not with merged */
};
TC_API enum tc_code tc_reprint_all(struct tc_archive *archive, const struct tc_reprints *which, const struct tc_reprint_options *options,
                                   long *given, struct tc_error *err);
/* tc_find in each of the last runs; each line says which run it is of. Nobody found is TC_IO where a run cannot be read: it may hold whom one looks for. */
TC_API enum tc_code tc_archive_find(struct tc_archive *archive, const char *text, const struct tc_words *words, bool json, FILE *to,
                                    struct tc_error *err);

struct tc_seal_options {
    const char *key;    /* PEM file of a private key and its certificate; NULL: nothing is signed */
    const char *output; /* file to make: the sealed statement with its signature, as CMS in PEM; NULL: RUN.seal.pem */
};

/* The run's seal as it is now, in seal; with a key, signed in a file. The run must hold what its own hashes say (tc_verify tells). */
TC_API enum tc_code tc_seal(const char *run, const struct tc_seal_options *options, char seal[TC_SEAL], struct tc_error *err);

/* A print file that was made, and what lies beside it. */
struct tc_batch_job {
    char job[8]; /* six hexadecimal digits, in every mark */
    long sheets;
    bool foreign; /* post that leaves the country */
};

struct tc_batch_options {
    const char *output;    /* folder to make */
    const char *sort;      /* of "establishment", "cost_centre", "postcode", "name", by commas; NULL: "postcode,name" */
    const char *mark_at;   /* "X,Y": millimetres from the page's top left corner; NULL: "20,278" */
    const char *mark_kind; /* "digits", "matrix" or NULL: both */
    const char *templates; /* where the fonts are, as in struct tc_options */
    long size;             /* sheets of a print file at most; 0: no limit of one's own */
    bool duplex;           /* everybody begins on a new sheet, whose back is empty where there is no page for it */
    bool again, rest;      /* whoever was printed before: once more, or not. Neither: they stop the batch */
    void *ctx;
    void (*on_job)(void *ctx, const struct tc_batch_job *job);
};

/* Where everybody is whom this run issued a certificate or a letter of a cancellation: the sum of those from inland to earlier. */
struct tc_batch_result {
    long certificates;    /* and letters */
    long letters;         /* among them; their ids are the certificates', "+letter" behind */
    long had_old;         /* of the files: who had got the version before, or what the letter says is void; on a list */
    long inland, foreign; /* in print files */
    long unreachable;     /* without an address that the post needs: on a list */
    long other_channels;  /* to go out another way */
    long neither;         /* of these: not by mail either, by what their data say, or do not say */
    long not_valid;       /* corrected or cancelled by a later run */
    long earlier;         /* printed before, and left out */
    bool there;           /* the folder was there already, the same byte for byte */
};

/* Makes print files of the certificates of this run that are to go out on paper, in a new folder. The run's log says who is on which sheet. */
TC_API enum tc_code tc_batch(const char *run, const struct tc_batch_options *options, struct tc_batch_result *result, struct tc_error *err);

/* A sheet that did not go through the inserting machine as it should. */
struct tc_batch_fault {
    const char *fault;                                 /* "missing", "twice", "swapped", "foreign", "unreadable" */
    long sheet, line;                                  /* of the job; of the log, 0 where there is none */
    const char *job;                                   /* of the sheet */
    const char *personnel_number, *certificate, *name; /* "" where they are not known */
};
typedef void (*tc_batch_fault_call)(void *ctx, const struct tc_batch_fault *fault);
/* Holds the machine's log of marks against a job of this run; job NULL: the one that most of its lines are of. TC_HELD where a sheet
 * did not go through as it should. */
TC_API enum tc_code tc_batch_check(const char *run, const char *log, const char *job, void *ctx, tc_batch_fault_call call, long *sheets,
                                   struct tc_error *err);
/* What was proved of what went out. */
struct tc_delivered {
    long count;   /* sheets, or copies */
    bool list;    /* it is a list of passwords */
    char set[16]; /* what the run's log calls the set of copies; "" of print files */
};
/* Proves a folder that tc_batch made: its files are those that the run's log has, every page is the person's whose sheet it is. Of one that
 * tc_copies made: that it has all copies of a set, as they were made. Of a file: that it is the list of the passwords that were made for a set, every
 * line where it was. TC_HELD where not. */
TC_API enum tc_code tc_batch_verify(const char *run, const char *path, struct tc_delivered *proved, struct tc_error *err);

struct tc_copies_options {
    const char *output;    /* folder to make: a file for each certificate, called by its id */
    const char *passwords; /* file: certificate id or personnel number, comma, password, a line each; NULL: they are made */
    const char *list;      /* file for the passwords, outside of run and folder; NULL only with passwords */
    const char *letters;   /* file for a print file of letters that tell the passwords, as secret as the list; or NULL */
    const char *templates; /* where the letters' fonts and words are, as in struct tc_options */
    int jobs;              /* threads; 0: as many as there are cores */
};
struct tc_copies_result {
    long copies;
    long letters;    /* of cancellations, among them */
    long had_old;    /* had got the version before, or what the letter says is void */
    long not_valid;  /* corrected or cancelled by a later run: no copy */
    long no_address; /* no letter: no post reaches them */
    bool there;      /* the folder was there already, made by this command: it was proved, and nothing made */
};
/* Makes an encrypted copy (AES-256) of each certificate of this run that is valid, each opened again before it counts. */
TC_API enum tc_code tc_copies(const char *run, const struct tc_copies_options *options, struct tc_copies_result *result,
                              struct tc_error *err);

/* Somebody whose mail was not simply accepted. */
struct tc_send_told {
    const char *personnel_number, *certificate;
    const char *
        state; /* "accepted", "unknown", "refused", "refused before", "not-sent", "larger than the server takes", "no usable address", "shared" */
    long reply; /* the server's last code; 0: none */
};
struct tc_send_options {
    const char *config;  /* file: server, sender, subject, text, limits (taxcert(1)) */
    const char *copies;  /* folder of tc_copies */
    const char *resolve; /* "ID=arrived", "ID=again" or "ID=bounced": nothing is sent, the decision is kept; or NULL */
    long limit;          /* so many messages at most; 0: all */
    bool shared;         /* two people may have one address */
    void *ctx;
    void (*on_told)(void *ctx, const struct tc_send_told *told);
};
/* certificates: of this run, valid, that go out by mail, and letters of cancellations. */
struct tc_send_result {
    long certificates;
    long had_old;           /* had got the version before, or what the letter says is void */
    long accepted, earlier; /* by the server, now and by an earlier command: that it arrives is not known */
    long refused, unknown;  /* unknown: handed over without a clear answer; never sent again by itself */
    long not_sent, no_address;
};
/* Sends encrypted copies, each once at most: one message, one address, one attachment. TC_UNKNOWN where some are unknown, TC_HELD where some
 * were refused or not sent. */
TC_API enum tc_code tc_send(const char *run, const struct tc_send_options *options, struct tc_send_result *result, struct tc_error *err);

struct tc_deliveries_options {
    const struct tc_words *words; /* of the history; or NULL: English */
    FILE *to;                     /* the history of each certificate; or NULL */
    const char *csv;              /* the same as a table; or NULL */
    bool old;                     /* only who got an earlier version, or what is void now */
    const char *
        state; /* only whose state is this: "printed", "sent", "copied", "unknown", "refused", "bounced", "only the old one", "not yet", "run absent", "cancelled, went out", "cancelled"; or NULL */
};
/* issued is the sum of printed, sent, copied (only) and not_yet. The others are among those. */
struct tc_deliveries_result {
    long issued, printed, sent, copied, not_yet;
    long unknown, refused, bounced, only_old;
    long cancelled;                /* void, not in issued: those that had gone out */
    long letters, letters_not_yet; /* of cancellations, not in issued */
    long absent; /* earlier runs of the year that do not lie where this one has them: what went out of them is not known */
    long untold; /* certificates and letters of those runs, which count as not yet: whether they went out cannot be told */
};
/* How each version of everybody's certificate went out. That mail was delivered is never said: only that a server took it. */
TC_API enum tc_code tc_deliveries(const char *run, const struct tc_deliveries_options *options, struct tc_deliveries_result *result,
                                  struct tc_error *err);

/* A private folder below /tmp. New, or NULL with err; what a process that was killed left of its own goes with the next one's. */
struct tc_temporary;
TC_API struct tc_temporary *tc_temporary_make(struct tc_error *err);
TC_API const char *tc_temporary_folder(const struct tc_temporary *temporary);
/* Removes it and the files in it. NULL is fine. */
TC_API void tc_temporary_remove(struct tc_temporary *temporary);

struct tc_verify_options {
    const char *expect;    /* the run's seal at some time, written down elsewhere; or NULL */
    const char *pub;       /* PEM file of the certificate that signature is held against; or NULL */
    const char *signature; /* what tc_seal made; NULL: RUN.seal.pem */
    const char *journal;   /* of reprints logged elsewhere: its chain is checked too; or NULL */
    long sample; /* of the run's certificates: as many, chosen by chance, are read back by pdftotext and compared with the ledger; 0: 10,000
                            * at most; negative: none */
    void *ctx;   /* for the calls below, which may be NULL */
    void (*on_problem)(void *ctx, const char *file, const char *rule, const char *message);
    bool (*on_progress)(void *ctx, long done, long all); /* false: it is given up */
    const struct tc_temporary *temporary;                /* for what is made to be compared; NULL: one of its own */
};

struct tc_verify_result {
    long files, certificates, issued, events;
    long problems;
    int digits; /* of the currency */
    /* The version of taxcert that made the run, where it is not this one: the workbook, which was compared by its hash alone, may be laid out
     * otherwise. Else empty. */
    char other_version[TC_VERSION_SIZE];
    char seal[TC_SEAL];
    bool anchored; /* expect or signature is this run's: of its files, and of the first sealed_events events */
    long sealed_events;
    long journal, journal_own; /* events of the journal; those of this run */
    long reread;               /* certificates whose text was read back and is the ledger's record */
    long reread_letters;       /* the same of letters of cancellations */
    bool reread_chosen;        /* by chance, not all */
    const char *reread_not;    /* why none was; or NULL */
    bool
        purged; /* the run's personal data are gone: proved is what remains; anchored is then by a seal of now, or of before the purge (former) */
    bool former;
};

/* Proves a run folder: TC_OK, or TC_HELD where there are problems. */
TC_API enum tc_code tc_verify(const char *run, const struct tc_verify_options *options, struct tc_verify_result *result,
                              struct tc_error *err);

enum tc_purge_state {
    TC_PURGE_DUE,          /* would be purged */
    TC_PURGE_DONE,         /* is, now or by this command's end of one that was broken off */
    TC_PURGE_DONE_EARLIER, /* was before */
    TC_PURGE_KEPT,         /* its retention period is not over */
    TC_PURGE_KEPT_CHAIN,   /* another run of its chain is kept, or cannot be read */
    TC_PURGE_FAILED        /* why says it; nothing is gone, or the same command finishes it */
};

/* One run, and what became of it. */
struct tc_purge_run {
    const char *folder, *employer; /* employer: NULL where it cannot be read */
    int year, kept_until;          /* kept_until: a year, to its end; 0: not known */
    enum tc_purge_state state;
    const struct tc_error *why; /* of a failed one; else NULL */
};

struct tc_purge_options {
    long before;       /* only runs of years before this one */
    bool yes;          /* else it is only told what would be done */
    long years;        /* that the data are kept for after the run's year, where that is longer than the form says, or it says nothing; 0 */
    const char *today; /* YYYY-MM-DD; NULL: the clock's, in local time */
    const char *templates; /* where today's forms are, as in struct tc_options: of the run's own period and theirs the longer one counts */
    void *ctx;
    void (*on_run)(void *ctx, const struct tc_purge_run *run); /* may be NULL */
};

struct tc_purge_result {
    long due, done, done_earlier, kept, failed; /* kept: by its period or its chain */
    long unfinished; /* folders of runs that were never finished: they are not looked at, and may hold personal data */
};

/* Removes the personal data of a run, or of all in a folder, whose retention period is over: certificates, letters, ledger, records, workbook. What remains
 * is the run's form, totals and counts, the hash of each file and the log, with people under keys that lead back to nobody (store/purged.h); tc_verify
 * proves that. The runs of a chain go together or not at all. TC_HELD where some before that year are kept or failed. */
TC_API enum tc_code tc_purge(const char *folder, const struct tc_purge_options *options, struct tc_purge_result *result,
                             struct tc_error *err);

#define TC_LANGUAGE_SIZE 9

/* The language of the console: the one given, else $TAXCERT_LANG, else that of the locale (LC_ALL, LC_MESSAGES, LANG: the first that is set)
 * where there are messages in it, else English as a whole. TC_USAGE where one is asked for that there is not; the message names those there are. */
TC_API enum tc_code tc_language(const char *templates, const char *given, char language[TC_LANGUAGE_SIZE], struct tc_error *err);

/* From here on the calling thread, and those it starts, can make, change or remove no file: for programs that only check, find or explain (verify makes
 * files in a folder of its own: tc_write_only_below).
 * They are refused sockets too, other processes and programs, mounts and what else changes the machine.
 * Silently less where the kernel lacks it: tc_sandbox_version is that of its Landlock, 0 without; tc_sandbox_calls: whether kernel and build can refuse
 * system calls. */
TC_API void tc_read_only(void);
/* The same but for what is below this folder, and for removing it at the end; programs can be started, which are refused the same. */
TC_API void tc_write_only_below(const char *folder);
TC_API int tc_sandbox_version(void);
TC_API bool tc_sandbox_calls(void);

/* Words of the console in a language, from messages.<language>.json beside the forms; where there is no such file they are English. New, or NULL with
 * err where the file or memory fails; all that takes words takes NULL for English. */
TC_API struct tc_words *tc_words_load(const char *templates, const char *language, struct tc_error *err);
/* The word in that language, or english itself. Borrowed; words may be NULL. */
TC_API const char *tc_word(const struct tc_words *words, const char *english);
/* A whole sentence of the program, such as an error's message, with the values in it. Borrowed from words, english or room, which is of size bytes. */
TC_API const char *tc_say(const struct tc_words *words, const char *english, char *room, size_t size);
/* An amount such as "1234.50" as the language writes it. Borrowed from amount or room, as above. */
TC_API const char *tc_amount(const struct tc_words *words, const char *amount, char *room, size_t size);
TC_API void tc_words_free(struct tc_words *words);
/* The one of so many known words that a misspelt one is most like, of a few letters' difference; NULL: there is none. */
TC_API const char *tc_nearest(const char *word, const char *const *known, size_t count);

/* Forms as such. templates: the folder of forms, or NULL for $TAXCERT_TEMPLATES or the installed one. */
typedef void (*tc_form_call)(void *ctx, const char *id, const char *year);
TC_API enum tc_code tc_form_list(const char *templates, void *ctx, tc_form_call call, struct tc_error *err);
/* Checks one folder .../country/form/year as a run would load it; fonts from beside it, else from templates. */
TC_API enum tc_code tc_form_lint(const char *folder, const char *templates, struct tc_error *err);
/* What is no mistake, or is missing all over: called for each caption key of the folder that something asks for and is not there, that nothing
 * uses, that names the year before, or that is said to be seen and stands on no page. message: an English sentence of the program. */
typedef void (*tc_note_call)(void *ctx, const char *caption, const char *message);
TC_API enum tc_code tc_form_review(const char *folder, void *ctx, tc_note_call call, struct tc_error *err);
TC_API enum tc_code tc_form_show(const char *templates, const char *id, int year, const struct tc_words *words, FILE *to,
                                 struct tc_error *err);
/* A PDF with every place filled with its field's name. mark: "draft", "duplicate", "correction" or NULL. */
TC_API enum tc_code tc_form_preview(const char *templates, const char *id, int year, const char *mark, const char *output,
                                    struct tc_error *err);
/* JSON Schema 2020-12 of the form's payroll and employees. */
TC_API enum tc_code tc_form_schema(const char *templates, const char *id, int year, FILE *to, struct tc_error *err);

/* What stands in a file that people have, at its place: never a value of it. */
struct tc_import_finding {
    const char *file;
    long line, column;      /* from 1, where the record starts; column 0: the whole row; line 0: the whole file */
    const char *other_file; /* another place that it is about; NULL: the same file */
    long other_line, other_column;
    const char *name;    /* of the column, as the header has it; or NULL */
    const char *pointer; /* in the mapping; or NULL */
    const char *person;  /* personnel number; or NULL */
    const char *rule, *message;
    bool warning; /* told, and nothing is refused */
};

/* Rows left out by one of the mapping's conditions. */
struct tc_import_rule {
    const char *name; /* as in the mapping, else its pointer */
    long rows;
};

/* The rows of one file. */
struct tc_import_account {
    const char *file;
    long before;                                        /* rows in front of the others: up to the header, or the index's range */
    long read, taken, blank, left_out, totals, refused; /* read is the sum of the others */
    const struct tc_import_rule *rules;                 /* what left_out is made of */
    size_t rule_count;
};

/* A wage type that the mapping's catalogue does not have. Output, and no message: text is of the file. */
struct tc_import_unknown {
    const char *type, *text; /* text: "" where there is none, or where it differs from row to row; type: where it looks like one */
    long rows;
    const char *sum;
};

/* Where a value of the person that is explained came from. Output, and no message. */
struct tc_import_origin {
    const char *part, *key, *value; /* value: as in JSON; NULL: none */
    int month;                      /* 0: none */
    const char *file;
    long line, column; /* column 0: a constant of the mapping */
};

struct tc_import_options {
    const char *mapping;
    const char *const *files;
    int file_count;
    const char *payroll, *employees; /* files to make; employees may be NULL where the mapping has none */
    const char *into;                /* a payroll whose certificates get the tickets; or NULL */
    const char *explain;             /* a personnel number: nothing is written, on_origin tells; or NULL */
    void *ctx;
    void (*on_finding)(void *ctx, const struct tc_import_finding *finding);
    void (*on_account)(void *ctx, const struct tc_import_account *account);
    void (*on_unknown)(void *ctx, const struct tc_import_unknown *unknown);
    void (*on_origin)(void *ctx, const struct tc_import_origin *origin);
};

struct tc_import_result {
    long people, certificates, employees, findings, warnings, tickets;
};

/* Makes payroll.json and employees.json from other programs' files, as a mapping describes them (templates/IMPORT.md). Where anything
 * is found, nothing is written and TC_INPUT is returned, with err as for other fatal errors. */
TC_API enum tc_code tc_import(const struct tc_import_options *options, struct tc_import_result *result, struct tc_error *err);

/* Whether a mapping is right, with no file: each mistake but the first is told by on_finding, the first is err's. */
TC_API enum tc_code tc_import_lint(const struct tc_import_options *options, struct tc_error *err);
/* A mapping to begin with, guessed from the file. No value of the file is in it but the header's names. */
TC_API enum tc_code tc_import_suggest(const char *path, FILE *to, struct tc_error *err);
/* JSON Schema 2020-12 of mappings. */
TC_API enum tc_code tc_import_schema(FILE *file, struct tc_error *err);

#ifdef __cplusplus
}
#endif

#endif
