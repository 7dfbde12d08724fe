#include "base/pool.h"

#include <pthread.h>
#include <stdlib.h>

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t filled, freed;
    const struct pool_calls *calls;
    void **batches;
    bool *ready; /* by place in batches */
    size_t items, batch_size, batch_count, total; /* total: batches there are */
    size_t taken, consumed;
    bool stop;
};

struct pool_worker {
    struct pool *pool;
    int number;
    pthread_t thread;
};

static size_t count_of(const struct pool *p, size_t batch)
{
    size_t rest = p->items - batch * p->batch_size;

    return rest < p->batch_size ? rest : p->batch_size;
}

static void *work(void *ctx)
{
    struct pool_worker *w = ctx;
    struct pool *p = w->pool;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        size_t batch, place;

        while (!p->stop && p->taken < p->total && p->taken >= p->consumed + p->batch_count)
            pthread_cond_wait(&p->freed, &p->lock);
        if (p->stop || p->taken == p->total)
            break;
        batch = p->taken++;
        place = batch % p->batch_count;
        pthread_mutex_unlock(&p->lock);
        p->calls->work(p->calls->ctx, w->number, p->batches[place], batch * p->batch_size, count_of(p, batch));
        pthread_mutex_lock(&p->lock);
        p->ready[place] = true;
        pthread_cond_signal(&p->filled);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static bool consume_all(struct pool *p)
{
    bool ok = true;

    while (ok && p->consumed < p->total) {
        size_t place = p->consumed % p->batch_count;

        pthread_mutex_lock(&p->lock);
        while (!p->ready[place])
            pthread_cond_wait(&p->filled, &p->lock);
        pthread_mutex_unlock(&p->lock);
        ok = p->calls->consume(p->calls->ctx, p->batches[place]);
        pthread_mutex_lock(&p->lock);
        p->ready[place] = false;
        p->consumed++;
        p->stop = !ok;
        pthread_cond_broadcast(&p->freed);
        pthread_mutex_unlock(&p->lock);
    }
    return ok;
}

bool pool_run(size_t items, size_t batch_size, int jobs, void **batches, size_t batch_count, const struct pool_calls *calls,
              struct tc_error *err)
{
    struct pool p = {.calls = calls, .batches = batches, .items = items, .batch_size = batch_size, .batch_count = batch_count};
    struct pool_worker *workers = calloc((size_t)jobs, sizeof *workers);
    int started = 0;
    bool ok = false;

    p.total = (items + batch_size - 1) / batch_size;
    p.ready = calloc(batch_count, sizeof *p.ready);
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.filled, NULL);
    pthread_cond_init(&p.freed, NULL);
    while (workers && p.ready && started < jobs) {
        workers[started] = (struct pool_worker){.pool = &p, .number = started};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0)
            break;
        started++;
    }
    if (!workers || !p.ready)
        error_memory(err);
    else if (started == 0)
        error_set(err, TC_IO, NULL, NULL, "threads", "no thread could be started");
    else
        ok = consume_all(&p);
    for (int i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    pthread_cond_destroy(&p.freed);
    pthread_cond_destroy(&p.filled);
    pthread_mutex_destroy(&p.lock);
    free(p.ready);
    free(workers);
    return ok;
}
