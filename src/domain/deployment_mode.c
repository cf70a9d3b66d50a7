// SPDX-License-Identifier: Apache-2.0
#include "domain/deployment_mode.h"

#include "base/str.h"

static const struct mode_traits traits[MODE_COUNT] = {
	[MODE_PREPROVISIONED] = {.name = "preprovisioned",
		.hybrid = true,
		.proof = true,
		.page = true,
		.profile = true,
		.one_time = true,
		.device_account = true},
	[MODE_USER_DRIVEN] = {.name = "userDriven",
		.hybrid = true,
		.proof = true,
		.person = true,
		.profile = true},
	[MODE_SELF_DEPLOYING] = {.name = "selfDeploying",
		.proof = true,
		.profile = true,
		.one_time = true,
		.device_account = true},
	[MODE_EXISTING_DEVICE] = {.name = "existingDevice",
		.hybrid = true,
		.proof = true,
		.person = true},
	[MODE_DEVICE_PREPARATION] = {.name = "devicePreparation", .proof = true, .person = true},
	[MODE_AUTOPILOT_RESET] = {.name = "autopilotReset", .proof = true},
};

const struct mode_traits *
mode_traits(enum deployment_mode mode)
{
	return &traits[mode];
}

bool
mode_from_name(const char *name, enum deployment_mode *out)
{
	for (enum deployment_mode mode = 0; mode < MODE_COUNT; mode++)
		if (str_eq(name, traits[mode].name)) {
			*out = mode;
			return true;
		}
	return false;
}

enum deployment_mode
mode_of_profile(enum profile_mode profile)
{
	return profile == PROFILE_SELF_DEPLOYING ? MODE_SELF_DEPLOYING : MODE_USER_DRIVEN;
}

// --- conditions, each of one mode's traits and the facts ---

static bool
no_profile(const struct mode_traits *m, const struct mode_facts *f)
{
	return m->profile && !f->profile;
}

static bool
no_domain(const struct mode_traits *m, const struct mode_facts *f)
{
	return !m->hybrid && f->hybrid;
}

static bool
profile_deploys_itself(const struct mode_traits *m, const struct mode_facts *f)
{
	(void)m;
	return f->profile && f->profile_mode == PROFILE_SELF_DEPLOYING;
}

static bool
profile_wants_person(const struct mode_traits *m, const struct mode_facts *f)
{
	return m->profile && f->profile_mode != PROFILE_SELF_DEPLOYING;
}

static bool
not_preprovisioned(const struct mode_traits *m, const struct mode_facts *f)
{
	(void)m;
	return !f->preprovisioning;
}

static bool
file_deploys_itself(const struct mode_traits *m, const struct mode_facts *f)
{
	(void)m;
	return f->oobe & (OOBE_TPM_ATTEST | OOBE_DEVICE_AUTH);
}

static bool
file_preprovisions(const struct mode_traits *m, const struct mode_facts *f)
{
	(void)m;
	return f->oobe & OOBE_WHITE_GLOVE;
}

static bool
no_page(const struct mode_traits *m, const struct mode_facts *f)
{
	return m->page && !f->page;
}

static bool
no_domain_join(const struct mode_traits *m, const struct mode_facts *f)
{
	return m->hybrid && f->hybrid && !f->domain_join;
}

static bool
used_up(const struct mode_traits *m, const struct mode_facts *f)
{
	return m->one_time && f->reuse_blocked;
}

static bool
no_tpm(const struct mode_traits *m, const struct mode_facts *f)
{
	return m->proof && f->tpm_missing;
}

static bool
nobody(const struct mode_traits *m, const struct mode_facts *f)
{
	return m->person && !f->signed_in;
}

enum { ALL = (1 << MODE_COUNT) - 1 };
#define ONE(mode) (1 << MODE_##mode)

// Every refusal, in the order in which a person would mend it. "$d" is the device, "$p" the
// profile.
static const struct refusal {
	unsigned modes;
	bool (*holds)(const struct mode_traits *, const struct mode_facts *);
	enum error_code code;
	const char *fault;
	const char *message;
} refusals[] = {
	{ALL, no_profile, ERR_CONFLICT, "profile_missing",
		"no deployment profile is assigned to $d"},
	{ONE(SELF_DEPLOYING), no_domain, ERR_CONFLICT, "profile_self_deploying_hybrid",
		"profile \"$p\" is self-deploying and hybrid"}, // M4, SD1
	{ONE(DEVICE_PREPARATION), no_domain, ERR_CONFLICT, "preparation_hybrid",
		"$d would join Active Directory, which device preparation cannot"}, // M7
	{ONE(AUTOPILOT_RESET), no_domain, ERR_CONFLICT, "reset_hybrid",
		"$d is joined to Active Directory"}, // M6, C5
	{ONE(PREPROVISIONED) | ONE(USER_DRIVEN), profile_deploys_itself, ERR_CONFLICT,
		"mode_not_of_profile", "profile \"$p\" is self-deploying"},
	{ONE(SELF_DEPLOYING), profile_wants_person, ERR_CONFLICT, "mode_not_of_profile",
		"profile \"$p\" is user-driven"},
	{ONE(PREPROVISIONED), not_preprovisioned, ERR_CONFLICT, "preprovisioning_not_allowed",
		"profile \"$p\" does not allow pre-provisioned deployment"}, // P12
	{ONE(EXISTING_DEVICE), file_deploys_itself, ERR_CONFLICT, "offline_self_deploying",
		"the configuration file of $d asks for self-deploying mode"}, // M5
	{ONE(EXISTING_DEVICE), profile_deploys_itself, ERR_CONFLICT, "offline_self_deploying",
		"profile \"$p\" is self-deploying"}, // M5
	{ONE(EXISTING_DEVICE), file_preprovisions, ERR_CONFLICT, "offline_preprovisioned",
		"the configuration file of $d asks for pre-provisioning"}, // M5
	{ALL, no_page, ERR_CONFLICT, "esp_missing",
		"no Enrollment Status Page is assigned to $d, and the default shows no progress"},
	{ALL, no_domain_join, ERR_CONFLICT, "domain_join_profile_missing",
		"profile \"$p\" is hybrid, but no domain-join profile is assigned"},
	{ALL, used_up, ERR_CONFLICT, "reuse_blocked",
		"$d was deployed before and not released since"}, // B1
	{ALL, no_tpm, ERR_CONFLICT, "tpm_missing", "$d has no TPM"},
	{ALL, nobody, ERR_UNAUTHENTICATED, "signin_needed", "nobody has signed in for $d"},
};

static bool
refuse(const struct refusal *r, const struct mode_facts *f, struct error *e)
{
	const char *at = strchr(r->message, '$');
	const char *name = at[1] == 'p' ? f->profile : f->device;

	return error_fault(e, r->code, r->fault, "%.*s%s%s", (int)(at - r->message), r->message,
		name ? name : "?", at + 2);
}

bool
mode_check(enum deployment_mode mode, const struct mode_facts *facts, struct error *e)
{
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (refusals[i].modes & (1u << mode) && refusals[i].holds(&traits[mode], facts))
			return refuse(&refusals[i], facts, e);
	return true;
}
