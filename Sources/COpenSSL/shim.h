#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/bn.h>
#include <openssl/ec.h>

/* TLSChannel and CertificateAuthority: macros of libssl and libcrypto that Swift cannot import. */

static const uint64_t COpenSSL_SSL_OP_NO_TICKET = SSL_OP_NO_TICKET;
static const uint64_t COpenSSL_SSL_OP_NO_RENEGOTIATION = SSL_OP_NO_RENEGOTIATION;
static const uint64_t COpenSSL_SSL_OP_NO_COMPRESSION = SSL_OP_NO_COMPRESSION;
static const int COpenSSL_MBSTRING_UTF8 = MBSTRING_UTF8;
static const unsigned long COpenSSL_XN_FLAG_RFC2253 = XN_FLAG_RFC2253;

static inline long COpenSSL_SSL_CTX_set_min_proto_version(SSL_CTX *ctx, int version) {
    return SSL_CTX_set_min_proto_version(ctx, version);
}
static inline long COpenSSL_SSL_CTX_set_mode(SSL_CTX *ctx, long mode) {
    return SSL_CTX_set_mode(ctx, mode);
}
static inline long COpenSSL_SSL_CTX_set_read_ahead(SSL_CTX *ctx, long yes) {
    return SSL_CTX_set_read_ahead(ctx, yes);
}
static inline long COpenSSL_SSL_CTX_set_session_cache_mode(SSL_CTX *ctx, long mode) {
    return SSL_CTX_set_session_cache_mode(ctx, mode);
}
static inline long COpenSSL_SSL_CTX_set1_groups_list(SSL_CTX *ctx, const char *list) {
    return SSL_CTX_set1_groups_list(ctx, (char *)list);
}
static inline long COpenSSL_SSL_CTX_set1_sigalgs_list(SSL_CTX *ctx, const char *list) {
    return SSL_CTX_set1_sigalgs_list(ctx, (char *)list);
}
static inline long COpenSSL_SSL_set_tlsext_host_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, (char *)name);
}

/* CardSecurity: macros, and what is variadic in C. */

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <string.h>

/* SHA-256 and HMAC-SHA-256 by libcrypto's plain functions: their state is a structure of the caller's,
   which EVP's contexts keep in the ordinary heap, with a copy of an HMAC's key (ARCHITECTURE.md, D-083).
   They fail for no reason and allocate nothing. */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* 32 bytes: the digest of two runs of bytes, one after the other. */
static inline void COpenSSL_sha256(
    unsigned char *digest, const void *first, size_t first_count, const void *second, size_t second_count) {
    SHA256_CTX state;
    SHA256_Init(&state);
    if (first_count > 0) SHA256_Update(&state, first, first_count);
    if (second_count > 0) SHA256_Update(&state, second, second_count);
    SHA256_Final(digest, &state);
}

/* What an HMAC has absorbed of its key: as good as the key. */
typedef struct {
    SHA256_CTX inner, outer;
} COpenSSL_hmac_key;

static inline void COpenSSL_hmac_absorb(COpenSSL_hmac_key *target, const void *key, size_t count) {
    unsigned char block[SHA256_CBLOCK] = {0};
    if (count > sizeof block) {
        SHA256_Init(&target->inner);
        SHA256_Update(&target->inner, key, count);
        SHA256_Final(block, &target->inner);
    } else if (count > 0) {
        memcpy(block, key, count);
    }
    for (size_t index = 0; index < sizeof block; index++) block[index] ^= 0x36;
    SHA256_Init(&target->inner);
    SHA256_Update(&target->inner, block, sizeof block);
    for (size_t index = 0; index < sizeof block; index++) block[index] ^= 0x36 ^ 0x5c;
    SHA256_Init(&target->outer);
    SHA256_Update(&target->outer, block, sizeof block);
    OPENSSL_cleanse(block, sizeof block);
}

/* 32 bytes: the code of a message. The states are wiped; what libcrypto's code spills is its own. */
static inline void COpenSSL_hmac(
    const COpenSSL_hmac_key *key, unsigned char *code, const void *message, size_t count) {
    SHA256_CTX state = key->inner;
    unsigned char inner[SHA256_DIGEST_LENGTH];
    SHA256_Update(&state, message, count);
    SHA256_Final(inner, &state);
    state = key->outer;
    SHA256_Update(&state, inner, sizeof inner);
    SHA256_Final(code, &state);
    OPENSSL_cleanse(&state, sizeof state);
    OPENSSL_cleanse(inner, sizeof inner);
}

#pragma GCC diagnostic pop

/* prctl is variadic in the C library, which Swift cannot call: no core file, no attaching debugger. */

#include <sys/prctl.h>

static inline int COpenSSL_process_set_undumpable(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
static inline int COpenSSL_process_is_dumpable(void) {
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}
#endif
