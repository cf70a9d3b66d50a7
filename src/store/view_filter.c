// SPDX-License-Identifier: Apache-2.0
// A bound filter as a condition of SQL. What it means is said in wire/odata/eval.h; SQL's third
// truth value is kept out by asking for NULL wherever one can be.
#include "store/view_sql.h"

#include "base/str.h"
#include <math.h>

static void condition(
	struct view_sql *s, const struct odata_node *node, const struct view_element *element);

static void
put(struct view_sql *s, const char *text)
{
	buf_puts(&s->text, text);
}

// --- comparisons ---

static bool
is_null(const struct view_value *v)
{
	return v->literal && v->literal->kind == ODATA_LIT_NULL;
}

static void
put_not_null(struct view_sql *s, const struct view_value *v)
{
	if (v->null)
		buf_printf(&s->text, "%s IS NOT NULL AND ", v->sql);
}

static void
compare(struct view_sql *s, const char *sign, const struct view_value *a,
	const struct view_value *b)
{
	put(s, "(");
	put_not_null(s, a);
	put_not_null(s, b);
	buf_printf(&s->text, "%s %s %s)", a->sql, sign, b->sql);
}

// Take the element's prefix off a literal. False: no element can be equal to it.
static bool
without_prefix(
	struct view_sql *s, struct view_value *v, struct odata_literal *literal, bool *beginning)
{
	size_t len = strlen(v->prefix), given = strlen(literal->text);

	(void)s;
	*beginning = given < len && strncasecmp(v->prefix, literal->text, given) == 0;
	if (!str_istarts(literal->text, v->prefix))
		return false;
	literal->text += len;
	literal->len = given - len;
	v->prefix = NULL;
	return true;
}

// Two sides of one kind, literals as parameters, nothing in front. False: never equal.
static bool
make_comparable(struct view_sql *s, struct view_value *a, struct view_value *b, bool equality)
{
	struct odata_literal *copy;
	bool beginning;

	if (a->literal && !b->literal) {
		struct view_value swap = *a;
		if (!make_comparable(s, b, &swap, equality))
			return false;
		*a = swap;
		return true;
	}
	if (a->prefix && *a->prefix && equality && b->literal && view_literal_is_text(b->literal)) {
		copy = arena_memdup(s->arena, b->literal, sizeof *copy);
		b->literal = copy;
		if (!without_prefix(s, a, copy, &beginning))
			return false;
	}
	*a = view_whole_text(s, *a);
	*b = view_whole_text(s, *b);
	if (!is_null(a) && !is_null(b) && a->number != b->number) {
		view_fail(s, "these two cannot be compared");
		return true;
	}
	struct view_value left = view_settled(s, *a, b->literal ? a : b);
	struct view_value right = view_settled(s, *b, &left);
	if (!right.number && !is_null(&right) && !is_null(&left) && left.fold != right.fold) {
		left.sql = arena_printf(s->arena, "LOWER(%s)", left.sql);
		right.sql = arena_printf(s->arena, "LOWER(%s)", right.sql);
	}
	*a = left;
	*b = right;
	return true;
}

static void
equal(struct view_sql *s, struct view_value a, struct view_value b)
{
	if (is_null(&a) || is_null(&b)) {
		struct view_value *other = is_null(&a) ? &b : &a;
		if (is_null(other) || other->literal)
			put(s, is_null(other) ? "1 = 1" : "1 = 0");
		else if (other->null)
			buf_printf(&s->text, "(%s IS NULL)", other->sql);
		else
			put(s, "1 = 0");
		return;
	}
	if (!make_comparable(s, &a, &b, true)) {
		put(s, "1 = 0");
		return;
	}
	if (a.null && b.null) {
		buf_printf(&s->text, "((%s IS NULL AND %s IS NULL) OR ", a.sql, b.sql);
		compare(s, "=", &a, &b);
		put(s, ")");
		return;
	}
	compare(s, "=", &a, &b);
}

// A whole number against a fraction.
static bool
compare_fraction(struct view_sql *s, enum odata_op op, struct view_value a, struct view_value b)
{
	double number = b.literal ? b.literal->number : 0;

	if (a.literal || !b.literal || b.literal->kind != ODATA_LIT_DOUBLE || !a.number)
		return false;
	double edge = op == ODATA_GT || op == ODATA_LE ? floor(number) : ceil(number);
	bool whole = floor(number) == number;
	edge = edge > 9e18 ? 9e18 : edge < -9e18 ? -9e18 : edge;
	if (op == ODATA_EQ && !whole) {
		put(s, "1 = 0");
		return true;
	}
	struct odata_literal literal = {.kind = ODATA_LIT_INT, .integer = (int64_t)edge};
	struct view_value value = {.literal = &literal, .number = true};
	value = view_settled(s, value, &a);
	static const char *const signs[] = {[ODATA_EQ] = "=",
		[ODATA_GT] = ">",
		[ODATA_GE] = ">=",
		[ODATA_LT] = "<",
		[ODATA_LE] = "<="};
	compare(s, signs[op], &a, &value);
	return true;
}

static void
comparison(struct view_sql *s, const struct odata_node *node, const struct view_element *element)
{
	static const char *const signs[] = {
		[ODATA_GT] = ">", [ODATA_GE] = ">=", [ODATA_LT] = "<", [ODATA_LE] = "<="};
	struct view_value a = view_value_of(s, node->first, element);
	struct view_value b = view_value_of(s, node->first->next, element);
	enum odata_op op = node->op == ODATA_NE ? ODATA_EQ : node->op;

	if (s->failed)
		return;
	if (node->op == ODATA_NE)
		put(s, "NOT ");
	if (compare_fraction(s, op, a, b))
		return;
	if (op == ODATA_EQ) {
		equal(s, a, b);
		return;
	}
	if (is_null(&a) || is_null(&b)) {
		put(s, "1 = 0");
		return;
	}
	a = view_by_number(s, a);
	b = view_by_number(s, b);
	if (make_comparable(s, &a, &b, false))
		compare(s, signs[op], &a, &b);
}

static void
one_of(struct view_sql *s, const struct odata_node *node, const struct view_element *element)
{
	struct view_value a = view_value_of(s, node->first, element);
	const char *sign = "(";

	for (const struct odata_node *item = node->first->next; item && !s->failed;
		item = item->next) {
		put(s, sign);
		equal(s, a, view_value_of(s, item, element));
		sign = " OR ";
	}
	put(s, ")");
}

// --- text functions ---

// PostgreSQL knows of LIKE, and not of STRPOS, how few rows hold a text, if it knows the text: then
// it reads them where they lie, instead of all rows in the order of the page.
static void
contains(struct view_sql *s, const char *whole, const char *part)
{
	s->by_values = true;
	if (s->kind == DB_SQLITE)
		buf_printf(&s->text, "INSTR(%s, %s) > 0", whole, part);
	else
		buf_printf(&s->text,
			"%s LIKE '%%' || REGEXP_REPLACE(%s, '([\\\\%%_])', '\\\\\\1', 'g') || '%%'",
			whole, part);
}

static void
text_function(struct view_sql *s, const struct odata_node *node, const struct view_element *element)
{
	struct view_value a = view_value_of(s, node->first, element);
	struct view_value b = view_value_of(s, node->first->next, element);
	bool beginning = false;

	if (s->failed)
		return;
	if (is_null(&a) || is_null(&b)) {
		put(s, "1 = 0");
		return;
	}
	if (a.number || b.number) {
		view_fail(s, "contains, startswith and endswith are about texts");
		return;
	}
	if (node->op == ODATA_STARTSWITH && a.prefix && *a.prefix && b.literal) {
		struct odata_literal *copy = arena_memdup(s->arena, b.literal, sizeof *copy);
		b.literal = copy;
		if (!without_prefix(s, &a, copy, &beginning)) {
			put(s, beginning ? "1 = 1" : "1 = 0");
			return;
		}
	}
	if (!make_comparable(s, &a, &b, false))
		return;
	put(s, "(");
	put_not_null(s, &a);
	put_not_null(s, &b);
	if (node->op == ODATA_CONTAINS)
		contains(s, a.sql, b.sql);
	else if (node->op == ODATA_STARTSWITH)
		buf_printf(&s->text, "SUBSTR(%s, 1, LENGTH(%s)) = %s", a.sql, b.sql, b.sql);
	else
		buf_printf(&s->text,
			"LENGTH(%s) >= LENGTH(%s) AND SUBSTR(%s, LENGTH(%s) - LENGTH(%s) + 1) = %s",
			a.sql, b.sql, a.sql, a.sql, b.sql, b.sql);
	put(s, ")");
}

// --- lists, types, truth ---

static void
any_or_all(struct view_sql *s, const struct odata_node *node, const struct view_element *outer)
{
	size_t count;
	const struct view_part *parts = view_parts(s, node->first, &count);
	const struct odata_node *body = node->first->next;
	bool any = node->op == ODATA_ANY;

	put(s, any ? "(1 = 0" : "(1 = 1");
	for (size_t i = 0; i < count && !s->failed; i++) {
		const struct view_part *part = &parts[i];
		const char *column = arena_printf(s->arena, "v.%s", part->part);
		bool lower = part->fold == VIEW_LOWER;
		struct view_element element = {
			.lambda = node,
			.outer = outer,
			.value = {.sql = lower ? column
					       : arena_printf(s->arena, "LOWER(%s)", column),
				.prefix = part->prefix},
		};
		buf_printf(&s->text, any ? " OR (%s AND " : " AND (NOT %s OR ",
			view_part_present(s, part));
		if (body)
			condition(s, body, &element);
		else
			put(s, "1 = 1");
		put(s, ")");
	}
	put(s, ")");
}

static void
is_of(struct view_sql *s, const struct odata_node *node)
{
	const struct odata_type *type = s->view->type;

	if (node->first || !node->type) {
		view_fail(s, "isof asks about the object itself here");
		return;
	}
	if (!s->view->typed) {
		put(s, odata_type_is(type, node->type) ? "1 = 1" : "1 = 0");
		return;
	}
	put(s, "(1 = 0");
	for (size_t i = 0; i < type->derived_count; i++)
		if (odata_type_is(type->derived[i], node->type))
			buf_printf(&s->text, " OR v.odata_type = '%s'", type->derived[i]->name);
	put(s, ")");
}

static void
truth(struct view_sql *s, const struct odata_node *node, const struct view_element *element)
{
	struct view_value v = view_value_of(s, node, element);

	if (s->failed)
		return;
	if (v.literal)
		put(s, v.literal->kind == ODATA_LIT_BOOL && v.literal->integer ? "1 = 1" : "1 = 0");
	else if (v.number)
		buf_printf(&s->text, "COALESCE(%s, 0) = 1", v.sql);
	else
		view_fail(s, "this is neither true nor false");
}

static void
condition(struct view_sql *s, const struct odata_node *node, const struct view_element *element)
{
	const char *sign = "(";

	if (s->failed)
		return;
	switch (node->op) {
	case ODATA_OR:
	case ODATA_AND:
		for (const struct odata_node *item = node->first; item; item = item->next) {
			put(s, sign);
			condition(s, item, element);
			sign = node->op == ODATA_OR ? " OR " : " AND ";
		}
		put(s, ")");
		return;
	case ODATA_NOT:
		put(s, "NOT (");
		condition(s, node->first, element);
		put(s, ")");
		return;
	case ODATA_IN:
		one_of(s, node, element);
		return;
	case ODATA_CONTAINS:
	case ODATA_STARTSWITH:
	case ODATA_ENDSWITH:
		text_function(s, node, element);
		return;
	case ODATA_ISOF:
		is_of(s, node);
		return;
	case ODATA_ANY:
	case ODATA_ALL:
		any_or_all(s, node, element);
		return;
	case ODATA_PATH:
	case ODATA_LITERAL:
		truth(s, node, element);
		return;
	default:
		comparison(s, node, element);
	}
}

void
view_filter(struct view_sql *s, const struct odata_node *node)
{
	condition(s, node, NULL);
}
