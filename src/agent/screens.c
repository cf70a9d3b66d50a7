// SPDX-License-Identifier: Apache-2.0
#include "agent/screens.h"

#include "agent/esp_run.h"
#include "agent/face.h"
#include "agent/flow.h"
#include "agent/preflight.h"
#include "agent/region.h"
#include "agent/screen.h"
#include "agent/wireless.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>

enum { SCREEN_MAX = 60 << 10 };

// Whose device it is, on every page; an organization without branding has only its name.
static void
branding(struct screen *s)
{
	const struct profile *p = &s->agent->profile;

	jsonw_str(&s->w, "organization", p->organization);
	if (!p->color && !p->support)
		return;
	jsonw_object(&s->w, "branding");
	jsonw_str(&s->w, "color", p->color);
	jsonw_str(&s->w, "support", p->support);
	jsonw_end_object(&s->w);
}

void
screen_begin(struct screen *s, struct agent *agent, const char *name)
{
	s->agent = agent;
	arena_init(&s->arena, ARENA_SMALL);
	buf_init(&s->text, &s->arena, SCREEN_MAX);
	s->w = jsonw_on(&s->text);
	jsonw_object(&s->w, NULL);
	jsonw_str(&s->w, "screen", name);
	if (agent->journal.language)
		jsonw_str(&s->w, "language", agent->journal.language);
	branding(s);
}

void
screen_show(struct screen *s)
{
	struct error e;

	jsonw_end_object(&s->w);
	if (buf_ok(&s->text, &e))
		face_show(s->agent->face, buf_text(&s->text));
	else
		log_warn("screen: %s", e.message);
	arena_finish(&s->arena);
}

// The words belong to the faces: what has no blank is the key of one of their sentences. Anything
// else is a text that a person or the service wrote.
void
screen_say(struct screen *s, const char *text)
{
	if (!str_empty(text))
		jsonw_str(&s->w, strchr(text, ' ') ? "text" : "say", text);
}

// What went wrong, for pages that go on: the face has the words.
void
screen_problem(struct screen *s, const struct error *why)
{
	if (!why)
		return;
	if (fault_find(why->fault)) {
		jsonw_str(&s->w, "fault", why->fault);
		jsonw_str(&s->w, "detail", why->message);
	} else {
		jsonw_str(&s->w, "note", why->message);
	}
}

int64_t
screen_elapsed(const struct agent *agent)
{
	return agent->flow_started_ms ? (clock_monotonic_ms() - agent->flow_started_ms) / 1000 : 0;
}

const char *
screen_flow_key(const struct agent *agent)
{
	switch (agent->journal.flow) {
	case FLOW_USER:
	case FLOW_RESEALED:
		return "user";
	case FLOW_USER_DRIVEN:
	case FLOW_SELF_DEPLOYING:
	case FLOW_PREPARATION:
	case FLOW_RESET:
		return flow_name(agent->journal.flow);
	case FLOW_OOBE:
	case FLOW_TECHNICIAN:
	case FLOW_READY:
	case FLOW_DONE:
	case FLOW_RETIRED:
	case FLOW_COUNT:
		break;
	}
	return "technician";
}

void
screen_identity(struct screen *s)
{
	const struct agent *agent = s->agent;

	jsonw_str(&s->w, "profile", agent->profile.name);
	jsonw_str(&s->w, "user", agent->profile.user);
	jsonw_str(&s->w, "serial", agent->serial);
	jsonw_str(&s->w, "model", agent->model);
	jsonw_str(&s->w, "qr", agent->profile.companion_url);
}

static void
show_choices(struct agent *agent, const char *name, const struct region_choice *choices,
	const char *selected, const char *without)
{
	struct screen s;

	screen_begin(&s, agent, name);
	jsonw_array(&s.w, "options");
	for (const struct region_choice *c = choices; c->id; c++) {
		if (str_eq(c->id, without))
			continue;
		jsonw_object(&s.w, NULL);
		jsonw_str(&s.w, "id", c->id);
		jsonw_str(&s.w, "label", c->label);
		jsonw_end_object(&s.w);
	}
	jsonw_end_array(&s.w);
	jsonw_str(&s.w, "selected", selected ? selected : choices->id);
	screen_show(&s);
}

void
screen_language(struct agent *agent)
{
	show_choices(agent, "language", region_languages, agent->journal.language, NULL);
}

void
screen_region(struct agent *agent)
{
	const char *selected = agent->journal.region;

	if (!selected)
		selected = region_of_language(agent->journal.language);
	show_choices(agent, "region", region_countries, selected ? selected : "US", NULL);
}

void
screen_keyboard(struct agent *agent)
{
	show_choices(agent, "keyboard", region_keyboards,
		region_keyboard_of_language(agent->journal.language), NULL);
}

void
screen_keyboard2(struct agent *agent)
{
	const char *first = agent->journal.keyboard;

	show_choices(
		agent, "keyboard2", region_keyboards, str_eq(first, "us") ? "de" : "us", first);
}

static void
interface(struct screen *s, const struct ifaddrs *entry)
{
	char address[NI_MAXHOST] = "";

	if (getnameinfo(entry->ifa_addr, sizeof(struct sockaddr_in), address, sizeof address, NULL,
		    0, NI_NUMERICHOST) != 0)
		return;
	jsonw_object(&s->w, NULL);
	jsonw_str(&s->w, "id", entry->ifa_name);
	jsonw_str(&s->w, "kind", str_starts(entry->ifa_name, "wl") ? "wifi" : "wired");
	jsonw_str(&s->w, "state", entry->ifa_flags & IFF_RUNNING ? "connected" : "disconnected");
	jsonw_str(&s->w, "detail", address);
	jsonw_end_object(&s->w);
}

void
screen_network(struct agent *agent, const struct error *why)
{
	struct screen s;
	struct ifaddrs *list = NULL;

	screen_begin(&s, agent, "network");
	jsonw_array(&s.w, "interfaces");
	if (getifaddrs(&list) == 0)
		for (const struct ifaddrs *i = list; i; i = i->ifa_next)
			if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET &&
				!(i->ifa_flags & IFF_LOOPBACK))
				interface(&s, i);
	freeifaddrs(list);
	jsonw_end_array(&s.w);
	wireless_page(&s.arena, &s.w);
	screen_problem(&s, why);
	screen_show(&s);
}

void
screen_waiting(struct agent *agent, const char *text)
{
	struct screen s;

	screen_begin(&s, agent, "waiting");
	screen_say(&s, text);
	screen_show(&s);
}

void
screen_welcome(struct agent *agent, const struct error *why)
{
	const struct profile *p = &agent->profile;
	struct screen s;

	screen_begin(&s, agent, "welcome");
	screen_identity(&s);
	jsonw_str(&s.w, "mode", p->mode);
	jsonw_str(&s.w, "deviceName", p->device_name);
	if (!p->mode) {
		jsonw_str(&s.w, "fault",
			why->code ? fault_of(why, "agent_error")->name : "profile_missing");
		jsonw_str(&s.w, "detail", why->code ? why->message : "");
	}
	screen_show(&s);
}

void
screen_menu(struct agent *agent)
{
	struct screen s;

	screen_begin(&s, agent, "menu");
	screen_show(&s);
}

void
screen_config(struct agent *agent, const char *note)
{
	struct screen s;

	screen_begin(&s, agent, "config");
	screen_identity(&s);
	jsonw_str(&s.w, "joinType", agent->profile.join_type);
	jsonw_str(&s.w, "mode", "preprovisioned");
	jsonw_str(&s.w, "deviceName", agent->profile.device_name);
	jsonw_str(&s.w, "groupTag", agent->profile.group_tag);
	if (str_eq(note, "settingsDownloaded"))
		jsonw_bool(&s.w, "refreshed", true);
	else
		jsonw_str(&s.w, "note", note);
	jsonw_array(&s.w, "warnings");
	if (agent->profile.reason && !fault_find(agent->profile.fault))
		jsonw_str(&s.w, NULL, agent->profile.reason);
	jsonw_end_array(&s.w);
	jsonw_str(&s.w, "fault", agent->profile.fault);
	jsonw_str(&s.w, "detail", agent->profile.reason);
	if (agent->preflight)
		preflight_page(agent->preflight, &s.w);
	screen_show(&s);
}

// --- device preparation: one ring ---

// Reached by the rows that the flows have in common, and by its own.
static enum ring_step
ring_step(const struct agent *agent)
{
	static const struct {
		enum esp_row row;
		enum ring_step step;
	} rows[] = {{ESP_SECURING, RING_SECURED}, {ESP_JOINING, RING_JOINED},
		{ESP_REGISTERING, RING_ENROLLED}};
	enum ring_step step = agent->preparation.reached;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (agent->esp.state[rows[i].row] == ESP_COMPLETE && rows[i].step > step)
			step = rows[i].step;
	return step;
}

static void
write_ring(struct screen *s)
{
	struct agent *agent = s->agent;
	struct preparation_view *view = &agent->preparation;
	enum ring_step step = ring_step(agent);
	int percent = ring_at(
		&view->ring, step, view->before + view->done, view->total, view->item ? 10 : 0);

	// After a power cut the ring goes on where it was; it is saved with the next step.
	agent->journal.percent = percent;
	jsonw_int(&s->w, "percent", percent);
	jsonw_str(
		&s->w, "step", step < RING_POLICIES && step >= RING_JOINED ? "enroll" : view->step);
	jsonw_str(&s->w, "item", view->item);
	jsonw_int(&s->w, "elapsedSeconds", screen_elapsed(agent));
}

void
screen_preparation(struct agent *agent)
{
	struct screen s;

	screen_begin(&s, agent, "preparation");
	write_ring(&s);
	jsonw_str(&s.w, "state", agent->preparation.reached == RING_DONE ? "done" : "working");
	screen_show(&s);
}

// Without a status page a person still has to know why there is no sign-in yet.
static void
screen_gate(struct agent *agent)
{
	bool user = str_eq(screen_flow_key(agent), "user");
	enum esp_row row = esp_view_now(&agent->esp, user);
	struct screen s;

	screen_begin(&s, agent, "gate");
	if (row != ESP_ROWS) {
		struct esp_reason why =
			esp_view_reason(&s.arena, &agent->esp, &agent->journal, row);
		jsonw_str(&s.w, "why", why.say ? why.say : "justAMoment");
		jsonw_array(&s.w, "args");
		if (why.arg)
			jsonw_str(&s.w, NULL, why.arg);
		jsonw_end_array(&s.w);
		jsonw_str(&s.w, "phaseKey", esp_phase_key(esp_row_info(row)->phase));
	}
	screen_show(&s);
}

void
screen_esp(struct agent *agent)
{
	struct screen s;

	if (agent->preparation.active) {
		screen_preparation(agent);
		return;
	}
	bool user = str_eq(screen_flow_key(agent), "user");
	const struct esp_page *page = &agent->esp_page;

	if (agent->journal.flow == FLOW_DONE)
		return; // what is still installed holds nobody up
	// X2, X7: an organization may want no page.
	if (page->told && (agent->signed_in ? page->skip_user : page->skip_device)) {
		screen_gate(agent);
		return;
	}
	screen_begin(&s, agent, "esp");
	jsonw_str(&s.w, "flow", screen_flow_key(agent));
	esp_view_write(&agent->esp, &agent->journal, user, &s.w);
	jsonw_int(&s.w, "elapsedSeconds", screen_elapsed(agent));
	jsonw_str(&s.w, "message", "");
	esp_write(agent, &s.w);
	screen_show(&s);
}

void
screen_success(struct agent *agent)
{
	struct screen s;

	screen_begin(&s, agent, "success");
	screen_identity(&s);
	jsonw_str(&s.w, "flow", "technician");
	jsonw_str(&s.w, "computerName", agent->journal.computer_name);
	jsonw_int(&s.w, "elapsedSeconds", agent->journal.technician_seconds);
	// X13: what was only tried, and is tried again when its user signs in.
	jsonw_array(&s.w, "pending");
	for (size_t i = 0; i < agent->app_count; i++)
		if (agent->apps[i].status == 60)
			jsonw_str(&s.w, NULL,
				esp_view_name(&s.arena, &agent->esp, agent->apps[i].loc_uri));
	jsonw_end_array(&s.w);
	screen_show(&s);
}

void
screen_fault(struct screen *s, const struct error *e)
{
	const struct fault *fault = fault_of(e, "agent_error");

	jsonw_str(&s->w, "fault", fault->name);
	jsonw_str(&s->w, "code", fault->code);
	jsonw_str(&s->w, "title", fault->title);
	jsonw_str(&s->w, "cause", fault->cause);
	jsonw_str(&s->w, "fix", fault->fix);
	jsonw_str(&s->w, "who", fault_who_name(fault->who));
	jsonw_str(&s->w, "detail", e->message);
}

// Z4: what the policy allows.
static void
preparation_failed(struct agent *agent, const struct error *e)
{
	static const char *const actions[] = {"retry", "continue", "diagnostics"};
	const struct preparation_view *view = &agent->preparation;
	struct screen s;

	screen_begin(&s, agent, "preparation");
	write_ring(&s);
	jsonw_str(&s.w, "state", "error");
	jsonw_str(&s.w, "message", view->message);
	screen_fault(&s, e);
	jsonw_array(&s.w, "actions");
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (flow_preparation_offers(agent, actions[i]))
			jsonw_str(&s.w, NULL, actions[i]);
	jsonw_end_array(&s.w);
	screen_show(&s);
}

// Where it stopped.
static void
place(struct screen *s)
{
	enum esp_row row = esp_view_failed(&s->agent->esp);

	if (row == ESP_ROWS)
		return;
	jsonw_str(&s->w, "phaseKey", esp_phase_key(esp_row_info(row)->phase));
	jsonw_str(&s->w, "rowKey", esp_row_info(row)->key);
}

void
screen_failure(struct agent *agent, const struct error *e)
{
	static const char *const actions[] = {"retry", "reset", "continue", "diagnostics"};
	struct screen s;

	if (agent->preparation.active) {
		preparation_failed(agent, e);
		return;
	}
	screen_begin(&s, agent, "failure");
	screen_identity(&s);
	jsonw_str(&s.w, "flow", screen_flow_key(agent));
	screen_fault(&s, e);
	place(&s);
	jsonw_str(&s.w, "computerName", agent->journal.computer_name);
	jsonw_int(&s.w, "elapsedSeconds", screen_elapsed(agent));
	jsonw_str(&s.w, "message", agent->esp_page.text);
	if (agent->bundle_path)
		jsonw_str(&s.w, "diagnosticsPath", agent->bundle_path);
	jsonw_array(&s.w, "actions");
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (esp_offers(agent, actions[i]))
			jsonw_str(&s.w, NULL, actions[i]);
	jsonw_end_array(&s.w);
	screen_show(&s);
}

void
screen_diagnostics(struct agent *agent, const char *path)
{
	struct screen s;

	screen_begin(&s, agent, "diagnostics");
	jsonw_str(&s.w, "path", path);
	screen_say(&s, "diagnosticsWritten");
	screen_show(&s);
}

void
screen_sign_in(struct agent *agent, const char *error)
{
	struct screen s;

	screen_begin(&s, agent, "signin");
	jsonw_str(&s.w, "account", "domain");
	jsonw_str(&s.w, "user", agent->profile.user ? agent->profile.user : "");
	jsonw_str(&s.w, "domain", agent->journal.domain);
	jsonw_str(&s.w, fault_find(error) ? "fault" : "error", error);
	screen_show(&s);
}
