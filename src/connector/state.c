// SPDX-License-Identifier: Apache-2.0
#include "connector/state.h"

#include "base/fs.h"
#include "codec/json.h"
#include "pki/cert.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

enum { MAX_IDENTITY = 64 << 10, MAX_JOB = 512 << 10 };

static char *
path_of(struct arena *arena, const char *dir, const char *name)
{
	return arena_printf(arena, "%s/%s", dir, name);
}

bool
state_claim(const char *dir, int *fd, struct error *e)
{
	if (!fs_mkdirs(dir, 0700, e))
		return false;
	autoclose opened = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (opened < 0)
		return error_errno(e, "%s", dir);
	if (flock(opened, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return error_errno(e, "%s", dir);
		error_fault(e, ERR_CONFLICT, "connector_running",
			"another ferry-connector works with %s", dir);
		return error_hint(e, "Stop it first, or use another state directory.");
	}
	*fd = take_fd(&opened);
	return true;
}

static bool
read_json(struct arena *arena, const char *dir, const char *name, size_t max,
	const struct json **out, struct error *e)
{
	const struct json_limits limits = {.max_bytes = max, .max_depth = 8};
	char *path = path_of(arena, dir, name);
	struct slice text;

	if (!fs_read(arena, path, max, &text, e))
		return false;
	*out = json_parse(arena, text, &limits, e);
	return *out || error_wrap(e, "%s", path);
}

bool
identity_save(const char *dir, const struct connector_identity *identity, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	struct slice key;
	struct buf text;

	if (!fs_mkdirs(dir, 0700, e) || !key_save_pem(&arena, identity->key, &key, e))
		return false;
	buf_init(&text, &arena, MAX_IDENTITY);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "connectorId", identity->connector_id);
	jsonw_str(&w, "name", identity->name);
	jsonw_str(&w, "domain", identity->domain);
	jsonw_str(&w, "certificate", identity->certificate);
	jsonw_str(&w, "jobKeys", identity->job_keys);
	jsonw_int(&w, "jobKeysAt", identity->job_keys_at);
	jsonw_text(&w, "key", key);
	jsonw_end_object(&w);
	bool ok = buf_ok(&text, e) &&
		fs_write(path_of(&arena, dir, "identity.json"), buf_slice(&text), 0600, e);
	secret_wipe((void *)(uintptr_t)key.data, key.len);
	secret_wipe(text.data, text.len);
	return ok;
}

static bool
read_certificate(struct arena *arena, const char *pem, time_us *not_after, struct error *e)
{
	autox509 *cert = NULL;
	struct cert_facts facts;

	if (!cert_load_pem(slice_str(pem), &cert, e) || !cert_facts(arena, cert, &facts, e))
		return false;
	*not_after = facts.not_after;
	return true;
}

bool
identity_load(struct arena *arena, const char *dir, struct connector_identity *out, struct error *e)
{
	struct connector_identity id = {0};
	const struct json *in;
	const char *key;

	if (!read_json(arena, dir, "identity.json", MAX_IDENTITY, &in, e)) {
		if (e->code == ERR_NOT_FOUND)
			error_set(e, ERR_NOT_FOUND,
				"the connector is not enrolled (no identity in %s)", dir);
		return error_hint(e,
			"Run ferry-connector --enroll with a token of `ferry connector "
			"create`.");
	}
	if (!json_need_str(in, "connectorId", 64, &id.connector_id, e) ||
		!json_need_str(in, "name", 1000, &id.name, e) ||
		!json_need_str(in, "domain", 255, &id.domain, e) ||
		!json_need_str(in, "certificate", MAX_IDENTITY, &id.certificate, e) ||
		!json_need_str(in, "key", MAX_IDENTITY, &key, e) ||
		!read_certificate(arena, id.certificate, &id.not_after, e) ||
		!key_load_pem(slice_str(key), &id.key, e))
		return error_wrap(e, "%s/identity.json", dir);
	id.job_keys = json_str(in, "jobKeys");
	id.job_keys_at = json_int(in, "jobKeysAt", 0);
	*out = id;
	return true;
}

void
identity_finish(struct connector_identity *identity)
{
	EVP_PKEY_free(identity->key);
	identity->key = NULL;
}

bool
job_in_hand_save(const char *dir, const struct job_in_hand *in, struct error *e)
{
	autoarena(arena, 4 * MAX_JOB);
	struct buf text;

	buf_init(&text, &arena, MAX_JOB);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "job", in->job);
	jsonw_int(&w, "leaseUntil", in->lease_until);
	jsonw_str(&w, "answer", in->answer);
	jsonw_end_object(&w);
	return buf_ok(&text, e) &&
		fs_write(path_of(&arena, dir, "job.json"), buf_slice(&text), 0600, e);
}

bool
job_in_hand_load(
	struct arena *arena, const char *dir, bool *found, struct job_in_hand *out, struct error *e)
{
	const struct json *in;

	if (!read_json(arena, dir, "job.json", MAX_JOB, &in, e)) {
		*found = false;
		return e->code == ERR_NOT_FOUND;
	}
	if (!json_need_str(in, "job", MAX_JOB, &out->job, e))
		return error_wrap(e, "%s/job.json", dir);
	out->lease_until = json_int(in, "leaseUntil", 0);
	out->answer = json_str(in, "answer");
	*found = true;
	return true;
}

bool
job_in_hand_drop(const char *dir, struct error *e)
{
	autoarena(arena, ARENA_SMALL);

	return fs_remove(path_of(&arena, dir, "job.json"), e);
}
