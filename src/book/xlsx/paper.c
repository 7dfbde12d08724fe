#include "book/xlsx/paper.h"

#define SCALE_LEAST 71
#define SCALE_UPRIGHT 85 /* a narrow table stands upright, for more rows */
/* Pixels between the margins of A4 at 96 to the inch, less a fifteenth: LibreOffice's columns are so much wider, since it counts
 * parts of pixels. */
#define ACROSS 976
#define UPRIGHT 670

/* As the file says it: a column's characters in the default font. */
static int pixels(const struct table_column *c)
{
    return c->hidden ? 0 : 7 * c->width + 5;
}

static int sum(const struct table_column *columns, size_t count)
{
    int all = 0;

    for (size_t i = 0; i < count; i++)
        all += pixels(&columns[i]);
    return all;
}

/* Fills pages one after the other; false: there are more than have room. */
static bool fill(const struct table_column *columns, size_t count, size_t kept, int scale, struct paper *p)
{
    int room = 100 * ACROSS / scale, before = p->repeated ? sum(columns, kept) : 0, used = 0;
    bool any = false; /* something stands on the page beside what is repeated */

    p->scale = scale;
    p->break_count = 0;
    for (size_t i = 0; i < count; i++) {
        int width = pixels(&columns[i]);

        if (width > 0 && any && (used + width > room || columns[i].page)) {
            if (p->break_count == PAPER_BREAKS_MAX)
                return false;
            p->breaks[p->break_count++] = (int)i;
            used = before;
        }
        used += width;
        any = any || (width > 0 && (!p->repeated || i >= kept));
    }
    return true;
}

void paper_choose(const struct table_column *columns, size_t count, size_t kept, struct paper *paper)
{
    int all = sum(columns, count);
    struct paper larger;

    *paper = (struct paper){.upright = all * SCALE_UPRIGHT <= 100 * UPRIGHT};
    paper->scale = 100 * (paper->upright ? UPRIGHT : ACROSS) / (all > 0 ? all : 1);
    paper->scale = paper->scale > 100 ? 100 : paper->scale;
    if (paper->scale >= SCALE_LEAST)
        return;
    paper->repeated = kept > 0 && 2 * SCALE_LEAST * sum(columns, kept) <= 100 * ACROSS;
    fill(columns, count, kept, SCALE_LEAST, paper);
    larger = *paper;
    /* As large as so many pages allow, which also shares the columns out. */
    while (larger.scale < 100 && fill(columns, count, kept, larger.scale + 1, &larger) && larger.break_count == paper->break_count)
        *paper = larger;
}
