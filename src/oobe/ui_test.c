// SPDX-License-Identifier: Apache-2.0
// cmocka needs these three before its own header.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "oobe/ui.h"
#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>

struct fixture {
	struct arena arena;
	struct screen screen;
	struct page page;
	struct ui ui;
	struct action action;
};

static void
start(struct fixture *f, const char *line)
{
	struct error e = {0};

	*f = (struct fixture){.arena = {.cap = ARENA_REQUEST}};
	assert_true(screen_parse(&f->arena, slice_str(line), &f->screen, &e));
	page_build(&f->arena, &f->screen, &(struct view){.elapsed = f->screen.elapsed}, &f->page);
	ui_adopt(&f->ui, NULL, &f->screen, &f->page);
}

static const char *
press(struct fixture *f, enum key key)
{
	ui_key(&f->ui, &f->screen, &f->page, (struct keypress){.key = key}, &f->action);
	return f->action.name ? f->action.name : "";
}

static const char *
type(struct fixture *f, const char *text)
{
	for (; *text; text++)
		ui_key(&f->ui, &f->screen, &f->page,
			(struct keypress){KEY_NAME_CHAR, (unsigned char)*text}, &f->action);
	return f->action.name ? f->action.name : "";
}

static const char *
sent(struct fixture *f)
{
	static char line[4096];
	size_t len;
	struct error e = {0};

	assert_true(action_write(&f->action, line, sizeof line, &len, &e));
	assert_int_equal(len, strlen(line));
	return line;
}

static void
a_page_without_buttons_takes_every_key_without_effect(void **state)
{
	struct fixture f;
	(void)state;

	start(&f, "{\"screen\":\"waiting\",\"text\":\"x\"}");
	for (int key = KEY_NAME_CHAR; key < KEY_NAME_WINDOWS; key++)
		assert_string_equal(press(&f, (enum key)key), "");
	arena_finish(&f.arena);
}

static void
signing_in_needs_a_name_and_a_password(void **state)
{
	struct fixture f;
	(void)state;

	start(&f, "{\"screen\":\"signin\",\"user\":\"\"}");
	assert_int_equal(f.ui.focus, FIELD_USER);
	assert_string_equal(press(&f, KEY_NAME_ENTER), "");
	assert_int_equal(f.ui.focus, FIELD_PASSWORD);
	type(&f, "secret");
	assert_string_equal(press(&f, KEY_NAME_ENTER), "");
	assert_int_equal(f.ui.focus, FIELD_USER);
	type(&f, "sally");
	press(&f, KEY_NAME_ENTER);
	assert_string_equal(press(&f, KEY_NAME_ENTER), "signin");
	assert_string_equal(
		sent(&f), "{\"action\":\"signin\",\"user\":\"sally\",\"password\":\"secret\"}\n");
	arena_finish(&f.arena);
}

static void
a_password_is_forgotten_and_never_laid_out(void **state)
{
	struct fixture f;
	(void)state;

	start(&f, "{\"screen\":\"signin\",\"user\":\"alice@corp.example.com\"}");
	assert_int_equal(f.ui.focus, FIELD_PASSWORD);
	type(&f, "p\"\\w");
	struct entry entry = ui_entry(&f.arena, &f.ui, &f.page);
	assert_string_equal(entry.fields[FIELD_PASSWORD], "****");
	ui_adopt(&f.ui, &f.screen, &f.screen, &f.page);
	for (size_t i = 0; i < FIELD_BYTES; i++)
		assert_int_equal(f.ui.fields[FIELD_PASSWORD][i], 0);
	assert_string_equal(f.ui.fields[FIELD_USER], "alice@corp.example.com");
	arena_finish(&f.arena);
}

static void
a_field_holds_only_what_fits(void **state)
{
	struct fixture f;
	(void)state;

	start(&f, "{\"screen\":\"signin\"}");
	for (int i = 0; i < 2 * FIELD_BYTES; i++)
		type(&f, "x");
	assert_int_equal(strlen(f.ui.fields[FIELD_USER]), FIELD_BYTES - 1);
	press(&f, KEY_NAME_CLEAR);
	ui_key(&f.ui, &f.screen, &f.page, (struct keypress){KEY_NAME_CHAR, 0xe9}, &f.action);
	assert_string_equal(f.ui.fields[FIELD_USER], "é");
	press(&f, KEY_NAME_BACKSPACE);
	assert_string_equal(f.ui.fields[FIELD_USER], "");
	arena_finish(&f.arena);
}

static void
an_action_that_does_not_fit_is_refused_and_wiped(void **state)
{
	struct action action = {.name = "signin", .user = "u", .password = "canary"};
	struct error e = {0};
	char line[40];
	size_t len = 99;
	(void)state;

	assert_false(action_write(&action, line, sizeof line, &len, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(len, 99);
	assert_null(memmem(line, sizeof line, "canary", 6));
}

static void
a_choice_is_sent_with_its_identifier(void **state)
{
	struct fixture f;
	(void)state;

	start(&f,
		"{\"screen\":\"keyboard\",\"options\":[{\"id\":\"us\",\"label\":\"US\"},"
		"{\"id\":\"de\",\"label\":\"German\"}],\"selected\":\"us\"}");
	press(&f, KEY_NAME_UP);
	press(&f, KEY_NAME_DOWN);
	press(&f, KEY_NAME_DOWN);
	assert_string_equal(press(&f, KEY_NAME_ENTER), "next");
	assert_string_equal(sent(&f), "{\"action\":\"next\",\"value\":\"de\"}\n");
	// The same page again, in another order: the choice stays.
	struct screen other = f.screen;
	struct choice swapped[2] = {f.screen.choices[1], f.screen.choices[0]};
	other.choices = swapped;
	ui_adopt(&f.ui, &f.screen, &other, &f.page);
	assert_int_equal(f.ui.choice, 0);
	arena_finish(&f.arena);
}

static void
the_letters_in_brackets_press_their_buttons(void **state)
{
	struct fixture f;
	(void)state;

	start(&f, "{\"screen\":\"failure\",\"actions\":[\"retry\",\"reset\",\"diagnostics\"]}");
	assert_string_equal(type(&f, "R"), "retry");
	assert_string_equal(type(&f, "s"), "reset");
	assert_string_equal(type(&f, "d"), "diagnostics");
	assert_string_equal(type(&f, "x"), "");
	arena_finish(&f.arena);
}

static void
only_offered_actions_can_be_pressed(void **state)
{
	struct fixture f;
	(void)state;

	start(&f, "{\"screen\":\"config\",\"actions\":[\"refresh\",\"back\"]}");
	assert_false(ui_press(&f.ui, &f.screen, &f.page, "provision", &f.action));
	assert_true(ui_press(&f.ui, &f.screen, &f.page, "back", &f.action));
	assert_string_equal(f.action.name, "back");
	arena_finish(&f.arena);
}

static void
provision_has_the_focus_of_the_configuration_page(void **state)
{
	struct fixture f;
	(void)state;

	start(&f, "{\"screen\":\"config\",\"organization\":\"Contoso\"}");
	assert_string_equal(press(&f, KEY_NAME_ENTER), "provision");
	press(&f, KEY_NAME_TAB);
	assert_string_equal(press(&f, KEY_NAME_ENTER), "back");
	press(&f, KEY_NAME_TAB);
	assert_string_equal(press(&f, KEY_NAME_ENTER), "refresh");
	arena_finish(&f.arena);
}

static void
the_windows_key_counts_on_every_page(void **state)
{
	struct fixture f;
	(void)state;

	start(&f, "{\"screen\":\"welcome\"}");
	assert_string_equal(press(&f, KEY_NAME_WINDOWS), "winkey");
	assert_string_equal(sent(&f), "{\"action\":\"winkey\"}\n");
	arena_finish(&f.arena);
}

// The texts of a page at a width, one per line.
static const char *
text_of(struct fixture *f, size_t columns)
{
	struct entry entry = ui_entry(&f->arena, &f->ui, &f->page);
	struct lines lines;
	char *all = arena_strdup(&f->arena, "");

	layout_page(&f->arena, &f->page, &entry, columns, &lines);
	for (size_t i = 0; i < lines.count; i++)
		all = arena_printf(&f->arena, "%s%s\n", all, lines.items[i].text);
	return all;
}

static void
what_is_unknown_is_said_to_be_not_found(void **state)
{
	struct fixture f;
	(void)state;

	// Behaviour T12.
	start(&f, "{\"screen\":\"failure\",\"user\":null}");
	assert_non_null(strstr(text_of(&f, 60), "Organization:  not found\n"));
	assert_non_null(strstr(text_of(&f, 60), "Profile:       not found\n"));
	assert_non_null(strstr(text_of(&f, 60), "Assigned user: not assigned\n"));
	assert_non_null(strstr(text_of(&f, 60), "Elapsed time:  not known\n"));
	arena_finish(&f.arena);
}

static void
rows_after_an_error_say_that_a_previous_step_failed(void **state)
{
	struct fixture f;
	(void)state;

	// Behaviour X33.
	start(&f,
		"{\"screen\":\"esp\",\"phases\":[{\"name\":\"A\",\"state\":\"error\",\"rows\":["
		"{\"name\":\"one\",\"state\":\"complete\"},{\"name\":\"two\",\"state\":\"error\","
		"\"detail\":\"because\"},{\"name\":\"three\",\"state\":\"waiting\"}]},"
		"{\"name\":\"B\",\"state\":\"pending\",\"rows\":[{\"name\":\"four\","
		"\"state\":\"identifying\"},{\"name\":\"five\",\"state\":\"error\","
		"\"detail\":\"Previous step failed\"}]}]}");
	const char *text = text_of(&f, 0);
	assert_non_null(strstr(text, "✓ one: Complete\n"));
	assert_non_null(strstr(text, "✗ two: Error\n"));
	assert_non_null(strstr(text, "because\n"));
	assert_non_null(strstr(text, "three: Previous step failed\n"));
	assert_non_null(strstr(text, "B: Previous step failed\n"));
	assert_non_null(strstr(text, "four: Previous step failed\n"));
	assert_non_null(strstr(text, "five: Previous step failed\n"));
	assert_null(strstr(text, "✗ five"));
	arena_finish(&f.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_without_buttons_takes_every_key_without_effect),
		cmocka_unit_test(signing_in_needs_a_name_and_a_password),
		cmocka_unit_test(a_password_is_forgotten_and_never_laid_out),
		cmocka_unit_test(a_field_holds_only_what_fits),
		cmocka_unit_test(an_action_that_does_not_fit_is_refused_and_wiped),
		cmocka_unit_test(a_choice_is_sent_with_its_identifier),
		cmocka_unit_test(the_letters_in_brackets_press_their_buttons),
		cmocka_unit_test(only_offered_actions_can_be_pressed),
		cmocka_unit_test(provision_has_the_focus_of_the_configuration_page),
		cmocka_unit_test(the_windows_key_counts_on_every_page),
		cmocka_unit_test(what_is_unknown_is_said_to_be_not_found),
		cmocka_unit_test(rows_after_an_error_say_that_a_previous_step_failed),
	};

	setlocale(LC_ALL, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
