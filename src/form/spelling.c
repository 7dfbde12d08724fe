#include "form/spelling.h"

#include <stdlib.h>
#include <string.h>

#include "base/fold.h"

static int by_folded(const void *a, const void *b)
{
    return strcmp(((const struct spelling *)a)->folded, ((const struct spelling *)b)->folded);
}

/* In the template's arena; NULL with the node's error where nothing is left to go by. */
static const char *fold(const struct node *n, const char *text)
{
    struct buf folded = {0};
    const char *kept = NULL;

    fold_add(&folded, text);
    buf_add(&folded, "", 1);
    if (folded.failed)
        error_memory(n->err);
    else if (!*folded.data)
        node_fail(n, "template-type", "a spelling has letters or digits");
    else if (!(kept = arena_copy(n->arena, folded.data, folded.length - 1)))
        error_memory(n->err);
    buf_free(&folded);
    return kept;
}

static bool add(struct spellings *s, const struct node *n, const char *spelling, const char *text)
{
    struct spelling *one = &s->list[s->count];

    one->folded = fold(n, spelling);
    one->text = text;
    s->count++;
    return one->folded != NULL;
}

static bool count_all(struct spellings *s, const struct node *n, size_t *all)
{
    const char *text;
    json_t *list;

    *all = 0;
    if (!json_is_object(n->json))
        return node_fail(n, "template-type", "an object of lists is needed here: {\"CODE\": [\"Name\", ...]}");
    json_object_foreach((json_t *)n->json, text, list)
    {
        *all += json_array_size(list) + 1;
        s->text_count++;
    }
    return true;
}

/* The same spelling twice for one text is one. */
static bool sort(struct spellings *s, const struct node *n)
{
    size_t kept = 0;

    qsort(s->list, s->count, sizeof *s->list, by_folded);
    for (size_t i = 0; i < s->count; i++) {
        if (kept > 0 && !by_folded(&s->list[kept - 1], &s->list[i])) {
            if (s->list[kept - 1].text != s->list[i].text)
                return node_fail(n, "template-type", "two texts have a spelling in common");
            continue;
        }
        s->list[kept++] = s->list[i];
    }
    s->count = kept;
    return true;
}

static bool load_text(struct spellings *s, const struct node *n, const char *text)
{
    struct node list = node_get(n, text);
    const char *kept = arena_copy(n->arena, text, strlen(text)), *spelling = NULL;
    size_t count;

    if (!kept)
        return error_memory(n->err);
    s->texts[s->text_count++] = kept;
    if (!node_array(&list, &count) || !add(s, &list, kept, kept))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct node one = node_at(&list, i);

        if (!node_string(&one, &spelling) || !add(s, &one, spelling, kept))
            return false;
    }
    return true;
}

bool spellings_load(struct spellings *s, const struct node *n)
{
    const char *text;
    json_t *list;
    size_t all;

    if (!count_all(s, n, &all))
        return false;
    s->texts = arena_array(n->arena, s->text_count + 1, sizeof *s->texts);
    s->list = arena_array(n->arena, all + 1, sizeof *s->list);
    if (!s->texts || !s->list)
        return error_memory(n->err);
    s->text_count = 0;
    json_object_foreach((json_t *)n->json, text, list) if (!load_text(s, n, text)) return false;
    return sort(s, n);
}

const char *spellings_read(const struct spellings *s, const char *text, bool *failed)
{
    struct spelling wanted = {.text = NULL};
    const struct spelling *found;
    struct buf folded = {0};

    for (size_t i = 0; i < s->text_count; i++) /* mostly one of the first */
        if (!strcmp(s->texts[i], text))
            return s->texts[i];
    fold_add(&folded, text);
    buf_add(&folded, "", 1);
    wanted.folded = folded.data;
    *failed |= folded.failed;
    found = folded.failed ? NULL : bsearch(&wanted, s->list, s->count, sizeof *s->list, by_folded);
    buf_free(&folded);
    return found ? found->text : text;
}
