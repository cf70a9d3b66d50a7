// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include "base/fs.h"
#include "base/str.h"
#include "cli/api.h"
#include <stdlib.h>

enum { PROFILE_MAX = 64 << 10 };

const struct option_spec api_options[] = {
	{"url", "URL", "Address of the service (FERRY_URL)"},
	{"ca", "FILE", "Root certificate it must be signed by (FERRY_CA)"},
	{"tenant", "ID", "Tenant (FERRY_TENANT)"},
	{"client-id", "ID", "API client (FERRY_CLIENT_ID)"},
	{"client-secret-file", "FILE", "File with its secret (FERRY_CLIENT_SECRET is the secret)"},
	{"profile", "FILE",
		"JSON file with url, ca, tenant, clientId, clientSecret (FERRY_PROFILE)"},
	{0},
};

static const char *
choose(const struct cli *cli, const char *option, const char *variable, const struct json *profile,
	const char *member)
{
	const char *text = option ? cli_option(cli, option) : NULL;

	if (str_empty(text))
		text = getenv(variable);
	return str_empty(text) ? json_str(profile, member) : text;
}

// Where `ferry login` keeps what it got.
static const char *
default_profile(struct arena *arena)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (!str_empty(config))
		return arena_printf(arena, "%s/ferry/profile.json", config);
	return arena_printf(arena, "%s/.config/ferry/profile.json", str_empty(home) ? "." : home);
}

static bool
read_profile(struct arena *arena, const struct cli *cli, const char **path, const struct json **out,
	struct error *e)
{
	const char *file = choose(cli, "profile", "FERRY_PROFILE", NULL, NULL);
	bool login = str_eq(cli->verb->noun, "login");
	struct slice text;

	*out = NULL;
	*path = str_empty(file) ? default_profile(arena) : file;
	if ((str_empty(file) || login) && !fs_exists(*path))
		return true;
	file = *path;
	if (!fs_read(arena, file, PROFILE_MAX, &text, e))
		return false;
	*out = json_parse(arena, text, NULL, e);
	return *out || error_wrap(e, "profile %s", file);
}

bool
settings_read(struct arena *arena, const struct cli *cli, struct settings *out, struct error *e)
{
	const struct json *profile;
	const char *path;
	const char *secret_file = cli_option(cli, "client-secret-file");
	char *secret = NULL;

	if (!read_profile(arena, cli, &path, &profile, e) ||
		(secret_file && !fs_read_line(arena, secret_file, &secret, e)))
		return false;
	*out = (struct settings){
		.url = choose(cli, "url", "FERRY_URL", profile, "url"),
		.ca = choose(cli, "ca", "FERRY_CA", profile, "ca"),
		.tenant = choose(cli, "tenant", "FERRY_TENANT", profile, "tenant"),
		.client_id = choose(cli, "client-id", "FERRY_CLIENT_ID", profile, "clientId"),
		.client_secret = secret
			? secret
			: choose(cli, NULL, "FERRY_CLIENT_SECRET", profile, "clientSecret"),
		.profile = path,
	};
	bool person = str_eq(cli->verb->noun, "login") || json_str(profile, "refreshToken");
	const char *missing = str_empty(out->url) ? "address (--url)"
		: str_empty(out->tenant)	  ? "tenant (--tenant)"
		: str_empty(out->client_id)	  ? "client (--client-id)"
		: str_empty(out->client_secret) && !person
		? "client's secret (--client-secret-file)"
		: NULL;
	if (!missing)
		return true;
	error_set(e, ERR_INVALID, "the service's %s is not known", missing);
	return error_hint(
		e, "give the option, its environment variable, or --profile FILE; or: ferry login");
}
