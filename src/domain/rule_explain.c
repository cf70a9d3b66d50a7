// SPDX-License-Identifier: Apache-2.0
#include "domain/rule_explain.h"

#include "domain/rule_run.h"

enum { SHOWN_BYTES = 200, SHOWN_ELEMENTS = 8, SHOWN_LIST = 4096 };

struct explainer {
	struct arena *arena;
	const struct rule *rule;
	const struct rule_values *values;
	// Two accounts of steps: what happens after the decision must not change the decision.
	struct rule_run needed, needless;
	size_t nodes;
};

// A place in a list of children.
struct children {
	struct rule_trace *parent, *last;
};

// Bytes of the text to show: not the half of a character.
static size_t
shown(struct rule_text text)
{
	size_t len = text.len;

	if (len <= SHOWN_BYTES)
		return len;
	for (len = SHOWN_BYTES; len > 0 && ((uint8_t)text.data[len] & 0xc0) == 0x80; len--)
		;
	return len;
}

static void
put_text(struct buf *out, struct rule_text text)
{
	buf_putc(out, '"');
	buf_put(out, text.data, shown(text));
	buf_puts(out, text.open || shown(text) < text.len ? "...\"" : "\"");
}

static void
put_list(struct buf *out, const struct rule_value *value)
{
	buf_puts(out, "[");
	for (size_t i = 0; i < value->count && i < SHOWN_ELEMENTS; i++) {
		buf_puts(out, i ? ", " : "");
		put_text(out, value->list[i]);
	}
	if (value->count > SHOWN_ELEMENTS)
		buf_printf(out, ", %zu more", (size_t)value->count - SHOWN_ELEMENTS);
	buf_puts(out, value->open ? ", ...]" : "]");
}

static const char *
element_in_words(struct explainer *x, const struct rule_text *element)
{
	struct buf out;

	buf_init(&out, x->arena, SHOWN_LIST);
	buf_puts(&out, element->open ? "_ begins with " : "_ is ");
	put_text(&out, *element);
	return buf_text(&out);
}

static const char *
value_in_words(struct explainer *x, enum rule_property property)
{
	const struct rule_value *value = &x->values->of[property];
	struct buf out;

	buf_init(&out, x->arena, SHOWN_LIST);
	buf_printf(&out, "%s.%s ", x->rule->subject == RULE_USER ? "user" : "device",
		rule_property_name(property));
	switch ((enum rule_value_kind)value->kind) {
	case RULE_VALUE_NULL:
		buf_puts(&out, "is null");
		break;
	case RULE_VALUE_BOOL:
		buf_puts(&out, value->boolean ? "is true" : "is false");
		break;
	case RULE_VALUE_TEXT:
		buf_puts(&out, value->open ? "begins with " : "is ");
		put_text(&out,
			(struct rule_text){
				.data = value->text, .len = value->count, .open = value->open});
		break;
	case RULE_VALUE_LIST:
		buf_puts(&out, "is ");
		put_list(&out, value);
		break;
	case RULE_VALUE_UNKNOWN:
		buf_puts(&out, "is not known");
		break;
	}
	return buf_text(&out);
}

static struct rule_trace *explain(struct explainer *x, const struct rule_node *node,
	const struct rule_text *element, bool needless);

static void
attach(struct children *list, struct rule_trace *child)
{
	if (list->last)
		list->last->next = child;
	else
		list->parent->first = child;
	list->last = child;
}

static void
take_failure(struct rule_trace *t, struct rule_run *run)
{
	if (!run->failure)
		return;
	t->truth = RULE_UNKNOWN;
	t->failure = rule_run_failure_text(run->failure);
	run->failure = RUN_FINE;
}

static struct rule_run *
account(struct explainer *x, bool needless)
{
	return needless ? &x->needless : &x->needed;
}

// What a child says, for its parent. True once the parent is settled.
static bool
settle(struct rule_trace *parent, enum rule_truth decisive, const char *failure,
	enum rule_truth truth)
{
	if (failure || truth == RULE_UNKNOWN)
		parent->truth = RULE_UNKNOWN;
	if (!failure && truth == decisive)
		parent->truth = decisive;
	parent->failure = failure;
	return failure || truth == decisive;
}

static void
explain_chain(struct explainer *x, const struct rule_node *node, const struct rule_text *element,
	struct rule_trace *t)
{
	struct children list = {.parent = t};
	enum rule_truth decisive = rule_decisive(node);
	bool settled = false;

	t->truth = rule_not(decisive);
	for (const struct rule_node *child = node->first; child; child = child->next) {
		struct rule_trace *c = explain(x, child, element, t->needless || settled);
		attach(&list, c);
		if (!settled)
			settled = settle(t, decisive, c->failure, c->truth);
	}
}

// An element beyond RULE_TRACE_MAX: only its truth.
static bool
settle_unlisted(struct explainer *x, const struct rule_node *node, const struct rule_text *element,
	struct rule_trace *t)
{
	struct rule_run *run = account(x, t->needless);
	struct rule_trace unlisted = {.truth = rule_run_node(run, node->first, element)};

	take_failure(&unlisted, run);
	return settle(t, rule_decisive(node), unlisted.failure, unlisted.truth);
}

static void
explain_quantifier(struct explainer *x, const struct rule_node *node, struct rule_trace *t)
{
	const struct rule_value *value = &x->values->of[node->property];
	struct children list = {.parent = t};
	enum rule_truth decisive = rule_decisive(node);
	bool settled = false;

	t->saw = value_in_words(x, node->property);
	t->truth = value->kind == RULE_VALUE_UNKNOWN ? RULE_UNKNOWN : rule_not(decisive);
	for (size_t i = 0; value->kind == RULE_VALUE_LIST && i < value->count; i++) {
		if (x->nodes >= RULE_TRACE_MAX) {
			t->omitted++;
			settled = settled || settle_unlisted(x, node, &value->list[i], t);
			continue;
		}
		struct rule_trace *c =
			explain(x, node->first, &value->list[i], t->needless || settled);
		c->saw = element_in_words(x, &value->list[i]);
		attach(&list, c);
		if (!settled)
			settled = settle(t, decisive, c->failure, c->truth);
	}
	if (!settled && value->open)
		t->truth = RULE_UNKNOWN;
}

static void
explain_leaf(struct explainer *x, const struct rule_node *node, const struct rule_text *element,
	struct rule_trace *t)
{
	struct rule_run *run = account(x, t->needless);

	t->truth = rule_run_node(run, node, element);
	take_failure(t, run);
	t->saw = node->kind == NODE_COMPARE && node->element
		? element_in_words(x, element)
		: value_in_words(x, (enum rule_property)node->property);
}

static struct rule_trace *
explain(struct explainer *x, const struct rule_node *node, const struct rule_text *element,
	bool needless)
{
	struct rule_trace *t = arena_new(x->arena, struct rule_trace);

	x->nodes++;
	t->source = arena_strndup(x->arena, x->rule->text + node->from, node->len);
	t->column = rule_column(x->rule->text, node->from);
	t->needless = needless;
	bool quantifier = node->kind == NODE_ANY || node->kind == NODE_ALL;
	if (node->kind == NODE_COMPARE ||
		(quantifier && !rule_value_fits(node->property, &x->values->of[node->property]))) {
		explain_leaf(x, node, element, t);
	} else if (quantifier) {
		explain_quantifier(x, node, t);
	} else if (node->kind == NODE_NOT) {
		struct children list = {.parent = t};
		struct rule_trace *c = explain(x, node->first, element, needless);
		attach(&list, c);
		t->truth = rule_not(c->truth);
		t->failure = c->failure;
	} else {
		explain_chain(x, node, element, t);
	}
	return t;
}

const struct rule_trace *
rule_explain(struct arena *arena, const struct rule *rule, const struct rule_values *values)
{
	struct explainer x = {.arena = arena,
		.rule = rule,
		.values = values,
		.needed = {.values = values, .steps = RULE_MAX_STEPS},
		.needless = {.values = values, .steps = RULE_MAX_STEPS}};
	const struct rule_trace *t = explain(&x, rule->root, NULL, false);

	rule_matcher_finish(&x.needed.matcher);
	rule_matcher_finish(&x.needless.matcher);
	return t;
}
