// SPDX-License-Identifier: Apache-2.0
#include "signer/token_state.h"

#include "base/str.h"
#include "codec/base64.h"
#include "pki/key.h"
#include "pki/ossl.h"

enum { SPKI_MAX = 2048, TEXT_MAX = 64 << 10, DAY = 24 * 3600 };

static const char *const names[] = {
	[TOKEN_NEXT] = "next", [TOKEN_CURRENT] = "current", [TOKEN_RETIRED] = "retired"};

const char *
token_state_name(enum token_key_state state)
{
	return names[state];
}

static bool
damaged(struct error *e, const char *why)
{
	return error_set(e, ERR_INVALID, "list of token keys: %s", why);
}

static bool
read_state(const struct json *in, enum token_key_state *out)
{
	for (int i = 0; i < TOKEN_STATE_COUNT; i++)
		if (str_eq(json_str(in, "state"), names[i])) {
			*out = (enum token_key_state)i;
			return true;
		}
	return false;
}

static size_t
count_of(const struct token_state *state, enum token_key_state which)
{
	size_t count = 0;

	for (size_t i = 0; i < state->count; i++)
		count += state->keys[i].state == which;
	return count;
}

// A name is also part of a file's name: it must be that of the key, whatever the file says.
static bool
add_public(struct arena *arena, struct token_state *state, const struct json *in, struct error *e)
{
	autopkey *key = NULL;
	enum token_key_state which;
	struct slice spki;
	int64_t since = json_int(in, "since", -1);
	const char *kid = json_str(in, "kid");

	if (!read_state(in, &which) || since < 0)
		return damaged(e, "a key without state or time");
	if (!json_need_b64(arena, in, "spki", SPKI_MAX, &spki, e) || !key_load_spki(spki, &key, e))
		return error_wrap(e, "list of token keys");
	if (!token_state_add(state, which, key, since, e))
		return false;
	return str_eq(kid, state->keys[state->count - 1].kid) ||
		damaged(e, "a name is not the key's");
}

static bool
read_all(struct arena *arena, const struct json *json, struct token_state *state, struct error *e)
{
	const struct json *list = json_get(json, "keys");

	if (json_int(json, "version", 0) != 1 || !list || list->type != JSON_ARRAY)
		return damaged(e, "of another version");
	for (const struct json *k = list->first; k; k = k->next)
		if (!add_public(arena, state, k, e))
			return false;
	if (count_of(state, TOKEN_CURRENT) != 1)
		return damaged(e, "not exactly one key signs");
	return true;
}

bool
token_state_read(struct arena *arena, struct slice text, struct token_state *out, struct error *e)
{
	struct json_limits limits = {.max_bytes = TEXT_MAX, .max_depth = 4};
	const struct json *json = json_parse(arena, text, &limits, e);
	struct token_state state = {0};

	if (!json)
		return error_wrap(e, "list of token keys");
	if (!read_all(arena, json, &state, e)) {
		e->code = ERR_INVALID;
		token_state_free(&state);
		return false;
	}
	*out = state;
	return true;
}

bool
token_state_text(
	struct arena *arena, const struct token_state *state, struct slice *out, struct error *e)
{
	struct slice spki;
	struct buf text;

	buf_init(&text, arena, TEXT_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "version", 1);
	jsonw_array(&w, "keys");
	for (size_t i = 0; i < state->count; i++) {
		const struct token_key *k = &state->keys[i];
		if (!key_spki(arena, k->key, &spki, e))
			return false;
		jsonw_object(&w, NULL);
		jsonw_str(&w, "kid", k->kid);
		jsonw_str(&w, "state", names[k->state]);
		jsonw_int(&w, "since", k->since);
		jsonw_b64(&w, "spki", spki);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	buf_putc(&text, '\n');
	*out = buf_slice(&text);
	return buf_ok(&text, e);
}

void
token_state_free(struct token_state *state)
{
	for (size_t i = 0; i < state->count; i++)
		EVP_PKEY_free(state->keys[i].key);
	*state = (struct token_state){0};
}

bool
token_state_jwks(
	struct arena *arena, const struct token_state *state, const char **out, struct error *e)
{
	static const enum token_key_state order[] = {TOKEN_CURRENT, TOKEN_NEXT, TOKEN_RETIRED};
	struct jwk keys[TOKEN_KEYS_MAX];
	struct jwk_set set = {.keys = keys};

	for (size_t o = 0; o < sizeof order / sizeof *order; o++)
		for (size_t i = 0; i < state->count; i++)
			if (state->keys[i].state == order[o])
				keys[set.count++] = (struct jwk){
					.kid = state->keys[i].kid, .key = state->keys[i].key};
	return jwk_set_json(arena, &set, out, e);
}

struct token_key *
token_state_find(struct token_state *state, enum token_key_state which)
{
	for (size_t i = 0; i < state->count; i++)
		if (state->keys[i].state == which)
			return &state->keys[i];
	return NULL;
}

bool
token_state_add(struct token_state *state, enum token_key_state which, const EVP_PKEY *key,
	int64_t now, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	struct token_key add = {.state = which, .since = now};
	struct slice spki;
	const char *kid;

	if (state->count == TOKEN_KEYS_MAX) {
		error_set(e, ERR_LIMIT, "there are %d token keys already", TOKEN_KEYS_MAX);
		return error_hint(e, "Wait a day until old ones are let go.");
	}
	if (which != TOKEN_RETIRED && count_of(state, which) > 0)
		return error_set(e, ERR_CONFLICT, "there is a %s token key already", names[which]);
	if (!jwk_thumbprint(&arena, key, &kid, e))
		return false;
	for (size_t i = 0; i < state->count; i++)
		if (str_eq(state->keys[i].kid, kid))
			return error_set(e, ERR_CONFLICT, "a token key appears twice");
	snprintf(add.kid, sizeof add.kid, "%s", kid);
	// By way of the SPKI, so that no private half stays in memory with it.
	if (!key_spki(&arena, key, &spki, e) || !key_load_spki(spki, &add.key, e))
		return false;
	state->keys[state->count++] = add;
	return true;
}

void
token_state_promote(struct token_state *state, int64_t now)
{
	struct token_key *next = token_state_find(state, TOKEN_NEXT);
	struct token_key *current = token_state_find(state, TOKEN_CURRENT);

	if (!next)
		return;
	if (current) {
		current->state = TOKEN_RETIRED;
		current->since = now;
	}
	next->state = TOKEN_CURRENT;
	next->since = now;
}

static void
remove_at(struct token_state *state, size_t at)
{
	EVP_PKEY_free(state->keys[at].key);
	memmove(&state->keys[at], &state->keys[at + 1],
		(--state->count - at) * sizeof *state->keys);
}

bool
token_state_remove(struct token_state *state, const char *kid)
{
	for (size_t i = 0; i < state->count; i++)
		if (str_eq(state->keys[i].kid, kid)) {
			remove_at(state, i);
			return true;
		}
	return false;
}

static int64_t
publish_seconds(const struct token_policy *policy)
{
	return policy->publish_s ? policy->publish_s : TOKEN_PUBLISH_SECONDS;
}

bool
token_state_tend(struct token_state *state, const struct token_policy *policy, int64_t now)
{
	bool changed = false;

	for (size_t i = state->count; i-- > 0;) {
		struct token_key *k = &state->keys[i];
		// From before a clock was set back: counted from now on, which only makes it
		// longer.
		if (k->since > now) {
			k->since = now;
			changed = true;
		}
		if (k->state == TOKEN_RETIRED && now - k->since >= TOKEN_RETAIN_SECONDS) {
			remove_at(state, i);
			changed = true;
		}
	}
	const struct token_key *next = token_state_find(state, TOKEN_NEXT);
	if (next && now - next->since >= publish_seconds(policy)) {
		token_state_promote(state, now);
		changed = true;
	}
	return changed;
}

bool
token_state_wants_next(struct token_state *state, const struct token_policy *policy, int64_t now)
{
	const struct token_key *current = token_state_find(state, TOKEN_CURRENT);

	if (!current || token_state_find(state, TOKEN_NEXT) || state->count == TOKEN_KEYS_MAX)
		return false;
	if (policy->alg && !str_eq(policy->alg, jwk_alg(current->key)))
		return true;
	return policy->rotate_days > 0 &&
		now - current->since >= policy->rotate_days * DAY - publish_seconds(policy);
}
