// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/xml.h"

static struct error e;
static struct arena arena;

static const struct xml *
parse(const char *text)
{
	e = (struct error){0};
	return xml_parse(&arena, slice_str(text), NULL, &e);
}

static void
refused(const char *text, enum error_code code, const char *because)
{
	if (parse(text))
		fail_msg("accepted: %s", text);
	assert_int_equal(e.code, code);
	if (!strstr(e.message, because))
		fail_msg("%s: %s", text, e.message);
}

static void
declarations_of_types_and_entities_are_refused_at_once(void **state)
{
	(void)state;
	refused("<!DOCTYPE a><a/>", ERR_INVALID, "document type");
	refused("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", ERR_INVALID, "document type");
	refused("<!DOCTYPE a [<!ENTITY l \"lol\"><!ENTITY l2 \"&l;&l;\">]><a>&l2;</a>", ERR_INVALID,
		"document type");
	refused("<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://x/\">%p;]><a/>", ERR_INVALID,
		"document type");
	refused("<a>&l;</a>", ERR_INVALID, "undefined entity");
	refused("<?xml-stylesheet href='x'?><a/>", ERR_INVALID, "processing instruction");
	refused("<a><?php x?></a>", ERR_INVALID, "processing instruction");
}

static void
only_utf8_is_read(void **state)
{
	(void)state;
	refused("<?xml version='1.0' encoding='utf-16'?><a/>", ERR_INVALID, "UTF-8");
	refused("<?xml version='1.0' encoding='UTF-7'?><a/>", ERR_INVALID, "UTF-8");
	refused("<?xml version='1.0' encoding='iso-8859-1'?><a>\xe4</a>", ERR_INVALID, "UTF-8");
	refused("<a>\xe4</a>", ERR_INVALID, "UTF-8");
	refused("<a>\xed\xa0\x80</a>", ERR_INVALID, "UTF-8");
	assert_null(xml_parse(&arena, slice_of("\xff\xfe<\0a\0/\0>\0", 10), NULL, &e));
	assert_null(xml_parse(&arena, slice_of("<a>\0</a>", 8), NULL, &e));
	assert_non_null(parse("<?xml version='1.0' encoding='utf-8'?><a>\xc3\xa4</a>"));
	assert_non_null(parse("\xef\xbb\xbf<a/>"));
}

static void
malformed_documents_are_refused_with_the_place(void **state)
{
	(void)state;
	static const char *const bad[] = {"", " ", "x", "<a>", "</a>", "<a></b>", "<a/><b/>",
		"<a b/>", "<a b='1' b='2'/>", "<a b='<'/>", "<a b=1/>", "<a>&amp</a>",
		"<a>&#0;</a>", "<a>&#xd800;</a>", "<a>]]></a>", "<p:a/>", "<a p:b='1'/>",
		"<a xmlns:p=''/>", "<a><!-- -- --></a>", "<a>\x01</a>", "<a b='1'c='2'/>",
		"<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(bad[i], ERR_INVALID, "XML line");
	refused("<a xmlns='http://x/\ny'/>", ERR_INVALID, "white space in a namespace");
	refused("<a>\n <b>\n  <c></d>", ERR_INVALID, "line 3 column 8");
}

static void
limits_hold(void **state)
{
	(void)state;
	struct xml_limits limits = {.max_bytes = 40, .max_depth = 3, .max_nodes = 4};
	static const struct {
		const char *text;
		bool ok;
	} cases[] = {{"<a><b><c/></b></a>", true}, {"<a><b><c><d/></c></b></a>", false},
		{"<a><b/><b/><b/></a>", true}, {"<a><b/><b/><b/><b/></a>", false},
		{"<a x='1' y='2' z='3'/>", true}, {"<a x='1' y='2' z='3'><b/></a>", false},
		{"<a>12345678901234567890123456789012345678</a>", false}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool ok = xml_parse(&arena, slice_str(cases[i].text), &limits, &e) != NULL;
		assert_int_equal(ok, cases[i].ok);
		assert_true(ok || e.code == ERR_LIMIT);
	}
	struct buf deep;
	buf_init(&deep, &arena, 1 << 20);
	for (int i = 0; i < 100000; i++)
		buf_puts(&deep, "<a>");
	refused(buf_text(&deep), ERR_LIMIT, "nested too deeply");
}

static void
a_long_namespace_cannot_be_multiplied(void **state)
{
	(void)state;
	char *name = arena_alloc(&arena, 1026);

	memset(name, 'n', 1024);
	assert_non_null(parse(arena_printf(&arena, "<a xmlns='%s'/>", name)));
	name[1024] = 'n';
	refused(arena_printf(&arena, "<a xmlns:p='%s'><p:b/></a>", name), ERR_LIMIT, "namespace");
}

static void
elements_are_found_by_namespace_and_local_name(void **state)
{
	(void)state;
	const struct xml *a =
		parse("<p:a xmlns:p='u:1' xmlns='u:2'><b>1</b><p:b>2</p:b><c xmlns=''/>"
		      "<b p:k='v' k='w'>3</b></p:a>");

	assert_true(xml_is(a, "u:1", "a"));
	assert_false(xml_is(a, "u:2", "a"));
	assert_false(xml_is(NULL, NULL, "a"));
	const struct xml *b = xml_child(a, "u:2", "b");
	assert_string_equal(b->text, "1");
	assert_string_equal(xml_child(a, "u:1", "b")->text, "2");
	assert_string_equal(xml_next(b, NULL, "b")->text, "2");
	b = xml_next(b, "u:2", "b");
	assert_string_equal(b->text, "3");
	assert_null(xml_next(b, NULL, "b"));
	assert_string_equal(xml_attr(b, "u:1", "k"), "v");
	assert_string_equal(xml_attr(b, "", "k"), "w");
	assert_null(xml_attr(b, "u:2", "k"));
	assert_non_null(xml_child(a, "", "c"));
	assert_null(xml_child(xml_child(xml_child(a, NULL, "no"), NULL, "such"), NULL, "path"));
	assert_null(xml_child_text(&arena, NULL, NULL, "x"));
}

static void
one_slash_at_the_end_of_a_namespace_can_be_tolerated(void **state)
{
	(void)state;
	const struct xml *with = parse("<a xmlns='http://x/'/>"),
			 *without = parse("<a xmlns='http://x'/>");

	assert_false(xml_is(with, "http://x", "a"));
	assert_true(xml_is_like(with, "http://x", "a"));
	assert_true(xml_is_like(without, "http://x/", "a"));
	assert_false(xml_is_like(parse("<a xmlns='http://x//'/>"), "http://x", "a"));
	assert_false(xml_is_like(parse("<a/>"), "http://x", "a"));
	assert_false(xml_is_like(NULL, "http://x", "a"));
}

static void
text_is_concatenated_and_trimmed_on_request(void **state)
{
	(void)state;
	const struct xml *a =
		parse(" \r\n<a> one <!-- no --><b>two</b><![CDATA[<&]]> &lt;&#x20AC;\r\n </a>\n");

	assert_string_equal(a->text, " one <& <\xe2\x82\xac\n ");
	assert_int_equal(a->len, strlen(a->text));
	assert_string_equal(xml_trimmed(&arena, a), "one <& <\xe2\x82\xac");
	assert_string_equal(xml_trimmed(&arena, xml_child(a, NULL, "b")), "two");
	assert_string_equal(xml_trimmed(&arena, parse("<a> \n </a>")), "");
	assert_null(xml_trimmed(&arena, NULL));
}

static void
the_writer_escapes_and_adds_no_white_space(void **state)
{
	(void)state;
	struct buf out;

	buf_init(&out, &arena, 4096);
	struct xmlw w = xmlw_on(&out);
	xmlw_open(&w, "p:a");
	xmlw_attr(&w, "xmlns:p", "u:p");
	xmlw_attr(&w, "q", "u:\"<&>'\t\n\r");
	xmlw_attr(&w, "none", NULL);
	xmlw_leaf(&w, "t", "<&>\"'\n\r\t\x01\xff]]>\xe2\x82\xac");
	xmlw_leaf(&w, "e", "");
	xmlw_leaf(&w, "n", NULL);
	xmlw_open(&w, "c");
	xmlw_close(&w);
	xmlw_text(&w, "x");
	xmlw_close(&w);
	xmlw_close(&w);
	assert_string_equal(buf_text(&out),
		"<p:a xmlns:p=\"u:p\" q=\"u:&quot;&lt;&amp;&gt;'&#9;&#10;&#13;\">"
		"<t>&lt;&amp;&gt;\"'\n&#13;\t\xef\xbf\xbd\xef\xbf\xbd]]&gt;\xe2\x82\xac</t><e/><c/"
		">x</p:a>");
	const struct xml *a = parse(buf_text(&out));
	assert_string_equal(xml_attr(a, "", "q"), "u:\"<&>'\t\n\r");
	assert_string_equal(
		xml_child(a, "", "t")->text, "<&>\"'\n\r\t\xef\xbf\xbd\xef\xbf\xbd]]>\xe2\x82\xac");
}

static void
too_deep_writing_is_reported(void **state)
{
	(void)state;
	struct buf out;

	buf_init(&out, &arena, 4096);
	struct xmlw w = xmlw_on(&out);
	for (int i = 0; i < XMLW_DEPTH; i++)
		xmlw_open(&w, "a");
	assert_true(buf_ok(&out, &e));
	xmlw_open(&w, "a");
	assert_false(buf_ok(&out, &e));
}

static int
reset(void **state)
{
	(void)state;
	arena_finish(&arena);
	arena_init(&arena, ARENA_REQUEST);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			declarations_of_types_and_entities_are_refused_at_once, reset),
		cmocka_unit_test_setup(only_utf8_is_read, reset),
		cmocka_unit_test_setup(malformed_documents_are_refused_with_the_place, reset),
		cmocka_unit_test_setup(limits_hold, reset),
		cmocka_unit_test_setup(a_long_namespace_cannot_be_multiplied, reset),
		cmocka_unit_test_setup(elements_are_found_by_namespace_and_local_name, reset),
		cmocka_unit_test_setup(one_slash_at_the_end_of_a_namespace_can_be_tolerated, reset),
		cmocka_unit_test_setup(text_is_concatenated_and_trimmed_on_request, reset),
		cmocka_unit_test_setup(the_writer_escapes_and_adds_no_white_space, reset),
		cmocka_unit_test_setup(too_deep_writing_is_reported, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
