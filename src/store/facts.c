// SPDX-License-Identifier: Apache-2.0
#include "store/facts.h"

#include "base/str.h"
#include "codec/json.h"
#include "store/queries.h"

struct device_facts
facts_at_registration(const char *manufacturer, const char *model, const char *group_tag,
	const char *purchase_order)
{
	return (struct device_facts){
		.manufacturer = manufacturer,
		.model = model,
		.group_tag = group_tag,
		.purchase_order = purchase_order,
		.ownership = "Company",
		.os_type = "Windows",
		.os_version = "",
		.trust_type = "",
		.management_type = "",
		.category = "",
		.enrollment_profile_name = "",
		.extensions = "{}",
		.account_enabled = true,
	};
}

bool
facts_load(struct db *db, const struct work *w, const char *device_id, struct device_facts *out,
	const char **cohort_id, struct error *e)
{
	autorows r = NULL;
	struct arena *a = w->arena;

	if (!db_one(db, Q_DEVICE_FACTS, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(device_id)), &r, e))
		return false;
	*out = (struct device_facts){
		.device_id = db_text(a, r, "device_id"),
		.manufacturer = db_text(a, r, "manufacturer"),
		.model = db_text(a, r, "model"),
		.group_tag = db_text(a, r, "group_tag"),
		.purchase_order = db_text(a, r, "purchase_order"),
		.directory_id = db_text(a, r, "directory_id"),
		.display_name = db_text(a, r, "display_name"),
		.account_enabled = db_bool(r, "account_enabled"),
		.ownership = db_text(a, r, "ownership"),
		.os_type = db_text(a, r, "os_type"),
		.os_version = db_text(a, r, "os_version"),
		.trust_type = db_text(a, r, "trust_type"),
		.management_type = db_text(a, r, "management_type"),
		.category = db_text(a, r, "category"),
		.enrollment_profile_name = db_text(a, r, "enrollment_profile_name"),
		.extensions = db_text(a, r, "extensions"),
	};
	if (cohort_id)
		*cohort_id = db_text(a, r, "cohort_id");
	return true;
}

// The texts among the shared attributes; what is empty is left out of the JSON.
static const struct {
	const char *name;
	size_t offset;
} shared[] = {
	{"manufacturer", offsetof(struct device_facts, manufacturer)},
	{"model", offsetof(struct device_facts, model)},
	{"groupTag", offsetof(struct device_facts, group_tag)},
	{"purchaseOrder", offsetof(struct device_facts, purchase_order)},
	{"ownership", offsetof(struct device_facts, ownership)},
	{"osType", offsetof(struct device_facts, os_type)},
	{"osVersion", offsetof(struct device_facts, os_version)},
	{"trustType", offsetof(struct device_facts, trust_type)},
	{"managementType", offsetof(struct device_facts, management_type)},
	{"category", offsetof(struct device_facts, category)},
	{"enrollmentProfileName", offsetof(struct device_facts, enrollment_profile_name)},
};

static const char **
field(struct device_facts *facts, size_t i)
{
	return (const char **)(void *)((char *)facts + shared[i].offset);
}

const char *
facts_text(struct arena *arena, const struct device_facts *facts)
{
	struct device_facts copy = *facts;
	struct buf text;

	buf_init(&text, arena, 64 << 10);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
		if (!str_empty(*field(&copy, i)))
			jsonw_str(&w, shared[i].name, *field(&copy, i));
	if (!facts->account_enabled)
		jsonw_bool(&w, "accountEnabled", false);
	if (!str_empty(facts->extensions) && !str_eq(facts->extensions, "{}"))
		jsonw_raw(&w, "extensions", facts->extensions);
	jsonw_end_object(&w);
	return buf_text(&text);
}

bool
facts_parse(struct arena *arena, const char *text, struct device_facts *out, struct error *e)
{
	const struct json *json = json_parse(arena, slice_str(text), NULL, e);
	struct buf extensions;

	if (!json)
		return error_wrap(e, "attributes of a cohort");
	*out = (struct device_facts){0};
	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
		const char *value = json_str(json, shared[i].name);
		*field(out, i) = value ? value : "";
	}
	out->account_enabled = json_bool(json, "accountEnabled", true);
	out->extensions = "{}";
	if (json_get(json, "extensions")) {
		buf_init(&extensions, arena, 64 << 10);
		struct jsonw w = jsonw_on(&extensions);
		jsonw_value(&w, NULL, json_get(json, "extensions"));
		out->extensions = buf_text(&extensions);
	}
	return true;
}

bool
facts_ask(struct arena *arena, const struct rule *rule, const struct device_facts *facts,
	enum rule_truth *out, struct error *e)
{
	const char **ids = arena_array(arena, 4, sizeof *ids);
	size_t n = 0;

	(void)e;
	ids[n++] = arena_printf(arena, "[ZTDId]:%s", facts->device_id ? facts->device_id : "");
	if (!str_empty(facts->group_tag))
		ids[n++] = arena_printf(arena, "[OrderID]:%s", facts->group_tag);
	struct rule_device view = {
		.display_name = facts->display_name,
		.device_id = facts->directory_id,
		.manufacturer = facts->manufacturer,
		.model = facts->model,
		.os_type = facts->os_type,
		.ownership = facts->ownership,
		.trust_type = str_empty(facts->trust_type) ? NULL : facts->trust_type,
		.profile_name = str_empty(facts->enrollment_profile_name)
			? NULL
			: facts->enrollment_profile_name,
		.physical_ids = ids,
	};
	*out = rule_matches(rule, &view) ? RULE_TRUE : RULE_FALSE;
	return true;
}
