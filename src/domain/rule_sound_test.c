// SPDX-License-Identifier: Apache-2.0
// Random rules on random devices: the answer is that of a plain second reading, and hiding any part
// of the values never turns a decided answer into another one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/rule_explain.h"

enum { RULES = 30000, HIDINGS = 10, MOST_ELEMENTS = 3 };

static const char *const groups[] = {"0b5e9f1c-7b4c-4a4e-9d6f-0c2b6d8d1a01",
	"ffffffff-7b4c-4a4e-9d6f-0c2b6d8d1a02", "ffffffff-7b4c-4a4e-9d6f-0c2b6d8d1a03"};

static uint64_t seed;

// Marsaglia's xorshift: the same cases in every run.
static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

// A rule that is being written, and the device that it is read for.
struct draft {
	struct arena *arena;
	struct buf text;
	const struct rule_values *values;
	const char *element; // of -any and -all, or NULL
};

static char *
random_text(struct arena *arena, unsigned most)
{
	static const char *const letters[] = {
		"a", "A", "b", "B", "\xc3\xa4", "\xc3\x84", "\xd0\xa0"};
	struct buf out;

	buf_init(&out, arena, 100);
	for (unsigned n = below(most + 1); n > 0; n--)
		buf_puts(&out, letters[below(sizeof letters / sizeof *letters)]);
	return (char *)buf_text(&out);
}

static char *
plain_lower(struct arena *arena, const char *text)
{
	char *out = str_lower(arena, text);

	for (char *p = out; *p; p++) {
		if (memcmp(p, "\xc3\x84", 2) == 0)
			p[1] = (char)0xa4;
		// A letter both of whose bytes change.
		if (memcmp(p, "\xd0\xa0", 2) == 0)
			memcpy(p, "\xd1\x80", 2);
	}
	return out;
}

static void
put_operator(struct draft *d, const char *name)
{
	buf_puts(&d->text, below(4) ? "-" : "");
	for (const char *p = name; *p; p++)
		buf_putc(&d->text, (char)(below(8) || *p < 'a' ? *p : *p - 'a' + 'A'));
	buf_puts(&d->text, " ");
}

static bool
ends(const char *text, const char *with)
{
	return str_ends(text, with);
}

static bool
starts(const char *text, const char *with)
{
	return str_starts(text, with);
}

static bool
has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static bool
equals(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static const struct {
	const char *yes, *no, *before, *after;
	bool (*test)(const char *, const char *);
} comparisons[] = {
	{"eq", "ne", "\"", "\"", equals},
	{"startsWith", "notStartsWith", "'", "'", starts},
	{"endsWith", "notEndsWith", "\"", "\"", ends},
	{"contains", "notContains", "\"", "\"", has},
	{"in", "notIn", "[\"zz\", \"", "\"]", equals},
	{"match", "notMatch", "\"^", "\"", starts},
	{"match", "notMatch", "\"", "$\"", ends},
	{"match", "notMatch", "\"", "\"", has},
	{"match", "notMatch", "\"^", "$\"", equals},
};

// Writes an operator and a value; true when one of the texts passes it.
static bool
draft_comparison(struct draft *d, const char *const *texts, size_t count)
{
	bool negated = below(2), found = false;

	if (below(12) == 0) {
		put_operator(d, negated ? "ne" : "eq");
		buf_puts(&d->text, "null");
		return (count == 0) != negated;
	}
	size_t c = below(sizeof comparisons / sizeof *comparisons);
	char *value = random_text(d->arena, 3);
	put_operator(d, negated ? comparisons[c].no : comparisons[c].yes);
	buf_printf(&d->text, "%s%s%s", comparisons[c].before, value, comparisons[c].after);
	for (size_t i = 0; i < count; i++)
		found = found ||
			comparisons[c].test(
				plain_lower(d->arena, texts[i]), plain_lower(d->arena, value));
	return found != negated;
}

static bool draft_or(struct draft *d, int depth);

static size_t
elements_of(const struct draft *d, enum rule_property property, const char **out)
{
	const struct rule_value *value = &d->values->of[property];
	size_t count = value->kind == RULE_VALUE_LIST ? value->count : 0;

	for (size_t i = 0; i < count; i++)
		out[i] = value->list[i].data;
	return count;
}

// The condition in the parentheses is written anew for each element, from the same seed.
static bool
draft_quantifier(struct draft *d, int depth)
{
	const char *elements[MOST_ELEMENTS + 1] = {0};
	bool labels = below(2), any = below(2), result = !any;
	size_t count =
		elements_of(d, labels ? RULE_SYSTEM_LABELS : RULE_DEVICE_PHYSICAL_IDS, elements);

	buf_puts(&d->text, labels ? "device.systemLabels " : "device.devicePhysicalIds ");
	put_operator(d, any ? "any" : "all");
	buf_puts(&d->text, "(");
	uint64_t again = seed;
	size_t len = d->text.len;
	for (size_t i = 0; i == 0 || i < count; i++) {
		seed = again;
		d->text.len = len;
		d->element = count > 0 ? elements[i] : "";
		bool truth = draft_or(d, depth);
		if (count > 0 && truth == any)
			result = any;
	}
	d->element = NULL;
	buf_puts(&d->text, ")");
	return result;
}

static bool
draft_member(struct draft *d)
{
	const char *elements[MOST_ELEMENTS + 1], *group = groups[below(3)];
	size_t count = elements_of(d, RULE_MEMBER_OF, elements);
	bool found = false;

	buf_printf(&d->text, "device.memberOf -any (group.objectId -in ['%s'])", group);
	for (size_t i = 0; i < count; i++)
		found = found || strcmp(elements[i], group) == 0;
	return found;
}

static bool
draft_bool(struct draft *d)
{
	const struct rule_value *value = &d->values->of[RULE_ACCOUNT_ENABLED];
	bool literal = below(2), negated = below(2);

	buf_puts(&d->text, "device.accountEnabled ");
	put_operator(d, negated ? "ne" : "eq");
	buf_puts(&d->text, literal ? "true" : "false");
	return (value->kind == RULE_VALUE_BOOL && value->boolean == literal) != negated;
}

static bool
draft_condition(struct draft *d, int depth)
{
	static const enum rule_property texts[] = {
		RULE_DEVICE_MODEL, RULE_DISPLAY_NAME, RULE_EXTENSION_ATTRIBUTE_1};
	const char *elements[MOST_ELEMENTS + 1];

	if (d->element) {
		buf_puts(&d->text, "_ ");
		return draft_comparison(d, &d->element, 1);
	}
	switch (below(8)) {
	case 0:
		return draft_bool(d);
	case 1:
		return draft_member(d);
	case 2:
		buf_puts(&d->text, "device.systemLabels ");
		return draft_comparison(d, elements, elements_of(d, RULE_SYSTEM_LABELS, elements));
	case 3:
	case 4:
		return draft_quantifier(d, depth);
	default:
		break;
	}
	enum rule_property property = texts[below(3)];
	const struct rule_value *value = &d->values->of[property];
	buf_printf(&d->text, "device.%s ", rule_property_name(property));
	return draft_comparison(d, &value->text, value->kind == RULE_VALUE_TEXT);
}

static bool
draft_unary(struct draft *d, int depth)
{
	if (below(5) == 0) {
		put_operator(d, "not");
		return !draft_unary(d, depth);
	}
	if (depth == 0 || below(3))
		return draft_condition(d, depth > 0 ? depth - 1 : 0);
	buf_puts(&d->text, "(");
	bool truth = draft_or(d, depth - 1);
	buf_puts(&d->text, ")");
	return truth;
}

static bool
draft_and(struct draft *d, int depth)
{
	bool truth = draft_unary(d, depth);

	while (below(4) == 0) {
		buf_puts(&d->text, " ");
		put_operator(d, "and");
		truth &= draft_unary(d, depth);
	}
	return truth;
}

static bool
draft_or(struct draft *d, int depth)
{
	bool truth = draft_and(d, depth);

	while (below(4) == 0) {
		buf_puts(&d->text, " ");
		put_operator(d, "or");
		truth |= draft_and(d, depth);
	}
	return truth;
}

static struct rule_value
random_list(struct arena *arena, bool of_groups)
{
	struct rule_text *list = arena_array(arena, MOST_ELEMENTS, sizeof *list);
	size_t count = below(MOST_ELEMENTS + 1);

	for (size_t i = 0; i < count; i++)
		list[i] = rule_element(of_groups ? groups[below(3)] : random_text(arena, 4));
	return rule_list_value(list, count, false);
}

static void
random_device(struct arena *arena, struct rule_values *values)
{
	static const enum rule_property texts[] = {
		RULE_DEVICE_MODEL, RULE_DISPLAY_NAME, RULE_EXTENSION_ATTRIBUTE_1};

	*values = (struct rule_values){0};
	for (size_t i = 0; i < 3; i++)
		if (below(4))
			values->of[texts[i]] = rule_text_value(random_text(arena, 4));
	if (below(3))
		values->of[RULE_ACCOUNT_ENABLED] = rule_bool_value(below(2));
	if (below(4))
		values->of[RULE_SYSTEM_LABELS] = random_list(arena, false);
	values->of[RULE_DEVICE_PHYSICAL_IDS] = random_list(arena, false);
	values->of[RULE_MEMBER_OF] = random_list(arena, true);
}

static struct rule_text
hide_element(struct rule_text text)
{
	if (below(2) == 0)
		return text;
	// Perhaps within a character.
	return (struct rule_text){.data = text.data, .len = below(text.len + 1), .open = true};
}

static struct rule_value
hide(struct arena *arena, struct rule_value value)
{
	unsigned how = below(4);

	if (how == 0)
		return rule_unknown_value();
	if (how == 1)
		return value;
	if (value.kind == RULE_VALUE_TEXT) {
		value.count = below(value.count + 1);
		value.open = true;
	}
	if (value.kind == RULE_VALUE_LIST) {
		struct rule_text *list = arena_array(arena, MOST_ELEMENTS, sizeof *list);
		for (size_t i = 0; i < value.count; i++)
			list[i] = hide_element(value.list[i]);
		value.list = list;
		value.open = below(2);
		if (value.open)
			value.count = below(value.count + 1);
	}
	return value;
}

static enum rule_truth
judge(struct arena *arena, const struct rule *rule, const struct rule_values *values,
	const char *text)
{
	struct error e;
	enum rule_truth truth;

	if (!rule_evaluate(rule, values, &truth, &e))
		fail_msg("%s: %s", text, e.message);
	const struct rule_trace *trace = rule_explain(arena, rule, values);
	if (trace->truth != truth || trace->failure)
		fail_msg("%s: explained as %s", text, rule_truth_name(trace->truth));
	return truth;
}

static void
a_hidden_value_never_changes_a_decided_answer(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	size_t decided = 0, yes = 0;

	seed = 0x9e3779b97f4a7c15;
	for (int r = 0; r < RULES; r++) {
		arena_reset(&arena);
		struct rule_values values, hidden;
		random_device(&arena, &values);
		struct draft d = {.arena = &arena, .values = &values};
		buf_init(&d.text, &arena, RULE_MAX_BYTES);
		bool expected = draft_or(&d, 2);
		const char *text = buf_text(&d.text);
		struct error e;
		const struct rule *rule = rule_compile(&arena, text, &e);
		if (!rule)
			fail_msg("%s: %s", text, e.message);
		if (judge(&arena, rule, &values, text) != (expected ? RULE_TRUE : RULE_FALSE))
			fail_msg("%s is not %s", text, expected ? "true" : "false");
		yes += expected;
		for (int h = 0; h < HIDINGS; h++) {
			for (size_t i = 0; i < RULE_PROPERTY_COUNT; i++)
				hidden.of[i] = hide(&arena, values.of[i]);
			enum rule_truth truth = judge(&arena, rule, &hidden, text);
			if (truth != RULE_UNKNOWN && (truth == RULE_TRUE) != expected)
				fail_msg("%s is %s", text, rule_truth_name(truth));
			decided += truth != RULE_UNKNOWN;
		}
	}
	print_message("# %zu of %d rules true, %zu of %d hidden decided\n", yes, RULES, decided,
		RULES * HIDINGS);
	// The cases are worth something.
	assert_in_range(yes, RULES / 4, RULES * 3 / 4);
	assert_in_range(decided, RULES * HIDINGS / 4, RULES * HIDINGS * 3 / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hidden_value_never_changes_a_decided_answer),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
