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
		.unregistered = str_eq(db_text(a, r, "source"), "preparation"),
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
	if (facts->unregistered)
		jsonw_bool(&w, "unregistered", true);
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
	out->unregistered = json_bool(json, "unregistered", false);
	out->extensions = "{}";
	if (json_get(json, "extensions")) {
		buf_init(&extensions, arena, 64 << 10);
		struct jsonw w = jsonw_on(&extensions);
		jsonw_value(&w, NULL, json_get(json, "extensions"));
		out->extensions = buf_text(&extensions);
	}
	return true;
}

static struct rule_value
text_or_null(const char *text)
{
	return rule_text_value(str_empty(text) ? NULL : text);
}

static struct rule_value
own_value(const char *text)
{
	return text ? rule_text_value(text) : rule_unknown_value();
}

// devicePhysicalIds: "[ZTDId]:…", "[OrderID]:tag", "[PurchaseOrderId]:id" (behaviour R12 to R14).
// They come with the registration, so that G1 means Autopilot devices and no others.
static struct rule_value
physical_ids(struct arena *arena, const struct device_facts *facts)
{
	struct rule_text *list = arena_array(arena, 3, sizeof *list);
	size_t count = 0;

	if (facts->unregistered)
		return rule_list_value(list, 0, false);
	list[count++] = facts->device_id
		? rule_element(arena_printf(arena, "[ZTDId]:%s", facts->device_id))
		: rule_open_element("[ZTDId]:");
	if (!str_empty(facts->group_tag))
		list[count++] = rule_element(arena_printf(arena, "[OrderID]:%s", facts->group_tag));
	if (!str_empty(facts->purchase_order))
		list[count++] = rule_element(
			arena_printf(arena, "[PurchaseOrderId]:%s", facts->purchase_order));
	return rule_list_value(list, count, false);
}

static void
extension_values(struct arena *arena, const char *text, struct rule_values *out)
{
	struct error e;
	const struct json *json = str_empty(text) || str_eq(text, "{}")
		? NULL
		: json_parse(arena, slice_str(text), NULL, &e);

	for (int i = 0; json && i < 15; i++)
		out->of[RULE_EXTENSION_ATTRIBUTE_1 + i] = text_or_null(
			json_str(json, arena_printf(arena, "extensionAttribute%d", i + 1)));
}

void
facts_values(struct arena *arena, const struct device_facts *facts, const char *const *group_ids,
	size_t group_count, struct rule_values *out)
{
	struct rule_text *groups = arena_array(arena, group_count + 1, sizeof *groups);

	for (size_t i = 0; i < group_count; i++)
		groups[i] = rule_element(group_ids[i]);
	*out = (struct rule_values){0};
	out->of[RULE_MEMBER_OF] = rule_list_value(groups, group_count, false);
	out->of[RULE_ACCOUNT_ENABLED] = rule_bool_value(facts->account_enabled);
	out->of[RULE_DISPLAY_NAME] = own_value(facts->display_name);
	out->of[RULE_OBJECT_ID] = own_value(facts->directory_id);
	out->of[RULE_DEVICE_ID] = own_value(facts->directory_id);
	out->of[RULE_DEVICE_CATEGORY] = text_or_null(facts->category);
	out->of[RULE_DEVICE_MANUFACTURER] = text_or_null(facts->manufacturer);
	out->of[RULE_DEVICE_MODEL] = text_or_null(facts->model);
	out->of[RULE_DEVICE_OS_TYPE] = text_or_null(facts->os_type);
	out->of[RULE_DEVICE_OS_VERSION] = text_or_null(facts->os_version);
	out->of[RULE_DEVICE_OWNERSHIP] = text_or_null(facts->ownership);
	out->of[RULE_DEVICE_PHYSICAL_IDS] = physical_ids(arena, facts);
	out->of[RULE_DEVICE_TRUST_TYPE] = text_or_null(facts->trust_type);
	out->of[RULE_ENROLLMENT_PROFILE_NAME] = text_or_null(facts->enrollment_profile_name);
	out->of[RULE_MANAGEMENT_TYPE] = text_or_null(facts->management_type);
	out->of[RULE_PROFILE_TYPE] = rule_text_value("RegisteredDevice");
	extension_values(arena, facts->extensions, out);
}
