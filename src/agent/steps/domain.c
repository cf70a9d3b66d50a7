// SPDX-License-Identifier: Apache-2.0
#include "agent/esp_run.h"
#include "agent/kerberos.h"
#include "agent/machine_password.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"
#include <unistd.h>

enum { DC_TIMEOUT_MS = 5000, REPLICATION_S = 30, ASK_AGAIN_S = 2, PORT_KERBEROS = 88 };

// Something that a controller is asked with this computer's key.
struct question {
	struct agent *agent;
	struct krb_machine self;
	const char *host;	     // who was asked last; NULL: any
	bool home_answered;	     // the controller that changed the account last was asked
	const char *user, *password; // NULL: only this computer's own key is proven
	struct signed_in_user *out;
};

static struct question
question(struct agent *agent)
{
	return (struct question){
		.agent = agent,
		.self = {.config = agent->config.krb5_conf,
			.domain = agent->journal.domain,
			.netbios = agent->journal.netbios,
			.name = agent->journal.computer_name,
			.keytab = agent->config.keytab},
	};
}

static bool
ask_at(struct question *q, const char *host, struct error *e)
{
	const char *only = agent_path(q->agent, q->agent->step, "krb5-dc.conf");

	if (host && !krb_ask_only(only, q->self.domain, host, e))
		return false;
	q->self.only = host ? only : NULL;
	q->host = host;
	return q->user ? user_sign_in(q->agent->step, &q->self, q->user, q->password, q->out, e)
		       : machine_prove(&q->self, NULL, e);
}

static enum esp_row
row_of(const struct agent *agent)
{
	return agent->journal.flow == FLOW_USER_DRIVEN ? ESP_JOINING : ESP_POLICIES;
}

// Told on the page and in the timeline, where it fails nothing.
static void
tell_lag(struct agent *agent, const char *host, const char *what)
{
	const struct esp_row_info *row = esp_row_info(row_of(agent));
	struct error why;

	error_fault(&why, ERR_UNAVAILABLE, "replication_lag",
		"%s does not know the account of %s as it is: %s", host,
		agent->journal.computer_name, what);
	log_info("%s", why.message);
	service_report(agent, esp_phase_key(row->phase), row->key, "waiting", &why);
}

// The controller that answered may not have heard of the account, or of its new password: the one
// that changed it last has. One that falls silent is passed over by the library.
static bool
ask(struct question *q, const char *host, struct error *e)
{
	const char *home = q->agent->journal.dc;
	struct error why;

	q->home_answered = str_ieq(host, home);
	if (ask_at(q, host, e))
		return true;
	if (str_eq(e->fault, "dc_unreachable"))
		return ask_at(q, NULL, e);
	if (!str_eq(e->fault, "machine_trust_broken") || q->home_answered || str_empty(home) ||
		!tcp_probe(home, PORT_KERBEROS, DC_TIMEOUT_MS / 2, NULL, &why))
		return false;
	if (ask_at(q, home, &why)) {
		tell_lag(q->agent, host, arena_printf(q->agent->step, "%s is asked instead", home));
		return true;
	}
	q->home_answered = !str_eq(why.fault, "dc_unreachable");
	if (q->home_answered)
		*e = why;
	return false;
}

// Whoever else has read the blob has a password that is worth nothing from here on (threats row 4).
// That the controller does not take a new one stops nobody: the old key is proven. It is told as a
// warning, and tried again with the next proof.
static bool
change_password(struct question *q, struct error *e)
{
	struct journal *journal = &q->agent->journal;
	const char *phase = esp_phase_key(ESP_DEVICE_SETUP);
	struct error why = {0};

	if (journal->password_changed)
		return true;
	if (!journal_step(journal, "password_change", e))
		return false;
	if (!machine_password_change(&q->self, &why)) {
		log_warn("the computer's password is still that of the join (%s): %s",
			why.fault ? why.fault : "ad_error", why.message);
		service_report(q->agent, phase, "computerPassword", "warning", &why);
		return true;
	}
	journal->password_changed = true;
	if (q->host)
		journal->dc = arena_strdup(q->agent->arena, q->host);
	service_report(q->agent, phase, "computerPassword", "complete", NULL);
	return journal_step(journal, "password_new", e);
}

// A controller that is still one of the domain's is out of reach, and only it can say more.
static bool
lagging(struct question *q, const char *host, struct error *e)
{
	struct agent *agent = q->agent;
	const char *home = agent->journal.dc;
	struct error ignored;
	struct srv_list list;
	bool there = false;

	if (str_empty(home) ||
		!srv_lookup(agent->step,
			arena_printf(agent->step, "_ldap._tcp.dc._msdcs.%s", q->self.domain), &list,
			&ignored))
		return false;
	for (size_t i = 0; i < list.count; i++)
		there |= str_ieq(list.targets[i].host, home);
	return there &&
		error_fault(e, ERR_UNAVAILABLE, "replication_lag",
			"%s does not know the account of %s yet, and %s, which made it, cannot be "
			"reached",
			host, q->self.name, home);
}

// A controller that has not heard of the account yet learns it by replication from the one where it
// was made. Where that one says that it is unknown, it was deleted.
static bool
prove_or_wait(struct question *q, const char *host, struct error *e)
{
	struct agent *agent = q->agent;
	int64_t end = clock_monotonic_ms() + REPLICATION_S * 1000;
	enum esp_row row = row_of(agent);
	bool told = false;

	while (!ask(q, host, e)) {
		if (e->code != ERR_NOT_FOUND || !str_eq(e->fault, "machine_trust_broken") ||
			q->home_answered)
			return false;
		if (clock_monotonic_ms() > end)
			return lagging(q, host, e);
		if (!told)
			tell_lag(agent, host,
				arena_printf(agent->step,
					"waiting for its replication (at most %d s)",
					REPLICATION_S));
		told = true;
		esp_row_set(agent, row, ESP_WORKING,
			arena_printf(agent->step, "Waiting for replication to %s", host));
		sleep(ASK_AGAIN_S);
	}
	if (told)
		esp_row_set(agent, row, ESP_WORKING, "");
	return true;
}

// The proof of "domain joined": never assumed (design.md 2.10).
bool
step_prove_membership(struct agent *agent, struct error *e)
{
	struct question q = question(agent);
	struct dc_target dc;
	bool settled;

	if (!journal_step(&agent->journal, "dc_check", e) ||
		!dc_reachable(agent->step, agent->journal.domain, DC_TIMEOUT_MS, &dc, e) ||
		!machine_password_settle(&q.self, &settled, e) || !prove_or_wait(&q, dc.host, e))
		return false;
	agent->journal.password_changed |= settled;
	log_info("domain controller %s accepts %s$", q.host ? q.host : dc.host,
		agent->journal.computer_name);
	agent->key_proven = true;
	failpoint("agent.key_proven");
	return change_password(&q, e);
}

// The assigned user, and nobody else, when one is assigned (behaviour G11).
static bool
check_assignment(const struct agent *agent, const char *principal, struct error *e)
{
	const char *wanted = agent->profile.user;

	if (str_empty(wanted) || str_ieq(wanted, principal))
		return true;
	return error_fault(
		e, ERR_DENIED, "signin_not_assigned", "this device is assigned to %s", wanted);
}

bool
step_sign_in(struct agent *agent, const char *user, const char *password, struct error *e)
{
	struct question q = question(agent);
	struct signed_in_user signed_in;
	struct dc_target dc;

	q.user = user;
	q.password = password;
	q.out = &signed_in;
	if (!dc_reachable(agent->step, agent->journal.domain, DC_TIMEOUT_MS, &dc, e) ||
		!ask(&q, dc.host, e) || !check_assignment(agent, signed_in.principal, e))
		return false;
	// The answer was verified with this machine's key: the controller knows it.
	agent->key_proven = true;
	agent->journal.domain_user = str_lower(agent->arena, signed_in.principal);
	if (!agent->journal.user)
		agent->journal.user = agent->journal.domain_user;
	agent->signed_in = agent->journal.user;
	return journal_step(&agent->journal, "signed_in", e);
}
