/* Every page of the sample bank, from struct page: the window of the envelope, and nothing overlaps; marks lie below all else. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define BANK_MARKS (MARK_DRAFT | MARK_DUPLICATE | MARK_CORRECTION)
#include "bank.h"

struct box {
    int left, right, top, bottom; /* hundredths of a millimetre */
    const char *text;
    bool address;
};

/* Ink reaches about 0.73 of the size above the baseline and 0.22 below. */
static struct box box_of(const struct glyphs *glyphs, int x, int y, int size, const char *text, bool address)
{
    int height = size * 2540 / 720; /* the font size in hundredths of a millimetre */

    return (struct box){x, x + font_width(glyphs, size), y - height * 73 / 100, y + height * 22 / 100, text, address};
}

static size_t boxes_of(const struct placed *placed, struct box *boxes)
{
    const struct page *page = &engine.form.page;
    uint32_t choices = page_choices(page, placed);
    size_t count = 0;
    bool there = true;

    for (size_t i = 0; i < page->count; i++) {
        const struct op *op = &page->ops[i];

        if (op->kind == OP_BEGIN)
            there = page_has(page, (size_t)op->element, choices);
        if (!there && op->kind != OP_RULE)
            continue;
        if (op->kind == OP_TEXT)
            boxes[count++] = box_of(&op->glyphs, op->x, op->y, op->size, op->text, false);
        else if (op->kind == OP_SLOT && placed[op->slot].text) {
            const struct placed *p = &placed[op->slot];
            const struct slot *slot = &engine.form.slots[op->slot];

            boxes[count++] = box_of(&p->glyphs, op->moves ? op->x - font_width(&p->glyphs, p->size) : op->x, op->y, p->size, p->text,
                                    slot->kind == SLOT_LINE && slot->stack == 0);
        }
    }
    return count;
}

static bool overlap(const struct box *a, const struct box *b)
{
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/* DIN 5008 form B: the window is y 45-90; the address in its lower 27.3 mm, from x 25, at least 8 pt; nothing else in
 * x 15-110, y 40-95. */
static void check_window(const struct box *box)
{
    const struct box zone = {1500, 10999, 4000, 9500, "", false};

    if (box->address) {
        assert_true(box->left >= 2500 && box->right <= 10500);
        assert_true(box->top >= 6270 && box->bottom <= 9000);
        assert_true(box->bottom - box->top >= 80 * 2540 / 720 * 95 / 100 - 2);
    } else {
        assert_false(overlap(box, &zone));
    }
}

struct span {
    int from, to;
};

static bool meet(struct span a, struct span b)
{
    return a.from < b.to && b.from < a.to;
}

/* How far a mark reaches along x - y, which it runs along, and along x + y: both longer than lengths on the page by the root of 2. */
static void slants_of(const struct op *op, struct span *along, struct span *across)
{
    int height = op->size * 2540 / 720, width = font_width(&op->glyphs, op->size);

    *along = (struct span){op->x - op->y, op->x - op->y + width * 1000 / 707};
    *across = (struct span){op->x + op->y - height * 73 / 100 * 1000 / 707, op->x + op->y + height * 22 / 100 * 1000 / 707};
}

/* All three marks fit on one page side by side, stay out of the window, and are drawn before what they must not hide. */
static void marks(void **state)
{
    const struct page *page = &engine.form.page;
    struct span along[3], across[3];
    size_t count = 0;
    bool drawn = false;

    (void)state;
    for (size_t i = 0; i < page->count; i++) {
        const struct op *op = &page->ops[i];
        struct span x, y;

        drawn |= op->kind != OP_MARK && op->kind != OP_BEGIN;
        if (op->kind != OP_MARK)
            continue;
        assert_false(drawn);
        assert_true(count < 3);
        slants_of(op, &along[count], &across[count]);
        x = (struct span){(across[count].from + along[count].from) / 2, (across[count].to + along[count].to) / 2};
        y = (struct span){(across[count].from - along[count].to) / 2, (across[count].to - along[count].from) / 2};
        assert_true(x.from >= 500 && x.to <= 20500 && y.from >= 500 && y.to <= 29200);
        /* The zone x 15-110, y 40-95 of check_window, looked at from four sides. */
        assert_false(meet(x, (struct span){1500, 11000}) && meet(y, (struct span){4000, 9500})
                     && meet(along[count], (struct span){1500 - 9500, 11000 - 4000})
                     && meet(across[count], (struct span){1500 + 4000, 11000 + 9500}));
        for (size_t k = 0; k < count; k++)
            assert_false(meet(along[k], along[count]) && meet(across[k], across[count]));
        count++;
    }
    assert_int_equal(count, 3);
}

static void check_rules(void)
{
    for (size_t i = 0; i < engine.form.page.count; i++) {
        const struct op *op = &engine.form.page.ops[i];

        if (op->kind == OP_RULE && op->x < 11000)
            assert_true(op->y < 4000 || op->y > 9500);
    }
}

static void pages(void **state)
{
    struct certify_job job = {&engine, input, wages, given, {engine.template, NULL, NULL, 0}, NULL, NULL};
    struct certify_worker worker;
    struct tc_error err = {0};
    struct arena arena = {0};
    struct box *boxes = calloc(engine.form.page.count, sizeof *boxes);

    (void)state;
    assert_true(certify_start(&worker, &engine, &err));
    for (size_t i = 0; i < input_certificates(input); i++) {
        struct certify_result result;
        size_t count;

        assert_true(certify(&job, &worker, i, false, &arena, &result, &err));
        assert_true(result.issued);
        count = boxes_of(worker.placed, boxes);
        for (size_t k = 0; k < count; k++) {
            check_window(&boxes[k]);
            assert_true(boxes[k].left >= 500 && boxes[k].right <= 20000 && boxes[k].bottom <= 29200);
            for (size_t m = 0; m < k; m++)
                if (overlap(&boxes[k], &boxes[m]))
                    fail_msg("%s overlaps %s", boxes[k].text, boxes[m].text);
        }
        arena_reset(&arena);
    }
    check_rules();
    certify_stop(&worker);
    arena_free(&arena);
    free(boxes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(marks), cmocka_unit_test(pages)};

    return cmocka_run_group_tests(tests, load, unload);
}
