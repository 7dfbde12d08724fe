#include "store/proof.h"

void proof_statement(const char *sums, long events, const char *head, struct buf *out)
{
    buf_printf(out, "taxcert seal 1\nSHA256SUMS %s\nevents %ld %s\n", sums, events, head);
}

bool proof_make(const char *sums, long events, const char *head, char seal[HASH_HEX + 1])
{
    unsigned char hash[HASH_SIZE];
    struct buf text = {0};
    bool ok;

    proof_statement(sums, events, head, &text);
    ok = !text.failed;
    if (ok)
        hash_bytes(text.data, text.length, hash);
    buf_free(&text);
    if (ok)
        hash_hex(hash, seal);
    return ok;
}
