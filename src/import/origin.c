#include "import/origin.h"

#include "import/source.h"

void origins_tell(struct origins *o, const struct row *row, uint32_t column, const struct row *other, const char *rule, const char *message,
                  bool warning)
{
    const struct origin *origin = &o->list[row->source];
    struct tc_import_finding finding = {.file = origin->path,
                                        .line = row->line,
                                        .column = column,
                                        .other_line = other ? other->line : 0,
                                        .other_file = other && other->source != row->source ? o->list[other->source].path : NULL,
                                        .name = source_name(origin->as, origin->titles, column),
                                        .rule = rule,
                                        .message = message,
                                        .warning = warning};

    if (warning)
        o->warnings++;
    else
        o->findings++;
    if (o->options->on_finding)
        o->options->on_finding(o->options->ctx, &finding);
}

void origins_refuse(struct origins *o, struct row *row, uint32_t column, const struct row *other, const char *rule, const char *message)
{
    origins_tell(o, row, column, other, rule, message, false);
    o->list[row->source].account.taken -= !row->refused;
    row->refused = true;
}
