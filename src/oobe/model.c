// SPDX-License-Identifier: Apache-2.0
#include "oobe/model.h"

#include "base/str.h"
#include "codec/json.h"

static const char *const kind_names[SCREEN_KINDS] = {
	[SCREEN_LANGUAGE] = "language",
	[SCREEN_KEYBOARD] = "keyboard",
	[SCREEN_NETWORK] = "network",
	[SCREEN_WAITING] = "waiting",
	[SCREEN_WELCOME] = "welcome",
	[SCREEN_MENU] = "menu",
	[SCREEN_CONFIG] = "config",
	[SCREEN_ESP] = "esp",
	[SCREEN_SUCCESS] = "success",
	[SCREEN_FAILURE] = "failure",
	[SCREEN_DIAGNOSTICS] = "diagnostics",
	[SCREEN_SIGNIN] = "signin",
	[SCREEN_DONE] = "done",
	[SCREEN_SIGNEDOUT] = "signedout",
	[SCREEN_POWERINGOFF] = "poweringoff",
	[SCREEN_REGION] = "region",
	[SCREEN_KEYBOARD2] = "keyboard2",
	[SCREEN_EULA] = "eula",
	[SCREEN_PRIVACY] = "privacy",
	[SCREEN_REBOOT] = "reboot",
	[SCREEN_STAYSIGNEDIN] = "staysignedin",
	[SCREEN_RESET] = "reset",
	[SCREEN_PREPARATION] = "preparation",
	[SCREEN_ENDED] = "ended",
	[SCREEN_GATE] = "gate",
};

static const char *const row_states[] = {
	[ROW_WAITING] = "waiting",
	[ROW_IDENTIFYING] = "identifying",
	[ROW_WORKING] = "working",
	[ROW_COMPLETE] = "complete",
	[ROW_ERROR] = "error",
	[ROW_SKIPPED] = "skipped",
};

static const char *const phase_states[] = {
	[PHASE_PENDING] = "pending",
	[PHASE_WORKING] = "working",
	[PHASE_DONE] = "done",
	[PHASE_ERROR] = "error",
};

enum lines { ONE_LINE, MANY_LINES };

#define BASE64_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

enum { LOGO_MAX = 33 * 1024 };

static const struct {
	const char *name;
	size_t at;
	enum lines lines;
} members[] = {
	{"text", offsetof(struct screen, text), MANY_LINES},
	{"note", offsetof(struct screen, note), MANY_LINES},
	{"message", offsetof(struct screen, message), MANY_LINES},
	{"title", offsetof(struct screen, title), ONE_LINE},
	{"cause", offsetof(struct screen, cause), MANY_LINES},
	{"fix", offsetof(struct screen, fix), MANY_LINES},
	{"detail", offsetof(struct screen, detail), MANY_LINES},
	{"error", offsetof(struct screen, error), MANY_LINES},
	{"organization", offsetof(struct screen, organization), ONE_LINE},
	{"profile", offsetof(struct screen, profile), ONE_LINE},
	{"user", offsetof(struct screen, user), ONE_LINE},
	{"serial", offsetof(struct screen, serial), ONE_LINE},
	{"model", offsetof(struct screen, model), ONE_LINE},
	{"joinType", offsetof(struct screen, join_type), ONE_LINE},
	{"computerName", offsetof(struct screen, computer_name), ONE_LINE},
	{"qr", offsetof(struct screen, qr), ONE_LINE},
	{"flow", offsetof(struct screen, flow), ONE_LINE},
	{"fault", offsetof(struct screen, fault), ONE_LINE},
	{"code", offsetof(struct screen, code), ONE_LINE},
	{"who", offsetof(struct screen, who), ONE_LINE},
	{"path", offsetof(struct screen, path), ONE_LINE},
	{"domain", offsetof(struct screen, domain), ONE_LINE},
	{"language", offsetof(struct screen, language), ONE_LINE},
	{"say", offsetof(struct screen, say), ONE_LINE},
	{"account", offsetof(struct screen, account), ONE_LINE},
	{"step", offsetof(struct screen, step), ONE_LINE},
	{"style", offsetof(struct screen, style), ONE_LINE},
	{"mode", offsetof(struct screen, mode), ONE_LINE},
	{"groupTag", offsetof(struct screen, group_tag), ONE_LINE},
	{"deviceName", offsetof(struct screen, device_name), ONE_LINE},
	{"verdict", offsetof(struct screen, verdict), ONE_LINE},
	{"why", offsetof(struct screen, why), ONE_LINE},
	{"how", offsetof(struct screen, how), ONE_LINE},
	{"item", offsetof(struct screen, item), ONE_LINE},
	{"state", offsetof(struct screen, state), ONE_LINE},
	{"phaseKey", offsetof(struct screen, phase_key), ONE_LINE},
	{"rowKey", offsetof(struct screen, row_key), ONE_LINE},
	{"diagnosticsPath", offsetof(struct screen, diagnostics_path), ONE_LINE},
	{"portal", offsetof(struct screen, portal), ONE_LINE},
};

static const struct {
	const char *name;
	size_t at;
	enum lines lines;
} lists[] = {
	{"lines", offsetof(struct screen, lines), MANY_LINES},
	{"warnings", offsetof(struct screen, warnings), MANY_LINES},
	{"actions", offsetof(struct screen, actions), ONE_LINE},
	{"args", offsetof(struct screen, args), ONE_LINE},
	{"facts", offsetof(struct screen, facts), ONE_LINE},
	{"keeps", offsetof(struct screen, keeps), ONE_LINE},
	{"drops", offsetof(struct screen, drops), ONE_LINE},
	{"pending", offsetof(struct screen, pending), ONE_LINE},
};

static const struct {
	const char *name;
	size_t at;
} numbers[] = {
	{"elapsedSeconds", offsetof(struct screen, elapsed)},
	{"remainingSeconds", offsetof(struct screen, remaining)},
	{"inSeconds", offsetof(struct screen, in_seconds)},
	{"percent", offsetof(struct screen, percent)},
};

// The menu of the technician (behaviour T2), unless the agent offers its own.
static const struct choice menu_choices[] = {
	{.id = "provision", .label = "provision", .signal = -1},
	{.id = "back", .label = "back", .signal = -1},
};

static const struct choice staying_choices[] = {
	{.id = "manage", .label = "manage", .signal = -1, .on = true},
};

static const char *const check_states[] = {
	[CHECK_GREY] = "grey",
	[CHECK_GREEN] = "green",
	[CHECK_YELLOW] = "yellow",
	[CHECK_RED] = "red",
};

// Controls could move the cursor of a plain terminal, direction marks could make a name read as
// another one.
static bool
is_unprintable(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x061c ||
		(cp >= 0x200e && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
		(cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb);
}

static char *
cleaned(struct arena *arena, const char *text, size_t len, enum lines lines)
{
	char *out = arena_alloc(arena, len + 1);
	size_t pos = 0, used = 0;
	uint32_t cp;

	while (pos < len) {
		size_t start = pos;
		if (!utf8_next(slice_of(text, len), &pos, &cp)) {
			pos = start + 1;
			out[used++] = '?';
		} else if (cp == '\n' && lines == MANY_LINES) {
			out[used++] = '\n';
		} else if (cp == '\n' || cp == '\t') {
			out[used++] = ' ';
		} else if (!is_unprintable(cp)) {
			memcpy(out + used, text + start, pos - start);
			used += pos - start;
		}
	}
	out[used] = '\0';
	return out;
}

// The clean text of a string or number; NULL for anything else and for nothing.
static const char *
text_of(struct arena *arena, const struct json *value, enum lines lines)
{
	if (!value || (value->type != JSON_STRING && value->type != JSON_NUMBER))
		return NULL;
	const char *text = cleaned(arena, value->text, value->len, lines);
	return *text ? text : NULL;
}

static const char *
text_member(struct arena *arena, const struct json *object, const char *name, const char *otherwise)
{
	const char *text = text_of(arena, json_get(object, name), ONE_LINE);
	return text ? text : otherwise;
}

static size_t
list_count(const struct json *list)
{
	return list && list->type == JSON_ARRAY ? list->count : 0;
}

static int
state_of(const struct json *object, const char *const *names, size_t count)
{
	const char *state = json_str(object, "state");

	for (size_t i = 0; state && i < count; i++)
		if (str_eq(state, names[i]))
			return (int)i;
	return 0;
}

#define STATE_OF(object, names) state_of(object, names, sizeof(names) / sizeof *(names))

static struct texts
read_texts(struct arena *arena, const struct json *list, enum lines lines)
{
	struct texts out = {arena_array(arena, list_count(list) + 1, sizeof *out.items), 0};

	if (!list_count(list))
		return out;
	for (const struct json *item = list->first; item; item = item->next) {
		const char *text = text_of(arena, item, lines);
		if (text || item->type == JSON_STRING)
			out.items[out.count++] = text ? text : "";
	}
	return out;
}

static struct choice
read_choice(struct arena *arena, const struct json *item, const char *id)
{
	const char *label = text_member(arena, item, "label", NULL);
	int64_t signal = json_int(item, "signal", -1);

	// The identifier goes back as it came: it is never printed.
	return (struct choice){.id = arena_strdup(arena, id),
		.label = label ? label : cleaned(arena, id, strlen(id), ONE_LINE),
		.labelled = label != NULL,
		.state = text_member(arena, item, "state", NULL),
		.signal = signal >= 0 && signal <= 100 ? (int)signal : -1,
		.secured = json_bool(item, "secured", false),
		.known = json_bool(item, "known", false),
		.on = json_bool(item, "on", false)};
}

static bool
has_switches(enum screen_kind kind)
{
	return kind == SCREEN_PRIVACY || kind == SCREEN_STAYSIGNEDIN;
}

static const struct json *
choices_of(const struct json *root, enum screen_kind kind)
{
	const char *name = has_switches(kind) ? "switches" : "options";

	return json_get(root, kind == SCREEN_NETWORK ? "networks" : name);
}

// The answers of pages that have them by themselves.
static void
use_own_choices(struct screen *out)
{
	if (out->kind == SCREEN_MENU) {
		memcpy(out->choices, menu_choices, sizeof menu_choices);
		out->choice_count = 2;
	} else if (out->kind == SCREEN_STAYSIGNEDIN) {
		memcpy(out->choices, staying_choices, sizeof staying_choices);
		out->choice_count = 1;
	}
}

static void
read_choices(struct arena *arena, const struct json *root, struct screen *out)
{
	const struct json *list = choices_of(root, out->kind);
	const char *selected = json_str(root, "selected");

	out->choices = arena_array(arena, list_count(list) + 2, sizeof *out->choices);
	if (!list_count(list)) {
		use_own_choices(out);
		return;
	}
	for (const struct json *item = list->first; item; item = item->next) {
		const char *id = json_str(item, "id");
		if (str_empty(id) ||
			(has_switches(out->kind) && out->choice_count == SCREEN_SWITCHES))
			continue;
		if (str_eq(id, selected))
			out->selected = out->choice_count;
		out->choices[out->choice_count++] = read_choice(arena, item, id);
	}
}

static void
read_interfaces(struct arena *arena, const struct json *list, struct screen *out)
{
	out->interfaces = arena_array(arena, list_count(list) + 1, sizeof *out->interfaces);
	if (!list_count(list))
		return;
	for (const struct json *item = list->first; item; item = item->next)
		out->interfaces[out->interface_count++] =
			(struct interface){.label = text_member(arena, item, "label", NULL),
				.kind = text_member(arena, item, "kind", NULL),
				.state = text_member(arena, item, "state", NULL),
				.detail = text_member(arena, item, "detail", NULL)};
}

static void
read_checks(struct arena *arena, const struct json *list, struct screen *out)
{
	out->checks = arena_array(arena, list_count(list) + 1, sizeof *out->checks);
	if (!list_count(list))
		return;
	for (const struct json *item = list->first; item; item = item->next)
		out->checks[out->check_count++] =
			(struct check){.name = text_member(arena, item, "check", "?"),
				.fault = text_member(arena, item, "fault", NULL),
				.detail = text_of(arena, json_get(item, "detail"), MANY_LINES),
				.state = (enum check_state)STATE_OF(item, check_states)};
}

static void
read_items(struct arena *arena, const struct json *list, struct row *out)
{
	out->items = arena_array(arena, list_count(list) + 1, sizeof *out->items);
	if (!list_count(list))
		return;
	for (const struct json *item = list->first; item; item = item->next)
		out->items[out->item_count++] =
			(struct item){.name = text_member(arena, item, "name", "?"),
				.detail = text_of(arena, json_get(item, "detail"), MANY_LINES),
				.state = (enum row_state)STATE_OF(item, row_states)};
}

static int64_t
seconds_of(const struct json *object, const char *name)
{
	int64_t seconds = json_int(object, name, -1);

	return seconds < -1 ? -1 : seconds;
}

static struct row
read_row(struct arena *arena, const struct json *from)
{
	struct row row = {.key = text_member(arena, from, "key", NULL),
		.name = text_member(arena, from, "name", NULL),
		.detail = text_of(arena, json_get(from, "detail"), MANY_LINES),
		.say = text_member(arena, from, "say", NULL),
		.fault = text_member(arena, from, "fault", NULL),
		.args = read_texts(arena, json_get(from, "args"), ONE_LINE),
		.state = (enum row_state)STATE_OF(from, row_states),
		.done = json_int(from, "done", 0),
		.total = json_int(from, "total", 0),
		.since = seconds_of(from, "sinceSeconds")};

	read_items(arena, json_get(from, "items"), &row);
	return row;
}

static struct phase
read_phase(struct arena *arena, const struct json *from)
{
	const struct json *list = json_get(from, "rows");
	struct phase phase = {.key = text_member(arena, from, "key", NULL),
		.name = text_member(arena, from, "name", NULL),
		.state = (enum phase_state)STATE_OF(from, phase_states),
		.rows = arena_array(arena, list_count(list) + 1, sizeof *phase.rows)};

	if (!list_count(list))
		return phase;
	for (const struct json *item = list->first; item; item = item->next)
		phase.rows[phase.row_count++] = read_row(arena, item);
	return phase;
}

static void
read_phases(struct arena *arena, const struct json *list, struct screen *out)
{
	out->phases = arena_array(arena, list_count(list) + 1, sizeof *out->phases);
	if (!list_count(list))
		return;
	for (const struct json *item = list->first; item; item = item->next)
		out->phases[out->phase_count++] = read_phase(arena, item);
}

// A colour and a picture go into a style sheet and an address of the kiosk's page: only what is
// surely one.
static void
read_branding(struct arena *arena, const struct json *branding, struct screen *out)
{
	static const char picture[] = "data:image/png;base64,";
	const char *color = text_member(arena, branding, "color", "");
	const char *logo = text_member(arena, branding, "logo", "");

	out->support = text_of(arena, json_get(branding, "support"), MANY_LINES);
	if (*color == '#' && strlen(color) == 7 && strspn(color + 1, "0123456789abcdefABCDEF") == 6)
		out->color = color;
	if (!str_starts(logo, picture) || strlen(logo) > LOGO_MAX)
		return;
	const char *data = logo + sizeof picture - 1;
	if (*data && !data[strspn(data, BASE64_CHARS)])
		out->logo = logo;
}

static enum screen_kind
kind_of(const char *name)
{
	for (int kind = SCREEN_UNKNOWN + 1; kind < SCREEN_KINDS; kind++)
		if (str_eq(kind_names[kind], name))
			return (enum screen_kind)kind;
	return SCREEN_UNKNOWN;
}

bool
screen_parse(struct arena *arena, struct slice line, struct screen *out, struct error *e)
{
	const struct json_limits limits = {
		.max_bytes = SCREEN_LINE_MAX, .max_depth = 8, .max_nodes = 16384};
	const struct json *root = json_parse(arena, line, &limits, e);
	const char *name;

	if (!root || !json_need_str(root, "screen", 64, &name, e))
		return false;
	struct screen screen = {
		.kind = kind_of(name), .name = cleaned(arena, name, strlen(name), ONE_LINE)};
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const char *text =
			text_of(arena, json_get(root, members[i].name), members[i].lines);
		memcpy((char *)&screen + members[i].at, &text, sizeof text);
	}
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct texts texts =
			read_texts(arena, json_get(root, lists[i].name), lists[i].lines);
		memcpy((char *)&screen + lists[i].at, &texts, sizeof texts);
	}
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		int64_t number = seconds_of(root, numbers[i].name);
		memcpy((char *)&screen + numbers[i].at, &number, sizeof number);
	}
	screen.fixed_account = !json_bool(root, "changeAccount", true);
	screen.refreshed = json_bool(root, "refreshed", false);
	screen.no_recovery = !json_bool(root, "recovery", true);
	read_choices(arena, root, &screen);
	read_interfaces(arena, json_get(root, "interfaces"), &screen);
	read_checks(arena, json_get(root, "preflight"), &screen);
	read_phases(arena, json_get(root, "phases"), &screen);
	read_branding(arena, json_get(root, "branding"), &screen);
	*out = screen;
	return true;
}
