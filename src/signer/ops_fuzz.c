// SPDX-License-Identifier: Apache-2.0
// Whatever is asked, the answer is one object, and what was signed lives no longer than it may.
#include "base/fs.h"
#include "base/str.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "pki/jwt.h"
#include "pki/ossl.h"
#include "signer/ops.h"
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW (1795000000 * US_PER_S)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[] = "/tmp/ferry-signer-fuzz-XXXXXX";
static struct arena always = {.cap = ARENA_REQUEST};
static struct keyring keys;

static void
remove_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct error ignored;

	for (struct dirent *entry; folder && (entry = readdir(folder));)
		if (*entry->d_name != '.' &&
			!fs_remove(arena_printf(&always, "%s/%s", path, entry->d_name), &ignored))
			continue;
	if (folder)
		closedir(folder);
	rmdir(path);
}

static void
clean_up(void)
{
	keyring_close(&keys);
	remove_folder(arena_printf(&always, "%s/jobs", dir));
	remove_folder(dir);
	arena_finish(&always);
}

static void
begin_once(void)
{
	static const struct token_policy policy = {.rotate_days = 90};
	struct error e;

	if (keys.root)
		return;
	if (!mkdtemp(dir) || !keyring_create(dir, "Contoso", &policy, NOW, &e) ||
		!keyring_open(&always, dir, NOW, &keys, &e) || atexit(clean_up) != 0)
		abort();
}

static void
judge_token(struct arena *arena, const char *token)
{
	const char *body = strchr(token, '.');
	const char *end = body ? strchr(body + 1, '.') : NULL;
	struct slice text;
	struct error e;

	if (!end ||
		!base64url_decode(arena,
			slice_of((const uint8_t *)body + 1, (size_t)(end - body - 1)),
			SIGNER_MESSAGE_MAX, &text, &e))
		abort();
	const struct json *claims = json_parse(arena, text, NULL, &e);
	int64_t until = json_int(claims, "exp", 0);
	if (until <= 0 || until > NOW / US_PER_S + SIGNER_MAX_TOKEN_SECONDS)
		abort();
}

static void
judge_certificate(struct arena *arena, const char *text)
{
	autox509 *cert = NULL;
	struct cert_facts facts;
	struct slice der;
	struct error e;

	if (!base64_decode(arena, slice_str(text), BASE64_STRICT, SIGNER_MESSAGE_MAX, &der, &e) ||
		!cert_load(der, &cert, &e) || !cert_facts(arena, cert, &facts, &e) || facts.is_ca ||
		facts.not_after > NOW + (SIGNER_MAX_CERT_DAYS + 1) * US_PER_DAY)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct buf out;
	struct error e;

	begin_once();
	buf_init(&out, &arena, SIGNER_MESSAGE_MAX);
	signer_answer(&arena, &keys, NOW, slice_of(data, size), &out);
	const struct json *answer =
		buf_ok(&out, &e) ? json_parse(&arena, buf_slice(&out), NULL, &e) : NULL;
	if (!answer || answer->type != JSON_OBJECT || strstr(buf_text(&out), "PRIVATE"))
		abort();
	const char *token = json_str(answer, "token"), *cert = json_str(answer, "certificate");
	if (token)
		judge_token(&arena, token);
	if (cert)
		judge_certificate(&arena, cert);
	return 0;
}
