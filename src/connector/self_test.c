// SPDX-License-Identifier: Apache-2.0
#include "connector/self_test.h"

#include "base/str.h"
#include "codec/json.h"
#include "connector/ad_health.h"
#include "connector/ad_ticket.h"
#include "connector/service.h"
#include "tpm/trust_store.h"
#include <sys/stat.h>

enum {
	MAX_CONTROLLERS = 8,
	MAX_CHECKS = ALLOW_MAX_OUS + MAX_CONTROLLERS + 16,
	RENEW_DAYS = 30,
	MAX_REPORT = 1 << 20,
	PROBE_MS = 2000,
	PORT_KERBEROS = 88,
	PORT_LDAP = 389,
};

struct check {
	const char *name, *detail;
	bool ok, warning; // a warning is ok: jobs are done all the same
	struct error why;
};

struct report {
	struct arena *arena;
	const struct connector_config *config;
	struct check checks[MAX_CHECKS];
	size_t count;
	const char *controllers[MAX_CONTROLLERS]; // those that answer
	size_t controller_count;
};

static struct check *
next_check(struct report *r, const char *name)
{
	struct check *check = &r->checks[r->count++];

	check->name = name;
	check->detail = "";
	return check;
}

static void
skip(struct report *r, const char *name, const char *because)
{
	struct check *check = next_check(r, name);

	error_set(&check->why, ERR_UNAVAILABLE, "not tried: %s", because);
}

// Something that stops nobody yet: e says what, and what to do.
static void
warn(struct check *c)
{
	c->ok = c->warning = true;
	c->detail = c->why.message;
}

static bool
check_identity(struct report *r, struct connector_identity *identity)
{
	struct check *c = next_check(r, "identity");
	time_us left;

	c->ok = identity_load(r->arena, r->config->state_dir, identity, &c->why);
	if (!c->ok)
		return false;
	left = identity->not_after - clock_now();
	c->detail = arena_printf(r->arena, "%s, certificate until %s", identity->name,
		clock_rfc3339(r->arena, identity->not_after));
	if (left < RENEW_DAYS * US_PER_DAY) {
		c->ok = error_set(&c->why, ERR_CRYPTO, "%s", c->detail);
		error_hint(&c->why, "Enrol the connector again.");
	}
	return true;
}

static void
check_trust(struct report *r)
{
	struct check *c = next_check(r, "trust store");
	autotrust *trust = NULL;

	c->ok = tpm_trust_store_load(
		r->config->trust_name, r->config->trust_store, &trust, &c->why);
	if (c->ok)
		c->detail = arena_printf(r->arena, "%s, %zu roots", r->config->trust_name,
			tpm_trust_store_roots(trust));
}

static bool
within_skew(struct check *c, const char *whose, int64_t ahead)
{
	if (ahead <= AD_MAX_CLOCK_SKEW && ahead >= -AD_MAX_CLOCK_SKEW)
		return true;
	error_fault(&c->why, ERR_UNAVAILABLE, "clock_skew",
		"the clock of %s is %lld seconds %s of this host's", whose,
		(long long)(ahead < 0 ? -ahead : ahead), ahead < 0 ? "behind" : "ahead");
	return error_hint(&c->why, "Synchronize both clocks.");
}

static void
check_service(struct report *r, const struct connector_identity *identity)
{
	struct check *c = next_check(r, "service");
	autoclient *client = NULL;
	int64_t ahead = 0;

	c->ok = service_open(r->config, identity, &client, &c->why) &&
		service_probe(r->arena, client, &ahead, &c->why);
	if (!c->ok) {
		skip(r, "clock (service)", "the service does not answer");
		return;
	}
	c->detail = r->config->url;
	c = next_check(r, "clock (service)");
	c->detail = arena_printf(r->arena, "%+lld s", (long long)ahead);
	c->ok = within_skew(c, "the service", ahead);
}

static void
check_controller(struct report *r, const char *host)
{
	struct check *c = next_check(r, arena_printf(r->arena, "controller %s", host));
	char address[SRV_ADDRESS];

	c->ok = tcp_probe(host, PORT_LDAP, PROBE_MS, address, &c->why) &&
		tcp_probe(host, PORT_KERBEROS, PROBE_MS, NULL, &c->why);
	if (c->ok) {
		c->detail = arena_printf(r->arena, "%s answers on 389 and 88", address);
		r->controllers[r->controller_count++] = host;
		return;
	}
	c->why.fault = c->why.code == ERR_NOT_FOUND ? "ad_domain_unresolvable" : "dc_unreachable";
	error_hint(&c->why,
		"Start it, open TCP and UDP 88 and TCP 389 to it, or take its record "
		"out of DNS.");
}

// One that answers is enough for jobs: the others are warnings then.
static void
settle_controllers(struct report *r, size_t first)
{
	for (size_t i = first; i < r->count && r->controller_count; i++)
		if (!r->checks[i].ok)
			warn(&r->checks[i]);
}

static void
check_dns(struct report *r)
{
	struct check *c = next_check(r, "dns");
	struct srv_list list = {0};
	const char *name = arena_printf(r->arena, "_ldap._tcp.dc._msdcs.%s", r->config->ad.domain);

	c->ok = srv_lookup(r->arena, name, &list, &c->why);
	if (c->ok) {
		c->detail = arena_printf(
			r->arena, "%s: %zu controllers", r->config->ad.domain, list.count);
	} else {
		c->why.fault = "ad_domain_unresolvable";
		error_hint(&c->why, "Let this host use the DNS servers of the domain.");
	}
	size_t first = r->count;
	if (r->config->ad.dc)
		check_controller(r, r->config->ad.dc);
	for (size_t i = 0; !r->config->ad.dc && i < list.count && i < MAX_CONTROLLERS; i++)
		check_controller(r, list.targets[i].host);
	settle_controllers(r, first);
}

// The key is as good as the account's password.
static void
check_secrecy(struct check *c, const char *keytab)
{
	struct stat st;

	if (!keytab || stat(keytab, &st) < 0 || !(st.st_mode & (S_IROTH | S_IWOTH)))
		return;
	error_fault(&c->why, ERR_DENIED, "keytab_readable", "%s is open to everybody on this host",
		keytab);
	error_hint(&c->why, "Take it from the others: chmod o= %s", keytab);
	warn(c);
}

static void
check_keytab(struct report *r)
{
	struct check *c;
	struct ad_ticket ticket;

	if (!r->controller_count) {
		skip(r, "keytab", "no domain controller");
		return;
	}
	c = next_check(r, "keytab");
	c->ok = ad_ticket_armour(r->arena, &r->config->ad, &ticket, &c->why);
	if (!c->ok)
		return;
	ad_ticket_release(&ticket);
	c->detail = arena_printf(r->arena, "a ticket for %s was given", r->config->ad.principal);
	check_secrecy(c, r->config->ad.keytab);
	check_secrecy(c, r->config->sign_in.sso_keytab);
}

static const char *
ou_name(struct arena *arena, const char *ou)
{
	return arena_printf(arena, "ou %s", ou);
}

static void
check_units(struct report *r, struct ad_session *session)
{
	const struct allow_list *allow = &r->config->allow;

	for (size_t i = 0; i < allow->ou_count; i++) {
		const char *ou = allow->ous[i];
		if (!session) {
			skip(r, ou_name(r->arena, ou), "no domain controller");
			continue;
		}
		struct check *c = next_check(r, ou_name(r->arena, ou));
		c->ok = ad_check_ou(r->arena, session,
			str_eq(ou, ALLOW_DEFAULT_CONTAINER) ? NULL : ou, &c->why);
		if (c->ok)
			c->detail = "may create computers";
	}
}

// Whoever may join a computer may make accounts that nobody watches (K10).
static void
check_quota(struct report *r, struct ad_session *session)
{
	struct check *c = next_check(r, "quota");
	int64_t quota;

	c->ok = ad_read_quota(r->arena, session, &quota, &c->why);
	if (!c->ok)
		return;
	c->detail = arena_printf(r->arena, "ms-DS-MachineAccountQuota is %lld", (long long)quota);
	if (quota <= 0)
		return;
	error_fault(&c->why, ERR_INVALID, "account_quota_open",
		"ms-DS-MachineAccountQuota is %lld: every user of the domain may join computers",
		(long long)quota);
	error_hint(&c->why, "Set it to 0; the connector works by delegation and needs no quota.");
	warn(c);
}

static void
check_accounts(struct report *r, struct ad_session *session)
{
	struct check *c = next_check(r, "accounts");
	struct ad_sample sample;

	c->ok = ad_sample_account(r->arena, session, &sample, &c->why);
	if (!c->ok)
		return;
	c->detail = sample.dn ? arena_printf(r->arena, "may change %s", sample.dn)
			      : "none was made here yet";
	if (!sample.dn || sample.writable)
		return;
	error_fault(&c->why, ERR_DENIED, "account_denied",
		"the connector's account may not change %s", sample.dn);
	error_hint(&c->why,
		"Delegate Write Account Restrictions on computers, or accounts cannot "
		"be disabled when devices are retired.");
	warn(c);
}

// Do all controllers know an account that one of them knows since five minutes ago?
static void
check_replication(struct report *r, struct ad_session *session)
{
	struct check *c = next_check(r, "replication");
	const char *missing = NULL;
	size_t asked = 0;

	c->ok = true;
	if (r->controller_count < 2) {
		c->detail = "one controller";
		return;
	}
	for (size_t i = 0; i < r->controller_count && !missing; i++) {
		struct error ignored;
		bool known = true;
		if (ad_knows_sample(
			    r->arena, &r->config->ad, session, r->controllers[i], &known, &ignored))
			asked++;
		if (!known)
			missing = r->controllers[i];
	}
	c->detail = arena_printf(r->arena, "%zu controllers agree", asked);
	if (!missing)
		return;
	error_fault(&c->why, ERR_UNAVAILABLE, "replication_lag",
		"%s does not know an account that %s knows for more than five minutes", missing,
		ad_domain(session)->dc_name);
	error_hint(&c->why,
		"Look at the replication between them (samba-tool drs showrepl, "
		"repadmin /replsummary).");
	warn(c);
}

static void
check_directory(struct report *r)
{
	CLEANUP(ad_close_p) struct ad_session *session = NULL;
	struct check *c = next_check(r, "domain controller");

	c->ok = ad_connect(r->arena, &r->config->ad, &session, &c->why);
	if (!c->ok) {
		// The controller's clock is the first thing that is looked at.
		if (str_eq(c->why.fault, "clock_skew"))
			c->name = "clock (domain)";
		check_units(r, NULL);
		return;
	}
	const struct ad_domain *d = ad_domain(session);
	c->detail = arena_printf(r->arena, "%s (%s), signed in as %s", d->dc_name, d->dc_address,
		r->config->ad.principal);
	c = next_check(r, "clock (domain)");
	c->ok = true;
	c->detail = arena_printf(r->arena, "%+lld s", (long long)d->clock_skew_s);
	check_quota(r, session);
	check_units(r, session);
	check_accounts(r, session);
	check_replication(r, session);
}

static void
print_table(const struct report *r, FILE *out)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct check *c = &r->checks[i];
		if (c->ok && !c->warning)
			fprintf(out, "ok       %-20s %s\n", c->name, c->detail);
		else
			fprintf(out, "%s  %-20s %s%s%s\n", c->warning ? "warning" : "FAILED ",
				c->name, c->why.fault ? c->why.fault : "", c->why.fault ? ": " : "",
				c->why.message);
		if ((!c->ok || c->warning) && *c->why.hint)
			fprintf(out, "         %-20s %s\n", "", c->why.hint);
	}
}

static const char *
report_text(const struct report *r, bool ok)
{
	struct buf text;

	buf_init(&text, r->arena, MAX_REPORT);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "ok", ok);
	jsonw_array(&w, "checks");
	for (size_t i = 0; i < r->count; i++) {
		const struct check *c = &r->checks[i];
		jsonw_object(&w, NULL);
		jsonw_str(&w, "name", c->name);
		bool silent = c->ok && !c->warning;
		jsonw_bool(&w, "ok", c->ok);
		jsonw_str(&w, "level", silent ? "ok" : c->warning ? "warning" : "failed");
		jsonw_str(&w, "detail", silent ? c->detail : c->why.message);
		jsonw_str(&w, "fault", silent ? NULL : c->why.fault);
		jsonw_str(&w, "hint", silent || !*c->why.hint ? NULL : c->why.hint);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	return buf_text(&text);
}

static const struct check *
run_checks(struct report *r)
{
	autoidentity identity = {0};

	bool enrolled = check_identity(r, &identity);
	check_trust(r);
	check_service(r, enrolled ? &identity : NULL);
	check_dns(r);
	check_keytab(r);
	check_directory(r);
	for (size_t i = 0; i < r->count; i++)
		if (!r->checks[i].ok)
			return &r->checks[i];
	return NULL;
}

const char *
self_test_report(struct arena *arena, const struct connector_config *config, bool *ok)
{
	struct report *r = arena_new(arena, struct report);

	*r = (struct report){.arena = arena, .config = config};
	*ok = !run_checks(r);
	return report_text(r, *ok);
}

int
self_test(struct arena *arena, const struct connector_config *config, bool json, FILE *out)
{
	struct report *r = arena_new(arena, struct report);

	*r = (struct report){.arena = arena, .config = config};
	const struct check *failed = run_checks(r);
	if (json)
		fprintf(out, "%s\n", report_text(r, !failed));
	else
		print_table(r, out);
	return failed ? error_exit_code(failed->why.code) : 0;
}
