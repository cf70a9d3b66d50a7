// SPDX-License-Identifier: Apache-2.0
#include "domain/enrollment_gate.h"

#include "base/str.h"
#include <ctype.h>

static bool
listed(const char *text, const char *const *list, size_t count)
{
	for (size_t i = 0; text && i < count; i++)
		if (str_ieq(list[i], text))
			return true;
	return false;
}

static bool
in_groups(const struct gate_request *r, const char *const *groups, size_t count)
{
	for (size_t i = 0; i < r->user_group_count; i++)
		if (listed(r->user_groups[i], groups, count))
			return true;
	return false;
}

static bool
is_member(const struct gate_membership *m, const struct gate_request *r)
{
	if (m->scope != GATE_SELECTED)
		return m->scope == GATE_ALL;
	return listed(r->user_id, m->users, m->user_count) ||
		in_groups(r, m->groups, m->group_count);
}

int
version_compare(const char *a, const char *b)
{
	while (*a || *b) {
		uint64_t x = 0, y = 0;
		for (; isdigit((unsigned char)*a); a++)
			x = x < UINT64_MAX / 20 ? x * 10 + (uint64_t)(*a - '0') : x;
		for (; isdigit((unsigned char)*b); b++)
			y = y < UINT64_MAX / 20 ? y * 10 + (uint64_t)(*b - '0') : y;
		if (x != y)
			return x < y ? -1 : 1;
		a += *a != '\0';
		b += *b != '\0';
	}
	return 0;
}

static struct gate_verdict
gate_refuse(const char *fault, const char *reason)
{
	return (struct gate_verdict){.fault = fault, .reason = reason};
}

// E1. None is for everybody; of the selected ones only a person can be.
static struct gate_verdict
check_management(struct arena *arena, const struct gate_policies *p, const struct gate_request *r)
{
	if (p->management.scope == GATE_NONE)
		return gate_refuse("management_scope_none", "the management scope is None");
	if (r->upn && !is_member(&p->management, r))
		return gate_refuse("management_scope_user",
			arena_printf(arena, "%s is in no group of the management scope", r->upn));
	return (struct gate_verdict){.allowed = true};
}

// E6, E7: of the directory join only.
static struct gate_verdict
check_join(struct arena *arena, const struct gate_policies *p, const struct gate_request *r)
{
	if (r->hybrid || r->userless || !r->upn)
		return (struct gate_verdict){.allowed = true};
	if (!is_member(&p->join, r))
		return gate_refuse("join_not_allowed",
			arena_printf(arena, "%s is not among those who may join devices", r->upn));
	if (p->quota > 0 && r->devices_of_user >= p->quota)
		return gate_refuse("device_quota",
			arena_printf(arena, "%s has %lld devices, and may have %lld", r->upn,
				(long long)r->devices_of_user, (long long)p->quota));
	return (struct gate_verdict){.allowed = true};
}

// E10: the restriction with the best priority among those of the person's groups, else the default
// one; nobody's device is governed by the default.
static const struct gate_restriction *
restriction_for(const struct gate_policies *p, const struct gate_request *r)
{
	const struct gate_restriction *best = NULL;

	for (size_t i = 0; i < p->restriction_count; i++) {
		const struct gate_restriction *one = &p->restrictions[i];
		bool applies = one->priority == 0 ||
			(!r->userless && r->upn && in_groups(r, one->groups, one->group_count));
		if (applies &&
			(!best || best->priority == 0 ||
				(one->priority != 0 && one->priority < best->priority)))
			best = one;
	}
	return best;
}

// E9, E12.
static struct gate_verdict
check_platform(struct arena *arena, const struct gate_restriction *x, const struct gate_request *r)
{
	const char *by = arena_printf(arena, "restriction \"%s\"", x->name);

	if (x->blocked)
		return gate_refuse(
			"platform_blocked", arena_printf(arena, "%s blocks Windows devices", by));
	if (x->personal_blocked && !r->corporate)
		return gate_refuse(
			"personal_blocked", arena_printf(arena, "%s blocks personal devices", by));
	if (listed(r->manufacturer, x->manufacturers, x->manufacturer_count))
		return gate_refuse("platform_blocked",
			arena_printf(arena, "%s blocks devices of %s", by, r->manufacturer));
	if (!str_empty(r->edition) && listed(r->edition, x->skus, x->sku_count))
		return gate_refuse("platform_blocked",
			arena_printf(arena, "%s blocks the edition %s", by, r->edition));
	if (!str_empty(x->os_min) && !str_empty(r->os_version) &&
		version_compare(r->os_version, x->os_min) < 0)
		return gate_refuse("os_version_refused",
			arena_printf(arena, "%s asks for version %s or newer, the device has %s",
				by, x->os_min, r->os_version));
	if (!str_empty(x->os_max) && !str_empty(r->os_version) &&
		version_compare(r->os_version, x->os_max) > 0)
		return gate_refuse("os_version_refused",
			arena_printf(arena, "%s asks for version %s or older, the device has %s",
				by, x->os_max, r->os_version));
	return (struct gate_verdict){
		.allowed = true, .reason = arena_printf(arena, "allowed by %s", by)};
}

// Windows Home cannot be managed (0x80180022). Devices give the edition's id or its number.
static bool
is_home(const char *edition)
{
	static const char *const home[] = {"Core", "CoreN", "CoreSingleLanguage",
		"CoreCountrySpecific", "Home", "98", "99", "100", "101"};

	return listed(edition, home, sizeof home / sizeof *home);
}

struct gate_verdict
enrollment_gate(struct arena *arena, const struct gate_policies *policies,
	const struct gate_request *request)
{
	struct gate_verdict v = check_management(arena, policies, request);
	const struct gate_restriction *restriction;

	if (!v.allowed)
		return v;
	v = check_join(arena, policies, request);
	if (!v.allowed)
		return v;
	if (!str_empty(request->edition) && is_home(request->edition))
		return gate_refuse("edition_unsupported",
			arena_printf(arena, "the device runs the edition %s", request->edition));
	restriction = restriction_for(policies, request);
	if (restriction)
		return check_platform(arena, restriction, request);
	return (struct gate_verdict){.allowed = true, .reason = "nothing restricts it"};
}

static const char *const *
read_texts(struct arena *arena, const struct json *list, const char *member, size_t *count)
{
	const char **texts = arena_array(arena, list ? list->count + 1 : 1, sizeof *texts);

	*count = 0;
	for (const struct json *x = list ? list->first : NULL; x; x = x->next) {
		const char *text = member	 ? json_str(x, member)
			: x->type == JSON_STRING ? x->text
						 : NULL;
		if (!str_empty(text))
			texts[(*count)++] = text;
	}
	return texts;
}

void
gate_read_management(struct arena *arena, const struct json *document, struct gate_policies *out)
{
	const char *applies = json_str(document, "appliesTo");
	struct gate_membership *m = &out->management;

	m->scope = str_ieq(applies, "none")				   ? GATE_NONE
		: str_ieq(applies, "selected") || str_ieq(applies, "some") ? GATE_SELECTED
									   : GATE_ALL;
	m->groups =
		read_texts(arena, json_get(document, "ferryIncludedGroups"), NULL, &m->group_count);
}

void
gate_read_registration(struct arena *arena, const struct json *document, struct gate_policies *out)
{
	const struct json *who = json_get(json_get(document, "azureADJoin"), "allowedToJoin");
	const char *type = json_str(who, "@odata.type");
	struct gate_membership *m = &out->join;

	out->quota = json_int(document, "userDeviceQuota", 0);
	m->scope = str_ends(type, "noDeviceRegistrationMembership")	   ? GATE_NONE
		: str_ends(type, "enumeratedDeviceRegistrationMembership") ? GATE_SELECTED
									   : GATE_ALL;
	m->groups = read_texts(arena, json_get(who, "groups"), NULL, &m->group_count);
	m->users = read_texts(arena, json_get(who, "users"), NULL, &m->user_count);
}

bool
gate_read_restriction(
	struct arena *arena, const struct json *document, struct gate_restriction *out)
{
	const char *platform = json_str(document, "platformType");
	const struct json *x = json_get(document, "windowsRestriction");
	const char *name = json_str(document, "displayName"), *id = json_str(document, "id");
	const char *min, *max;

	if (!x && platform && !str_ieq(platform, "windows") && !str_ieq(platform, "allPlatforms"))
		return false;
	if (!x)
		x = json_get(document, "platformRestriction");
	if (!x || x->type != JSON_OBJECT)
		return false;
	min = json_str(x, "osMinimumVersion");
	max = json_str(x, "osMaximumVersion");
	*out = (struct gate_restriction){
		.id = id ? id : "",
		.name = name ? name : "",
		.priority = json_int(document, "priority", 0),
		.blocked = json_bool(x, "platformBlocked", false),
		.personal_blocked = json_bool(x, "personalDeviceEnrollmentBlocked", false),
		.os_min = min ? min : "",
		.os_max = max ? max : "",
	};
	out->manufacturers = read_texts(
		arena, json_get(x, "blockedManufacturers"), NULL, &out->manufacturer_count);
	out->skus = read_texts(arena, json_get(x, "blockedSkus"), NULL, &out->sku_count);
	return true;
}

// One to four numbers with dots between them.
static bool
is_version(const char *text)
{
	size_t digits = 0, parts = 1;

	for (const char *p = text; *p; p++) {
		if (*p == '.' && digits > 0) {
			parts++;
			digits = 0;
		} else if (*p < '0' || *p > '9' || ++digits > 9) {
			return false;
		}
	}
	return digits > 0 && parts <= 4;
}

void
gate_check_restriction(const struct json *document, struct findings *out)
{
	struct gate_restriction x;

	if (!gate_read_restriction(out->arena, document, &x))
		return;
	const char *const versions[] = {x.os_min, x.os_max};
	for (size_t i = 0; i < 2; i++)
		if (*versions[i] && !is_version(versions[i]))
			finding_add(out, SEVERITY_BLOCKING, "restriction_version_invalid",
				"\"%.40s\" of \"%s\" is not a version", versions[i], x.name);
	if (is_version(x.os_min) && is_version(x.os_max) && version_compare(x.os_min, x.os_max) > 0)
		finding_add(out, SEVERITY_BLOCKING, "restriction_version_invalid",
			"\"%s\" asks for %s or newer and %s or older", x.name, x.os_min, x.os_max);
}
