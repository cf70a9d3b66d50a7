// SPDX-License-Identifier: Apache-2.0
// cmocka needs these three before its own header.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"
#include "domain/fault.h"
#include "oobe/layout.h"
#include "oobe/ui.h"
#include "oobe/words.h"
#include "oobe/wrap.h"
#include <cmocka.h>
#include <locale.h>

static void
a_text_without_translation_stays_as_it_is(void **state)
{
	(void)state;

	words_choose("ja-JP");
	assert_string_equal(tr("no such text"), "no such text");
	assert_null(tr(NULL));
}

static void
an_unknown_language_changes_nothing(void **state)
{
	static const char *const unknown[] = {"fr-FR", "C", "POSIX", "", "deutsch", "eng"};
	(void)state;

	words_choose("de-DE");
	words_choose(NULL);
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		words_choose(unknown[i]);
	assert_string_equal(words_language(), "de");
}

static void
texts_are_filled_in_the_order_of_the_translation(void **state)
{
	autoarena(arena, ARENA_SMALL);
	const char *const texts[] = {"one", "t%swo"};
	(void)state;

	assert_string_equal(words_fill(&arena, "%2$s and %1$s", texts, 2), "t%swo and one");
	assert_string_equal(words_fill(&arena, "%s, %s, %s.", texts, 2), "one, t%swo, .");
	assert_string_equal(words_fill(&arena, "100 %% %d %", texts, 2), "100 % %d %");
	assert_string_equal(words_fill(&arena, "%9$s", texts, 2), "");
}

static void
a_sentence_is_found_by_its_key_only(void **state)
{
	autoarena(arena, ARENA_SMALL);
	const char *const texts[] = {"Contoso"};
	(void)state;

	words_choose("en");
	assert_null(words_say(&arena, "nothing", texts, 1));
	assert_null(words_say(&arena, NULL, texts, 1));
	assert_string_equal(words_say(&arena, "waitingConnector", texts, 1),
		"Waiting for a connector of Contoso");
}

static void
the_table_is_in_order(void **state)
{
	(void)state;

	for (size_t i = 1; i < words_count; i++)
		assert_true(strcmp(words_table[i - 1].text, words_table[i].text) < 0);
}

static void
the_language_page_speaks_the_language_of_its_choice(void **state)
{
	autoarena(arena, ARENA_REQUEST);
	struct error e = {0};
	struct screen screen;
	struct page page;
	(void)state;

	assert_true(screen_parse(&arena,
		slice_str("{\"screen\":\"language\",\"options\":[{\"id\":\"de-DE\"}]}"), &screen,
		&e));
	words_choose("de-DE");
	page_build(&arena, &screen, &(struct view){0}, &page);
	assert_string_equal(page.title, "Ist das die richtige Sprache oder Region?");
	words_choose("ja-JP");
	page_build(&arena, &screen, &(struct view){0}, &page);
	assert_string_equal(page.title, "この言語または地域でよろしいですか?");
	words_choose("en");
}

static void
a_fault_is_told_in_the_language_of_the_person(void **state)
{
	autoarena(arena, ARENA_REQUEST);
	struct error e = {0};
	struct screen screen;
	struct page page;
	const struct fault *fault = fault_find("dc_unreachable");
	(void)state;

	assert_non_null(fault);
	assert_true(screen_parse(&arena,
		slice_str(
			"{\"screen\":\"failure\",\"fault\":\"dc_unreachable\",\"title\":\"old\"}"),
		&screen, &e));
	words_choose("de-DE");
	page_build(&arena, &screen, &(struct view){.elapsed = -1}, &page);
	assert_string_equal(page.blocks[0].text, tr(fault->title));
	assert_string_not_equal(page.blocks[0].text, fault->title);
	// A face that is older than the agent shows what was sent.
	assert_true(screen_parse(&arena,
		slice_str(
			"{\"screen\":\"failure\",\"fault\":\"invented_later\",\"title\":\"sent\"}"),
		&screen, &e));
	page_build(&arena, &screen, &(struct view){.elapsed = -1}, &page);
	assert_string_equal(page.blocks[0].text, "sent");
	words_choose("en");
}

// One page of each kind with every button that it may have.
static const char *const pages[] = {
	"{\"screen\":\"language\",\"options\":[{\"id\":\"x\"}]}",
	"{\"screen\":\"keyboard2\",\"options\":[{\"id\":\"x\"}]}",
	"{\"screen\":\"network\",\"networks\":[{\"id\":\"x\",\"secured\":true}]}",
	"{\"screen\":\"eula\"}",
	"{\"screen\":\"privacy\"}",
	"{\"screen\":\"staysignedin\"}",
	"{\"screen\":\"menu\",\"style\":\"win10\"}",
	"{\"screen\":\"config\"}",
	"{\"screen\":\"esp\",\"actions\":[\"retry\",\"reset\",\"continue\",\"diagnostics\"]}",
	"{\"screen\":\"failure\",\"actions\":[\"retry\",\"reset\",\"continue\",\"diagnostics\"]}",
	"{\"screen\":\"preparation\",\"state\":\"error\",\"actions\":[\"retry\",\"continue\","
	"\"diagnostics\"]}",
	"{\"screen\":\"signin\",\"step\":\"password\",\"actions\":[\"signin\",\"otheruser\","
	"\"back\"]}",
	"{\"screen\":\"signin\",\"step\":\"code\",\"actions\":[\"signin\",\"otheruser\","
	"\"back\"]}",
	"{\"screen\":\"reset\"}",
	"{\"screen\":\"done\"}",
};

static void
each_letter_presses_one_button_in_every_language(void **state)
{
	static const char *const languages[] = {"en", "de", "ja"};
	(void)state;

	for (size_t l = 0; l < 3; l++)
		for (size_t p = 0; p < sizeof pages / sizeof *pages; p++) {
			autoarena(arena, ARENA_REQUEST);
			struct error e = {0};
			struct screen screen;
			struct page page;
			bool used[128] = {false};
			words_choose(languages[l]);
			assert_true(screen_parse(&arena, slice_str(pages[p]), &screen, &e));
			page_build(&arena, &screen, &(struct view){0}, &page);
			assert_true(page.button_count > 0);
			for (size_t i = 0; i < page.button_count; i++) {
				int letter = page_accelerator(page.buttons[i].label);
				if (!letter || used[letter])
					fail_msg("%s: %s: \"%s\"", languages[l], pages[p],
						page.buttons[i].label);
				used[letter] = true;
			}
		}
	words_choose("en");
}

static void
wide_characters_stay_in_their_columns(void **state)
{
	autoarena(arena, ARENA_REQUEST);
	struct error e = {0};
	struct screen screen;
	struct page page;
	struct lines lines;
	struct entry entry = {.field = -1};
	(void)state;

	words_choose("ja");
	assert_true(screen_parse(&arena,
		slice_str("{\"screen\":\"config\",\"organization\":\"コントソ株式会社\"}"), &screen,
		&e));
	page_build(&arena, &screen, &(struct view){0}, &page);
	for (size_t columns = 16; columns < 100; columns++) {
		layout_page(&arena, &page, &entry, columns, &lines);
		for (size_t i = 0; i < lines.count; i++)
			assert_true(text_width(lines.items[i].text) <= columns + 20);
	}
	words_choose("en");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_without_translation_stays_as_it_is),
		cmocka_unit_test(an_unknown_language_changes_nothing),
		cmocka_unit_test(texts_are_filled_in_the_order_of_the_translation),
		cmocka_unit_test(a_sentence_is_found_by_its_key_only),
		cmocka_unit_test(the_table_is_in_order),
		cmocka_unit_test(the_language_page_speaks_the_language_of_its_choice),
		cmocka_unit_test(a_fault_is_told_in_the_language_of_the_person),
		cmocka_unit_test(each_letter_presses_one_button_in_every_language),
		cmocka_unit_test(wide_characters_stay_in_their_columns),
	};

	setlocale(LC_ALL, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
