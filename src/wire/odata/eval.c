// SPDX-License-Identifier: Apache-2.0
#include "wire/odata/eval.h"

#include "base/str.h"
#include "codec/json.h"
#include "wire/odata/lex.h"

#include <errno.h>
#include <stdlib.h>

enum value_kind { VALUE_NULL, VALUE_NUMBER, VALUE_DOUBLE, VALUE_TEXT, VALUE_OBJECT };

// Truth, whole numbers, dates, durations and members of enumerations are all numbers here: what may
// be compared with what was settled when the query was bound.
struct value {
	enum value_kind kind;
	int64_t number;
	double real;
	const char *text;
	size_t len;
};

// The element over which an any or all runs just now.
struct scope {
	const struct odata_node *lambda;
	const struct json *element;
	const struct scope *outer;
};

struct eval {
	const struct odata_type *type;
	const struct json *object;
};

static const struct value null_value = {.kind = VALUE_NULL};

static struct value
number_value(int64_t number)
{
	return (struct value){.kind = VALUE_NUMBER, .number = number, .real = (double)number};
}

static struct value
text_value(const char *text, size_t len)
{
	return (struct value){.kind = VALUE_TEXT, .text = text, .len = len};
}

static struct value
real_value(const char *text)
{
	return (struct value){.kind = VALUE_DOUBLE, .real = strtod(text, NULL)};
}

static struct value
whole_value(const char *text)
{
	char *end;

	errno = 0;
	int64_t number = strtoll(text, &end, 10);
	return *end || errno ? real_value(text) : number_value(number);
}

// A text of a document as what the property makes of it.
static struct value
typed_text(const struct odata_property *p, const char *text, size_t len)
{
	const struct odata_member *member;
	int64_t number;

	if (p->kind == OD_DATE)
		return odata_date_parse(text, &number) ? number_value(number) : null_value;
	if (p->kind == OD_DURATION)
		return odata_duration_parse(text, &number) ? number_value(number) : null_value;
	if (p->kind == OD_ENUM) {
		member = odata_member_find(p->members, text);
		return member ? number_value(member->value) : null_value;
	}
	return text_value(text, len);
}

static struct value
initial_value(const struct odata_property *p)
{
	const char *text = p->initial;

	if (!text || p->flags & OD_LIST || strcmp(text, "null") == 0)
		return null_value;
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return number_value(*text == 't');
	size_t len = strlen(text);
	// Initial texts are ours and hold no escapes; the closing quote is left out by `len`. The
	// forms that must end there (dates, members) are compared with a copy.
	if (*text == '"' && len >= 2) {
		char copy[64];
		if (p->kind == OD_STRING || len - 2 >= sizeof copy)
			return text_value(text + 1, len - 2);
		memcpy(copy, text + 1, len - 2);
		copy[len - 2] = '\0';
		struct value v = typed_text(p, copy, len - 2);
		return v.kind == VALUE_TEXT ? text_value(text + 1, len - 2) : v;
	}
	if (*text == '{' || *text == '[')
		return (struct value){.kind = VALUE_OBJECT};
	return p->kind == OD_DOUBLE ? real_value(text) : whole_value(text);
}

static struct value
value_of(const struct json *node, const struct odata_property *p)
{
	if (!node)
		return initial_value(p);
	switch (node->type) {
	case JSON_BOOL:
		return number_value(node->boolean);
	case JSON_NUMBER:
		return p->kind == OD_DOUBLE ? real_value(node->text) : whole_value(node->text);
	case JSON_STRING:
		return typed_text(p, node->text, node->len);
	case JSON_OBJECT:
	case JSON_ARRAY:
		return (struct value){.kind = VALUE_OBJECT};
	case JSON_NULL:
		break;
	}
	return null_value;
}

// Where a path leads; *absent when nothing is written there.
static const struct json *
walk(const struct odata_path *path, const struct odata_type *type, const struct json *from)
{
	for (size_t i = 0; i < path->count && from; i++) {
		const struct odata_property *p = path->properties[i];
		if (p) {
			from = json_get(from, p->name);
			type = p->complex;
			continue;
		}
		const struct odata_type *cast = odata_type_find(type, path->names[i]);
		if (!cast || !odata_type_is(odata_type_of(type, from), cast))
			return NULL;
		type = cast;
	}
	return from;
}

static const struct json *
element_of(const struct scope *scope, const struct odata_node *lambda)
{
	for (; scope; scope = scope->outer)
		if (scope->lambda == lambda)
			return scope->element;
	return NULL;
}

static const struct json *
node_of(const struct eval *ev, const struct scope *scope, const struct odata_node *path)
{
	if (!path->root)
		return walk(&path->path, ev->type, ev->object);
	return walk(
		&path->path, path->root->first->property->complex, element_of(scope, path->root));
}

// A cast to what the object is not gives null, not the property's initial value.
static bool
is_cast(const struct odata_path *path)
{
	for (size_t i = 0; i < path->count; i++)
		if (!path->properties[i])
			return true;
	return false;
}

static struct value
path_value(const struct eval *ev, const struct scope *scope, const struct odata_node *path)
{
	const struct json *node = node_of(ev, scope, path);

	if (!node && (is_cast(&path->path) || path->path.count == 0))
		return null_value;
	return value_of(node, path->property);
}

static struct value
literal_value(const struct odata_literal *l)
{
	switch (l->kind) {
	case ODATA_LIT_NULL:
		break;
	case ODATA_LIT_BOOL:
	case ODATA_LIT_INT:
	case ODATA_LIT_DATE:
	case ODATA_LIT_DURATION:
	case ODATA_LIT_ENUM:
		return number_value(l->integer);
	case ODATA_LIT_DOUBLE:
		return (struct value){.kind = VALUE_DOUBLE, .real = l->number};
	case ODATA_LIT_STRING:
	case ODATA_LIT_GUID:
		return text_value(l->text, l->len);
	}
	return null_value;
}

static uint8_t
fold(char c)
{
	return (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static int
compare_text(const struct value *a, const struct value *b)
{
	size_t len = a->len < b->len ? a->len : b->len;

	for (size_t i = 0; i < len; i++) {
		int difference = fold(a->text[i]) - fold(b->text[i]);
		if (difference)
			return difference;
	}
	return (a->len > b->len) - (a->len < b->len);
}

// False where the two have no order: a null, or kinds that a document of another form mixes.
static bool
compare(const struct value *a, const struct value *b, int *order)
{
	if (a->kind == VALUE_TEXT && b->kind == VALUE_TEXT) {
		*order = compare_text(a, b);
		return true;
	}
	if (a->kind == VALUE_NUMBER && b->kind == VALUE_NUMBER) {
		*order = (a->number > b->number) - (a->number < b->number);
		return true;
	}
	bool numbers = (a->kind == VALUE_NUMBER || a->kind == VALUE_DOUBLE) &&
		(b->kind == VALUE_NUMBER || b->kind == VALUE_DOUBLE);
	if (numbers)
		*order = (a->real > b->real) - (a->real < b->real);
	return numbers;
}

static bool
equal(const struct value *a, const struct value *b)
{
	int order;

	if (a->kind == VALUE_NULL || b->kind == VALUE_NULL)
		return a->kind == b->kind;
	return compare(a, b, &order) && order == 0;
}

static bool
found_at(const struct value *text, const struct value *part, size_t at)
{
	const struct value piece = {.text = text->text + at, .len = part->len};

	return compare_text(&piece, part) == 0;
}

static bool
text_function(enum odata_op op, const struct value *text, const struct value *part)
{
	if (text->kind != VALUE_TEXT || part->kind != VALUE_TEXT || part->len > text->len)
		return false;
	size_t last = text->len - part->len;
	if (op == ODATA_STARTSWITH)
		return found_at(text, part, 0);
	if (op == ODATA_ENDSWITH)
		return found_at(text, part, last);
	for (size_t at = 0; at <= last; at++)
		if (found_at(text, part, at))
			return true;
	return false;
}

static bool holds(const struct eval *ev, const struct scope *scope, const struct odata_node *node);

static struct value
value(const struct eval *ev, const struct scope *scope, const struct odata_node *node)
{
	struct value inner;
	const struct json *list;
	int64_t characters = 0;

	switch (node->op) {
	case ODATA_PATH:
		return path_value(ev, scope, node);
	case ODATA_LITERAL:
		return literal_value(&node->literal);
	case ODATA_TOLOWER:
	case ODATA_TOUPPER:
		// Comparisons do not see the case.
		return value(ev, scope, node->first);
	case ODATA_LENGTH:
		inner = value(ev, scope, node->first);
		if (inner.kind != VALUE_TEXT)
			return null_value;
		for (size_t i = 0; i < inner.len; i++)
			characters += ((uint8_t)inner.text[i] & 0xc0) != 0x80;
		return number_value(characters);
	case ODATA_COUNT:
		list = node_of(ev, scope, node->first);
		return number_value(list && list->type == JSON_ARRAY ? (int64_t)list->count : 0);
	default:
		return number_value(holds(ev, scope, node));
	}
}

static bool
comparison(const struct eval *ev, const struct scope *scope, const struct odata_node *node)
{
	struct value left = value(ev, scope, node->first);
	struct value right = value(ev, scope, node->first->next);
	int order;

	if (node->op == ODATA_EQ)
		return equal(&left, &right);
	if (node->op == ODATA_NE)
		return !equal(&left, &right);
	if (!compare(&left, &right, &order))
		return false;
	return node->op == ODATA_GT    ? order > 0
		: node->op == ODATA_GE ? order >= 0
		: node->op == ODATA_LT ? order < 0
				       : order <= 0;
}

static bool
one_of(const struct eval *ev, const struct scope *scope, const struct odata_node *node)
{
	struct value left = value(ev, scope, node->first);

	for (const struct odata_node *item = node->first->next; item; item = item->next) {
		struct value right = literal_value(&item->literal);
		if (equal(&left, &right))
			return true;
	}
	return false;
}

static bool
lambda(const struct eval *ev, const struct scope *scope, const struct odata_node *node)
{
	const struct json *list = node_of(ev, scope, node->first);
	const struct odata_node *condition = node->first->next;
	bool any = node->op == ODATA_ANY;

	if (!list || list->type != JSON_ARRAY)
		return !any;
	for (const struct json *e = list->first; e; e = e->next) {
		struct scope inner = {.lambda = node, .element = e, .outer = scope};
		if (!condition || holds(ev, &inner, condition) == any)
			return any;
	}
	return !any;
}

static bool
is_of(const struct eval *ev, const struct scope *scope, const struct odata_node *node)
{
	const struct odata_type *declared = ev->type;
	const struct json *object = ev->object;

	if (node->first) {
		declared = node->first->property->complex;
		object = node_of(ev, scope, node->first);
	}
	return object && object->type == JSON_OBJECT &&
		odata_type_is(odata_type_of(declared, object), node->type);
}

static bool
holds(const struct eval *ev, const struct scope *scope, const struct odata_node *node)
{
	const struct odata_node *child = node->first;
	struct value a, b;

	switch (node->op) {
	case ODATA_OR:
	case ODATA_AND:
		for (; child; child = child->next)
			if (holds(ev, scope, child) == (node->op == ODATA_OR))
				return node->op == ODATA_OR;
		return node->op == ODATA_AND;
	case ODATA_NOT:
		return !holds(ev, scope, child);
	case ODATA_IN:
		return one_of(ev, scope, node);
	case ODATA_CONTAINS:
	case ODATA_STARTSWITH:
	case ODATA_ENDSWITH:
		a = value(ev, scope, child);
		b = value(ev, scope, child->next);
		return text_function(node->op, &a, &b);
	case ODATA_ISOF:
		return is_of(ev, scope, node);
	case ODATA_ANY:
	case ODATA_ALL:
		return lambda(ev, scope, node);
	case ODATA_PATH:
	case ODATA_LITERAL:
		a = value(ev, scope, node);
		return a.kind == VALUE_NUMBER && a.number != 0;
	default:
		return comparison(ev, scope, node);
	}
}

bool
odata_filter_matches(
	const struct odata_node *filter, const struct odata_type *type, const struct json *object)
{
	struct eval ev = {.type = type, .object = object};

	return !filter || holds(&ev, NULL, filter);
}

bool
odata_query_matches(
	const struct odata_query *query, const struct odata_type *type, const struct json *object)
{
	return odata_filter_matches(query->filter, type, object) &&
		odata_filter_matches(query->search_for, type, object);
}

// --- order ---

struct row {
	const struct json *object;
	size_t at; // where it stood: equal rows keep their order
	struct value *keys;
};

static int
compare_rows(const void *a, const void *b, void *context)
{
	const struct row *x = a, *y = b;
	const struct odata_query *query = context;

	for (size_t i = 0; i < query->order_count; i++) {
		const struct value *left = &x->keys[i], *right = &y->keys[i];
		int order;
		if (!compare(left, right, &order))
			order = (left->kind != VALUE_NULL) - (right->kind != VALUE_NULL);
		if (order)
			return query->order[i].descending ? -order : order;
	}
	return x->at < y->at ? -1 : x->at > y->at;
}

void
odata_sort(struct arena *arena, const struct json **objects, size_t count,
	const struct odata_query *query, const struct odata_type *type)
{
	struct row *rows;

	if (count < 2 || query->order_count == 0)
		return;
	rows = arena_array(arena, count, sizeof *rows);
	for (size_t i = 0; i < count; i++) {
		struct eval ev = {.type = type, .object = objects[i]};
		rows[i] = (struct row){.object = objects[i], .at = i};
		rows[i].keys = arena_array(arena, query->order_count, sizeof(struct value));
		for (size_t k = 0; k < query->order_count; k++) {
			const struct odata_path *path = &query->order[k].path;
			struct odata_node node = {.op = ODATA_PATH,
				.path = *path,
				.property = path->properties[path->count - 1]};
			rows[i].keys[k] = path_value(&ev, NULL, &node);
		}
	}
	qsort_r(rows, count, sizeof *rows, compare_rows, (void *)(uintptr_t)query);
	for (size_t i = 0; i < count; i++)
		objects[i] = rows[i].object;
}
