// SPDX-License-Identifier: Apache-2.0
// Whatever an administrator types: a mistake has a message with its place; a rule answers, is
// explained with the same answer, and hiding a part of the values never changes a decided one.
#include "domain/rule_explain.h"

#include "base/slice.h"
#include "base/str.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool truth)
{
	if (!truth)
		abort();
}

enum { ELEMENTS = 4 };

// A device or user whose texts are pieces of the input itself, so that comparisons can succeed.
static void
fill(struct arena *arena, const char *text, struct rule_values *values)
{
	static const char *const fixed[ELEMENTS] = {
		"[ZTDId]:1", "[OrderID]:Sales", "", "ffffffff-7b4c-4a4e-9d6f-0c2b6d8d1a02"};
	size_t len = strlen(text), from = len / 2;
	struct rule_text *list = arena_array(arena, ELEMENTS, sizeof *list);

	for (size_t i = 0; i < ELEMENTS; i++)
		list[i] = rule_element(fixed[i]);
	for (int i = 0; i < RULE_PROPERTY_COUNT; i++) {
		size_t piece = len > from ? (size_t)i % (len - from + 1) : 0;
		values->of[i] = rule_text_value(
			i % 3 ? arena_strndup(arena, text + from, piece) : "Contoso");
	}
	values->of[RULE_EXTENSION_ATTRIBUTE_1] = rule_text_value(NULL);
	values->of[RULE_ACCOUNT_ENABLED] = rule_bool_value(len % 2);
	values->of[RULE_IS_ROOTED] = rule_text_value(NULL);
	values->of[RULE_DIR_SYNC_ENABLED] = rule_bool_value(true);
	values->of[RULE_DEVICE_PHYSICAL_IDS] = rule_list_value(list, ELEMENTS, false);
	values->of[RULE_MEMBER_OF] = rule_list_value(list, ELEMENTS, false);
	values->of[RULE_PROXY_ADDRESSES] = rule_list_value(list, 2, false);
	values->of[RULE_SYSTEM_LABELS] = rule_list_value(list, 3, false);
	values->of[RULE_OTHER_MAILS] = rule_text_value(NULL);
}

static struct rule_value
hide(struct arena *arena, struct rule_value value, unsigned how)
{
	if (how % 3 == 0)
		return rule_unknown_value();
	if (how % 3 == 1)
		return value;
	if (value.kind == RULE_VALUE_TEXT) {
		value.count = value.count ? how % value.count : 0;
		value.open = true;
	}
	if (value.kind == RULE_VALUE_LIST) {
		struct rule_text *list = arena_array(arena, ELEMENTS, sizeof *list);
		for (size_t i = 0; i < value.count; i++) {
			list[i] = value.list[i];
			list[i].open = (how >> i & 1) != 0;
			if (list[i].open && list[i].len)
				list[i].len = how % list[i].len;
		}
		value.list = list;
		value.open = how % 2;
		value.count -= value.open && value.count;
	}
	return value;
}

// Evaluates and explains; false after an error, which must be a named one.
static bool
judge(struct arena *arena, const struct rule *rule, const struct rule_values *values,
	enum rule_truth *truth)
{
	struct error e = {0};
	struct buf out;
	bool done = rule_evaluate(rule, values, truth, &e);
	const struct rule_trace *trace = rule_explain(arena, rule, values);

	must(trace->truth == *truth);
	must((trace->failure == NULL) == done);
	must(done || (e.code == ERR_LIMIT && str_eq(e.fault, "membership_rule_too_slow")));
	buf_init(&out, arena, 8 << 20);
	struct jsonw w = jsonw_on(&out);
	rule_explain_json(&w, NULL, trace);
	const struct json_limits limits = {.max_bytes = 8 << 20, .max_depth = 200};
	struct error bad;
	// Values of this fuzzer may be cut within a character, which is no JSON.
	if (utf8_valid(buf_slice(&out)))
		must(json_parse(arena, buf_slice(&out), &limits, &bad) != NULL);
	buf_init(&out, arena, 8 << 20);
	rule_explain_text(&out, trace);
	return done;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct error e = {0};
	struct rule_place at;
	struct rule_values values, hidden;
	const char *text = arena_strndup(&arena, (const char *)data, size);
	const struct rule *rule = rule_compile_at(&arena, text, &at, &e);

	if (!rule) {
		must(e.code == ERR_INVALID || e.code == ERR_LIMIT);
		must(*e.message && at.column <= size + 1);
		must(at.column > 0 || size > RULE_MAX_BYTES);
		return 0;
	}
	fill(&arena, text, &values);
	enum rule_truth truth, guess;
	bool done = judge(&arena, rule, &values, &truth);
	must(!done || truth != RULE_UNKNOWN);
	for (unsigned round = 0; done && round < 4; round++) {
		for (unsigned i = 0; i < RULE_PROPERTY_COUNT; i++)
			hidden.of[i] = hide(&arena, values.of[i],
				(i * 7 + round * 13 + (unsigned)size) ^ data[i % size]);
		if (judge(&arena, rule, &hidden, &guess))
			must(guess == RULE_UNKNOWN || guess == truth);
	}
	return 0;
}
