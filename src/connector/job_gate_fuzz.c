// SPDX-License-Identifier: Apache-2.0
// Whatever the service says, nothing is done that the signer has not signed for this connector, and
// nothing twice.
#include "base/fs.h"
#include "base/str.h"
#include "connector/job.h"
#include "connector/job_gate.h"
#include "pki/jwt.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include <stdlib.h>
#include <unistd.h>

#define ME "0b7c6a52-4c5a-4b3c-9d3e-999999999999"
#define NOW (1795000100 * US_PER_S)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[] = "/tmp/ferry-gate-fuzz-XXXXXX";
static struct arena always = {.cap = ARENA_REQUEST};
static EVP_PKEY *key;
static const char *kid, *pinned;

static void
clean_up(void)
{
	static const char *const files[] = {"leases.json", "identity.json"};
	struct error ignored;

	for (size_t i = 0; i < 2; i++)
		if (!fs_remove(arena_printf(&always, "%s/%s", dir, files[i]), &ignored))
			continue;
	rmdir(dir);
	EVP_PKEY_free(key);
	arena_finish(&always);
}

static void
begin_once(void)
{
	struct error e;

	if (key)
		return;
	if (!mkdtemp(dir) || atexit(clean_up) != 0 || !key_generate(KEY_P256, &key, &e) ||
		!jwk_thumbprint(&always, key, &kid, &e))
		abort();
	const struct jwk one = {.kid = kid, .key = key};
	const struct jwk_set set = {.keys = &one, .count = 1};
	if (!jwk_set_json(&always, &set, &pinned, &e))
		abort();
}

// The refusals that loop.c knows how to report.
static void
refused_properly(const struct error *e)
{
	if (e->code != ERR_PROTOCOL && e->code != ERR_DENIED && e->code != ERR_INVALID &&
		e->code != ERR_LIMIT)
		abort();
}

// As the service sent it: nobody has signed anything.
static void
as_envelope(struct arena *arena, struct job_gate *gate, struct slice text)
{
	struct job_envelope ids;
	const char *job;
	struct error e;

	job_gate_needs_keys(arena, gate, text);
	if (job_gate_check(arena, gate, text, NOW, &ids, &job, &e))
		abort();
	refused_properly(&e);
	if (!ids.job_id || !ids.lease_id || !ids.device_id)
		abort();
	if (job_gate_learn(
		    arena, gate, arena_strndup(arena, (const char *)text.data, text.len), NOW, &e))
		abort();
}

// As claims that the right key signs: what a compromised service can get signed, or more.
static void
as_job(struct arena *arena, struct job_gate *gate, const char *token)
{
	struct job_envelope ids;
	struct connector_job job;
	const char *text;
	struct error e;
	struct slice envelope = slice_str(arena_printf(arena, "{\"job\":\"%s\"}", token));

	if (!job_gate_check(arena, gate, envelope, NOW, &ids, &text, &e)) {
		refused_properly(&e);
		return;
	}
	if (!job_parse(arena, slice_str(text), &job, &e) && e.code != ERR_PROTOCOL)
		abort();
	if (job_gate_check(arena, gate, envelope, NOW, &ids, &text, &e) ||
		!str_eq(e.fault, "job_replayed"))
		abort();
}

static void
as_keys(struct arena *arena, struct job_gate *gate, const char *token)
{
	struct error e;

	// What was learned must be good for the next start.
	if (!job_gate_learn(arena, gate, token, NOW, &e)) {
		refused_properly(&e);
		return;
	}
	struct connector_identity learned = *gate->identity;
	struct job_gate again;
	if (!job_gate_open(&again, dir, &learned, &e))
		abort();
	job_gate_close(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, 8 * ARENA_REQUEST);
	struct job_gate gate;
	struct error e;
	char *token;

	begin_once();
	struct connector_identity identity = {.connector_id = ME,
		.name = "c",
		.domain = "corp.example.com",
		.certificate = "",
		.key = key,
		.job_keys = pinned};
	if (!fs_remove(arena_printf(&arena, "%s/leases.json", dir), &e) ||
		!job_gate_open(&gate, dir, &identity, &e))
		abort();
	as_envelope(&arena, &gate, slice_of(data, size));
	if (jwt_sign(&arena, key, kid, arena_strndup(&arena, (const char *)data, size), &token,
		    &e)) {
		as_job(&arena, &gate, token);
		as_keys(&arena, &gate, token);
	}
	job_gate_close(&gate);
	return 0;
}
