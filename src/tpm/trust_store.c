// SPDX-License-Identifier: Apache-2.0
#include "tpm/trust_store.h"

#include "base/arena.h"
#include "base/fs.h"
#include "base/str.h"
#include "codec/base64.h"
#include "pki/ossl.h"
#include "tpm/soft.h"
#include <openssl/err.h>
#include <stdlib.h>

enum { ROOTS_MAX = 256, INTERMEDIATES_MAX = 2048, IDS_MAX = 8, LIST_MAX = 256, WORDS_MAX = 12 };
enum { MANIFEST_BYTES = 256 * 1024, PEM_BYTES = 8 * 1024 * 1024, CHAIN_MAX = 8 };

// tpmManufacturer of libtpms, which swtpm emulates: an IBM id in the SAN (tpm-and-hardware.md
// "vTPM").
#define SWTPM_MANUFACTURER 0x00001014u

// What proves nothing about a machine is never hardware.
static bool
is_emulator(uint64_t manufacturer)
{
	return manufacturer == SWTPM_MANUFACTURER || manufacturer == TPM_SOFT_MANUFACTURER;
}

struct root_rule {
	uint8_t sha256[SHA256_LEN];
	uint32_t ids[IDS_MAX];
	size_t id_count;
	bool found;
};

struct firmware_rule {
	uint32_t manufacturer;
	uint64_t first, last;
};

struct tpm_trust_store {
	char *name;
	X509_STORE *anchors;
	struct cert_pool intermediates;
	struct root_rule roots[ROOTS_MAX];
	size_t root_count;
	uint8_t revoked[LIST_MAX][SHA256_LEN];
	size_t revoked_count;
	struct firmware_rule firmware[LIST_MAX];
	size_t firmware_count;
};

void
tpm_trust_store_free(struct tpm_trust_store *store)
{
	if (!store)
		return;
	X509_STORE_free(store->anchors);
	cert_pool_finish(&store->intermediates);
	free(store->name);
	free(store);
}

// Exactly `digits` hexadecimal digits.
static bool
parse_hex(const char *text, size_t digits, uint64_t *out)
{
	char *end;

	if (strlen(text) != digits || strspn(text, "0123456789abcdefABCDEF") != digits)
		return false;
	*out = strtoull(text, &end, 16);
	return true;
}

static bool
parse_digest(const char *text, uint8_t out[SHA256_LEN])
{
	autoarena(scratch, ARENA_SMALL);
	struct slice bytes;
	struct error e;

	if (strlen(text) != 2 * SHA256_LEN || !hex_decode(&scratch, text, &bytes, &e))
		return false;
	memcpy(out, bytes.data, SHA256_LEN);
	return true;
}

static bool
add_root(struct tpm_trust_store *store, char *const *words, size_t count)
{
	struct root_rule *rule = &store->roots[store->root_count];
	bool hardware = str_eq(store->name, "hardware");
	uint64_t id;

	if (count < 3 || count > 2 + IDS_MAX || store->root_count == ROOTS_MAX ||
		!parse_digest(words[1], rule->sha256))
		return false;
	for (size_t i = 2; i < count; i++) {
		if (!parse_hex(words[i], 8, &id) || (hardware && is_emulator(id)))
			return false;
		rule->ids[rule->id_count++] = (uint32_t)id;
	}
	store->root_count++;
	return true;
}

static bool
add_revoked(struct tpm_trust_store *store, char *const *words, size_t count)
{
	if (count != 2 || store->revoked_count == LIST_MAX ||
		!parse_digest(words[1], store->revoked[store->revoked_count]))
		return false;
	store->revoked_count++;
	return true;
}

static bool
add_firmware(struct tpm_trust_store *store, char *const *words, size_t count)
{
	struct firmware_rule rule;
	uint64_t id;

	if (count != 4 || store->firmware_count == LIST_MAX || !parse_hex(words[1], 8, &id) ||
		!parse_hex(words[2], 16, &rule.first) || !parse_hex(words[3], 16, &rule.last) ||
		rule.first > rule.last)
		return false;
	rule.manufacturer = (uint32_t)id;
	store->firmware[store->firmware_count++] = rule;
	return true;
}

static bool
add_statement(struct tpm_trust_store *store, char *const *words, size_t count, bool *named)
{
	if (str_eq(words[0], "store")) {
		bool first = !*named;
		*named = true;
		return first && count == 2 && str_eq(words[1], store->name);
	}
	if (str_eq(words[0], "root"))
		return add_root(store, words, count);
	if (str_eq(words[0], "revoked"))
		return add_revoked(store, words, count);
	return str_eq(words[0], "firmware") && add_firmware(store, words, count);
}

static size_t
split_words(char *line, char *words[WORDS_MAX])
{
	size_t count = 0;
	char *rest = line, *word;

	line[strcspn(line, "#")] = '\0';
	while ((word = strsep(&rest, " \t\r")))
		if (*word && count < WORDS_MAX)
			words[count++] = word;
	return count;
}

static bool
read_manifest(struct tpm_trust_store *store, struct slice text, struct error *e)
{
	autoarena(scratch, ARENA_SMALL);
	char *rest, *line, *words[WORDS_MAX];
	bool named = false;
	int number = 0;

	if (text.len > MANIFEST_BYTES || !utf8_valid(text))
		return error_set(e, ERR_INVALID, "trust store manifest: not a short UTF-8 text");
	rest = arena_strndup(&scratch, (const char *)text.data, text.len);
	while ((line = strsep(&rest, "\n"))) {
		size_t count = split_words(line, words);
		number++;
		if (count && !add_statement(store, words, count, &named))
			return error_set(e, ERR_INVALID,
				"trust store manifest of \"%s\": line %d is not acceptable",
				store->name, number);
	}
	if (!named || store->root_count == 0)
		return error_set(e, ERR_INVALID, "trust store manifest: no %s statement",
			named ? "root" : "store");
	return true;
}

static bool
digest_of(const X509 *cert, uint8_t out[SHA256_LEN])
{
	unsigned int len = 0;

	return X509_digest(cert, EVP_sha256(), out, &len) == 1 && len == SHA256_LEN;
}

static struct root_rule *
rule_of(const struct tpm_trust_store *store, const X509 *cert)
{
	uint8_t digest[SHA256_LEN];

	if (!digest_of(cert, digest))
		return NULL;
	for (size_t i = 0; i < store->root_count; i++)
		if (memcmp(store->roots[i].sha256, digest, sizeof digest) == 0)
			return (struct root_rule *)&store->roots[i];
	return NULL;
}

static bool
read_roots(struct tpm_trust_store *store, struct slice pem, struct error *e)
{
	autopool pool = {0};

	if (!cert_pool_add_pem(&pool, pem, ROOTS_MAX, e))
		return error_wrap(e, "roots of trust store \"%s\"", store->name);
	store->anchors = X509_STORE_new();
	if (!store->anchors)
		return error_set(e, ERR_INTERNAL, "out of memory");
	for (int i = 0; i < sk_X509_num(pool.certs); i++) {
		X509 *cert = sk_X509_value(pool.certs, i);
		struct root_rule *rule = rule_of(store, cert);
		if (!rule)
			continue;
		rule->found = true;
		if (X509_STORE_add_cert(store->anchors, cert) != 1)
			return ossl_error(e, ERR_INVALID, "root");
	}
	for (size_t i = 0; i < store->root_count; i++)
		if (!store->roots[i].found)
			return error_set(e, ERR_INVALID,
				"trust store \"%s\": root %zu of its manifest is missing",
				store->name, i + 1);
	// Some anchors of vendors are not self-signed; their time is theirs (see the header).
	X509_STORE_set_flags(store->anchors, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
	X509_STORE_set_depth(store->anchors, CHAIN_MAX);
	return true;
}

bool
tpm_trust_store_parse(const char *name, struct slice manifest, struct slice roots,
	struct slice intermediates, struct tpm_trust_store **out, struct error *e)
{
	CLEANUP(autotrust_p) struct tpm_trust_store *store = calloc(1, sizeof *store);

	if (!store || !(store->name = strdup(name)))
		return error_set(e, ERR_INTERNAL, "out of memory");
	if (!read_manifest(store, manifest, e) || !read_roots(store, roots, e))
		return false;
	if (intermediates.len &&
		!cert_pool_add_pem(&store->intermediates, intermediates, INTERMEDIATES_MAX, e))
		return error_wrap(e, "intermediates of trust store \"%s\"", name);
	*out = store;
	store = NULL;
	return true;
}

bool
tpm_trust_store_load(
	const char *name, const char *folder, struct tpm_trust_store **out, struct error *e)
{
	autoarena(scratch, 4 * (size_t)PEM_BYTES);
	struct slice manifest, roots, intermediates = {0};

	if (!fs_read(&scratch, arena_printf(&scratch, "%s/manifest", folder), MANIFEST_BYTES,
		    &manifest, e) ||
		!fs_read(&scratch, arena_printf(&scratch, "%s/roots.pem", folder), PEM_BYTES,
			&roots, e))
		return error_wrap(e, "trust store \"%s\"", name);
	if (!fs_read(&scratch, arena_printf(&scratch, "%s/intermediates.pem", folder), PEM_BYTES,
		    &intermediates, e) &&
		e->code != ERR_NOT_FOUND)
		return error_wrap(e, "trust store \"%s\"", name);
	return tpm_trust_store_parse(name, manifest, roots, intermediates, out, e);
}

const char *
tpm_trust_store_name(const struct tpm_trust_store *store)
{
	return store->name;
}

size_t
tpm_trust_store_roots(const struct tpm_trust_store *store)
{
	return store->root_count;
}

bool
tpm_trust_store_firmware_denied(
	const struct tpm_trust_store *store, uint32_t manufacturer, uint64_t firmware)
{
	for (size_t i = 0; i < store->firmware_count; i++) {
		const struct firmware_rule *rule = &store->firmware[i];
		if (rule->manufacturer == manufacturer && firmware >= rule->first &&
			firmware <= rule->last)
			return true;
	}
	return false;
}

static bool
check_revoked(const struct tpm_trust_store *store, STACK_OF(X509) * chain, struct error *e)
{
	uint8_t digest[SHA256_LEN];

	for (int i = 0; i < sk_X509_num(chain); i++) {
		if (!digest_of(sk_X509_value(chain, i), digest))
			return ossl_error(e, ERR_CRYPTO, "EK certificate chain");
		for (size_t k = 0; k < store->revoked_count; k++)
			if (memcmp(store->revoked[k], digest, sizeof digest) == 0)
				return error_fault(e, ERR_CRYPTO, "tpm_ek_revoked",
					"a certificate in the chain of the EK certificate is on "
					"the deny list");
	}
	return true;
}

static bool
check_manufacturer(const struct tpm_trust_store *store, STACK_OF(X509) * chain,
	uint32_t manufacturer, struct error *e)
{
	const X509 *anchor = sk_X509_value(chain, sk_X509_num(chain) - 1);
	const struct root_rule *rule = anchor ? rule_of(store, anchor) : NULL;

	for (size_t i = 0; rule && i < rule->id_count; i++)
		if (rule->ids[i] == manufacturer)
			return true;
	return error_fault(e, ERR_CRYPTO, "tpm_ek_untrusted",
		"the root of the EK certificate may not issue for manufacturer %08X", manufacturer);
}

bool
tpm_trust_store_check(
	const struct tpm_trust_store *store, X509 *cert, uint32_t manufacturer, struct error *e)
{
	CLEANUP(autostore_ctx_p) X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	if (!ctx || X509_STORE_CTX_init(ctx, store->anchors, cert, store->intermediates.certs) != 1)
		return ossl_error(e, ERR_INTERNAL, "EK certificate chain");
	if (X509_verify_cert(ctx) != 1) {
		ERR_clear_error();
		return error_fault(e, ERR_CRYPTO, "tpm_ek_untrusted",
			"EK certificate and trust store \"%s\": %s", store->name,
			X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	}
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	return check_revoked(store, chain, e) && check_manufacturer(store, chain, manufacturer, e);
}
