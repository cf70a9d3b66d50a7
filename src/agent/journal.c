// SPDX-License-Identifier: Apache-2.0
#include "agent/journal.h"

#include "base/failpoint.h"
#include "base/fs.h"
#include "base/str.h"
#include "codec/json.h"
#include <stddef.h>

enum { JOURNAL_MAX = 1 << 20, VERSION = 1 };

static const char *const flow_names[FLOW_COUNT] = {
	[FLOW_OOBE] = "oobe",
	[FLOW_TECHNICIAN] = "technician",
	[FLOW_READY] = "ready",
	[FLOW_RESEALED] = "resealed",
	[FLOW_USER] = "user",
	[FLOW_DONE] = "done",
	[FLOW_USER_DRIVEN] = "userDriven",
	[FLOW_SELF_DEPLOYING] = "selfDeploying",
	[FLOW_PREPARATION] = "devicePreparation",
	[FLOW_RESET] = "reset",
	[FLOW_RETIRED] = "retired",
};

// The texts of the journal: one table reads and writes.
static const struct {
	const char *name;
	size_t offset;
} texts[] = {
	{"step", offsetof(struct journal, step)},
	{"language", offsetof(struct journal, language)},
	{"region", offsetof(struct journal, region)},
	{"keyboard", offsetof(struct journal, keyboard)},
	{"keyboard2", offsetof(struct journal, keyboard2)},
	{"mode", offsetof(struct journal, mode)},
	{"deployment", offsetof(struct journal, deployment_id)},
	{"enrollment", offsetof(struct journal, enrollment_id)},
	{"mdmUrl", offsetof(struct journal, mdm_url)},
	{"domain", offsetof(struct journal, domain)},
	{"netbios", offsetof(struct journal, netbios)},
	{"computerName", offsetof(struct journal, computer_name)},
	{"machineSid", offsetof(struct journal, machine_sid)},
	{"dc", offsetof(struct journal, dc)},
	{"directory", offsetof(struct journal, directory_id)},
	{"user", offsetof(struct journal, user)},
	{"act", offsetof(struct journal, act)},
	{"domainUser", offsetof(struct journal, domain_user)},
	{"userToken", offsetof(struct journal, user_token)},
	{"privacy", offsetof(struct journal, privacy)},
	{"accountType", offsetof(struct journal, account_type)},
};

const char *
flow_name(enum flow flow)
{
	return flow_names[flow];
}

static const char **
text_field(struct journal *journal, size_t index)
{
	return (const char **)(void *)((char *)journal + texts[index].offset);
}

static bool
read_flow(const char *name, enum flow *out)
{
	for (enum flow f = 0; f < FLOW_COUNT; f++)
		if (str_eq(name, flow_names[f])) {
			*out = f;
			return true;
		}
	return false;
}

static bool
parse(struct arena *arena, struct slice text, struct journal *out, struct error *e)
{
	const struct json *json = json_parse(arena, text, NULL, e);

	if (!json)
		return false;
	if (json_int(json, "version", 0) != VERSION ||
		!read_flow(json_str(json, "flow"), &out->flow))
		return error_set(e, ERR_INVALID, "written by another version");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		*text_field(out, i) = json_str(json, texts[i].name);
	out->joined = json_bool(json, "joined", false);
	out->kiosk = json_bool(json, "kiosk", false);
	out->local_reset = json_bool(json, "localReset", false);
	out->password_changed = json_bool(json, "passwordChanged", false);
	out->eula_accepted = json_bool(json, "eulaAccepted", false);
	out->account_ready = json_bool(json, "accountReady", false);
	out->technician_seconds = json_int(json, "technicianSeconds", 0);
	out->percent = json_int(json, "percent", 0);
	const struct json *done = json_get(json, "done");
	for (const struct json *item = done ? done->first : NULL; item; item = item->next)
		if (item->type == JSON_STRING && out->done_count < JOURNAL_ITEMS)
			out->done[out->done_count++] = item->text;
	const struct json *packages = json_get(json, "packages");
	for (const struct json *item = packages ? packages->first : NULL; item; item = item->next)
		if (item->type == JSON_STRING && out->package_count < JOURNAL_PACKAGES)
			out->packages[out->package_count++] = item->text;
	return true;
}

bool
journal_open(struct arena *arena, const char *path, struct journal *out, struct error *e)
{
	struct slice text;
	struct journal journal = {.path = path, .arena = arena};

	if (!fs_read(arena, path, JOURNAL_MAX, &text, e)) {
		if (e->code != ERR_NOT_FOUND)
			return false;
		*out = journal;
		return true;
	}
	if (!parse(arena, text, &journal, e)) {
		error_wrap(e, "%s", path);
		return error_hint(e, "remove the file to begin again from the first screen");
	}
	*out = journal;
	return true;
}

bool
journal_save(const struct journal *journal, struct error *e)
{
	autoarena(arena, 4 << 20);
	struct buf text;

	buf_init(&text, &arena, JOURNAL_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "version", VERSION);
	jsonw_str(&w, "flow", flow_names[journal->flow]);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		jsonw_str(&w, texts[i].name,
			*(const char *const *)(const void *)((const char *)journal +
				texts[i].offset));
	jsonw_bool(&w, "joined", journal->joined);
	jsonw_bool(&w, "kiosk", journal->kiosk);
	jsonw_bool(&w, "localReset", journal->local_reset);
	jsonw_bool(&w, "passwordChanged", journal->password_changed);
	jsonw_bool(&w, "eulaAccepted", journal->eula_accepted);
	jsonw_bool(&w, "accountReady", journal->account_ready);
	jsonw_int(&w, "technicianSeconds", journal->technician_seconds);
	jsonw_int(&w, "percent", journal->percent);
	jsonw_array(&w, "done");
	for (size_t i = 0; i < journal->done_count; i++)
		jsonw_str(&w, NULL, journal->done[i]);
	jsonw_end_array(&w);
	jsonw_array(&w, "packages");
	for (size_t i = 0; i < journal->package_count; i++)
		jsonw_str(&w, NULL, journal->packages[i]);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	if (!buf_ok(&text, e) || !fs_write(journal->path, buf_slice(&text), 0600, e)) {
		struct error why = *e;
		return error_fault(e, ERR_IO, "disk_error", "journal: %s", why.message);
	}
	return true;
}

bool
journal_step(struct journal *journal, const char *step, struct error *e)
{
	journal->step = step;
	if (!journal_save(journal, e))
		return false;
	char point[64];
	snprintf(point, sizeof point, "agent.%s", step);
	failpoint(point);
	return true;
}

bool
journal_is_done(const struct journal *journal, const char *loc_uri)
{
	for (size_t i = 0; i < journal->done_count; i++)
		if (str_eq(journal->done[i], loc_uri))
			return true;
	return false;
}

bool
journal_add_done(struct journal *journal, const char *loc_uri, struct error *e)
{
	if (journal_is_done(journal, loc_uri))
		return true;
	if (journal->done_count == JOURNAL_ITEMS)
		return error_set(e, ERR_LIMIT, "more than %d items", JOURNAL_ITEMS);
	journal->done[journal->done_count++] = arena_strdup(journal->arena, loc_uri);
	return journal_save(journal, e);
}

bool
journal_add_package(struct journal *journal, const char *name, struct error *e)
{
	for (size_t i = 0; i < journal->package_count; i++)
		if (str_eq(journal->packages[i], name))
			return true;
	if (journal->package_count == JOURNAL_PACKAGES)
		return error_set(e, ERR_LIMIT, "more than %d packages", JOURNAL_PACKAGES);
	journal->packages[journal->package_count++] = arena_strdup(journal->arena, name);
	return journal_save(journal, e);
}
