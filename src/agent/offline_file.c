// SPDX-License-Identifier: Apache-2.0
#include "agent/offline_file.h"

#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/deployment_mode.h"
#include "domain/naming.h"
#include "pki/hash.h"

static const char *
keep(struct agent *agent, const char *text)
{
	return text ? arena_strdup(agent->arena, text) : NULL;
}

static void
note(struct agent *agent, const struct offline_profile *file)
{
	struct findings odd = {.arena = agent->step};

	for (size_t i = 0; i < file->note_count; i++)
		log_warn("%s: %s", agent->config.offline_profile, file->notes[i]);
	oobe_config_check(file->oobe, &odd);
	for (size_t i = 0; i < odd.count; i++)
		log_warn("%s: %s", agent->config.offline_profile, odd.items[i].text);
}

// V11 is a name or a template, as in a profile; a domain names its computers itself (P23).
static bool
named(struct agent *agent, const struct offline_profile *file, struct error *e)
{
	struct error why;
	const char *name = file->hybrid ? NULL : file->device_name;

	agent->offline_name = NULL;
	if (str_empty(name))
		return true;
	unsigned char random[SHA256_LEN];
	_Static_assert((int)SHA256_LEN >= (int)NAME_RANDOM_DIGITS, "enough digits");
	// The same after each start: two names for one device help nobody.
	sha256(slice_str(arena_printf(agent->step, "%s %s", agent->hardware_hash, name)), random);
	if (naming_check(name, &why) &&
		naming_expand(
			agent->arena, name, agent->serial, random, &agent->offline_name, &why))
		return true;
	return error_fault(e, ERR_INVALID, "offline_profile_invalid", "CloudAssignedDeviceName: %s",
		why.message);
}

bool
offline_file_read(struct agent *agent, bool *found, struct error *e)
{
	struct offline_profile file;
	struct slice text;

	*found = false;
	if (!fs_read(agent->arena, agent->config.offline_profile, OFFLINE_MAX + 1, &text, e))
		return e->code == ERR_NOT_FOUND;
	if (!offline_profile_read(agent->arena, text, &file, e) || !named(agent, &file, e))
		return false;
	note(agent, &file);
	agent->offline = file;
	agent->has_offline = *found = true;
	return true;
}

// V5, V6, V11, V12: the bits hide pages, and what is written in the file is what the device does
// with it, whatever the profile has become since.
bool
offline_file_apply(struct agent *agent, struct error *e)
{
	const struct offline_profile *file = &agent->offline;
	struct profile *p = &agent->profile;

	p->mode = "existingDevice";
	// How it joins is the service's word, which makes the account: a file that says something
	// else (V7) is older than the profile, and nobody would see what became of the device.
	const char *join = file->hybrid ? "hybrid" : "directory";
	if (!agent->journal.enrollment_id && !str_empty(p->join_type) &&
		!str_eq(p->join_type, join))
		return error_fault(e, ERR_CONFLICT, "offline_profile_outdated",
			"the file says %s, the profile %s", join, p->join_type);
	if (agent->offline_name)
		p->device_name = agent->offline_name;
	p->eula_hidden = file->oobe & OOBE_SKIP_EULA;
	p->privacy_hidden = file->oobe & OOBE_SKIP_EXPRESS;
	p->standard_user = file->oobe & OOBE_STANDARD_USER;
	p->keyboard_skipped = file->oobe & OOBE_SKIP_KEYBOARD;
	p->skip_domain_check = file->skip_dc_check;
	if (file->upn)
		p->user = keep(agent, file->upn);
	if (file->language)
		p->locale = keep(agent, file->language);
	return true;
}

// The member "offline" of a request, and the bits that the service judges.
void
offline_file_write(const struct agent *agent, struct jsonw *w)
{
	if (!agent->has_offline)
		return;
	jsonw_object(w, "offline");
	jsonw_str(w, "tenantId", agent->offline.tenant_id);
	jsonw_str(w, "correlationId", agent->offline.correlation_id);
	jsonw_end_object(w);
	jsonw_int(w, "oobeConfig", agent->offline.oobe);
}

// The file may ask for what only a registered device can do (M5); said before anybody types a
// password.
bool
offline_file_check(const struct agent *agent, struct error *e)
{
	struct mode_facts facts = {
		.device = agent->serial,
		.profile = "",
		.domain_join = true,
		.signed_in = true,
		.tpm_missing = !agent->tpm,
		.oobe = agent->offline.oobe,
	};

	return mode_check(MODE_EXISTING_DEVICE, &facts, e);
}
