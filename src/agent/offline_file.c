// SPDX-License-Identifier: Apache-2.0
#include "agent/offline_file.h"

#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/deployment_mode.h"

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

bool
offline_file_read(struct agent *agent, bool *found, struct error *e)
{
	struct offline_profile file;
	struct slice text;

	*found = false;
	if (!fs_read(agent->arena, agent->config.offline_profile, OFFLINE_MAX + 1, &text, e))
		return e->code == ERR_NOT_FOUND;
	if (!offline_profile_read(agent->arena, text, &file, e))
		return false;
	note(agent, &file);
	agent->offline = file;
	agent->has_offline = *found = true;
	return true;
}

// V5, V6, V11, V12: the bits hide pages, and what is written in the file is what the device does
// with it, whatever the profile has become since.
void
offline_file_apply(struct agent *agent)
{
	const struct offline_profile *file = &agent->offline;
	struct profile *p = &agent->profile;

	p->mode = "existingDevice";
	// How it joins is the service's word, which makes the account; the file may be older.
	if (!str_eq(p->join_type, file->hybrid ? "hybrid" : "directory"))
		log_warn("%s: the profile has another way to join since",
			agent->config.offline_profile);
	p->eula_hidden = file->oobe & OOBE_SKIP_EULA;
	p->privacy_hidden = file->oobe & OOBE_SKIP_EXPRESS;
	p->standard_user = file->oobe & OOBE_STANDARD_USER;
	p->keyboard_skipped = file->oobe & OOBE_SKIP_KEYBOARD;
	p->skip_domain_check = file->skip_dc_check;
	if (file->upn)
		p->user = keep(agent, file->upn);
	if (file->language)
		p->locale = keep(agent, file->language);
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
