#include "store/flush.h"

static void *work(void *ctx)
{
    struct flush *f = ctx;

    pthread_mutex_lock(&f->mutex);
    while (!f->stop) {
        while (!f->wanted && !f->stop)
            pthread_cond_wait(&f->asked, &f->mutex);
        if (f->stop)
            break;
        f->wanted = false;
        pthread_mutex_unlock(&f->mutex);
        folder_sync(f->folder, &f->err);
        pthread_mutex_lock(&f->mutex);
    }
    pthread_mutex_unlock(&f->mutex);
    return NULL;
}

static void start(struct flush *f)
{
    pthread_mutex_init(&f->mutex, NULL);
    pthread_cond_init(&f->asked, NULL);
    f->running = pthread_create(&f->thread, NULL, work, f) == 0;
}

void flush_ask(struct flush *f)
{
    if (!f->running)
        start(f);
    pthread_mutex_lock(&f->mutex);
    f->wanted = true;
    pthread_cond_signal(&f->asked);
    pthread_mutex_unlock(&f->mutex);
}

bool flush_stop(struct flush *f, struct tc_error *err)
{
    if (f->running) {
        pthread_mutex_lock(&f->mutex);
        f->stop = true;
        pthread_cond_signal(&f->asked);
        pthread_mutex_unlock(&f->mutex);
        pthread_join(f->thread, NULL);
        pthread_cond_destroy(&f->asked);
        pthread_mutex_destroy(&f->mutex);
        f->running = false;
    }
    if (f->err.code && !err->code)
        *err = f->err;
    return !f->err.code;
}
