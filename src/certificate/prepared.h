/* A form made ready: template, fonts, layout, workbook's plan and sealed PDF. Read-only after loading; workers share it. */
#ifndef CERTIFICATE_PREPARED_H
#define CERTIFICATE_PREPARED_H

#include "base/file.h"
#include "base/hash.h"
#include "form/plan.h"
#include "layout/form.h"
#include "pdf/pdf.h"
#include "pdf/phrase.h"

/* One of the template's files as it was used. */
struct prepared_file {
    const char *name;
    char *data; /* owned */
    size_t length;
    unsigned char hash[HASH_SIZE];
};

#define PREPARED_FILES 6

struct prepared {
    struct template *template;
    struct font regular, bold;
    struct form form, letter;                 /* the letter of a cancellation; a template may have none */
    struct plan *plan;                        /* of the workbook; the template's */
    struct pdf *pdf, *letters;                /* letters NULL: there is no letter */
    struct phrases *phrases, *letter_phrases; /* of their attachments */
    char *profile;                            /* gray.icc; owned */
    size_t profile_size;
    struct prepared_file files[PREPARED_FILES];
    size_t file_count;
    unsigned char hash[HASH_SIZE]; /* of all of the template's files and the fonts */
};

#define PREPARED_PATH_MAX FILE_PATH_MAX

/* The folder of templates: the one given, else $TAXCERT_TEMPLATES, else the one installed beside this library, wherever
 * that was moved. Returns out. */
const char *prepared_root(const char *given, char out[PREPARED_PATH_MAX]);
/* Sets err: where forms were to be are none. */
bool prepared_no_forms(const char *root, struct tc_error *err);
/* The folder of fonts: <root>/fonts, else the installed one, for forms that stand in a folder of their own. */
bool prepared_fonts(const char *root, char out[PREPARED_PATH_MAX], struct tc_error *err);
/* A member of <root>/messages.<language>.json, a new reference; NULL where there is no such file. False where it is broken. */
bool prepared_messages(const char *root, const char *language, const char *member, json_t **out, struct tc_error *err);
/* <root>/<id>/<year> with the fonts of prepared_fonts. id is checked: no way out of root. issued: yyyymmdd, the date in the PDFs;
 * marks: a set of enum mark. */
bool prepared_load(struct prepared *e, const char *root, const char *id, int year, int32_t issued, unsigned marks, struct tc_error *err);
/* The same with the fonts' folder given. */
bool prepared_load_with(struct prepared *e, const char *root, const char *fonts, const char *id, int year, int32_t issued, unsigned marks,
                        struct tc_error *err);
/* The same from a folder anywhere, such as a run's copy of its form. */
bool prepared_load_folder(struct prepared *e, const char *folder, const char *fonts, int32_t issued, unsigned marks, struct tc_error *err);
void prepared_free(struct prepared *e);

#endif
