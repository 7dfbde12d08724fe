/* A correcting run: the year again, from the ledger of the run before, with what was changed put in its place. */
#ifndef RUN_CORRECT_H
#define RUN_CORRECT_H

#include "certificate/certify.h"
#include "check/across.h"
#include "store/ledger.h"

struct run;

/* A certificate of the changes that was issued. Texts live as long as the run. */
struct change {
    struct ledger_entry entry;
    const char *reason, *before; /* of the one it corrects; NULL: it is late */
};

/* What is kept until the year is gone through. */
struct corrections {
    struct arena arena;
    struct change *list;
    size_t count, capacity;
    const char **ids; /* of all certificates of the changes that could be read, in order once they are compared */
    size_t id_count;
    struct arena record; /* the one in hand */
};

void corrections_free(struct corrections *c);
/* Opens the run that is corrected and the form as it was used there, once unmarked and once as a correction. */
bool correct_open(struct run *run, int32_t issued, unsigned marks);
/* Before correct_add_people: a certificate of the changes, of which there are at most so many. */
bool correct_expect(struct run *run, const char *id, size_t most);
/* Adds the valid certificates of the people that the changes are about, for rules among one person's. *records may be moved. */
bool correct_add_people(struct run *run, struct across_record **records, size_t *count);
/* Keeps a certificate that was worked out, until its place in the year is reached. */
bool correct_keep(struct run *run, const struct certify_result *r, const struct ledger_entry *entry);
/* All certificates of the year, their findings and the people without one, in the order of the run before; late ones follow. Without
 * an output only the changes are counted. */
bool correct_carry(struct run *run);
/* Notes the earlier runs in the ledger. */
bool correct_note(struct run *run);
/* Refuses a run that another one corrects already: the year would have two states. */
bool correct_check_first(struct run *run);
/* Tells the run that is corrected, by its event log. */
bool correct_tell(struct run *run);

#endif
