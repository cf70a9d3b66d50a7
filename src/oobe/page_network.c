// SPDX-License-Identifier: Apache-2.0
// The network page: every interface with its state, the wireless networks in reach, and a way on
// once one is connected (behaviour O2, U1).
#include "base/str.h"
#include "oobe/pages.h"
#include "oobe/words.h"

static const struct {
	const char *key, *name;
} states[] = {
	{"connected", N_("connected")},
	{"connecting", N_("connecting…")},
	{"disconnected", N_("disconnected")},
	{"portal", N_("sign-in needed")},
};

static const char *
state_name(const char *state)
{
	for (size_t i = 0; state && i < sizeof states / sizeof *states; i++)
		if (str_eq(states[i].key, state))
			return tr(states[i].name);
	return state ? state : tr("unknown");
}

static void
add_interface(struct page *page, const struct interface *nic)
{
	const char *kind = str_eq(nic->kind, "wifi") ? tr("Wireless connection")
		: str_eq(nic->kind, "wired")	     ? tr("Wired connection")
						     : tr("Network");

	page_row(page,
		&(struct block){.label = nic->label ? nic->label : kind,
			.text = state_name(nic->state),
			.mark = str_eq(nic->state, "connected") ? MARK_DONE
				: str_eq(nic->state, "portal")	? MARK_WARN
								: MARK_NONE});
	if (nic->detail)
		page_row(page, &(struct block){.indent = 2, .label = nic->detail, .text = ""});
}

static const char *
signal_text(int signal)
{
	return signal < 0 ? "" : signal < 34 ? tr("weak") : signal < 67 ? tr("good") : tr("strong");
}

// "Contoso (strong, secured, connected)"
static const char *
network_label(struct page *page, const struct choice *network)
{
	const char *words[4];
	const char *list = "";
	size_t count = 0;

	if (network->signal >= 0)
		words[count++] = signal_text(network->signal);
	words[count++] = network->secured ? tr("secured") : tr("open");
	if (network->known)
		words[count++] = tr("known");
	if (network->state)
		words[count++] = state_name(network->state);
	for (size_t i = 0; i < count; i++)
		list = arena_printf(page->arena, "%s%s%s", list, i ? ", " : "", words[i]);
	return arena_printf(page->arena, "%s (%s)", network->label, list);
}

static void
add_networks(struct page *page, const struct screen *screen, const struct view *view)
{
	const struct choice *chosen =
		view->choice < screen->choice_count ? &screen->choices[view->choice] : NULL;
	bool asks =
		chosen && chosen->secured && !chosen->known && !str_eq(chosen->state, "connected");

	page_gap(page);
	page_text(page, TONE_STRONG, tr("Wireless networks"));
	for (size_t i = 0; i < screen->choice_count; i++)
		page_choice(page, network_label(page, &screen->choices[i]));
	if (asks) {
		page_gap(page);
		page_field(page, FIELD_PASSWORD, tr("Network security key"));
	}
	page_button(page, "connect", tr("[C]onnect"),
		asks ? CARRY_CHOICE | CARRY_FIELDS : CARRY_CHOICE);
}

void
page_network(struct page *page, const struct screen *screen, const struct view *view)
{
	const char *title = page_fault_title(screen);

	page->title = tr("Let's connect you to a network");
	page->winkey = true;
	page_text(page, TONE_NORMAL,
		tr("You need a network to set up this device for your organization."));
	if (title)
		page_text(page, TONE_BAD, title);
	page_fault(page, screen);
	page_text(page, TONE_NORMAL, screen->detail);
	page_text(page, TONE_WARN, screen->note);
	if (screen->portal)
		page_text(page, TONE_WARN,
			page_fill(page,
				tr("This network asks for a sign-in of its own at %s. Use another "
				   "network, or sign in there with this device's address."),
				screen->portal));
	page_gap(page);
	for (size_t i = 0; i < screen->interface_count; i++)
		add_interface(page, &screen->interfaces[i]);
	if (!screen->interface_count)
		page_text(page, TONE_WARN,
			tr("No network adapter was found. Plug in a network cable."));
	if (screen->choice_count)
		add_networks(page, screen, view);
	page_action(page, "next");
	page_action(page, "retry");
	page_focus(page, screen->choice_count ? "connect" : "next");
}
