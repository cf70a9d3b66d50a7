// SPDX-License-Identifier: Apache-2.0
#include "connector/config.h"

#include "base/conf.h"
#include "base/fs.h"
#include "base/str.h"
#include "connector/dn.h"
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>

enum { DEFAULT_PER_HOUR = 200 };

struct reader {
	struct arena *arena;
	struct connector_config *config;
	const char *trust_dir;
	const char *ou[ALLOW_MAX_OUS];
	struct error *e;
};

static bool
add_ou(struct reader *r, const char *text, size_t len)
{
	struct allow_list *allow = &r->config->allow;

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	while (len > 0 && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	if (len == 0)
		return true;
	if (allow->ou_count == ALLOW_MAX_OUS)
		return error_set(r->e, ERR_LIMIT, "[allow] ou: more than %d", ALLOW_MAX_OUS);
	char *ou = arena_strndup(r->arena, text, len);
	if (!str_eq(ou, ALLOW_DEFAULT_CONTAINER) && !dn_normal(r->arena, ou))
		return error_set(r->e, ERR_INVALID, "[allow] ou: %s is no distinguished name", ou);
	r->ou[allow->ou_count++] = ou;
	return true;
}

// One or several, separated by ';' as in Intune's connector (behaviour K7).
static bool
add_ous(struct reader *r, const char *value)
{
	for (;;) {
		size_t len = strcspn(value, ";");
		if (!add_ou(r, value, len))
			return false;
		if (!value[len])
			return true;
		value += len + 1;
	}
}

// One a line, because a DN may hold any separator.
static bool
add_base(struct reader *r, const char *value)
{
	struct sync_config *sync = &r->config->sync;

	if (sync->base_count == SYNC_MAX_BASES)
		return error_set(r->e, ERR_LIMIT, "[sync] base: more than %d", SYNC_MAX_BASES);
	if (!dn_normal(r->arena, value))
		return error_set(
			r->e, ERR_INVALID, "[sync] base: %s is no distinguished name", value);
	sync->bases[sync->base_count++] = arena_strdup(r->arena, value);
	return true;
}

static bool
set_passwords(struct reader *r, const char *value)
{
	r->config->sign_in.passwords = str_ieq(value, "yes");
	return str_ieq(value, "yes") || str_ieq(value, "no") ||
		error_set(r->e, ERR_INVALID, "[sign_in] passwords: yes or no is expected");
}

static const struct conf_row settings[] = {
	{"service", "url", offsetof(struct connector_config, url)},
	{"service", "ca", offsetof(struct connector_config, ca)},
	{"service", "state", offsetof(struct connector_config, state_dir)},
	{"domain", "name", offsetof(struct connector_config, ad.domain)},
	{"domain", "principal", offsetof(struct connector_config, ad.principal)},
	{"domain", "keytab", offsetof(struct connector_config, ad.keytab)},
	{"domain", "krb5_conf", offsetof(struct connector_config, ad.krb5_conf)},
	{"domain", "dc", offsetof(struct connector_config, ad.dc)},
	{"allow", "name_prefix", offsetof(struct connector_config, allow.name_prefix)},
	{"sign_in", "sso_keytab", offsetof(struct connector_config, sign_in.sso_keytab)},
	{"trust", "store", offsetof(struct connector_config, trust_name)},
	{"allow", "max_per_hour", offsetof(struct connector_config, allow.max_per_hour), 1,
		ALLOW_MAX_PER_HOUR},
	{"accounts", "interval", offsetof(struct connector_config, sweep_s), 1, 900},
	{"sync", "interval", offsetof(struct connector_config, sync.interval_s), 1, 86400},
	{"sync", "full_interval", offsetof(struct connector_config, sync.full_s), 1, 30 * 86400},
	{"sign_in", "max_wrong", offsetof(struct connector_config, sign_in.max_wrong), 1, 100},
	{"sign_in", "max_per_minute", offsetof(struct connector_config, sign_in.max_per_minute), 1,
		100000},
};

// What is a list, or is judged as it is read.
static bool
on_other(void *context, const char *section, const char *name, const char *value, struct error *e)
{
	struct reader *r = context;

	(void)e; // the reader's own
	if (str_eq(section, "trust") && str_eq(name, "stores")) {
		r->trust_dir = arena_strdup(r->arena, value);
		return true;
	}
	if (str_eq(section, "allow") && str_eq(name, "ou"))
		return add_ous(r, value);
	if (str_eq(section, "sync") && str_eq(name, "base"))
		return add_base(r, value);
	if (str_eq(section, "sign_in") && str_eq(name, "passwords"))
		return set_passwords(r, value);
	return false;
}

static bool
need(const char *value, const char *name, struct error *e)
{
	return !str_empty(value) || error_set(e, ERR_INVALID, "%s is needed", name);
}

// What the unit gives us beside the file.
static void
use_environment(struct arena *arena, struct connector_config *c)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");

	if (str_empty(c->state_dir))
		c->state_dir = getenv("STATE_DIRECTORY");
	if (credentials && !str_empty(c->ad.keytab) && !strchr(c->ad.keytab, '/'))
		c->ad.keytab = arena_printf(arena, "%s/%s", credentials, c->ad.keytab);
	if (credentials && !str_empty(c->sign_in.sso_keytab) && !strchr(c->sign_in.sso_keytab, '/'))
		c->sign_in.sso_keytab =
			arena_printf(arena, "%s/%s", credentials, c->sign_in.sso_keytab);
}

static bool
check(const struct connector_config *c, const struct reader *r, struct error *e)
{
	if (!need(c->url, "[service] url", e) || !need(c->ca, "[service] ca", e) ||
		!need(c->state_dir, "[service] state", e) ||
		!need(c->ad.domain, "[domain] name", e) ||
		!need(c->ad.principal, "[domain] principal", e) ||
		!need(c->ad.keytab, "[domain] keytab", e) ||
		!need(r->trust_dir, "[trust] stores", e) ||
		!need(c->trust_name, "[trust] store", e))
		return false;
	if (!str_starts(c->url, "https://"))
		return error_set(e, ERR_INVALID, "[service] url must begin with https://");
	if (strchr(c->trust_name, '/'))
		return error_set(e, ERR_INVALID, "[trust] store is a name, not a path");
	// Without a list everything the service asks for would be done, or nothing: say which.
	if (c->allow.ou_count == 0)
		return error_set(e, ERR_INVALID, "[allow] ou: at least one is needed");
	if ((c->sign_in.passwords || !str_empty(c->sign_in.sso_keytab)) && !c->sync.base_count)
		return error_set(e, ERR_INVALID,
			"[sign_in]: nobody can sign in before [sync] base says who is known");
	return true;
}

bool
config_parse(struct arena *arena, const char *name, const char *text, struct connector_config *out,
	struct error *e)
{
	struct connector_config c = {
		.file = name,
		.allow.max_per_hour = DEFAULT_PER_HOUR,
		.sweep_s = 300,
		.sync = {.interval_s = 300, .full_s = 86400},
		.sign_in = {.max_wrong = 4, .max_per_minute = 300},
	};
	struct reader r = {.arena = arena, .config = &c, .e = e};

	const struct conf conf = {.rows = settings,
		.count = sizeof settings / sizeof *settings,
		.target = &c,
		.other = on_other,
		.context = &r};

	if (!conf_parse(arena, &conf, name, text, e))
		return false;
	use_environment(arena, &c);
	if (!check(&c, &r, e))
		return error_wrap(e, "%s", name);
	if (str_empty(c.ad.dc))
		c.ad.dc = NULL;
	if (str_empty(c.ad.krb5_conf))
		c.ad.krb5_conf = NULL;
	if (str_empty(c.sign_in.sso_keytab))
		c.sign_in.sso_keytab = NULL;
	c.allow.domain = c.ad.domain;
	c.allow.ous = arena_memdup(arena, r.ou, sizeof r.ou);
	c.trust_store = arena_printf(arena, "%s/%s", r.trust_dir, c.trust_name);
	*out = c;
	return true;
}

bool
config_load(struct arena *arena, const char *file, struct connector_config *out, struct error *e)
{
	struct slice text;

	return fs_read(arena, file, CONF_MAX, &text, e) &&
		config_parse(arena, file, (const char *)text.data, out, e);
}
