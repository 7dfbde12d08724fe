#include "deliver/carrier/encrypt.h"

#include <qpdf/qpdf-c.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define OWNER_BYTES 16
#define CLAIM "<pdfaid:"
#define CLAIM_END "</pdfaid:"

/* ---- the copy */

static bool refused(struct tc_error *err, const char *message)
{
    return error_set(err, TC_IO, NULL, NULL, ENCRYPT_REFUSED, "%s", message);
}

static qpdf_data open_pdf(const char *data, size_t length, const char *password, bool *ok)
{
    qpdf_data q = qpdf_init();

    qpdf_silence_errors(q);
    qpdf_set_suppress_warnings(q, QPDF_TRUE);
    qpdf_set_attempt_recovery(q, QPDF_FALSE);
    *ok = (qpdf_read_memory(q, "copy", data, length, password) & QPDF_ERRORS) == 0;
    return q;
}

static bool is_memory(qpdf_data q, qpdf_error error)
{
    return strstr(qpdf_get_error_full_text(q, error), "bad_alloc") != NULL;
}

/* Whether what failed was memory. An error that nobody asks for would be told by the library itself. */
static bool close_pdf(qpdf_data *q)
{
    bool memory = qpdf_has_error(*q) && is_memory(*q, qpdf_get_error(*q));

    qpdf_cleanup(q);
    return memory;
}

/* Takes <pdfaid:...>...</pdfaid:...> and the line's end out of the metadata: the copy is encrypted, and no PDF/A. */
static size_t drop_claims(char *text, size_t length)
{
    char *at, *end;

    while ((at = memmem(text, length, CLAIM, sizeof CLAIM - 1)) != NULL
           && (end = memmem(at, length - (size_t)(at - text), CLAIM_END, sizeof CLAIM_END - 1)) != NULL
           && (end = memchr(end, '>', length - (size_t)(end - text))) != NULL) {
        end += end + 1 < text + length && end[1] == '\n' ? 2 : 1;
        memmove(at, end, length - (size_t)(end - text));
        length -= (size_t)(end - at);
    }
    return length;
}

static bool change_metadata(qpdf_data q)
{
    qpdf_oh stream = qpdf_oh_get_key(q, qpdf_get_root(q), "/Metadata");
    unsigned char *data = NULL;
    QPDF_BOOL filtered;
    size_t length;

    if (!qpdf_oh_is_stream(q, stream) || (qpdf_oh_get_stream_data(q, stream, qpdf_dl_all, &filtered, &data, &length) & QPDF_ERRORS)
        || !data)
        return false;
    length = drop_claims((char *)data, length);
    qpdf_oh_replace_stream_data(q, stream, data, length, qpdf_oh_new_null(q), qpdf_oh_new_null(q));
    free(data);
    return true;
}

static bool make_owner(char owner[2 * OWNER_BYTES + 1])
{
    unsigned char bytes[OWNER_BYTES];
    bool ok = getrandom(bytes, sizeof bytes, 0) == sizeof bytes; /* up to 256 bytes come whole */

    for (int i = 0; i < OWNER_BYTES; i++) {
        owner[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        owner[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    owner[2 * OWNER_BYTES] = '\0';
    explicit_bzero(bytes, sizeof bytes);
    return ok;
}

static bool write_copy(qpdf_data q, const char *password, struct buf *out)
{
    char owner[2 * OWNER_BYTES + 1];
    bool ok = make_owner(owner) && (qpdf_init_write_memory(q) & QPDF_ERRORS) == 0;

    if (ok) {
        qpdf_set_r6_encryption_parameters2(q, password, owner, QPDF_TRUE, QPDF_TRUE, QPDF_TRUE, QPDF_TRUE, QPDF_TRUE, QPDF_TRUE,
                                           qpdf_r3p_full, QPDF_TRUE);
        ok = (qpdf_write(q) & QPDF_ERRORS) == 0;
    }
    explicit_bzero(owner, sizeof owner);
    out->length = 0;
    if (ok)
        buf_add(out, qpdf_get_buffer(q), qpdf_get_buffer_length(q));
    return ok && !out->failed && out->length > 0;
}

bool encrypt_copy(const char *issued, size_t length, const char *password, struct buf *out, struct tc_error *err)
{
    bool ok;
    qpdf_data q = open_pdf(issued, length, "", &ok);

    ok = ok && change_metadata(q) && write_copy(q, password, out);
    if (close_pdf(&q) || out->failed)
        return error_memory(err);
    return (ok || refused(err, "the encrypted copy cannot be made"))
           && encrypt_prove(issued, length, out->data, out->length, password, err);
}

/* ---- the same opened again */

/* memory: whether that was lacking, and nothing is known. */
static bool is_closed(const char *copy, size_t length, bool *memory)
{
    bool ok, closed;
    qpdf_data q = open_pdf(copy, length, "", &ok);
    qpdf_error error = qpdf_has_error(q) ? qpdf_get_error(q) : NULL;

    closed = !ok && error && qpdf_get_error_code(q, error) == qpdf_e_password;
    *memory = error && is_memory(q, error);
    qpdf_cleanup(&q);
    return closed;
}

bool encrypt_is_closed(const char *copy, size_t length)
{
    bool memory;

    return is_closed(copy, length, &memory);
}

/* The stream's bytes, unpacked; new, NULL where there is none. */
static unsigned char *stream_data(qpdf_data q, qpdf_oh stream, size_t *length)
{
    unsigned char *data = NULL;
    QPDF_BOOL filtered;

    *length = 0;
    if (!qpdf_oh_is_stream(q, stream) || (qpdf_oh_get_stream_data(q, stream, qpdf_dl_all, &filtered, &data, length) & QPDF_ERRORS))
        return NULL;
    return data;
}

static qpdf_oh page_content(qpdf_data q, size_t page)
{
    return qpdf_oh_get_key(q, qpdf_get_page_n(q, page), "/Contents");
}

static qpdf_oh attachment(qpdf_data q, size_t unused)
{
    (void)unused;
    qpdf_oh files = qpdf_oh_get_key(q, qpdf_get_root(q), "/AF");
    qpdf_oh file = qpdf_oh_is_array(q, files) ? qpdf_oh_get_array_item(q, files, 0) : qpdf_oh_new_null(q);
    qpdf_oh embedded = qpdf_oh_is_dictionary(q, file) ? qpdf_oh_get_key(q, file, "/EF") : qpdf_oh_new_null(q);

    return qpdf_oh_is_dictionary(q, embedded) ? qpdf_oh_get_key(q, embedded, "/F") : qpdf_oh_new_null(q);
}

static bool same_stream(qpdf_data one, qpdf_data other, qpdf_oh (*find)(qpdf_data q, size_t page), size_t page, bool *unread)
{
    size_t length, other_length;
    unsigned char *data = stream_data(one, find(one, page), &length), *there = stream_data(other, find(other, page), &other_length);
    bool same = data && there && length > 0 && length == other_length && memcmp(data, there, length) == 0;

    *unread = *unread || !data || !there;
    free(data);
    free(there);
    return same;
}

static bool same_pages(qpdf_data one, qpdf_data other, bool *unread)
{
    int count = qpdf_get_num_pages(one);

    for (int i = 0; i < count; i++)
        if (!same_stream(one, other, page_content, (size_t)i, unread))
            return false;
    return count > 0 && count == qpdf_get_num_pages(other);
}

bool encrypt_prove(const char *issued, size_t length, const char *copy, size_t copy_length, const char *password, struct tc_error *err)
{
    bool ok, opened, memory, unread = false;
    qpdf_data q, original;

    if (!is_closed(copy, copy_length, &memory))
        return memory ? error_memory(err) : refused(err, "the copy opens without a password");
    q = open_pdf(copy, copy_length, password, &opened);
    original = open_pdf(issued, length, "", &ok);
    ok = ok && opened && same_pages(q, original, &unread) && same_stream(q, original, attachment, 0, &unread);
    memory = close_pdf(&q);
    memory = close_pdf(&original) || memory;
    if (!ok && memory)
        return error_memory(err);
    if (!ok && unread)
        return refused(err, "the copy cannot be read again: memory is lacking, or it is damaged");
    return ok || refused(err, opened ? "the copy is not the issued certificate" : "the copy does not open with its password");
}
