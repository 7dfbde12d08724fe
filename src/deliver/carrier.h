/* What stands on libqpdf, libcurl and libidn2. Those bring forty more libraries, so it is a module of its own beside the library
 * (libtaxcert/carrier.so), loaded by the commands that encrypt or send: every other start is 7 ms shorter. */
#ifndef DELIVER_CARRIER_H
#define DELIVER_CARRIER_H

#include "deliver/carrier/encrypt.h"
#include "deliver/carrier/mailbox.h"
#include "deliver/carrier/smtp.h"

/* All that the module gives out: its functions, as their headers have them. */
struct carrier {
    const char *build; /* CARRIER_BUILD; stays the first, whatever else changes */
    __typeof__(encrypt_copy) *encrypt_copy;
    __typeof__(encrypt_prove) *encrypt_prove;
    __typeof__(encrypt_is_closed) *encrypt_is_closed;
    __typeof__(mailbox_write) *mailbox_write;
    __typeof__(smtp_open) *smtp_open;
    __typeof__(smtp_close) *smtp_close;
    __typeof__(smtp_send) *smtp_send;
};

#define CARRIER_NAME "carrier_table" /* the module's symbol */
/* The module belongs to the libraries that were built with the same headers: CARRIER_HEADERS is their hash (CMakeLists.txt). */
#define CARRIER_BUILD TC_VERSION " " CARRIER_HEADERS
extern const struct carrier carrier_table __attribute__((visibility("default")));

/* The module, which stays loaded. NULL with err where it is missing, not whole, another build's, lacks a library, or where somebody could have
 * written it who could not have written this library. */
const struct carrier *carrier_load(struct tc_error *err);

#endif
