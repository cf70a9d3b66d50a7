// SPDX-License-Identifier: Apache-2.0
// The sign-in page of the organization, in one step or in three (behaviour O3, O5, U3, P10). What
// is typed lives in the ui, never in the page.
#include "base/str.h"
#include "domain/fault.h"
#include "oobe/pages.h"
#include "oobe/words.h"

static void
add_problem(struct page *page, const struct screen *screen)
{
	const char *title = page_fault_title(screen);
	const struct fault *fault = fault_find(screen->fault);

	if (!title)
		title = screen->error;
	if (!title)
		return;
	page_gap(page);
	page_text(page, TONE_BAD, title);
	if (fault)
		page_text(page, TONE_NORMAL, tr(fault->fix));
}

static void
add_code(struct page *page, const struct screen *screen)
{
	page->title = tr("Enter code");
	page_text(page, TONE_NORMAL, tr("Enter the code that your authenticator app shows."));
	add_problem(page, screen);
	page_gap(page);
	page_field(page, FIELD_CODE, tr("Code"));
	page_button(page, "signin", tr("[V]erify"), CARRY_FIELDS);
}

static void
add_fields(struct page *page, const struct screen *screen)
{
	bool user = !str_eq(screen->step, "password");
	bool password = !str_eq(screen->step, "user");

	if (screen->domain)
		page_text(page, TONE_NORMAL,
			page_fill(page, tr("Use your account of %s."), screen->domain));
	page_said(page, screen);
	add_problem(page, screen);
	page_gap(page);
	if (user)
		page_field(page, FIELD_USER, tr("User name"));
	if (user && password)
		page_gap(page);
	if (password)
		page_field(page, FIELD_PASSWORD, tr("Password"));
	// Windows 10 says Next after the name, Windows 11 says Sign in.
	if (!password && !str_eq(screen->style, "win11"))
		page_button(page, "signin", tr("[N]ext"), CARRY_FIELDS);
	else
		page_action(page, "signin");
}

void
page_signin(struct page *page, const struct screen *screen, const struct view *view)
{
	bool later = str_eq(screen->step, "password") || str_eq(screen->step, "code");

	(void)view;
	page->winkey = true;
	page->title = screen->organization
		? page_fill(page, tr("Sign in to %s"), screen->organization)
		: tr("Sign in");
	if (later)
		page_fact(page, tr("Account"), screen->user);
	if (str_eq(screen->step, "code"))
		add_code(page, screen);
	else
		add_fields(page, screen);
	page_text(page, TONE_NORMAL, screen->note);
	if (later && !screen->fixed_account)
		page_action(page, "otheruser");
}
