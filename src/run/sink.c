#include "run/sink.h"

static bool is_of(const struct sink *sink, enum sinks_part part)
{
    return part == SINKS_ALL || sink->beside == (part == SINKS_BESIDE);
}

bool sinks_place(const struct sinks *s, struct summary_line *line, struct tc_error *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < s->count; i++)
        ok = !s->list[i].place || s->list[i].place(s->list[i].ctx, line, err);
    return ok;
}

bool sinks_alone(const struct sinks *s, struct summary_line *line, struct tc_error *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < s->count; i++)
        ok = !s->list[i].alone || s->list[i].alone(s->list[i].ctx, line, err);
    return ok;
}

bool sinks_certificate(const struct sinks *s, enum sinks_part part, struct summary_line *line, struct tc_error *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < s->count; i++)
        ok = !s->list[i].certificate || !is_of(&s->list[i], part) || s->list[i].certificate(s->list[i].ctx, line, err);
    return ok;
}

bool sinks_finding(const struct sinks *s, enum sinks_part part, const struct ledger_finding *finding, struct tc_error *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < s->count; i++)
        ok = !s->list[i].finding || !is_of(&s->list[i], part) || s->list[i].finding(s->list[i].ctx, finding, err);
    return ok;
}

bool sinks_person(const struct sinks *s, const struct ledger_person *person, struct tc_error *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < s->count; i++)
        ok = !s->list[i].person || s->list[i].person(s->list[i].ctx, person, err);
    return ok;
}

bool sinks_correction(const struct sinks *s, const struct ledger_correction *correction, const struct record *before,
                      const struct record *after, struct tc_error *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < s->count; i++)
        ok = !s->list[i].correction || s->list[i].correction(s->list[i].ctx, correction, before, after, err);
    return ok;
}
