#include "base/finding.h"

void findings_start(struct findings *list, struct arena *arena)
{
    *list = (struct findings){.arena = arena};
    list->last = &list->first;
}

struct finding *findings_put(struct findings *list, enum severity severity, enum input_file file, const char *pointer, const char *rule,
                             const char *message)
{
    struct finding *f = arena_alloc(list->arena, sizeof *f);

    list->errors += severity == SEVERITY_ERROR;
    list->warnings += severity == SEVERITY_WARNING;
    list->waived += severity == SEVERITY_WAIVED;
    if (!f)
        return NULL;
    *f = (struct finding){.severity = severity, .file = file, .pointer = pointer ? pointer : "", .rule = rule, .message = message};
    *list->last = f;
    list->last = &f->next;
    return f;
}

bool findings_add(struct findings *list, enum severity severity, enum input_file file, const char *pointer, const char *rule,
                  const char *message)
{
    findings_put(list, severity, file, pointer, rule, message);
    return false;
}
