/* A file's blocks in order. Of a file longer than one, the next ones are read by a thread while one is looked at. */
#ifndef READ_BLOCKS_H
#define READ_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

struct blocks;

/* size: bytes of a block at most. bytes, which may run in that thread, gets every block of the file once, in order. NULL when
 * memory ran out. */
struct blocks *blocks_open(int fd, size_t size, void (*bytes)(void *ctx, const void *data, size_t length), void *ctx);
/* The next block, borrowed until the next call, with room for one byte behind it: its length, 0 at the end of the file, or -1
 * with errno. */
long blocks_next(struct blocks *b, unsigned char **block);
/* Also before the end. bytes is not called afterwards. */
void blocks_close(struct blocks *b);

#endif
