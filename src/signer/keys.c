// SPDX-License-Identifier: Apache-2.0
#include "signer/keys.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/uuid.h"
#include "pki/ossl.h"
#include <arpa/inet.h>
#include <errno.h>
#include <sys/stat.h>

enum { ROOT_YEARS = 20, ISSUING_YEARS = 10, TLS_DAYS = 825, MAX_KEY_FILE = 16 << 10 };

const struct token_policy keyring_job_policy = {
	.alg = "ES256", .rotate_days = 365, .publish_s = 30 * 86400};

static char *
in_dir(struct arena *arena, const char *dir, const char *name)
{
	return arena_printf(arena, "%s/%s", dir, name);
}

static bool
save_key(struct arena *arena, const char *dir, const char *name, const EVP_PKEY *key,
	struct error *e)
{
	struct slice pem;

	return key_save_pem(arena, key, &pem, e) &&
		fs_write(in_dir(arena, dir, name), pem, 0600, e);
}

static bool
save_cert(struct arena *arena, const char *dir, const char *name, const X509 *cert, struct error *e)
{
	struct slice pem;

	return cert_pem(arena, cert, &pem, e) && fs_write(in_dir(arena, dir, name), pem, 0644, e);
}

// Issue a CA certificate for `key`, self-signed when `issuer` is NULL.
static bool
make_ca(struct arena *arena, enum cert_profile profile, const char *name, EVP_PKEY *key,
	const struct cert_issuer *issuer, time_us now, int years, X509 **out, struct error *e)
{
	struct cert_template template = {
		.profile = profile,
		.common_name = name,
		.not_before = now - US_PER_DAY,
		.not_after = now + years * 365 * US_PER_DAY,
	};
	struct slice der;
	struct cert_issuer self = {.key = key};

	random_bytes(template.serial, sizeof template.serial);
	return key_spki(arena, key, &template.spki, e) &&
		cert_issue(arena, &template, issuer ? issuer : &self, &der, e) &&
		cert_load(der, out, e);
}

bool
keyring_create(const char *dir, const char *organization, const struct token_policy *policy,
	time_us now, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	autopkey *root_key = NULL, *issuing_key = NULL;
	autox509 *root = NULL, *issuing = NULL;
	char *root_name = arena_printf(&arena, "%.40s Root CA", organization);
	char *issuing_name = arena_printf(&arena, "%.40s Issuing CA", organization);

	if (fs_exists(in_dir(&arena, dir, "issuing.key")))
		return error_set(e, ERR_CONFLICT, "%s holds keys already", dir);
	if (!fs_mkdirs(dir, 0700, e) || !key_generate(KEY_P256, &root_key, e) ||
		!key_generate(KEY_P256, &issuing_key, e) ||
		!make_ca(
			&arena, CERT_ROOT_CA, root_name, root_key, NULL, now, ROOT_YEARS, &root, e))
		return false;
	struct cert_issuer issuer = {.cert = root, .key = root_key};
	// issuing.key comes last: its presence says that the keyring is complete.
	return make_ca(&arena, CERT_ISSUING_CA, issuing_name, issuing_key, &issuer, now,
		       ISSUING_YEARS, &issuing, e) &&
		save_key(&arena, dir, "root.key", root_key, e) &&
		save_cert(&arena, dir, "root.pem", root, e) &&
		save_cert(&arena, dir, "issuing.pem", issuing, e) &&
		(token_ring_create(dir, policy, now, e) || e->code == ERR_CONFLICT) &&
		save_key(&arena, dir, "issuing.key", issuing_key, e);
}

bool
keyring_load_key(
	struct arena *arena, const char *dir, const char *name, EVP_PKEY **out, struct error *e)
{
	struct slice pem;
	struct stat st;
	char *path = in_dir(arena, dir, name);

	if (stat(path, &st) == 0 && (st.st_mode & 077)) {
		error_set(e, ERR_DENIED, "%s can be read by others", path);
		return error_hint(e, "chmod 600 %s", path);
	}
	return fs_read(arena, path, MAX_KEY_FILE, &pem, e) && key_load_pem(pem, out, e);
}

char *
keyring_job_dir(struct arena *arena, const char *dir)
{
	return in_dir(arena, dir, "jobs");
}

// A folder of an older version has none yet.
static bool
open_jobs(
	struct arena *arena, const char *dir, time_us now, struct token_ring **out, struct error *e)
{
	const char *jobs = keyring_job_dir(arena, dir);

	return fs_mkdirs(jobs, 0700, e) &&
		(token_ring_create(jobs, &keyring_job_policy, now, e) || e->code == ERR_CONFLICT) &&
		token_ring_open(jobs, now, out, e);
}

static bool
load_cert(struct arena *arena, const char *dir, const char *name, X509 **out, const char **pem_out,
	struct error *e)
{
	struct slice pem;

	if (!fs_read(arena, in_dir(arena, dir, name), MAX_KEY_FILE, &pem, e) ||
		!cert_load_pem(pem, out, e))
		return false;
	*pem_out = (const char *)pem.data;
	return true;
}

bool
keyring_open(
	struct arena *arena, const char *dir, time_us now, struct keyring *out, struct error *e)
{
	struct keyring keys = {0};

	if (!load_cert(arena, dir, "root.pem", &keys.root, &keys.root_pem, e) ||
		!load_cert(arena, dir, "issuing.pem", &keys.issuing, &keys.issuing_pem, e) ||
		!keyring_load_key(arena, dir, "issuing.key", &keys.issuing_key, e) ||
		!token_ring_open(dir, now, &keys.tokens, e) ||
		!open_jobs(arena, dir, now, &keys.jobs, e)) {
		keyring_close(&keys);
		return false;
	}
	*out = keys;
	return true;
}

void
keyring_close(struct keyring *keys)
{
	X509_free(keys->root);
	X509_free(keys->issuing);
	EVP_PKEY_free(keys->issuing_key);
	token_ring_close(keys->tokens);
	token_ring_close(keys->jobs);
	*keys = (struct keyring){0};
}

static void
sort_names(struct arena *arena, const char *const *names, const char ***dns, const char ***ips)
{
	size_t count = 0, d = 0, i = 0;
	unsigned char address[16];

	while (names[count])
		count++;
	*dns = arena_array(arena, count + 1, sizeof **dns);
	*ips = arena_array(arena, count + 1, sizeof **ips);
	for (size_t n = 0; n < count; n++)
		if (inet_pton(AF_INET, names[n], address) == 1 ||
			inet_pton(AF_INET6, names[n], address) == 1)
			(*ips)[i++] = names[n];
		else
			(*dns)[d++] = names[n];
}

bool
keyring_issue_tls(const struct keyring *keys, const char *out_dir, const char *const *names,
	time_us now, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	autopkey *key = NULL;
	autox509 *cert = NULL;
	struct slice der, pem;
	const char **dns, **ips;
	struct buf chain;

	sort_names(&arena, names, &dns, &ips);
	struct cert_template template = {
		.profile = CERT_TLS_SERVER,
		.common_name = names[0],
		.not_before = now - US_PER_DAY,
		.not_after = now + TLS_DAYS * US_PER_DAY,
		.dns_names = dns,
		.ip_names = ips,
	};
	struct cert_issuer issuer = {.cert = keys->issuing, .key = keys->issuing_key};
	random_bytes(template.serial, sizeof template.serial);
	if (!fs_mkdirs(out_dir, 0755, e) || !key_generate(KEY_P256, &key, e) ||
		!key_spki(&arena, key, &template.spki, e) ||
		!cert_issue(&arena, &template, &issuer, &der, e) || !cert_load(der, &cert, e) ||
		!cert_pem(&arena, cert, &pem, e))
		return false;
	buf_init(&chain, &arena, 64 << 10);
	buf_put(&chain, pem.data, pem.len);
	buf_puts(&chain, keys->issuing_pem);
	return buf_ok(&chain, e) && save_key(&arena, out_dir, "tls.key", key, e) &&
		fs_write(in_dir(&arena, out_dir, "tls.pem"), buf_slice(&chain), 0644, e);
}
