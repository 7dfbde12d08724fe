#include "read/blocks.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define ROOM 4 /* blocks: one is looked at, the others are read ahead */

struct blocks {
    int fd;
    size_t size;
    void (*bytes)(void *ctx, const void *data, size_t length);
    void *ctx;
    unsigned char *data;  /* ROOM blocks, each with a byte behind it */
    long lengths[ROOM];   /* by place; the last one is 0 or -1 */
    int code;             /* errno of the -1 */
    size_t filled, given, back; /* blocks read, handed out, and no longer looked at */
    bool threaded, stop;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ready, room;
};

struct blocks *blocks_open(int fd, size_t size, void (*bytes)(void *ctx, const void *data, size_t length), void *ctx)
{
    struct blocks *b = calloc(1, sizeof *b);

    if (!b)
        return NULL;
    *b = (struct blocks){.fd = fd, .size = size, .bytes = bytes, .ctx = ctx, .data = malloc(ROOM * (size + 1))};
    if (!b->data) {
        free(b);
        return NULL;
    }
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->ready, NULL);
    pthread_cond_init(&b->room, NULL);
    return b;
}

static unsigned char *place_of(const struct blocks *b, size_t number)
{
    return b->data + number % ROOM * (b->size + 1);
}

/* The block of this number, into its place. */
static void fill(struct blocks *b, size_t number)
{
    unsigned char *place = place_of(b, number);
    ssize_t n;

    do
        n = read(b->fd, place, b->size);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        b->code = errno;
    if (n > 0)
        b->bytes(b->ctx, place, (size_t)n);
    b->lengths[number % ROOM] = n;
}

/* Up to the end of the file. */
static void *read_ahead(void *ctx)
{
    struct blocks *b = ctx;
    bool more = true;

    pthread_mutex_lock(&b->lock);
    while (more && !b->stop) {
        if (b->filled - b->back == ROOM) {
            pthread_cond_wait(&b->room, &b->lock);
            continue;
        }
        pthread_mutex_unlock(&b->lock);
        fill(b, b->filled); /* no one else changes that */
        pthread_mutex_lock(&b->lock);
        more = b->lengths[b->filled++ % ROOM] > 0;
        pthread_cond_signal(&b->ready);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* With the lock held: the next block is there. A thread pays only where there is more than one. */
static void wait_for(struct blocks *b)
{
    if (b->given == 1 && (size_t)b->lengths[0] == b->size)
        b->threaded = pthread_create(&b->thread, NULL, read_ahead, b) == 0;
    while (b->threaded && b->filled == b->given)
        pthread_cond_wait(&b->ready, &b->lock);
    if (b->filled == b->given)
        fill(b, b->filled++);
}

long blocks_next(struct blocks *b, unsigned char **block)
{
    size_t number = b->given - 1; /* the last one, again and again */

    pthread_mutex_lock(&b->lock);
    b->back = b->given;
    pthread_cond_signal(&b->room);
    if (b->given == 0 || b->lengths[number % ROOM] > 0) {
        wait_for(b);
        number = b->given++;
    }
    pthread_mutex_unlock(&b->lock);
    *block = place_of(b, number);
    if (b->lengths[number % ROOM] < 0)
        errno = b->code;
    return b->lengths[number % ROOM];
}

void blocks_close(struct blocks *b)
{
    if (!b)
        return;
    if (b->threaded) {
        pthread_mutex_lock(&b->lock);
        b->stop = true;
        pthread_cond_signal(&b->room);
        pthread_mutex_unlock(&b->lock);
        pthread_join(b->thread, NULL);
    }
    pthread_cond_destroy(&b->room);
    pthread_cond_destroy(&b->ready);
    pthread_mutex_destroy(&b->lock);
    free(b->data);
    free(b);
}
