// SPDX-License-Identifier: Apache-2.0
#include "agent/esp_view.h"

#include "base/clock.h"
#include "base/str.h"
#include "domain/fault.h"
#include "domain/vpn_profile.h"

#define SEPARATOR "\xef\x80\x80" // U+F000

void
esp_view_begin(struct esp_view *view)
{
	for (enum esp_row row = 0; row < ESP_ROWS; row++) {
		view->moved_ms[row] = 0;
		view->seen[row] = 0;
		view->current[row] = NULL;
		esp_view_set(view, row, ESP_WAITING, "");
	}
	view->expected_count = 0;
	view->told = 0;
}

void
esp_view_set(struct esp_view *view, enum esp_row row, enum esp_state state, const char *detail)
{
	bool same = view->state[row] == state && view->moved_ms[row] &&
		str_eq(view->detail[row], detail ? detail : "");

	if (!same) {
		view->moved_ms[row] = clock_monotonic_ms();
		view->moved_at[row] = clock_now();
	}
	view->state[row] = state;
	view->fault[row] = NULL;
	snprintf(view->detail[row], sizeof view->detail[row], "%s", detail ? detail : "");
}

void
esp_view_because(
	struct esp_view *view, enum esp_row row, enum esp_state state, const struct error *why)
{
	const struct fault *fault = fault_find(why->fault);

	esp_view_set(view, row, state, why->message);
	view->fault[row] = fault ? fault->name : NULL;
}

void
esp_view_current(struct esp_view *view, const char *loc_uri)
{
	for (size_t i = 0; i < view->expected_count; i++)
		if (str_eq(view->expected[i].loc_uri, loc_uri))
			view->current[view->expected[i].row] = view->expected[i].loc_uri;
}

enum esp_row
esp_view_failed(const struct esp_view *view)
{
	enum esp_row row = 0;

	while (row < ESP_ROWS && view->state[row] != ESP_ERROR)
		row++;
	return row;
}

enum esp_row
esp_view_row(const char *loc_uri)
{
	const char *scope = str_starts(loc_uri, "./User/") ? "user" : "device";
	const char *kind = strstr(loc_uri, "/EnterpriseDesktopAppManagement/") ? "app"
		: strstr(loc_uri, "/WiFi/Profile/")			       ? "network"
		: strstr(loc_uri, "/" VPN_NODE)				       ? "network"
		: strstr(loc_uri, "/RootCATrustedCertificates/")	       ? "certificate"
									       : "policy";

	return esp_row_of_item(kind, scope);
}

// Which list a LocURI would be announced in: a new list replaces what it announced before.
static bool
belongs_to(const struct esp_expected *item, bool user, const char *list_node)
{
	bool app = item->row == ESP_APPS || item->row == ESP_ACCOUNT_APPS;
	bool network = item->row == ESP_NETWORKS || item->row == ESP_ACCOUNT_NETWORKS;

	if (str_starts(item->loc_uri, "./User/") != user)
		return false;
	if (str_eq(list_node, "ExpectedMSIAppPackages"))
		return app;
	return str_eq(list_node, "ExpectedNetworkProfiles") ? network : !app && !network;
}

void
esp_view_expect(struct esp_view *view, struct arena *arena, bool user, const char *list_node,
	const char *value)
{
	size_t kept = 0;

	for (size_t i = 0; i < view->expected_count; i++)
		if (!belongs_to(&view->expected[i], user, list_node))
			view->expected[kept++] = view->expected[i];
	view->expected_count = kept;
	while (value && *value && view->expected_count < ESP_VIEW_EXPECTED) {
		const char *end = strstr(value, SEPARATOR);
		size_t len = end ? (size_t)(end - value) : strlen(value);
		const char *count = memrchr(value, ';', len);
		char *uri = arena_strndup(arena, value, count ? (size_t)(count - value) : len);
		enum esp_row row = esp_view_row(uri);
		if (row != ESP_ROWS)
			view->expected[view->expected_count++] =
				(struct esp_expected){.row = row, .loc_uri = uri};
		value = end ? end + strlen(SEPARATOR) : NULL;
	}
}

bool
esp_view_expects(const struct esp_view *view, const char *loc_uri)
{
	for (size_t i = 0; i < view->expected_count; i++)
		if (str_eq(view->expected[i].loc_uri, loc_uri))
			return true;
	return false;
}

static void
count_row(const struct esp_view *view, const struct journal *journal, enum esp_row row,
	int64_t *done, int64_t *total)
{
	*done = *total = 0;
	for (size_t i = 0; i < view->expected_count; i++) {
		if (view->expected[i].row != row)
			continue;
		++*total;
		*done += journal_is_done(journal, view->expected[i].loc_uri);
	}
}

void
esp_view_settle(struct esp_view *view, const struct journal *journal, bool user)
{
	enum esp_row first = user ? ESP_ACCOUNT_POLICIES : ESP_POLICIES;
	int64_t done, total;

	for (enum esp_row row = first; row < first + 4; row++) {
		count_row(view, journal, row, &done, &total);
		if (view->seen[row] != done) {
			view->seen[row] = done;
			view->moved_ms[row] = clock_monotonic_ms();
			view->moved_at[row] = clock_now();
		}
		if (view->state[row] == ESP_ERROR)
			continue;
		esp_view_set(view, row, done == total ? ESP_COMPLETE : ESP_WORKING, "");
	}
}

bool
esp_view_tell(struct esp_view *view, enum esp_row row)
{
	if (view->state[row] != ESP_COMPLETE || view->told & 1U << row)
		return false;
	for (size_t i = 0; i < view->expected_count; i++)
		if (view->expected[i].row == row)
			return false;
	view->told |= 1U << row;
	return true;
}

// As its administrator does; else the network's name, or the last part of its address.
const char *
esp_view_name(struct arena *arena, const struct esp_view *view, const char *loc_uri)
{
	for (size_t i = 0; i < view->name_count; i++)
		if (str_eq(view->names[i].loc_uri, loc_uri))
			return view->names[i].name;
	const char *wifi = strstr(loc_uri, "/WiFi/Profile/");
	const char *last = strrchr(loc_uri, '/');

	if (wifi)
		return arena_strndup(arena, wifi + 14, strcspn(wifi + 14, "/"));
	if (vpn_name(arena, loc_uri))
		return vpn_name(arena, loc_uri);
	if (strstr(loc_uri, "/EnterpriseDesktopAppManagement/"))
		return "an app";
	return strstr(loc_uri, "/RootCATrustedCertificates/") ? "a certificate"
		: last					      ? last + 1
							      : loc_uri;
}

static const char *
missing_item(struct arena *arena, const struct esp_view *view, const struct journal *journal,
	enum esp_row row)
{
	for (size_t i = 0; i < view->expected_count; i++)
		if (view->expected[i].row == row &&
			!journal_is_done(journal, view->expected[i].loc_uri))
			return arena_printf(arena, "Waiting for %s",
				esp_view_name(arena, view, view->expected[i].loc_uri));
	return NULL;
}

// The row before it that is not complete.
static enum esp_row
row_before(const struct esp_view *view, enum esp_row row)
{
	for (enum esp_row before = 0; before < row; before++)
		if (esp_row_info(before)->phase <= esp_row_info(row)->phase &&
			view->state[before] != ESP_COMPLETE)
			return before;
	return ESP_ROWS;
}

// Details for which the faces have a sentence of their own (src/oobe/say.def).
static struct esp_reason
reason_of(struct arena *arena, const char *text)
{
	static const struct {
		const char *begin, *say;
		bool arg;
	} known[] = {
		{"Waiting for the computer account", "waitingAccount", false},
		{"Waiting for the service", "waitingService", false},
		{"Waiting for replication to ", "waitingReplication", true},
		{"Waiting for the provider of policies", "waitingProvider", false},
		{"Downloading ", "downloading", true},
		{"Comparing Active Directory, directory and management", "comparing", false},
		{"Installing ", "installing", true},
		{"Waiting for ", "waitingItem", true},
		{"Nothing is assigned to the user", "nothingForUser", false},
		{"The directory does not know ", "userUnknown", true},
		{"The directory has disabled ", "userDisabled", true},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].arg ? str_starts(text, known[i].begin) : str_eq(text, known[i].begin))
			return (struct esp_reason){.text = text,
				.say = known[i].say,
				.arg = known[i].arg
					? arena_strdup(arena, text + strlen(known[i].begin))
					: NULL};
	return (struct esp_reason){.text = text};
}

struct esp_reason
esp_view_reason(struct arena *arena, const struct esp_view *view, const struct journal *journal,
	enum esp_row row)
{
	int64_t done, total;
	bool account = esp_row_info(row)->phase == ESP_ACCOUNT_SETUP;

	count_row(view, journal, row, &done, &total);
	if (view->state[row] == ESP_ERROR)
		return (struct esp_reason){
			.text = view->detail[row][0] ? view->detail[row] : "It failed"};
	if (view->state[row] == ESP_COMPLETE) {
		if (total || row < ESP_POLICIES || row == ESP_ACCOUNT_JOINING)
			return (struct esp_reason){.text = "Complete"};
		return account && view->nothing
			? reason_of(arena, view->nothing)
			: (struct esp_reason){.text = "Nothing is assigned"};
	}
	if (view->detail[row][0])
		return reason_of(arena, view->detail[row]);
	const char *item = missing_item(arena, view, journal, row);
	if (item && view->state[row] != ESP_WAITING)
		return reason_of(arena, item);
	enum esp_row before = row_before(view, row);
	if (before != ESP_ROWS)
		return (struct esp_reason){
			.text = arena_printf(arena, "Waiting for: %s", esp_row_info(before)->title),
			.say = "waitingTurn"};
	return item ? reason_of(arena, item) : reason_of(arena, "Waiting for the service");
}

enum esp_phase
esp_view_phase(const struct esp_view *view, enum esp_phase first)
{
	for (enum esp_row row = 0; row < ESP_ROWS; row++)
		if (esp_row_info(row)->phase >= first && view->state[row] != ESP_COMPLETE)
			return esp_row_info(row)->phase;
	return ESP_ACCOUNT_SETUP;
}

enum esp_row
esp_view_stuck(
	const struct esp_view *view, enum esp_phase phase, int64_t now_ms, int64_t patience_ms)
{
	enum esp_row open = ESP_ROWS;
	int64_t moved = 0;

	for (enum esp_row row = 0; row < ESP_ROWS; row++) {
		if (esp_row_info(row)->phase != phase)
			continue;
		if (view->moved_ms[row] > moved)
			moved = view->moved_ms[row];
		if (view->state[row] != ESP_COMPLETE && open == ESP_ROWS)
			open = row;
	}
	return now_ms - moved >= patience_ms ? open : ESP_ROWS;
}

static enum esp_phase
first_phase(bool user_flow)
{
	return user_flow ? ESP_DEVICE_SETUP : ESP_DEVICE_PREPARATION;
}

static enum esp_phase
last_phase(bool user_flow)
{
	return user_flow ? ESP_ACCOUNT_SETUP : ESP_DEVICE_SETUP;
}

enum esp_row
esp_view_now(const struct esp_view *view, bool user_flow)
{
	for (enum esp_row row = 0; row < ESP_ROWS; row++) {
		enum esp_phase phase = esp_row_info(row)->phase;
		if (phase >= first_phase(user_flow) && phase <= last_phase(user_flow) &&
			view->state[row] != ESP_COMPLETE)
			return row;
	}
	return ESP_ROWS;
}

static void
write_say(const struct esp_reason *why, struct jsonw *w)
{
	jsonw_str(w, "say", why->say);
	if (!why->arg)
		return;
	jsonw_array(w, "args");
	jsonw_str(w, NULL, why->arg);
	jsonw_end_array(w);
}

// A user of whom nothing is known (X34): the page says so instead of standing still.
static bool
nothing_for(const struct esp_view *view, enum esp_row row, int64_t total)
{
	return row > ESP_ACCOUNT_JOINING && view->state[row] == ESP_COMPLETE && total == 0 &&
		view->nothing;
}

static const char *
item_state(
	const struct esp_view *view, const struct journal *journal, const struct esp_expected *item)
{
	enum esp_state row = view->state[item->row];
	bool current = str_eq(view->current[item->row], item->loc_uri);

	if (journal_is_done(journal, item->loc_uri))
		return esp_state_name(ESP_COMPLETE);
	return esp_state_name(
		current && (row == ESP_WORKING || row == ESP_ERROR) ? row : ESP_WAITING);
}

// Of a long list what is in place is left out first.
static void
write_items(const struct esp_view *view, const struct journal *journal, enum esp_row row,
	struct jsonw *w)
{
	autoarena(arena, ARENA_SMALL);
	int64_t done, total, room = ESP_VIEW_ITEMS;

	count_row(view, journal, row, &done, &total);
	jsonw_array(w, "items");
	for (size_t i = 0; i < view->expected_count && room > 0; i++) {
		const struct esp_expected *item = &view->expected[i];
		if (item->row != row ||
			(total > ESP_VIEW_ITEMS && journal_is_done(journal, item->loc_uri)))
			continue;
		jsonw_object(w, NULL);
		jsonw_str(w, "name", esp_view_name(&arena, view, item->loc_uri));
		jsonw_str(w, "state", item_state(view, journal, item));
		jsonw_end_object(w);
		room--;
	}
	jsonw_end_array(w);
}

static void
write_row(const struct esp_view *view, const struct journal *journal, enum esp_row row,
	bool after_error, struct jsonw *w)
{
	autoarena(arena, ARENA_SMALL);
	int64_t done, total;
	bool stopped =
		after_error && view->state[row] != ESP_COMPLETE && view->state[row] != ESP_ERROR;

	count_row(view, journal, row, &done, &total);
	jsonw_object(w, NULL);
	jsonw_str(w, "key", esp_row_info(row)->key);
	jsonw_str(w, "name", esp_row_info(row)->title);
	jsonw_str(w, "state", stopped ? "error" : esp_state_name(view->state[row]));
	jsonw_int(w, "done", done);
	jsonw_int(w, "total", total);
	struct esp_reason why = esp_view_reason(&arena, view, journal, row);
	bool told = view->state[row] == ESP_WORKING || nothing_for(view, row, total);
	bool said = !stopped && told && why.say;
	jsonw_str(w, "detail",
		stopped					? "Previous step failed"
			: said				? ""
			: nothing_for(view, row, total) ? why.text
							: view->detail[row]);
	if (said)
		write_say(&why, w);
	jsonw_str(w, "fault", stopped ? NULL : view->fault[row]);
	jsonw_str(w, "reason", stopped ? "Previous step failed" : why.text);
	jsonw_str(w, "since", clock_rfc3339(&arena, view->moved_at[row]));
	jsonw_int(w, "sinceSeconds", (clock_monotonic_ms() - view->moved_ms[row]) / 1000);
	if (total)
		write_items(view, journal, row, w);
	jsonw_end_object(w);
}

static const char *
phase_state(const struct esp_view *view, enum esp_phase phase)
{
	bool all = true, any = false;

	for (enum esp_row row = 0; row < ESP_ROWS; row++) {
		if (esp_row_info(row)->phase != phase)
			continue;
		if (view->state[row] == ESP_ERROR)
			return "error";
		all &= view->state[row] == ESP_COMPLETE;
		any |= view->state[row] != ESP_WAITING;
	}
	return all ? "done" : any ? "working" : "pending";
}

void
esp_view_write(
	const struct esp_view *view, const struct journal *journal, bool user_flow, struct jsonw *w)
{
	enum esp_phase first = first_phase(user_flow), last = last_phase(user_flow);
	bool failed = false;

	jsonw_array(w, "phases");
	for (enum esp_phase phase = first; phase <= last; phase++) {
		jsonw_object(w, NULL);
		jsonw_str(w, "key", esp_phase_key(phase));
		jsonw_str(w, "name", esp_phase_title(phase));
		jsonw_str(w, "state", phase_state(view, phase));
		jsonw_array(w, "rows");
		for (enum esp_row row = 0; row < ESP_ROWS; row++) {
			if (esp_row_info(row)->phase != phase)
				continue;
			write_row(view, journal, row, failed, w);
			failed |= view->state[row] == ESP_ERROR;
		}
		jsonw_end_array(w);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}
