#include "base/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

int pool_jobs(int most)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return cores < 1 ? 1 : cores > most ? most : (int)cores;
}

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t filled, freed;
    const struct pool_calls *calls;
    void **batches;
    bool *ready;                                  /* by place in batches */
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

/* With the lock held: whether a batch is left and has a place. */
static bool can_begin(const struct pool *p)
{
    return p->taken < p->total && p->taken < p->consumed + p->batch_count;
}

/* With the lock held, which is given back meanwhile. */
static void do_batch(struct pool *p, int worker)
{
    size_t batch = p->taken++, place = batch % p->batch_count;

    pthread_mutex_unlock(&p->lock);
    p->calls->work(p->calls->ctx, worker, p->batches[place], batch * p->batch_size, count_of(p, batch));
    pthread_mutex_lock(&p->lock);
    p->ready[place] = true;
    pthread_cond_signal(&p->filled);
}

static void *work(void *ctx)
{
    struct pool_worker *w = ctx;
    struct pool *p = w->pool;

    pthread_mutex_lock(&p->lock);
    while (!p->stop && p->taken < p->total) {
        if (can_begin(p))
            do_batch(p, w->number);
        else
            pthread_cond_wait(&p->freed, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* The caller works too where nothing is to be consumed: one thread a core, so that none waits for another. */
static bool consume_all(struct pool *p)
{
    bool ok = true;

    pthread_mutex_lock(&p->lock);
    while (ok && p->consumed < p->total) {
        size_t place = p->consumed % p->batch_count;

        if (p->ready[place]) {
            pthread_mutex_unlock(&p->lock);
            ok = p->calls->consume(p->calls->ctx, p->batches[place]);
            pthread_mutex_lock(&p->lock);
            p->ready[place] = false;
            p->consumed++;
            p->stop = !ok;
            pthread_cond_broadcast(&p->freed);
        } else if (can_begin(p)) {
            do_batch(p, 0);
        } else {
            pthread_cond_wait(&p->filled, &p->lock);
        }
    }
    pthread_mutex_unlock(&p->lock);
    return ok;
}

bool pool_run(size_t items, size_t batch_size, int jobs, void **batches, size_t batch_count, const struct pool_calls *calls,
              struct tc_error *err)
{
    struct pool p = {.calls = calls, .batches = batches, .items = items, .batch_size = batch_size, .batch_count = batch_count};
    struct pool_worker *workers = calloc((size_t)jobs, sizeof *workers);
    int started = 1; /* the caller */
    bool ok = false;

    p.total = (items + batch_size - 1) / batch_size;
    p.ready = calloc(batch_count, sizeof *p.ready);
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.filled, NULL);
    pthread_cond_init(&p.freed, NULL);
    while (workers && p.ready && started < jobs) {
        workers[started] = (struct pool_worker){.pool = &p, .number = started};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0)
            break; /* it goes on with those there are */
        started++;
    }
    if (!workers || !p.ready)
        error_memory(err);
    else
        ok = consume_all(&p);
    for (int i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    pthread_cond_destroy(&p.freed);
    pthread_cond_destroy(&p.filled);
    pthread_mutex_destroy(&p.lock);
    free(p.ready);
    free(workers);
    return ok;
}
