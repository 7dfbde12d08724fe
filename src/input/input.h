/* The payroll and the employees: what is small is held, the records are indexed by place and read when wanted.
 * Memory grows by less than 100 bytes a person. */
#ifndef INPUT_INPUT_H
#define INPUT_INPUT_H

#include "base/buf.h"
#include "base/datum.h"
#include "base/hash.h"

struct input;

/* Why a certificate can be refused before it is read. */
enum input_problem { INPUT_FINE, INPUT_ID_TWICE, INPUT_ID_CASE };

#define INPUT_NOBODY (-1)
#define INPUT_SEVERAL (-2)

/* New input; employees may be NULL when payroll holds both. NULL with err where a file is unreadable as a whole. */
struct input *input_open(const char *payroll, const char *employees, struct tc_error *err);
void input_close(struct input *input);

/* payroll's members but the lists of records; the same as a tree. Borrowed. */
const json_t *input_head(const struct input *input);
const struct datum *input_head_tree(const struct input *input);
/* Keys of the head that have another name by now, by bit of enum older: they were renamed. */
unsigned input_older(const struct input *input);
size_t input_certificates(const struct input *input);
size_t input_employees(const struct input *input);
/* Whether employees stand in a file of their own. */
bool input_is_split(const struct input *input);
/* SHA-256 of the files: payroll's, employees' (the same where there is one file). 32 bytes each. */
const unsigned char *input_hash(const struct input *input, bool employees);

/* The same hash whatever the certificates have under this key, at their top level, or whether they have it, and whatever blanks stand between tokens: of
 * payroll, and of the employees in it. Reads all. A record that is no valid JSON is hashed with the whole file. False with err where it
 * cannot be read. */
bool input_hash_without(const struct input *input, const char *key, unsigned char hash[HASH_SIZE], struct tc_error *err);

/* Whether the files are still those that were opened and hashed: the same size, times and inode. False with err. */
bool input_is_same(const struct input *input, struct tc_error *err);

/* What a thread reads records with; {0} is a new one. */
struct input_reader {
    size_t ahead; /* so many certificates are read with the one that is wanted: for whoever reads them in the file's order */
    struct input_window {
        struct buf bytes;
        uint64_t offset;
        size_t next; /* the record behind the last one: employees are read ahead only while they follow each other */
    } windows[2];    /* certificates, employees */
    struct arena trees;
    enum json_error_code mistake; /* of the last record that is no valid JSON */
};

/* NULL where the record is no valid JSON (a finding: reader->mistake) or cannot be read (err). Borrowed until the reader is reset. */
const struct datum *input_certificate(const struct input *input, size_t i, struct input_reader *reader, struct tc_error *err);
const struct datum *input_employee(const struct input *input, size_t i, struct input_reader *reader, struct tc_error *err);
/* Gives back the records read. */
void input_reader_reset(struct input_reader *reader);
void input_reader_free(struct input_reader *reader);

/* What is wrong with the certificate's id among all. */
enum input_problem input_problem(const struct input *input, size_t i);
/* Index of the one employee whose personnel number the i-th certificate names, INPUT_NOBODY or INPUT_SEVERAL. */
long input_person(const struct input *input, size_t i);
/* Certificates whose employees may have the same text under the key, by hashes: indices in groups one after the other. New,
 * to be freed; NULL with err when memory ran out or a file changed. */
size_t *input_likely_same(const struct input *input, const char *key, size_t *count, struct tc_error *err);
/* Whether some certificate names this employee. */
bool input_has_certificate(const struct input *input, size_t employee);

#endif
