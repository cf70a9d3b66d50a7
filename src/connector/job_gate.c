// SPDX-License-Identifier: Apache-2.0
#include "connector/job_gate.h"

#include "base/fs.h"
#include "base/str.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "pki/jwt.h"

// As src/signer/ops.h has them.
#define ISSUER "ferry-jobs"
#define FOR_CONNECTORS "ferry-connectors"

enum { MAX_LIFE_S = 600, MAX_ENVELOPE = 64 << 10, MAX_SEEN = 64 << 10 };

// --- the keys

static bool
read_keys(struct arena *arena, const char *text, struct jwk_set *out, struct error *e)
{
	const struct json *document = json_parse(arena, slice_str(text), NULL, e);

	if (!document || !jwk_set_read(arena, document, JOB_GATE_KEYS, out, e))
		return false;
	return out->count > 0 || error_set(e, ERR_INVALID, "a set without keys");
}

static bool
use_keys(struct job_gate *gate, const char *text, struct error *e)
{
	struct jwk_set keys = {0};

	if (!read_keys(&gate->arena, text, &keys, e))
		return false;
	jwk_set_free(&gate->keys);
	gate->keys = keys;
	return true;
}

static bool
judge(struct arena *arena, const struct job_gate *gate, const char *token, const char *audience,
	time_us now, const struct json **claims, struct error *e)
{
	const struct jwt_expect expect = {
		.issuer = ISSUER, .audience = audience, .now = now, .max_lifetime_s = MAX_LIFE_S};

	if (jwt_verify(arena, slice_str(token), &gate->keys, &expect, claims, e))
		return true;
	bool time = str_eq(e->fault, "token_expired") || str_eq(e->fault, "token_not_yet_valid");
	return error_fault(e, ERR_DENIED, time ? "job_expired" : "job_signature_invalid", "%s",
		arena_strdup(arena, e->message));
}

bool
job_gate_learn(struct arena *arena, struct job_gate *gate, const char *statement, time_us now,
	struct error *e)
{
	const struct json *claims, *set;
	struct buf text;

	if (!judge(arena, gate, statement, FOR_CONNECTORS, now, &claims, e))
		return false;
	int64_t at = json_int(claims, "iat", 0);
	set = json_get(claims, "jwks");
	if (at < gate->identity->job_keys_at || !set)
		return error_fault(e, ERR_DENIED, "job_expired",
			"the list of keys is older than the one that is known");
	buf_init(&text, arena, MAX_ENVELOPE);
	struct jsonw w = jsonw_on(&text);
	jsonw_value(&w, NULL, set);
	if (!buf_ok(&text, e))
		return false;
	gate->identity->job_keys_at = at;
	if (str_eq(gate->identity->job_keys, buf_text(&text)))
		return true;
	if (!use_keys(gate, buf_text(&text), e))
		return false;
	gate->identity->job_keys = arena_strdup(&gate->arena, buf_text(&text));
	return identity_save(gate->dir, gate->identity, e);
}

// --- what was seen

static char *
seen_path(struct arena *arena, const struct job_gate *gate)
{
	return arena_printf(arena, "%s/leases.json", gate->dir);
}

static bool
save_seen(struct arena *arena, const struct job_gate *gate, struct error *e)
{
	struct buf text;

	buf_init(&text, arena, MAX_SEEN);
	struct jsonw w = jsonw_on(&text);
	jsonw_array(&w, NULL);
	for (size_t i = 0; i < JOB_GATE_SEEN; i++) {
		if (!gate->seen[i].until)
			continue;
		jsonw_object(&w, NULL);
		jsonw_str(&w, "lease", gate->seen[i].lease);
		jsonw_int(&w, "until", gate->seen[i].until);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return buf_ok(&text, e) && fs_write(seen_path(arena, gate), buf_slice(&text), 0600, e);
}

static bool
load_seen(struct job_gate *gate, struct error *e)
{
	autoarena(arena, 4 * MAX_SEEN);
	const struct json *list;
	struct slice text;
	size_t count = 0;

	if (!fs_read(&arena, seen_path(&arena, gate), MAX_SEEN, &text, e))
		return e->code == ERR_NOT_FOUND;
	list = json_parse(&arena, text, NULL, e);
	if (!list)
		return error_wrap(e, "%s", seen_path(&arena, gate));
	for (const struct json *i = list->first; i && count < JOB_GATE_SEEN; i = i->next) {
		struct job_gate_seen *s = &gate->seen[count++];
		snprintf(s->lease, sizeof s->lease, "%s",
			json_str(i, "lease") ? json_str(i, "lease") : "");
		s->until = json_int(i, "until", 0);
	}
	return true;
}

// A place for this lease, which must not be there yet. Those whose time is over cannot come again.
static bool
note(struct arena *arena, struct job_gate *gate, const char *lease, int64_t until, time_us now,
	struct error *e)
{
	struct job_gate_seen *place = NULL;

	for (size_t i = 0; i < JOB_GATE_SEEN; i++) {
		struct job_gate_seen *s = &gate->seen[i];
		if (s->until && s->until + JWT_SKEW_S < now / US_PER_S)
			*s = (struct job_gate_seen){0};
		if (!s->until)
			place = s;
		else if (str_ieq(s->lease, lease))
			return error_fault(e, ERR_DENIED, "job_replayed",
				"the lease %s was used before", lease);
	}
	if (!place)
		return error_fault(e, ERR_DENIED, "job_replayed",
			"more than %d jobs came within minutes", JOB_GATE_SEEN);
	snprintf(place->lease, sizeof place->lease, "%s", lease);
	place->until = until;
	return save_seen(arena, gate, e);
}

// --- jobs

bool
job_gate_open(struct job_gate *gate, const char *dir, struct connector_identity *identity,
	struct error *e)
{
	*gate = (struct job_gate){.dir = dir, .identity = identity};
	arena_init(&gate->arena, ARENA_REQUEST);
	if (str_empty(identity->job_keys)) {
		error_fault(e, ERR_INVALID, "job_unsigned",
			"the connector was enrolled before jobs were signed");
		return error_hint(
			e, "Enrol it again with a new token of `ferry connector create`.");
	}
	return use_keys(gate, identity->job_keys, e) && load_seen(gate, e);
}

void
job_gate_close(struct job_gate *gate)
{
	jwk_set_free(&gate->keys);
	arena_finish(&gate->arena);
}

static const char *
text_of(const struct json *in, const char *name)
{
	const char *text = json_str(in, name);

	return text ? text : "";
}

static const struct json *
read_envelope(struct arena *arena, struct slice text, struct error *e)
{
	const struct json_limits limits = {.max_bytes = MAX_ENVELOPE, .max_depth = 4};
	const struct json *in = json_parse(arena, text, &limits, e);

	if (in && in->type == JSON_OBJECT)
		return in;
	if (in)
		error_set(e, ERR_PROTOCOL, "not an object");
	e->code = ERR_PROTOCOL;
	error_wrap(e, "the service's job");
	return NULL;
}

bool
job_gate_needs_keys(struct arena *arena, const struct job_gate *gate, struct slice envelope)
{
	struct error ignored;
	const struct json *in = read_envelope(arena, envelope, &ignored);
	const char *kid = in ? jwt_kid(arena, slice_str(text_of(in, "job"))) : NULL;

	return kid && !jwk_find(&gate->keys, kid);
}

bool
job_gate_check(struct arena *arena, struct job_gate *gate, struct slice envelope, time_us now,
	struct job_envelope *ids, const char **job, struct error *e)
{
	const struct json *in = read_envelope(arena, envelope, e), *claims;
	const char *lease;
	struct buf text;

	*ids = (struct job_envelope){"", "", ""};
	if (!in)
		return false;
	*ids = (struct job_envelope){
		text_of(in, "jobId"), text_of(in, "leaseId"), text_of(in, "deviceId")};
	if (str_empty(json_str(in, "job")))
		return error_fault(e, ERR_DENIED, "job_unsigned",
			"the service sent a job without a signature");
	if (!judge(arena, gate, json_str(in, "job"), gate->identity->connector_id, now, &claims,
		    e) ||
		!json_need_str(claims, "leaseId", 36, &lease, e) ||
		!note(arena, gate, lease, json_int(claims, "exp", 0), now, e))
		return false;
	buf_init(&text, arena, MAX_ENVELOPE);
	struct jsonw w = jsonw_on(&text);
	jsonw_value(&w, NULL, claims);
	*job = buf_text(&text);
	return buf_ok(&text, e);
}
