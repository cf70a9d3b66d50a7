// SPDX-License-Identifier: Apache-2.0
#include "connector/ad_ldap.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "connector/ad_fault.h"
#include "connector/ad_search.h"
#include "connector/ad_ticket.h"
#include "wire/odj/ad_id.h"
#include <pthread.h>
#include <sasl/sasl.h>
#include <time.h>

enum { PORT_KERBEROS = 88, PORT_LDAP = 389, MAX_CONTROLLERS = 3 };

// --- finding a domain controller

static bool
unresolvable(struct error *e)
{
	e->fault = "ad_domain_unresolvable";
	return error_hint(e, "Let this host use the DNS servers of the domain.");
}

static bool
unreachable(struct error *e)
{
	e->fault = "dc_unreachable";
	return error_hint(e, "Open TCP and UDP 88 and TCP 389 from this host to the controller.");
}

static bool
probe(const char *host, int timeout_ms, char address[SRV_ADDRESS], struct error *e)
{
	if (tcp_probe(host, PORT_LDAP, timeout_ms / 2, address, e) &&
		tcp_probe(host, PORT_KERBEROS, timeout_ms / 2, NULL, e))
		return true;
	return e->code == ERR_NOT_FOUND ? unresolvable(e) : unreachable(e);
}

// Whatever changes accounts goes to the same controller while it can be reached: another one may
// not have heard yet of the account that a run before this one made, and would make a second. The
// one that AD has only once is known to every connector (its emulator of a primary controller).
static void
primary_first(struct arena *arena, const struct ad_config *config, struct srv_list *list)
{
	struct srv_list primary;
	struct error ignored;

	if (!srv_lookup(arena, arena_printf(arena, "_ldap._tcp.pdc._msdcs.%s", config->domain),
		    &primary, &ignored))
		return;
	for (size_t i = 1; i < list->count && primary.count; i++) {
		struct srv_target target = list->targets[i];
		if (!str_ieq(target.host, primary.targets[0].host))
			continue;
		list->targets[i] = list->targets[0];
		list->targets[0] = target;
	}
}

// The controllers to try: the primary one, then in DNS's order.
static bool
list_controllers(struct arena *arena, const struct ad_config *config,
	const char *hosts[MAX_CONTROLLERS], size_t *count, struct error *e)
{
	struct srv_list list;

	*count = 1;
	hosts[0] = config->dc;
	if (config->dc)
		return true;
	if (!srv_lookup(arena, arena_printf(arena, "_ldap._tcp.dc._msdcs.%s", config->domain),
		    &list, e))
		return unresolvable(e);
	if (list.count > 1)
		primary_first(arena, config, &list);
	*count = list.count < MAX_CONTROLLERS ? list.count : MAX_CONTROLLERS;
	for (size_t i = 0; i < *count; i++)
		hosts[i] = list.targets[i].host;
	return true;
}

// --- the connection

static bool
open_ldap(struct arena *arena, const char *host, LDAP **out, struct error *e)
{
	const struct timeval timeout = {.tv_sec = AD_TIMEOUT_S};
	const int version = LDAP_VERSION3;
	LDAP *ldap;

	int rc = ldap_initialize(&ldap, arena_printf(arena, "ldap://%s", host));
	if (rc != LDAP_SUCCESS)
		return ad_ldap_fault(e, rc, NULL, "LDAP");
	ldap_set_option(ldap, LDAP_OPT_PROTOCOL_VERSION, &version);
	ldap_set_option(ldap, LDAP_OPT_NETWORK_TIMEOUT, &timeout);
	ldap_set_option(ldap, LDAP_OPT_TIMEOUT, &timeout);
	ldap_set_option(ldap, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
	ldap_set_option(ldap, LDAP_OPT_RESTART, LDAP_OPT_ON);
	// No reverse look-up of the controller's address.
	ldap_set_option(ldap, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON);
	// 56: integrity is 1, so this refuses a session that is not sealed.
	ldap_set_option(ldap, LDAP_OPT_X_SASL_SECPROPS, "minssf=56,noanonymous,noplain");
	*out = ldap;
	return true;
}

// GSSAPI asks nothing that we have no default for.
static int
no_questions(LDAP *ldap, unsigned flags, void *defaults, void *questions)
{
	(void)ldap;
	(void)flags;
	(void)defaults;
	for (sasl_interact_t *q = questions; q->id != SASL_CB_LIST_END; q++) {
		q->result = q->defresult ? q->defresult : "";
		q->len = (unsigned)strlen(q->result);
	}
	return LDAP_SUCCESS;
}

static bool
bind_gssapi(LDAP *ldap, struct error *e)
{
	// The SASL library sets itself up in the first bind, without a lock of its own.
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&one_at_a_time);
	int rc = ldap_sasl_interactive_bind_s(
		ldap, NULL, "GSSAPI", NULL, NULL, LDAP_SASL_QUIET, no_questions, NULL);
	pthread_mutex_unlock(&one_at_a_time);
	return rc == LDAP_SUCCESS || ad_operation_failed(ldap, rc, "LDAP sign-in", e);
}

static bool
authenticate(struct arena *arena, LDAP *ldap, const struct ad_config *config, const char *host,
	struct error *e)
{
	struct ad_ticket ticket;
	const char *principal = ad_principal(arena, config);

	if (!ad_ticket_get(arena, config->krb5_conf, config->keytab, principal, host, &ticket, e))
		return false;
	bool ok = ad_ticket_use(&ticket, e) && bind_gssapi(ldap, e);
	struct error ignored;
	if (!ad_ticket_use(NULL, ok ? e : &ignored))
		ok = false;
	ad_ticket_release(&ticket);
	return ok;
}

// --- what the root entry tells

// "20261121093000.0Z" (RFC 4517 3.3.13, as AD writes it).
static bool
parse_generalized_time(const char *text, int64_t *out)
{
	struct tm tm = {0};
	const char *end = text ? strptime(text, "%Y%m%d%H%M%S", &tm) : NULL;

	if (!end)
		return false;
	*out = timegm(&tm);
	return true;
}

// "DC=corp,DC=example,DC=com" to "corp.example.com".
static const char *
dns_of_dn(struct arena *arena, const char *dn)
{
	char **labels = dn ? ldap_explode_dn(dn, 1) : NULL;
	struct buf b;

	buf_init(&b, arena, 256);
	for (char **l = labels; l && *l; l++)
		buf_printf(&b, "%s%s", l == labels ? "" : ".", *l);
	ldap_memvfree((void **)labels);
	return buf_text(&b);
}

// The second label of "CN=DC1,CN=Servers,CN=Default-First-Site-Name,…" behind "Servers".
static const char *
site_of_server(struct arena *arena, const char *dn)
{
	char **labels = dn ? ldap_explode_dn(dn, 1) : NULL;
	const char *site = NULL;

	if (labels && labels[0] && labels[1] && labels[2])
		site = arena_strdup(arena, labels[2]);
	ldap_memvfree((void **)labels);
	return site;
}

static bool
check_clock(struct ad_domain *d, const char *current_time, struct error *e)
{
	int64_t theirs;

	if (!parse_generalized_time(current_time, &theirs))
		return error_fault(e, ERR_PROTOCOL, "ad_error", "%s tells no time", d->dc_name);
	d->clock_skew_s = theirs - clock_now() / US_PER_S;
	if (d->clock_skew_s <= AD_MAX_CLOCK_SKEW && d->clock_skew_s >= -AD_MAX_CLOCK_SKEW)
		return true;
	error_fault(e, ERR_UNAVAILABLE, "clock_skew",
		"the clock of %s is %lld seconds %s of this host's", d->dc_name,
		(long long)(d->clock_skew_s < 0 ? -d->clock_skew_s : d->clock_skew_s),
		d->clock_skew_s < 0 ? "behind" : "ahead");
	return error_hint(
		e, "Synchronize both clocks; Kerberos allows %d seconds.", AD_MAX_CLOCK_SKEW);
}

enum root { ROOT_TIME, ROOT_BASE, ROOT_CONFIG, ROOT_FOREST, ROOT_SERVER, ROOT_HOST };

// Before authentication, because a wrong clock makes authentication fail for less clear reasons.
static bool
read_root(struct arena *arena, struct ad_session *s, const char **config_dn, struct error *e)
{
	static const char *const names[] = {"currentTime", "defaultNamingContext",
		"configurationNamingContext", "rootDomainNamingContext", "serverName",
		"dnsHostName", NULL};
	struct ad_domain *d = &s->domain;
	struct ad_entry root = {0};
	int count;

	if (!ad_search(arena, s->ldap, "", LDAP_SCOPE_BASE, "(objectClass=*)", names, &root, &count,
		    e))
		return false;
	if (count != 1 || !root.values[ROOT_BASE].data || !root.values[ROOT_CONFIG].data)
		return error_fault(e, ERR_PROTOCOL, "ad_error",
			"%s is no Active Directory domain controller", d->dc_name);
	d->base_dn = ad_text(root.values[ROOT_BASE]);
	d->dns_name = dns_of_dn(arena, d->base_dn);
	d->forest = dns_of_dn(arena, ad_text(root.values[ROOT_FOREST]));
	d->site = site_of_server(arena, ad_text(root.values[ROOT_SERVER]));
	if (root.values[ROOT_HOST].data)
		d->dc_name = ad_text(root.values[ROOT_HOST]);
	*config_dn = ad_text(root.values[ROOT_CONFIG]);
	return check_clock(d, ad_text(root.values[ROOT_TIME]), e);
}

// The container that AD's well-known GUID for computers names (MS-ADTS 6.1.1.4).
static bool
find_computers_container(struct arena *arena, struct ad_session *s, struct error *e)
{
	static const char *const names[] = {"distinguishedName", NULL};
	struct ad_entry entry = {0};
	int count;
	const char *base = arena_printf(
		arena, "<WKGUID=AA312825768811D1ADED00C04FD8D5CD,%s>", s->domain.base_dn);

	if (!ad_search(arena, s->ldap, base, LDAP_SCOPE_BASE, "(objectClass=*)", names, &entry,
		    &count, e))
		return false;
	s->domain.computers_dn = count == 1 ? entry.dn : NULL;
	return true;
}

static bool
read_domain(struct arena *arena, struct ad_session *s, const char *config_dn, struct error *e)
{
	static const char *const ids[] = {"objectGUID", "objectSid", NULL};
	static const char *const cross_ref[] = {"nETBIOSName", NULL};
	struct ad_domain *d = &s->domain;
	struct ad_entry entry = {0};
	struct sid sid;
	int count;

	if (!ad_search(arena, s->ldap, d->base_dn, LDAP_SCOPE_BASE, "(objectClass=*)", ids, &entry,
		    &count, e))
		return false;
	if (count != 1 || entry.values[0].len != 16 || !sid_from_bytes(entry.values[1], &sid, e))
		return error_fault(
			e, ERR_PROTOCOL, "ad_error", "cannot read the domain's GUID and SID");
	guid_from_le(entry.values[0].data, d->guid);
	d->sid = sid_text(arena, &sid);
	if (!ad_search(arena, s->ldap, arena_printf(arena, "CN=Partitions,%s", config_dn),
		    LDAP_SCOPE_ONELEVEL,
		    arena_printf(arena, "(&(objectClass=crossRef)(nCName=%s))", d->base_dn),
		    cross_ref, &entry, &count, e))
		return false;
	if (count != 1 || !entry.values[0].data)
		return error_fault(
			e, ERR_PROTOCOL, "ad_error", "cannot read the domain's NetBIOS name");
	d->netbios = ad_text(entry.values[0]);
	return find_computers_container(arena, s, e);
}

static bool
connect_to(struct arena *arena, const struct ad_config *config, const char *host,
	struct ad_session *s, struct error *e)
{
	const char *config_dn;

	if (!probe(host, AD_TIMEOUT_S * 1000, s->domain.dc_address, e) ||
		!open_ldap(arena, host, &s->ldap, e))
		return false;
	s->domain.dc_name = host;
	// What it says before the session is sealed, anybody in between could have said: that is
	// good for the clock only, and read again.
	if (!read_root(arena, s, &config_dn, e) || !authenticate(arena, s->ldap, config, host, e) ||
		!read_root(arena, s, &config_dn, e))
		return false;
	if (!str_ieq(s->domain.dns_name, config->domain))
		return error_fault(e, ERR_INVALID, "ad_error", "%s serves %s, not %s", host,
			s->domain.dns_name, config->domain);
	return read_domain(arena, s, config_dn, e);
}

// What one controller suffers from and another need not.
static bool
next_may_work(const struct error *e)
{
	return str_eq(e->fault, "dc_unreachable") || str_eq(e->fault, "dc_timeout") ||
		str_eq(e->fault, "ad_domain_unresolvable") || str_eq(e->fault, "clock_skew");
}

bool
ad_connect(struct arena *arena, const struct ad_config *config, struct ad_session **out,
	struct error *e)
{
	CLEANUP(ad_close_p) struct ad_session *s = arena_new(arena, struct ad_session);
	const char *hosts[MAX_CONTROLLERS];
	size_t count;

	if (str_empty(config->domain) || str_empty(config->principal) || str_empty(config->keytab))
		return error_set(e, ERR_INVALID,
			"the directory connection needs a domain, an account and a keytab");
	if (!list_controllers(arena, config, hosts, &count, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (connect_to(arena, config, hosts[i], s, e)) {
			*out = s;
			s = NULL;
			return true;
		}
		if (!next_may_work(e))
			return false;
		ad_close(s);
		*s = (struct ad_session){0};
	}
	return false;
}

void
ad_close(struct ad_session *s)
{
	if (s && s->ldap)
		ldap_unbind_ext_s(s->ldap, NULL, NULL);
	if (s)
		s->ldap = NULL;
}

const struct ad_domain *
ad_domain(const struct ad_session *s)
{
	return &s->domain;
}

bool
ad_check_ou(struct arena *arena, struct ad_session *s, const char *ou, struct error *e)
{
	const char **classes;
	const char *dn = ou ? ou : s->domain.computers_dn;

	if (!dn)
		return error_fault(e, ERR_NOT_FOUND, "ou_missing",
			"the domain has no default container for computers");
	if (!ad_values(arena, s->ldap, dn, "allowedChildClassesEffective", &classes, e))
		return false;
	for (; *classes; classes++)
		if (str_ieq(*classes, "computer"))
			return true;
	return error_fault(e, ERR_DENIED, "ou_denied",
		"the connector's account may not create computers in %s", dn);
}
