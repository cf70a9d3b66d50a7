// SPDX-License-Identifier: Apache-2.0
#include "domain/release.h"

#include "base/str.h"
#include "codec/base64.h"
#include "pki/hash.h"

enum { LIFETIME_S = 24 * 3600 };

static struct release_verdict
refused(const char *fault, const char *reason)
{
	return (struct release_verdict){.fault = fault, .reason = reason};
}

struct release_verdict
release_decide(const struct release_facts *f)
{
	// Once said it stays said: a device that lost power before it stored its token asks again.
	if (str_eq(f->result, "success"))
		return (struct release_verdict){.allowed = true, .how = "finished"};
	if (str_eq(f->phase, "continued"))
		return (struct release_verdict){.allowed = true, .how = "continued"};
	if (!f->wants_continue)
		return refused("release_not_finished",
			str_eq(f->result, "failed") ? "the deployment failed"
						    : "the deployment is not finished");
	if (!f->page || !f->page->show || !f->page->use_on_error)
		return refused("release_continue_denied",
			"the status page does not let people use a device whose setup failed");
	if (!str_eq(f->result, "failed"))
		return refused("release_not_finished", "nothing has failed");
	return (struct release_verdict){.allowed = true, .how = "continued"};
}

const char *
release_policy(struct arena *arena, const struct esp_settings *page)
{
	struct buf text;

	if (!page)
		return sha256_hex(arena, slice_str("no page"));
	buf_init(&text, arena, 64 << 10);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "show", page->show);
	jsonw_int(&w, "timeout", page->timeout_minutes);
	jsonw_int(&w, "hybridExtra", page->hybrid_extra_minutes);
	jsonw_str(&w, "message", page->message);
	jsonw_bool(&w, "logs", page->logs);
	jsonw_bool(&w, "firstUserOnly", page->first_user_only);
	jsonw_int(&w, "block", esp_block_bits(page));
	jsonw_bool(&w, "tryAll", page->try_all);
	jsonw_array(&w, "selected");
	for (size_t i = 0; i < page->selected_count; i++)
		jsonw_str(&w, NULL, page->selected[i]);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	return sha256_hex(arena, buf_slice(&text));
}

static bool
invalid(struct error *e, const char *why)
{
	return error_fault(
		e, ERR_UNAUTHENTICATED, "release_token_invalid", "release token: %s", why);
}

// When the token says that it was issued. Believed only because the signature over it is checked
// with it.
static time_us
issued(struct arena *arena, struct slice token)
{
	const uint8_t *one = token.len ? memchr(token.data, '.', token.len) : NULL;
	const uint8_t *end = token.data + token.len;
	const uint8_t *two = one ? memchr(one + 1, '.', (size_t)(end - one - 1)) : NULL;
	struct slice text;
	struct error e;

	if (!two ||
		!base64url_decode(
			arena, slice_of(one + 1, (size_t)(two - one - 1)), JWT_MAX, &text, &e))
		return 0;
	int64_t at = json_int(json_parse(arena, text, NULL, &e), "iat", 0);
	return at > 0 && at < INT64_MAX / US_PER_S ? at * US_PER_S : 0;
}

static bool
is_for(const struct json *claims, const char *name, const char *expected)
{
	return !str_empty(expected) && str_eq(json_str(claims, name), expected);
}

bool
release_verify(struct arena *arena, struct slice token, const struct jwk_set *keys,
	const struct release_expect *expect, struct release *out, struct error *e)
{
	struct jwt_expect jwt = {
		.issuer = expect->issuer,
		.audience = RELEASE_AUDIENCE,
		.now = issued(arena, token),
		.max_lifetime_s = LIFETIME_S,
	};
	const struct json *claims;
	struct error why;

	if (!jwt_verify(arena, token, keys, &jwt, &claims, &why))
		return invalid(e, why.message);
	if (!is_for(claims, "key", expect->key))
		return invalid(e, "it is another device's");
	if (!is_for(claims, "enrollment", expect->enrollment))
		return invalid(e, "it is of another enrolment");
	if (!is_for(claims, "policy", expect->policy))
		return invalid(e, "it is for another status page");
	const char *how = json_str(claims, "how");
	if (!str_eq(how, "finished") && !str_eq(how, "continued"))
		return invalid(e, "it releases nothing");
	*out = (struct release){.how = how,
		.deployment = json_str(claims, "deployment"),
		.user = json_str(claims, "user"),
		.issued_at = json_int(claims, "iat", 0)};
	return true;
}
