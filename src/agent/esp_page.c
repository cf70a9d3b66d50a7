// SPDX-License-Identifier: Apache-2.0
#include "agent/esp_page.h"

#include "base/fs.h"
#include "base/str.h"
#include "codec/json.h"
#include <stddef.h>

enum { PAGE_MAX = 256 << 10, MS_PER_MINUTE = 60 * 1000 };

// What is stored, once: these tables read and write.
static const struct {
	const char *name;
	size_t at;
} flags[] =
	{
		{"told", offsetof(struct esp_page, told)},
		{"skipDevice", offsetof(struct esp_page, skip_device)},
		{"skipUser", offsetof(struct esp_page, skip_user)},
		{"logs", offsetof(struct esp_page, logs)},
		{"tracking", offsetof(struct esp_page, tracking)},
},
  numbers[] =
	  {
		  {"block", offsetof(struct esp_page, block)},
		  {"timeoutMinutes", offsetof(struct esp_page, timeout_minutes)},
		  {"hybridExtraMinutes", offsetof(struct esp_page, hybrid_extra_minutes)},
		  {"patienceMinutes", offsetof(struct esp_page, patience_minutes)},
		  {"provider", offsetof(struct esp_page, provider)},
		  {"reboots", offsetof(struct esp_page, reboots)},
		  {"flow", offsetof(struct esp_page, flow)},
		  {"usedPreparationMs", offsetof(struct esp_page, used_ms[ESP_DEVICE_PREPARATION])},
		  {"usedDeviceMs", offsetof(struct esp_page, used_ms[ESP_DEVICE_SETUP])},
		  {"usedAccountMs", offsetof(struct esp_page, used_ms[ESP_ACCOUNT_SETUP])},
},
  texts[] = {
	  {"text", offsetof(struct esp_page, text)},
	  {"policy", offsetof(struct esp_page, policy)},
	  {"rebootFor", offsetof(struct esp_page, reboot_for)},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define MEMBER(type, page, offset) ((type *)(void *)((char *)(page) + (offset)))
#define CONST_MEMBER(type, page, offset)                                                           \
	(*(type const *)(const void *)((const char *)(page) + (offset)))

void
esp_page_init(struct esp_page *page)
{
	*page = (struct esp_page){
		.skip_device = true,
		.skip_user = true,
		.timeout_minutes = 60,
		.patience_minutes = ESP_PATIENCE_MINUTES,
		.provider = ESP_NOT_INSTALLED,
	};
}

static void
read_apps(struct arena *arena, const struct json *list, struct esp_page *out)
{
	for (const struct json *in = list ? list->first : NULL; in; in = in->next) {
		const char *name = json_str(in, "name");
		int64_t state = json_int(in, "state", ESP_NOT_INSTALLED);
		int64_t reboot = json_int(in, "reboot", ESP_REBOOT_NONE);
		struct esp_tracked *app = name ? esp_page_app_add(arena, out, name) : NULL;
		if (!app)
			continue;
		app->uri = json_str(in, "uri");
		app->state = state >= ESP_NOT_INSTALLED && state <= ESP_FAILED
			? (enum esp_install)state
			: ESP_NOT_INSTALLED;
		app->reboot = reboot >= ESP_REBOOT_NONE && reboot <= ESP_REBOOT_HARD
			? (enum esp_reboot)reboot
			: ESP_REBOOT_NONE;
	}
}

void
esp_page_read(struct arena *arena, const char *path, struct esp_page *out)
{
	struct slice text;
	struct error ignored;
	const struct json *json = fs_read(arena, path, PAGE_MAX, &text, &ignored)
		? json_parse(arena, text, NULL, &ignored)
		: NULL;

	esp_page_init(out);
	if (!json)
		return;
	for (size_t i = 0; i < COUNT(flags); i++)
		*MEMBER(bool, out, flags[i].at) =
			json_bool(json, flags[i].name, CONST_MEMBER(bool, out, flags[i].at));
	for (size_t i = 0; i < COUNT(numbers); i++) {
		int64_t value = json_int(json, numbers[i].name, -1);
		if (value >= 0 && value < INT64_MAX / MS_PER_MINUTE)
			*MEMBER(int64_t, out, numbers[i].at) = value;
	}
	for (size_t i = 0; i < COUNT(texts); i++)
		*MEMBER(const char *, out, texts[i].at) = json_str(json, texts[i].name);
	read_apps(arena, json_get(json, "apps"), out);
}

static void
write_apps(const struct esp_page *page, struct jsonw *w)
{
	jsonw_array(w, "apps");
	for (size_t i = 0; i < page->app_count; i++) {
		jsonw_object(w, NULL);
		jsonw_str(w, "name", page->apps[i].name);
		jsonw_str(w, "uri", page->apps[i].uri);
		jsonw_int(w, "state", page->apps[i].state);
		jsonw_int(w, "reboot", page->apps[i].reboot);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

bool
esp_page_write(const struct esp_page *page, const char *path, int64_t now_ms, struct error *e)
{
	autoarena(arena, 1 << 20);
	struct esp_page stopped = *page;
	struct buf out;

	esp_clock_stop(&stopped, now_ms);
	buf_init(&out, &arena, PAGE_MAX);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	for (size_t i = 0; i < COUNT(flags); i++)
		jsonw_bool(&w, flags[i].name, CONST_MEMBER(bool, &stopped, flags[i].at));
	for (size_t i = 0; i < COUNT(numbers); i++)
		jsonw_int(&w, numbers[i].name, CONST_MEMBER(int64_t, &stopped, numbers[i].at));
	for (size_t i = 0; i < COUNT(texts); i++)
		jsonw_str(&w, texts[i].name, CONST_MEMBER(char *, &stopped, texts[i].at));
	write_apps(&stopped, &w);
	jsonw_end_object(&w);
	return buf_ok(&out, e) && fs_write(path, buf_slice(&out), 0600, e);
}

void
esp_clock_stop(struct esp_page *page, int64_t now_ms)
{
	if (page->running_since_ms && now_ms > page->running_since_ms)
		page->used_ms[page->running] += now_ms - page->running_since_ms;
	page->running_since_ms = 0;
}

void
esp_clock_run(struct esp_page *page, enum esp_phase phase, int64_t now_ms)
{
	if (page->running_since_ms && page->running == phase)
		return;
	esp_clock_stop(page, now_ms);
	page->running = phase;
	page->running_since_ms = now_ms;
}

void
esp_clock_reset(struct esp_page *page, enum esp_phase phase, int64_t now_ms)
{
	page->used_ms[phase] = 0;
	page->reboots = 0;
	if (page->running_since_ms && page->running == phase)
		page->running_since_ms = now_ms;
}

int64_t
esp_clock_used_s(const struct esp_page *page, enum esp_phase phase, int64_t now_ms)
{
	bool runs =
		page->running_since_ms && page->running == phase && now_ms > page->running_since_ms;

	return (page->used_ms[phase] + (runs ? now_ms - page->running_since_ms : 0)) / 1000;
}

int64_t
esp_page_minutes(const struct esp_page *page, bool hybrid)
{
	return page->timeout_minutes + (hybrid ? page->hybrid_extra_minutes : 0);
}

int64_t
esp_clock_left_s(const struct esp_page *page, enum esp_phase phase, bool hybrid, int64_t now_ms)
{
	int64_t left = esp_page_minutes(page, hybrid) * 60 - esp_clock_used_s(page, phase, now_ms);

	return left > 0 ? left : 0;
}

struct esp_tracked *
esp_page_app(struct esp_page *page, const char *name)
{
	for (size_t i = 0; i < page->app_count; i++)
		if (str_eq(page->apps[i].name, name))
			return &page->apps[i];
	return NULL;
}

struct esp_tracked *
esp_page_app_of(struct esp_page *page, const char *uri)
{
	for (size_t i = 0; i < page->app_count; i++)
		if (str_eq(page->apps[i].uri, uri))
			return &page->apps[i];
	return NULL;
}

struct esp_tracked *
esp_page_app_add(struct arena *arena, struct esp_page *page, const char *name)
{
	struct esp_tracked *app = esp_page_app(page, name);

	if (app || page->app_count == ESP_PAGE_APPS)
		return app;
	app = &page->apps[page->app_count++];
	*app = (struct esp_tracked){.name = arena_strdup(arena, name),
		.state = ESP_NOT_INSTALLED,
		.reboot = ESP_REBOOT_NONE};
	return app;
}
