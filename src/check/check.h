/* What must hold before a certificate is drawn. A finding withholds it; it never holds an input value. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "base/json.h"

struct finding {
    char rule[32];
    char pointer[96];  /* inside the record: certificate/values/..., employee/... */
    const char *message; /* constant */
};

/* True when the record may be drawn; else the first finding. coverage: templates/fonts/coverage.json. */
bool check_record(const json_t *form, const json_t *coverage, const json_t *captions, const json_t *record,
                  struct finding *finding);

#endif
