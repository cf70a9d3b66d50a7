// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "base/str.h"
#include "base/uuid.h"
#include "cli/api.h"
#include "cli/login_loopback.h"
#include "cli/output.h"
#include "cli/profile_file.h"
#include "codec/base64.h"
#include "pki/hash.h"

// For a format: each % is doubled.
#define SCOPE                                                                                      \
	"openid%%20profile%%20offline_access%%20https%%3A%%2F%%2Fgraph.microsoft.com%%2F.default"

static char *
random_text(struct arena *arena)
{
	uint8_t random[32];

	random_bytes(random, sizeof random);
	return base64url_encode(arena, slice_of(random, sizeof random));
}

// "https://host:port" without what may follow.
static const char *
issuer(struct arena *arena, const char *url)
{
	size_t len = strlen(url);

	while (len && url[len - 1] == '/')
		len--;
	return arena_strndup(arena, url, len);
}

static bool
by_browser(struct cli *cli, const struct settings *s, const struct json **tokens, struct error *e)
{
	struct arena *a = cli->arena;
	const char *verifier = random_text(a), *state = random_text(a), *code, *back;
	uint8_t digest[SHA256_LEN];
	struct loopback listener;

	if (!loopback_open(&listener, e))
		return false;
	autoclose fd = listener.fd;
	(void)fd;
	sha256(slice_str(verifier), digest);
	back = arena_printf(a, "http%%3A%%2F%%2F127.0.0.1%%3A%u%%2F", listener.port);
	fprintf(stderr,
		"Open this page in a browser:\n%s/%s/oauth2/v2.0/authorize?response_type=code"
		"&client_id=%s&redirect_uri=%s&scope=" SCOPE
		"&state=%s&code_challenge=%s&code_challenge_method=S256\n",
		issuer(a, s->url), url_encode(a, s->tenant), url_encode(a, s->client_id), back,
		state, base64url_encode(a, slice_of(digest, sizeof digest)));
	return loopback_wait(cli, &listener, state, issuer(a, s->url), &code, e) &&
		api_token(cli,
			arena_printf(a,
				"grant_type=authorization_code&client_id=%s&redirect_uri=%s&code=%s"
				"&code_verifier=%s",
				url_encode(a, s->client_id), back, url_encode(a, code), verifier),
			tokens, e);
}

static bool
poll_device(struct cli *cli, const struct settings *s, const struct json *asked,
	const struct json **tokens, struct error *e)
{
	struct arena *a = cli->arena;
	const char *form = arena_printf(a, "grant_type=device_code&client_id=%s&device_code=%s",
		url_encode(a, s->client_id), url_encode(a, json_str(asked, "device_code")));
	int64_t end = clock_monotonic_ms() + 1000 * json_int(asked, "expires_in", 600);
	unsigned interval = (unsigned)json_int(asked, "interval", 5);

	while (clock_monotonic_ms() < end) {
		sleep(interval);
		if (api_token(cli, form, tokens, e))
			return true;
		if (!strstr(e->message, "AADSTS70016"))
			return false;
	}
	return error_set(e, ERR_TIMEOUT, "nobody typed the code in time");
}

static bool
by_device_code(
	struct cli *cli, const struct settings *s, const struct json **tokens, struct error *e)
{
	struct arena *a = cli->arena;
	const struct json *asked;

	if (!api_form(cli, arena_printf(a, "/%s/oauth2/v2.0/devicecode", url_encode(a, s->tenant)),
		    arena_printf(a, "client_id=%s&scope=" SCOPE, url_encode(a, s->client_id)),
		    &asked, e))
		return false;
	if (str_empty(json_str(asked, "device_code")))
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service gave no device code");
	fprintf(stderr, "%s\n", output_clean(a, json_str(asked, "message")));
	return poll_device(cli, s, asked, tokens, e);
}

bool
login(struct cli *cli, struct error *e)
{
	const struct settings *s;
	const struct json *tokens;

	if (!api_settings(cli, &s, e))
		return false;
	bool device = cli_switch(cli, "device");
	if (!(device ? by_device_code(cli, s, &tokens, e) : by_browser(cli, s, &tokens, e)))
		return false;
	const char *token = json_str(tokens, "refresh_token");
	if (str_empty(token))
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service's sign-in gave no refresh token");
	if (!profile_file_write(cli->arena, s, token, e))
		return false;
	fprintf(stderr, "Signed in; remembered in %s\n", s->profile);
	return true;
}
