#include "base/finding.h"

void findings_start(struct findings *list, struct arena *arena)
{
    *list = (struct findings){.arena = arena};
    list->last = &list->first;
}

bool findings_add(struct findings *list, enum severity severity, enum input_file file, const char *pointer,
                  const char *rule, const char *message)
{
    struct finding *f = arena_alloc(list->arena, sizeof *f);

    if (severity == SEVERITY_ERROR)
        list->errors++;
    else
        list->warnings++;
    if (!f)
        return false;
    *f = (struct finding){.severity = severity, .file = file, .pointer = pointer ? pointer : "", .rule = rule,
                          .message = message};
    *list->last = f;
    list->last = &f->next;
    return false;
}
