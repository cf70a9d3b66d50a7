// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "codec/base64.h"
#include "wire/odata/token.h"

static const struct odata_token sample = {
	.query = 0x0123456789abcdef,
	.values = {{.kind = ODATA_TOKEN_TEXT, .text = "B\xc3\xa4r'"}, {.kind = ODATA_TOKEN_NULL},
		{.kind = ODATA_TOKEN_INT, .integer = INT64_MIN},
		{.kind = ODATA_TOKEN_DOUBLE, .number = -1.5}},
	.count = 4,
	.id = "d-1",
};

static const char *
encoded(struct arena *arena)
{
	const char *text;
	struct error e = {0};

	assert_true(odata_token_encode(arena, &sample, &text, &e));
	return text;
}

static void
every_token_that_was_cut_or_extended_is_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct slice bytes;
	struct odata_token out;

	assert_true(base64url_decode(&arena, slice_str(encoded(&arena)), 4096, &bytes, &e));
	for (size_t len = 0; len < bytes.len; len++) {
		const char *cut = base64url_encode(&arena, slice_of(bytes.data, len));
		assert_false(odata_token_decode(&arena, cut, sample.query, &out, &e));
		assert_int_equal(e.code, ERR_INVALID);
		assert_non_null(strstr(e.message, "$skiptoken is not one"));
	}
	const char *longer = base64url_encode(&arena, slice_of(bytes.data, bytes.len + 1));
	assert_false(odata_token_decode(&arena, longer, sample.query, &out, &e));
	assert_false(odata_token_decode(&arena, "", sample.query, &out, &e));
	assert_false(odata_token_decode(&arena, "!", sample.query, &out, &e));
	assert_false(odata_token_decode(&arena, "a b", sample.query, &out, &e));
}

static void
tokens_with_values_that_cannot_be_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{"\2\0\0\0\0\0\0\0\0\0\0\1x", 13},			 // version
		{"\1\0\0\0\0\0\0\0\0\1\4\0\1x", 14},			 // kind
		{"\1\0\0\0\0\0\0\0\0\21\0\1x", 13},			 // number of values
		{"\1\0\0\0\0\0\0\0\0\1\3\0\1\xff\0\1x", 17},		 // UTF-8
		{"\1\0\0\0\0\0\0\0\0\1\3\0\1\0\0\1x", 17},		 // NUL
		{"\1\0\0\0\0\0\0\0\0\1\2\x7f\xf0\0\0\0\0\0\0\0\1x", 22}, // infinity
	};
	struct odata_token out;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error e = {0};
		const char *text = base64url_encode(&arena, slice_of(cases[i].bytes, cases[i].len));
		if (odata_token_decode(&arena, text, 0, &out, &e))
			fail_msg("case %zu accepted", i);
	}
}

static void
a_token_of_another_query_is_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct odata_token out;

	assert_false(odata_token_decode(&arena, encoded(&arena), 1, &out, &e));
	assert_string_equal(e.message, "$skiptoken belongs to another query");
}

static void
keys_that_are_too_long_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	const char *text;
	char *big = arena_alloc(&arena, 5001);
	memset(big, 'a', 5000);
	struct odata_token token = {.id = big};

	assert_false(odata_token_encode(&arena, &token, &text, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	big[4090] = '\0';
	assert_false(odata_token_encode(&arena, &token, &text, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	token.id = "\xff";
	assert_false(odata_token_encode(&arena, &token, &text, &e));
	assert_int_equal(e.code, ERR_INVALID);
	token = (struct odata_token){.count = ODATA_TOKEN_VALUES + 1, .id = ""};
	assert_false(odata_token_encode(&arena, &token, &text, &e));
}

static void
a_token_brings_back_what_went_in(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct odata_token out;
	const char *text = encoded(&arena);

	assert_null(strpbrk(text, "+/=&?#% "));
	assert_true(odata_token_decode(&arena, text, sample.query, &out, &e));
	assert_int_equal(out.count, 4);
	assert_string_equal(out.values[0].text, sample.values[0].text);
	assert_int_equal(out.values[1].kind, ODATA_TOKEN_NULL);
	assert_true(out.values[2].integer == INT64_MIN);
	assert_true(out.values[3].number == -1.5);
	assert_string_equal(out.id, "d-1");
}

static uint64_t
hash_of(const char *collection, const char *raw)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct odata_query *q;

	assert_true(odata_query_parse(&arena, slice_str(raw), &q, &e));
	return odata_query_hash(&arena, collection, q);
}

static void
only_what_decides_the_rows_changes_the_hash(void **state)
{
	(void)state;
	uint64_t hash = hash_of("devices", "$filter=a eq 1&$orderby=b");

	assert_true(hash == hash_of("devices", "$top=5&$orderby=b asc&$filter=(a EQ 1)"));
	assert_true(hash == hash_of("devices", "$filter=a eq 1&$orderby=b&$skiptoken=x&$select=a"));
	assert_true(hash != hash_of("groups", "$filter=a eq 1&$orderby=b"));
	assert_true(hash != hash_of("devices", "$filter=a eq 2&$orderby=b"));
	assert_true(hash != hash_of("devices", "$filter=a eq 1&$orderby=b desc"));
	assert_true(hash != hash_of("devices", "$filter=a eq 1&$orderby=b&$search=c"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_token_that_was_cut_or_extended_is_refused),
		cmocka_unit_test(tokens_with_values_that_cannot_be_are_refused),
		cmocka_unit_test(a_token_of_another_query_is_refused),
		cmocka_unit_test(keys_that_are_too_long_are_refused),
		cmocka_unit_test(a_token_brings_back_what_went_in),
		cmocka_unit_test(only_what_decides_the_rows_changes_the_hash),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
