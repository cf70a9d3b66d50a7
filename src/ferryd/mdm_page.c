// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "codec/json.h"
#include "ferryd/mdm.h"

#define DEVICE_NODE "./Device/" MDM_ESP_NODE
#define OWN_NODE "./Device/Vendor/Ferry/StatusPage/"
#define TRACKING "./Device/Vendor/MSFT/EnrollmentStatusTracking/"

struct esp_app
mdm_app_rule(const struct mdm_facts *f, const struct item *item)
{
	static const struct esp_app blocks = {.attempt = true, .wait = true, .fatal = true};
	// X36: the page does not know of scripts; nor of what another item's value keeps away.
	static const struct esp_app untracked = {0};
	bool of_user = str_eq(item->scope, "user");

	if (str_eq(item->state, "conflict") || (str_eq(item->kind, "script") && !f->preparing))
		return untracked;
	if (!f->page || !str_eq(item->kind, "app"))
		return blocks;
	// Before somebody has signed in nobody knows what is theirs (X17).
	return esp_app_decide(f->page, item->item_id,
		f->user_phase ? ESP_FLOW_USER_DRIVEN : f->flow, of_user && !f->user_phase);
}

// The LocURIs of one kind in one scope, joined by U+F000 (mdm-wire.md section 9.1).
static const char *
expected(
	struct arena *arena, const struct mdm_facts *f, const char *scope, bool apps, bool networks)
{
	struct buf out;

	buf_init(&out, arena, 256 << 10);
	for (size_t i = 0; i < f->item_count; i++) {
		const struct item *item = &f->items[i];
		// What is only tried is not announced: its failure is none of the page's.
		if (!str_eq(item->scope, scope) || str_eq(item->kind, "app") != apps ||
			str_eq(item->kind, "network") != networks || !mdm_app_rule(f, item).fatal)
			continue;
		buf_printf(&out, "%s%s%s", out.len ? "\xef\x80\x80" : "", item->loc_uri,
			apps ? ";1" : "");
	}
	return buf_text(&out);
}

void
mdm_expect_lists(struct arena *arena, const struct mdm_facts *f, const char *scope,
	struct syncml_message *reply)
{
	const char *root = str_eq(scope, "user") ? "./User/" MDM_ESP_NODE : DEVICE_NODE;
	const struct {
		const char *node;
		const char *value;
	} lists[] = {
		{"ExpectedPolicies", expected(arena, f, scope, false, false)},
		{"ExpectedNetworkProfiles", expected(arena, f, scope, false, true)},
		{"ExpectedMSIAppPackages", expected(arena, f, scope, true, false)},
	};

	for (size_t i = 0; i < 3; i++)
		mdm_command(arena, reply, SYNCML_REPLACE, arena_printf(arena, "e%s%zu", scope, i),
			arena_printf(arena, "%s%s", root, lists[i].node), "chr", lists[i].value);
}

// Each app that the page waits for (X57, X58). Which of them ask for a restart by themselves is the
// device's to find out; some are known to.
static void
track(struct arena *arena, const struct mdm_facts *f, struct syncml_message *reply)
{
	mdm_command(arena, reply, SYNCML_ADD, "t1",
		TRACKING "DevicePreparation/PolicyProviders/Ferry", NULL, NULL);
	mdm_command(arena, reply, SYNCML_REPLACE, "t2",
		TRACKING "DevicePreparation/PolicyProviders/Ferry/InstallationState", "int", "3");
	for (size_t i = 0; i < f->item_count; i++) {
		const struct item *item = &f->items[i];
		if (!str_eq(item->kind, "app") || !str_eq(item->scope, "device") ||
			!mdm_app_rule(f, item).attempt)
			continue;
		const char *root =
			arena_printf(arena, TRACKING "Setup/Apps/Tracking/Ferry/%s", item->item_id);
		mdm_command(arena, reply, SYNCML_ADD, arena_printf(arena, "tu%zu", i),
			arena_printf(arena, "%s/TrackingUri", root), "chr", item->loc_uri);
		mdm_command(arena, reply, SYNCML_REPLACE, arena_printf(arena, "tr%zu", i),
			arena_printf(arena, "%s/RebootRequired", root), "int",
			str_eq(item->data, "restart") ? "3" : "1");
	}
	mdm_command(arena, reply, SYNCML_REPLACE, "t3",
		TRACKING "Setup/Apps/PolicyProviders/Ferry/TrackingPoliciesCreated", "bool",
		"true");
}

static const char *
number(struct arena *arena, int64_t value)
{
	return arena_printf(arena, "%lld", (long long)value);
}

// What the page calls its items: an address says little to whoever looks at it.
static void
name_items(struct arena *arena, const struct mdm_facts *f, struct syncml_message *reply)
{
	struct buf out;

	buf_init(&out, arena, 512 << 10);
	struct jsonw w = jsonw_on(&out);
	jsonw_array(&w, NULL);
	for (size_t i = 0; i < f->item_count; i++) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "uri", f->items[i].loc_uri);
		jsonw_str(&w, "name", f->items[i].name);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	mdm_command(arena, reply, SYNCML_REPLACE, "p10", OWN_NODE "Names", "chr", buf_text(&out));
}

void
mdm_hold_page(struct arena *arena, const struct mdm_facts *f, struct syncml_message *reply)
{
	const struct esp_settings none = esp_settings_default();
	const struct esp_settings *page = f->page ? f->page : &none;
	bool skip_user = !page->show || (page->first_user_only && f->later_user);
	const struct {
		const char *id, *node, *format, *value;
	} nodes[] = {
		{"p1", DEVICE_NODE "SkipDeviceStatusPage", "bool", page->show ? "false" : "true"},
		{"p2", DEVICE_NODE "SkipUserStatusPage", "bool", skip_user ? "true" : "false"},
		{"p3", DEVICE_NODE "BlockInStatusPage", "int", number(arena, esp_block_bits(page))},
		{"p4", DEVICE_NODE "TimeOutUntilSyncFailure", "int",
			number(arena, f->timeout_minutes)},
		{"p5", DEVICE_NODE "AllowCollectLogsButton", "bool", page->logs ? "true" : "false"},
		{"p6", DEVICE_NODE "CustomErrorText", "chr", page->message},
		{"p7", OWN_NODE "HybridExtraMinutes", "int",
			number(arena, f->hybrid ? page->hybrid_extra_minutes : 0)},
		{"p8", OWN_NODE "PolicyHash", "chr", f->policy},
		{"p9", OWN_NODE "NothingForUser", "chr",
			f->nothing_for_user ? f->nothing_for_user : ""},
	};

	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		if (nodes[i].value)
			mdm_command(arena, reply, SYNCML_REPLACE, nodes[i].id, nodes[i].node,
				nodes[i].format, nodes[i].value);
	if (f->item_count)
		name_items(arena, f, reply);
	track(arena, f, reply);
}
