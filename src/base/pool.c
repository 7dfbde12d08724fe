#include "base/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

int pool_jobs(int wanted, int most)
{
    long jobs = wanted > 0 ? wanted : sysconf(_SC_NPROCESSORS_ONLN);

    return jobs < 1 ? 1 : jobs > most ? most : (int)jobs;
}

enum stage { WORK, ORDER, FINISH, WRITE, STORE, CONSUME, STAGES };

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const struct pool_calls *calls;
    void **batches;
    enum stage *waits_for;                        /* by place in batches: the stage that comes next; STAGES: consumed */
    size_t items, batch_size, batch_count, total; /* total: batches there are */
    size_t next[STAGES];                          /* the batch that goes through it next: all begin it in order */
    size_t consumed;
    bool busy[STAGES]; /* a batch is in it: of those that one thread is in at a time */
    bool stop;
};

struct pool_worker {
    struct pool *pool;
    int number; /* 0: the caller */
    pthread_t thread;
};

static bool has_stage(const struct pool *p, enum stage stage)
{
    switch (stage) {
    case ORDER: return p->calls->order != NULL;
    case FINISH: return p->calls->finish != NULL;
    case WRITE: return p->calls->write != NULL;
    case STORE: return p->calls->store != NULL;
    default: return true;
    }
}

/* With the lock held: whether this thread may take the next batch through the stage. */
static bool can_begin(const struct pool *p, const struct pool_worker *w, enum stage stage)
{
    size_t batch = p->next[stage];

    if (batch >= p->total)
        return false;
    if (stage == WORK)
        return batch < p->consumed + p->batch_count;
    if (((stage == ORDER || stage == CONSUME) && w->number != 0) || p->busy[stage])
        return false;
    return p->waits_for[batch % p->batch_count] == stage && batch < p->next[WORK];
}

/* With the lock held. What is nearest to its end comes first: its place is needed. STAGES: nothing can be done now. */
static enum stage choose(const struct pool *p, const struct pool_worker *w)
{
    for (enum stage stage = STAGES; stage-- > WORK;)
        if (can_begin(p, w, stage))
            return stage;
    return STAGES;
}

static bool call(const struct pool *p, int worker, enum stage stage, size_t batch)
{
    const struct pool_calls *c = p->calls;
    void *place = p->batches[batch % p->batch_count];
    size_t first = batch * p->batch_size, rest = p->items - first;

    switch (stage) {
    case WORK: c->work(c->ctx, worker, place, first, rest < p->batch_size ? rest : p->batch_size); break;
    case ORDER: c->order(c->ctx, place); break;
    case FINISH: c->finish(c->ctx, worker, place); break;
    case WRITE: c->write(c->ctx, place); break;
    case STORE: c->store(c->ctx, place); break;
    default: return c->consume(c->ctx, place);
    }
    return true;
}

/* With the lock held, which is given back meanwhile. */
static void pass(struct pool *p, const struct pool_worker *w, enum stage stage)
{
    size_t batch = p->next[stage]++;
    enum stage *waits_for = &p->waits_for[batch % p->batch_count];
    bool ok;

    *waits_for = STAGES; /* for none while it is in one */
    p->busy[stage] = stage == WRITE || stage == STORE;
    pthread_mutex_unlock(&p->lock);
    ok = call(p, w->number, stage, batch);
    pthread_mutex_lock(&p->lock);
    p->busy[stage] = false;
    p->stop |= !ok;
    p->consumed += stage == CONSUME;
    do
        stage++;
    while (stage < STAGES && !has_stage(p, stage));
    *waits_for = stage;
    pthread_cond_broadcast(&p->changed);
}

/* Until all is consumed, or somebody stops. */
static void *work(void *ctx)
{
    const struct pool_worker *w = ctx;
    struct pool *p = w->pool;

    pthread_mutex_lock(&p->lock);
    while (!p->stop && p->consumed < p->total) {
        enum stage stage = choose(p, w);

        if (stage < STAGES)
            pass(p, w, stage);
        else
            pthread_cond_wait(&p->changed, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* The caller works too: one thread a core, so that none waits for another. */
static bool work_all(struct pool *p, struct pool_worker *workers, int jobs)
{
    int started = 1; /* the caller */

    workers[0].pool = p;
    while (started < jobs) {
        workers[started] = (struct pool_worker){.pool = p, .number = started};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0)
            break; /* it goes on with those there are */
        started++;
    }
    work(&workers[0]);
    for (int i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    return !p->stop;
}

bool pool_run(size_t items, size_t batch_size, int jobs, void **batches, size_t batch_count, const struct pool_calls *calls,
              struct tc_error *err)
{
    struct pool p = {.calls = calls, .batches = batches, .items = items, .batch_size = batch_size, .batch_count = batch_count};
    struct pool_worker *workers = calloc((size_t)jobs, sizeof *workers);
    bool ok = false;

    p.total = (items + batch_size - 1) / batch_size;
    p.waits_for = calloc(batch_count, sizeof *p.waits_for);
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.changed, NULL);
    if (!workers || !p.waits_for)
        error_memory(err);
    else
        ok = work_all(&p, workers, jobs);
    pthread_cond_destroy(&p.changed);
    pthread_mutex_destroy(&p.lock);
    free(p.waits_for);
    free(workers);
    return ok;
}
