// SPDX-License-Identifier: Apache-2.0
#include "domain/preflight.h"

#include "base/str.h"

enum connector_state
connector_state_of(bool known, time_us last_seen, time_us now)
{
	if (!known)
		return CONNECTOR_NONE;
	if (!last_seen)
		return CONNECTOR_PENDING;
	if (now - last_seen > 5 * US_PER_DAY)
		return CONNECTOR_INACTIVE;
	return now - last_seen > 60 * US_PER_MIN ? CONNECTOR_ERROR : CONNECTOR_ACTIVE;
}

const char *
connector_state_name(enum connector_state state)
{
	static const char *const names[] = {
		[CONNECTOR_NONE] = "missing",
		[CONNECTOR_PENDING] = "pending",
		[CONNECTOR_ACTIVE] = "active",
		[CONNECTOR_ERROR] = "error",
		[CONNECTOR_INACTIVE] = "inactive",
	};

	return names[state];
}

static void
check_connector(const struct preflight_case *c, struct findings *out)
{
	switch (c->connector) {
	case CONNECTOR_NONE:
		finding_add(out, SEVERITY_BLOCKING, "connector_missing",
			"\"%s\" joins %s, which no connector serves", c->domain_join, c->domain);
		return;
	case CONNECTOR_PENDING:
		finding_add(out, SEVERITY_WARNING, "connector_pending",
			"the connector of %s has never reached the service", c->domain);
		return;
	case CONNECTOR_ERROR:
	case CONNECTOR_INACTIVE:
		finding_add(out, SEVERITY_WARNING, "connector_down",
			"no connector of %s was heard of for %s", c->domain,
			c->connector == CONNECTOR_ERROR ? "an hour" : "five days");
		return;
	case CONNECTOR_ACTIVE:
		break;
	}
	if (c->connector_fault)
		finding_add(out, SEVERITY_WARNING, c->connector_fault,
			"the last computer account for \"%s\" in %s was refused", c->domain_join,
			str_empty(c->ou) ? c->domain : c->ou);
}

static void
check_hybrid(const struct preflight_case *c, struct findings *out)
{
	if (c->self_deploying) // M4
		finding_add(out, SEVERITY_BLOCKING, "profile_self_deploying_hybrid",
			"\"%s\" is self-deploying and hybrid", c->profile);
	if (c->with_user) // G13
		finding_add(out, SEVERITY_WARNING, "assigned_user_hybrid",
			"a user is assigned to devices of the hybrid profile \"%s\"", c->profile);
	if (!c->domain_join) { // J7
		finding_add(out, SEVERITY_BLOCKING, "domain_join_profile_missing",
			"\"%s\" is hybrid, but no domain-join profile reaches the device",
			c->profile);
		return;
	}
	check_connector(c, out);
}

// W3, X16.
static void
check_page(const struct preflight_case *c, struct findings *out)
{
	if (c->esp)
		return;
	if (c->esp_user && (c->preprovisioning || c->self_deploying))
		finding_add(out, SEVERITY_WARNING, "esp_user_targeted",
			"\"%s\" reaches users only, and \"%s\" has none in its device phase",
			c->esp_user, c->profile);
	if (c->preprovisioning)
		finding_add(out, SEVERITY_BLOCKING, "esp_missing",
			"\"%s\" allows pre-provisioning, but no Enrollment Status Page reaches the "
			"device, and the default shows no progress",
			c->profile);
	else if (c->hybrid && !c->esp_user)
		finding_add(out, SEVERITY_WARNING, "esp_none_for_hybrid",
			"\"%s\" is hybrid, but no Enrollment Status Page reaches the device",
			c->profile);
}

static void
check_trust(const struct preflight_case *c, struct findings *out)
{
	if (!c->preprovisioning && !c->self_deploying)
		return;
	if (!c->trust_known)
		finding_add(out, SEVERITY_BLOCKING, "trust_store_missing",
			"\"%s\" asks for the trust store \"%s\", which the service does not have",
			c->profile, c->trust_store);
	else if (c->trust_roots == 0)
		finding_add(out, SEVERITY_BLOCKING, "trust_store_missing",
			"the trust store \"%s\" of \"%s\" holds no certificate", c->trust_store,
			c->profile);
}

void
preflight_check(const struct preflight_case *c, struct findings *out)
{
	if (c->excluded) // P18
		finding_add(out, SEVERITY_NOTE, "profile_excluded",
			"\"%s\" is assigned to All devices, and an excluded group takes it away",
			c->excluded);
	if (c->undecided)
		finding_add(out, SEVERITY_NOTE, "rule_undecided",
			"the rule of group \"%s\" asks for what each device has of its own",
			c->undecided);
	if (!c->profile) {
		finding_add(out, SEVERITY_WARNING, "profile_missing",
			"no deployment profile reaches the device");
		return;
	}
	if (c->hybrid)
		check_hybrid(c, out);
	check_page(c, out);
	check_trust(c, out);
	if (c->other_join)
		finding_add(out, SEVERITY_WARNING, "profiles_of_both_joins",
			"\"%s\" and \"%s\" join differently and reach the same device", c->profile,
			c->other_join);
	if (c->self_deploying && c->with_user) // G13, SD3
		finding_add(out, SEVERITY_NOTE, "assigned_user_ignored",
			"\"%s\" is self-deploying: the assigned user is ignored", c->profile);
}
