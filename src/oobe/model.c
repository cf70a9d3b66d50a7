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
};

// The menu of the technician (behaviour T2), unless the agent offers its own.
static const struct choice menu_choices[] = {
	{"provision", "Windows Autopilot provisioning"},
	{"back", "Set up for me"},
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

static void
read_choices(struct arena *arena, const struct json *root, struct screen *out)
{
	const struct json *list = json_get(root, "options");
	const char *selected = json_str(root, "selected");

	out->choices = arena_array(arena, list_count(list) + 2, sizeof *out->choices);
	if (!list_count(list)) {
		if (out->kind == SCREEN_MENU) {
			memcpy(out->choices, menu_choices, sizeof menu_choices);
			out->choice_count = 2;
		}
		return;
	}
	for (const struct json *item = list->first; item; item = item->next) {
		// The identifier goes back as it came: it is never printed.
		const char *id = json_str(item, "id");
		if (str_empty(id))
			continue;
		if (str_eq(id, selected))
			out->selected = out->choice_count;
		out->choices[out->choice_count++] = (struct choice){arena_strdup(arena, id),
			text_member(
				arena, item, "label", cleaned(arena, id, strlen(id), ONE_LINE))};
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
			(struct interface){.label = text_member(arena, item, "label",
						   text_member(arena, item, "id", "Network")),
				.state = text_member(arena, item, "state", NULL),
				.detail = text_member(arena, item, "detail", NULL)};
}

static struct phase
read_phase(struct arena *arena, const struct json *from)
{
	const struct json *list = json_get(from, "rows");
	struct phase phase = {.name = text_member(arena, from, "name", "Setup"),
		.state = (enum phase_state)STATE_OF(from, phase_states),
		.rows = arena_array(arena, list_count(list) + 1, sizeof *phase.rows)};

	if (!list_count(list))
		return phase;
	for (const struct json *item = list->first; item; item = item->next)
		phase.rows[phase.row_count++] =
			(struct row){.name = text_member(arena, item, "name", "Step"),
				.detail = text_of(arena, json_get(item, "detail"), MANY_LINES),
				.state = (enum row_state)STATE_OF(item, row_states),
				.done = json_int(item, "done", 0),
				.total = json_int(item, "total", 0)};
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
	screen.lines = read_texts(arena, json_get(root, "lines"), MANY_LINES);
	screen.warnings = read_texts(arena, json_get(root, "warnings"), MANY_LINES);
	screen.actions = read_texts(arena, json_get(root, "actions"), ONE_LINE);
	read_choices(arena, root, &screen);
	read_interfaces(arena, json_get(root, "interfaces"), &screen);
	read_phases(arena, json_get(root, "phases"), &screen);
	screen.elapsed = json_int(root, "elapsedSeconds", -1);
	if (screen.elapsed < -1)
		screen.elapsed = -1;
	*out = screen;
	return true;
}
