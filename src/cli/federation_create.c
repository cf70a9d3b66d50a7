// SPDX-License-Identifier: Apache-2.0
#include "base/fs.h"
#include "base/str.h"
#include "cli/account.h"
#include "cli/output.h"

// The sign of VALUE=ROLE, the last one: names of groups may hold others, names of roles do not.
static const char *
sign_of(const struct cli *cli, size_t i)
{
	return str_eq(cli->given[i].name, "role") ? strrchr(cli->given[i].value, '=') : NULL;
}

static bool
same_value(const struct cli *cli, size_t i, size_t j)
{
	const char *one = sign_of(cli, i), *other = sign_of(cli, j);

	return one && other && one - cli->given[i].value == other - cli->given[j].value &&
		strncmp(cli->given[i].value, cli->given[j].value,
			(size_t)(one - cli->given[i].value)) == 0;
}

static bool
is_first(const struct cli *cli, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same_value(cli, i, j))
			return false;
	return true;
}

static bool
write_roles(struct cli *cli, struct jsonw *w, struct error *e)
{
	jsonw_object(w, "roles");
	for (size_t i = 0; i < cli->given_count; i++) {
		const char *value = cli->given[i].value, *sign = sign_of(cli, i);
		if (!str_eq(cli->given[i].name, "role"))
			continue;
		if (!sign || sign == value || !sign[1])
			return error_set(e, ERR_INVALID, "--role %s is not VALUE=ROLE", value);
		if (!is_first(cli, i))
			continue;
		jsonw_array(w, arena_strndup(cli->arena, value, (size_t)(sign - value)));
		for (size_t j = i; j < cli->given_count; j++)
			if (same_value(cli, i, j))
				jsonw_str(w, NULL, sign_of(cli, j) + 1);
		jsonw_end_array(w);
	}
	jsonw_end_object(w);
	return true;
}

static void
write_option(struct cli *cli, struct jsonw *w, const char *member, const char *option)
{
	const char *value = cli_option(cli, option);

	if (value)
		jsonw_str(w, member, value);
}

// What has to be registered at the provider is in the answer: the address that it answers to.
bool
federation_create(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"Id", "id"}, {"Name", "displayName"}, {"Redirect URI", "redirectUri"}, {0}};
	const char *issuer, *client, *file = cli_option(cli, "secret-file");
	const struct json *made;
	char *secret = NULL;
	struct buf body;

	if (!cli_need_option(cli, "issuer", &issuer, e) ||
		!cli_need_option(cli, "application", &client, e) ||
		(file && !fs_read_line(cli->arena, file, &secret, e)))
		return false;
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "displayName", cli->operands[0]);
	jsonw_str(&w, "issuer", issuer);
	jsonw_str(&w, "clientId", client);
	if (secret)
		jsonw_str(&w, "clientSecret", secret);
	write_option(cli, &w, "userClaim", "user-claim");
	write_option(cli, &w, "roleClaim", "role-claim");
	jsonw_bool(&w, "linkUsers", cli_switch(cli, "link-users"));
	account_list(cli, &w, "domains", "domain");
	if (!write_roles(cli, &w, e))
		return false;
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "POST", "/ferry/v1/federations", buf_text(&body), &made, e) &&
		output_object(cli, columns, made, e);
}
