#include "deliver/carrier.h"

const struct carrier carrier_table = {
    .build = CARRIER_BUILD,
    .encrypt_copy = encrypt_copy,
    .encrypt_prove = encrypt_prove,
    .encrypt_is_closed = encrypt_is_closed,
    .mailbox_write = mailbox_write,
    .smtp_open = smtp_open,
    .smtp_close = smtp_close,
    .smtp_send = smtp_send,
};
