// SPDX-License-Identifier: Apache-2.0
#include "agent/gate.h"

#include "base/fs.h"
#include "base/str.h"

enum { FILE_MAX = 64 << 10, MAX_KEYS = 16 };

static bool
not_released(struct error *e, const char *why)
{
	return error_fault(e, ERR_UNAUTHENTICATED, "session_not_released", "%s", why);
}

// Of this boot, in the kernel's own words; "" where there is no /proc.
static const char *
boot_id(struct arena *arena)
{
	struct error e;
	char *line;

	return fs_read_line(arena, "/proc/sys/kernel/random/boot_id", &line, &e) ? line : "";
}

static bool
write_json(const char *path, const struct buf *text, struct error *e)
{
	return buf_ok(text, e) && fs_write(path, buf_slice(text), 0644, e);
}

bool
gate_announce(const char *path, const struct gate_self *self, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	struct buf text;

	buf_init(&text, &arena, 4096);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "boot", boot_id(&arena));
	jsonw_str(&w, "issuer", self->issuer);
	jsonw_str(&w, "key", self->key);
	jsonw_str(&w, "enrollment", self->enrollment);
	jsonw_end_object(&w);
	return write_json(path, &text, e);
}

static bool
read_json(struct arena *arena, const char *path, const struct json **out, struct error *e)
{
	struct slice text;

	if (!fs_read(arena, path, FILE_MAX, &text, e))
		return false;
	*out = json_parse(arena, text, NULL, e);
	return *out || error_wrap(e, "%s", path);
}

static bool
read_self(struct arena *arena, const char *path, struct gate_self *out, struct error *e)
{
	const struct json *json;
	struct error why;

	if (!read_json(arena, path, &json, &why))
		return not_released(e,
			why.code == ERR_NOT_FOUND ? "the device has not proven itself since it was "
						    "switched on"
						  : why.message);
	if (!str_eq(json_str(json, "boot"), boot_id(arena)))
		return not_released(e, "the device was switched off since it proved itself");
	*out = (struct gate_self){.issuer = json_str(json, "issuer"),
		.key = json_str(json, "key"),
		.enrollment = json_str(json, "enrollment")};
	return true;
}

static char *
in(struct arena *arena, const char *dir, const char *name)
{
	return arena_printf(arena, "%s/%s", dir, name);
}

bool
gate_pinned_read(struct arena *arena, const char *dir, struct gate_pinned *out, struct error *e)
{
	const struct json *json;

	if (!read_json(arena, in(arena, dir, "pinned.json"), &json, e))
		return false;
	*out = (struct gate_pinned){.enrollment = json_str(json, "enrollment"),
		.policy = json_str(json, "policy"),
		.keys = json};
	return true;
}

bool
gate_pinned_write(const char *dir, const struct gate_pinned *pinned, struct error *e)
{
	autoarena(arena, ARENA_REQUEST);
	struct buf text;
	const struct json *keys = json_get(pinned->keys, "keys");

	buf_init(&text, &arena, FILE_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "enrollment", pinned->enrollment);
	jsonw_str(&w, "policy", pinned->policy);
	if (keys)
		jsonw_value(&w, "keys", keys);
	jsonw_end_object(&w);
	return fs_mkdirs(dir, 0755, e) && write_json(in(&arena, dir, "pinned.json"), &text, e);
}

static bool
has_key(const struct json *list, const char *kid)
{
	for (const struct json *key = list ? list->first : NULL; key; key = key->next)
		if (str_eq(json_str(key, "kid"), kid))
			return true;
	return false;
}

const struct json *
gate_keys_add(struct arena *arena, const struct json *older, const struct json *newer)
{
	const struct json *old = json_get(older, "keys"), *now = json_get(newer, "keys");
	struct buf text;
	struct error e;
	size_t count = 0;

	buf_init(&text, arena, FILE_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "keys");
	for (const struct json *k = now ? now->first : NULL; k && count < MAX_KEYS;
		k = k->next, count++)
		jsonw_value(&w, NULL, k);
	for (const struct json *k = old ? old->first : NULL; k && count < MAX_KEYS; k = k->next) {
		if (has_key(now, json_str(k, "kid")))
			continue;
		jsonw_value(&w, NULL, k);
		count++;
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	return buf_ok(&text, &e) ? json_parse(arena, buf_slice(&text), NULL, &e) : NULL;
}

bool
gate_judge(struct arena *arena, struct slice token, const struct gate_pinned *pinned,
	const struct gate_self *self, struct release *out, struct error *e)
{
	struct release_expect expect = {.issuer = self->issuer,
		.key = self->key,
		.enrollment = self->enrollment,
		.policy = pinned->policy};
	struct jwk_set keys;
	struct error why;

	if (!str_eq(pinned->enrollment, self->enrollment))
		return error_fault(e, ERR_UNAUTHENTICATED, "release_token_invalid",
			"the stored keys are of another enrolment");
	if (!jwk_set_read(arena, pinned->keys, MAX_KEYS, &keys, &why))
		return error_fault(e, ERR_UNAUTHENTICATED, "release_token_invalid",
			"the stored keys: %s", why.message);
	bool ok = release_verify(arena, token, &keys, &expect, out, e);
	jwk_set_free(&keys);
	return ok;
}

bool
gate_release_write(const char *dir, struct slice token, struct error *e)
{
	autoarena(arena, ARENA_SMALL);

	return fs_mkdirs(dir, 0755, e) && fs_write(in(&arena, dir, "release.jwt"), token, 0644, e);
}

bool
gate_release_forget(const char *dir, struct error *e)
{
	autoarena(arena, ARENA_SMALL);

	return fs_remove(in(&arena, dir, "release.jwt"), e) &&
		fs_remove(in(&arena, dir, "pinned.json"), e);
}

bool
gate_check(struct arena *arena, const char *dir, const char *self_path, struct release *out,
	struct error *e)
{
	struct gate_pinned pinned;
	struct gate_self self;
	struct slice token;
	struct error why;

	if (!read_self(arena, self_path, &self, e))
		return false;
	if (!fs_read(arena, in(arena, dir, "release.jwt"), JWT_MAX, &token, &why))
		return not_released(
			e, why.code == ERR_NOT_FOUND ? "its setup has not finished" : why.message);
	if (!gate_pinned_read(arena, dir, &pinned, &why))
		return not_released(e,
			why.code == ERR_NOT_FOUND ? "it has no keys of its service" : why.message);
	return gate_judge(arena, token, &pinned, &self, out, e);
}
