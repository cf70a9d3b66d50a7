// SPDX-License-Identifier: Apache-2.0
#include "agent/kerberos.h"
#include "agent/machine_password.h"
#include "agent/steps/steps.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"

enum { DC_TIMEOUT_MS = 5000 };

static struct krb_machine
machine(const struct agent *agent)
{
	return (struct krb_machine){
		.config = agent->config.krb5_conf,
		.domain = agent->journal.domain,
		.netbios = agent->journal.netbios,
		.name = agent->journal.computer_name,
		.keytab = agent->config.keytab,
	};
}

// Whoever else has read the blob has a password that is worth nothing from here on (threats row 4).
// That the controller does not take a new one stops nobody: the old key is proven.
static bool
change_password(struct agent *agent, const struct krb_machine *self, struct error *e)
{
	struct error why = {0};

	if (agent->journal.password_changed)
		return true;
	if (!journal_step(&agent->journal, "password_change", e))
		return false;
	if (!machine_password_change(self, &why)) {
		log_warn("the computer's password is still that of the join (%s): %s",
			why.fault ? why.fault : "ad_error", why.message);
		return true;
	}
	agent->journal.password_changed = true;
	return journal_step(&agent->journal, "password_new", e);
}

// The proof of "domain joined": never assumed (design.md 2.10).
bool
step_prove_membership(struct agent *agent, struct error *e)
{
	struct krb_machine self = machine(agent);
	struct dc_target dc;

	if (!journal_step(&agent->journal, "dc_check", e) ||
		!dc_reachable(agent->step, agent->journal.domain, DC_TIMEOUT_MS, &dc, e) ||
		!machine_prove(&self, NULL, e))
		return false;
	log_info("domain controller %s accepts %s$", dc.host, agent->journal.computer_name);
	agent->key_proven = true;
	failpoint("agent.key_proven");
	return change_password(agent, &self, e);
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
	struct krb_machine self = machine(agent);
	struct signed_in_user signed_in;
	struct dc_target dc;

	if (!dc_reachable(agent->step, agent->journal.domain, DC_TIMEOUT_MS, &dc, e) ||
		!user_sign_in(agent->step, &self, user, password, &signed_in, e) ||
		!check_assignment(agent, signed_in.principal, e))
		return false;
	// The answer was verified with this machine's key: the controller knows it.
	agent->key_proven = true;
	agent->journal.domain_user = str_lower(agent->arena, signed_in.principal);
	if (!agent->journal.user)
		agent->journal.user = agent->journal.domain_user;
	agent->signed_in = agent->journal.user;
	return journal_step(&agent->journal, "signed_in", e);
}
