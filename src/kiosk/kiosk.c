// SPDX-License-Identifier: Apache-2.0
#include "kiosk/kiosk.h"

#include "base/str.h"
#include "base/uuid.h"
#include "kiosk/page_json.h"
#include "pki/hash.h"
#include <sys/eventfd.h>

bool
kiosk_init(struct kiosk *kiosk, struct error *e)
{
	uint8_t secret[KIOSK_TOKEN_BYTES];

	arena_init(&kiosk->arenas[0], 64 * ARENA_SMALL);
	arena_init(&kiosk->arenas[1], 64 * ARENA_SMALL);
	pthread_mutex_init(&kiosk->lock, NULL);
	kiosk->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (kiosk->wake < 0)
		return error_errno(e, "eventfd");
	random_bytes(secret, sizeof secret);
	for (size_t i = 0; i < sizeof secret; i++)
		snprintf(kiosk->token + 2 * i, 3, "%02x", secret[i]);
	secret_wipe(secret, sizeof secret);
	return true;
}

void
kiosk_finish(struct kiosk *kiosk)
{
	close(kiosk->wake);
	secret_wipe(kiosk->token, sizeof kiosk->token);
	arena_finish(&kiosk->arenas[0]);
	arena_finish(&kiosk->arenas[1]);
	pthread_mutex_destroy(&kiosk->lock);
}

void
kiosk_publish(struct kiosk *kiosk)
{
	struct arena *arena = &kiosk->arenas[!kiosk->live];
	struct page page;
	struct buf text;
	struct error e;

	arena_reset(arena);
	app_page(&kiosk->app, arena, &page);
	buf_init(&text, arena, KIOSK_PAGE_MAX);
	struct jsonw w = jsonw_on(&text);
	page_json(&w, arena, &page, &kiosk->app.ui, app_busy(&kiosk->app));
	kiosk->app.changed = false;
	if (!buf_ok(&text, &e)) {
		app_log(&kiosk->app, "page not shown: %s", e.message);
		return;
	}
	const char *json = buf_text(&text);
	bool same = kiosk->json && str_eq(kiosk->json, json);
	kiosk->page = page;
	kiosk->json = json;
	kiosk->live = !kiosk->live;
	kiosk->page_number += kiosk->app.new_page;
	kiosk->app.new_page = false;
	if (same)
		return;
	kiosk->number++;
	if (kiosk->server)
		http_server_wake(kiosk->server, "page");
}

static void
take_fields(struct ui *ui, const struct json *fields)
{
	static const char *const names[FIELDS] = {"user", "password", "code"};

	for (size_t i = 0; i < FIELDS; i++) {
		const char *text = json_str(fields, names[i]);
		if (!text || strlen(text) >= FIELD_BYTES)
			continue;
		snprintf(ui->fields[i], FIELD_BYTES, "%s", text);
		secret_wipe((void *)(uintptr_t)text, strlen(text));
	}
}

static void
take_choices(struct kiosk *kiosk, const struct json *json)
{
	struct ui *ui = &kiosk->app.ui;
	int64_t choice = json_int(json, "choice", -1);
	const struct json *on = json_get(json, "on");

	if (choice >= 0 && (size_t)choice < kiosk->page.choice_count)
		ui->choice = (size_t)choice;
	if (!on || on->type != JSON_ARRAY)
		return;
	ui->on = 0;
	for (const struct json *item = on->first; item; item = item->next) {
		uint64_t bit;
		if (item->type == JSON_NUMBER && str_to_u64(item->text, SCREEN_SWITCHES - 1, &bit))
			ui->on |= UINT32_C(1) << bit;
	}
}

static bool
press(struct kiosk *kiosk, const char *name, struct error *e)
{
	struct app *app = &kiosk->app;
	struct action action = {0};

	if (str_eq(name, "winkey"))
		action.name = name;
	else if (!ui_press(&app->ui, app->screen, &kiosk->page, name, &action))
		return error_set(e, ERR_INVALID, "there is no such button on this page");
	if (action.name)
		app_act(app, &action);
	ui_forget_password(&app->ui);
	return true;
}

bool
kiosk_take(struct kiosk *kiosk, struct slice body, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	const struct json_limits limits = {.max_bytes = 8192, .max_depth = 3, .max_nodes = 100};
	const struct json *json = json_parse(&arena, body, &limits, e);
	const char *name = json_str(json, "action");

	if (!json)
		return false;
	if (json->type != JSON_OBJECT)
		return error_set(e, ERR_INVALID, "not an object");
	if (!app_showing(&kiosk->app) || json_int(json, "page", -1) != kiosk->page_number)
		return error_set(e, ERR_CONFLICT, "the page has changed");
	take_choices(kiosk, json);
	take_fields(&kiosk->app.ui, json_get(json, "fields"));
	kiosk_publish(kiosk); // some pages depend on what is chosen
	if (name && !press(kiosk, name, e))
		return false;
	kiosk_publish(kiosk);
	return true;
}
