#include "base/sign.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include <openssl/cms.h> /* behind pem.h: only then it declares its own PEM functions */

#include "base/file.h"

/* A pass phrase is asked for nowhere. */
static int no_phrase(char *room, int size, int writing, void *ctx)
{
    (void)room;
    (void)size;
    (void)writing;
    (void)ctx;
    return -1;
}

/* A new BIO over *data, which is new too. */
static BIO *open_pem(const char *path, char **data, struct tc_error *err)
{
    size_t length;
    BIO *bio = file_read(path, data, &length, err) ? BIO_new_mem_buf(*data, (int)length) : NULL;

    if (!bio && !err->code)
        error_memory(err);
    return bio;
}

static X509 *read_certificate(const char *path, struct tc_error *err)
{
    char *data = NULL;
    BIO *bio = open_pem(path, &data, err);
    X509 *found = bio ? PEM_read_bio_X509(bio, NULL, no_phrase, NULL) : NULL;

    if (bio && !found)
        error_set(err, TC_USAGE, path, NULL, "certificate", "this file must hold a certificate in PEM format");
    BIO_free(bio);
    free(data);
    return found;
}

static EVP_PKEY *read_key(const char *path, struct tc_error *err)
{
    char *data = NULL;
    BIO *bio = open_pem(path, &data, err);
    EVP_PKEY *found = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_phrase, NULL) : NULL;

    if (bio && !found)
        error_set(err, TC_USAGE, path, NULL, "key",
                  "this file must hold a private key in PEM format, without a password, and its certificate");
    BIO_free(bio);
    free(data);
    return found;
}

static bool take_all(BIO *bio, struct buf *out)
{
    char *data;
    long length = BIO_get_mem_data(bio, &data);

    buf_add(out, data, length > 0 ? (size_t)length : 0);
    return length > 0 && !out->failed;
}

bool sign_text(const char *key, const char *text, size_t length, struct buf *pem, struct tc_error *err)
{
    EVP_PKEY *secret = read_key(key, err);
    X509 *certificate = secret ? read_certificate(key, err) : NULL;
    BIO *in = BIO_new_mem_buf(text, (int)length), *out = BIO_new(BIO_s_mem());
    CMS_ContentInfo *cms = certificate && in && out ? CMS_sign(certificate, secret, NULL, in, CMS_BINARY) : NULL;
    bool ok = cms && PEM_write_bio_CMS(out, cms) == 1 && take_all(out, pem);

    if (!ok)
        error_set(err, TC_USAGE, key, NULL, "key", "this key and this certificate cannot sign: do they belong together?");
    ERR_clear_error();
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    BIO_free(out);
    X509_free(certificate);
    EVP_PKEY_free(secret);
    return ok;
}

/* One certificate is trusted, whatever it may be for and whenever. */
static X509_STORE *trust(X509 *certificate)
{
    X509_STORE *store = X509_STORE_new();

    if (store && X509_STORE_add_cert(store, certificate) == 1
        && X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME) == 1
        && X509_STORE_set_purpose(store, X509_PURPOSE_ANY) == 1)
        return store;
    X509_STORE_free(store);
    return NULL;
}

bool sign_check(const char *pub, const char *pem, size_t length, struct buf *text, struct tc_error *err)
{
    X509 *certificate = read_certificate(pub, err);
    X509_STORE *store = certificate ? trust(certificate) : NULL;
    BIO *in = BIO_new_mem_buf(pem, (int)length), *out = BIO_new(BIO_s_mem());
    CMS_ContentInfo *cms = store && in && out ? PEM_read_bio_CMS(in, NULL, no_phrase, NULL) : NULL;
    bool ok = cms && CMS_verify(cms, NULL, store, NULL, out, CMS_BINARY) == 1 && take_all(out, text);

    if (!ok)
        error_set(err, TC_HELD, NULL, NULL, "signature", "the signature was not made by the owner of this certificate");
    ERR_clear_error();
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    BIO_free(out);
    X509_STORE_free(store);
    X509_free(certificate);
    return ok;
}
