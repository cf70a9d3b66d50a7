// SPDX-License-Identifier: Apache-2.0
#include "agent/region.h"

#include "agent/command.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"

#define KEYBOARD_FILE "/etc/default/keyboard"

enum { COMMAND_S = 10 };

const struct region_choice region_languages[] = {
	{"en-US", "English (United States)"},
	{"de-DE", "Deutsch (Deutschland)"},
	{"ja-JP", "日本語 (日本)"},
	{0},
};

// Sorted by name as people there write it, other scripts at the end. Where a terminal cannot be
// trusted with the script, in English.
const struct region_choice region_countries[] = {
	{"AR", "Argentina"},
	{"AU", "Australia"},
	{"BE", "België / Belgique"},
	{"BR", "Brasil"},
	{"CA", "Canada"},
	{"CZ", "Česko"},
	{"CL", "Chile"},
	{"CO", "Colombia"},
	{"DK", "Danmark"},
	{"DE", "Deutschland"},
	{"EE", "Eesti"},
	{"ES", "España"},
	{"FR", "France"},
	{"HR", "Hrvatska"},
	{"IN", "India"},
	{"ID", "Indonesia"},
	{"IE", "Ireland"},
	{"IS", "Ísland"},
	{"IL", "Israel"},
	{"IT", "Italia"},
	{"LV", "Latvija"},
	{"LT", "Lietuva"},
	{"LU", "Luxembourg"},
	{"HU", "Magyarország"},
	{"MY", "Malaysia"},
	{"MX", "México"},
	{"NL", "Nederland"},
	{"NZ", "New Zealand"},
	{"NO", "Norge"},
	{"AT", "Österreich"},
	{"PH", "Philippines"},
	{"PL", "Polska"},
	{"PT", "Portugal"},
	{"RO", "România"},
	{"SA", "Saudi Arabia"},
	{"CH", "Schweiz / Suisse / Svizzera"},
	{"SG", "Singapore"},
	{"SI", "Slovenija"},
	{"SK", "Slovensko"},
	{"ZA", "South Africa"},
	{"FI", "Suomi"},
	{"SE", "Sverige"},
	{"TR", "Türkiye"},
	{"AE", "United Arab Emirates"},
	{"GB", "United Kingdom"},
	{"US", "United States"},
	{"VN", "Việt Nam"},
	{"GR", "Ελλάδα"},
	{"BG", "България"},
	{"UA", "Україна"},
	{"TH", "ไทย"},
	{"KR", "대한민국"},
	{"CN", "中国"},
	{"TW", "台灣"},
	{"JP", "日本"},
	{0},
};

const struct region_choice region_keyboards[] = {
	{"us", "US"},
	{"gb", "United Kingdom"},
	{"de", "German"},
	{"ch", "Swiss"},
	{"fr", "French"},
	{"jp", "Japanese"},
	{0},
};

bool
region_offers(const struct region_choice *list, const char *id)
{
	for (; list->id; list++)
		if (str_eq(list->id, id))
			return true;
	return false;
}

static bool
is_country(const char *id)
{
	return id && strlen(id) == 2 && strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
}

const char *
region_of_language(const char *tag)
{
	static const struct region_choice bare[] = {
		{"en", "US"}, {"de", "DE"}, {"ja", "JP"}, {"fr", "FR"}, {0}};
	const char *dash = tag ? strrchr(tag, '-') : NULL;

	if (dash && is_country(dash + 1))
		return dash + 1;
	for (const struct region_choice *b = bare; tag && !dash && b->id; b++)
		if (str_ieq(b->id, tag))
			return b->label;
	return NULL;
}

const char *
region_keyboard_of_language(const char *tag)
{
	static const struct region_choice layouts[] = {{"de-CH", "ch"}, {"de", "de"}, {"ja", "jp"},
		{"fr", "fr"}, {"en-GB", "gb"}, {"", "us"}};
	const struct region_choice *l = layouts;

	while (tag && !str_istarts(tag, l->id))
		l++;
	return tag ? l->label : "us";
}

// The console has the layout at once, not only after a restart: a password is typed next.
static void
apply_keyboard(struct arena *arena, const struct journal *journal)
{
	const char *const console[] = {"setupcon", "--keyboard-only", NULL};
	bool second = region_offers(region_keyboards, journal->keyboard2);
	const char *output;
	struct buf text;
	struct error e;

	if (!region_offers(region_keyboards, journal->keyboard))
		return;
	buf_init(&text, arena, 1024);
	buf_printf(&text,
		"# Written by ferry-agentd (keyboard(5))\nXKBMODEL=\"pc105\"\n"
		"XKBLAYOUT=\"%s%s%s\"\nXKBVARIANT=\"\"\nXKBOPTIONS=\"%s\"\nBACKSPACE=\"guess\"\n",
		journal->keyboard, second ? "," : "", second ? journal->keyboard2 : "",
		second ? "grp:win_space_toggle" : "");
	if (!buf_ok(&text, &e) || !fs_write(KEYBOARD_FILE, buf_slice(&text), 0644, &e))
		log_warn("%s: %s", KEYBOARD_FILE, e.message);
	else if (!command_run(arena, console, COMMAND_S, &output, &e))
		log_debug("the console's keyboard: %s", e.message);
}

void
region_apply(const struct journal *journal)
{
	autoarena(arena, 1 << 20);
	const char *output;
	struct error e;

	apply_keyboard(&arena, journal);
	if (!is_country(journal->region))
		return;
	// Which channels a radio may use is the law of the country.
	const char *const radio[] = {"iw", "reg", "set", journal->region, NULL};
	if (!command_run(&arena, radio, COMMAND_S, &output, &e))
		log_debug("the radio's country: %s", e.message);
}
