// SPDX-License-Identifier: Apache-2.0
// What each node of a filter is a value of, and whether its operands fit together.
#include "base/str.h"
#include "base/uuid.h"
#include "wire/odata/bind.h"
#include "wire/odata/lex.h"

#include <math.h>
#include <stdlib.h>

// What a value can be compared with.
enum class {
	CLASS_NULL,
	CLASS_TEXT,
	CLASS_NUMBER,
	CLASS_BOOL,
	CLASS_DATE,
	CLASS_DURATION,
	CLASS_ENUM,
	CLASS_OBJECT,
	CLASS_ANY,
};

static const enum class classes[OD_KIND_COUNT] = {
	[OD_STRING] = CLASS_TEXT,
	[OD_BOOL] = CLASS_BOOL,
	[OD_INT32] = CLASS_NUMBER,
	[OD_INT64] = CLASS_NUMBER,
	[OD_DOUBLE] = CLASS_NUMBER,
	[OD_DATE] = CLASS_DATE,
	[OD_GUID] = CLASS_TEXT,
	[OD_BINARY] = CLASS_TEXT,
	[OD_DURATION] = CLASS_DURATION,
	[OD_ENUM] = CLASS_ENUM,
	[OD_COMPLEX] = CLASS_OBJECT,
	[OD_ANY] = CLASS_ANY,
};

static const enum class literal_classes[] = {
	[ODATA_LIT_NULL] = CLASS_NULL,
	[ODATA_LIT_BOOL] = CLASS_BOOL,
	[ODATA_LIT_INT] = CLASS_NUMBER,
	[ODATA_LIT_DOUBLE] = CLASS_NUMBER,
	[ODATA_LIT_STRING] = CLASS_TEXT,
	[ODATA_LIT_DATE] = CLASS_DATE,
	[ODATA_LIT_GUID] = CLASS_TEXT,
	[ODATA_LIT_DURATION] = CLASS_DURATION,
	[ODATA_LIT_ENUM] = CLASS_ENUM,
};

static bool bind_node(struct binder *b, struct odata_node *node, enum class *out);

// --- literals ---

static bool
whole_number(struct odata_literal *l)
{
	char *end;

	if (l->kind == ODATA_LIT_STRING && l->len && l->len < 20 &&
		strspn(l->text, "-0123456789") == l->len) {
		l->integer = strtoll(l->text, &end, 10);
		if (*end)
			return false;
		l->number = (double)l->integer;
		l->kind = ODATA_LIT_INT;
	}
	// 1.5 may be compared with whole numbers.
	return l->kind == ODATA_LIT_INT || l->kind == ODATA_LIT_DOUBLE;
}

static bool
any_number(struct odata_literal *l)
{
	char *end;

	if (l->kind == ODATA_LIT_STRING && l->len && l->len < 40 &&
		strspn(l->text, "+-.eE0123456789") == l->len) {
		l->number = strtod(l->text, &end);
		if (*end || !isfinite(l->number))
			return false;
		l->kind = ODATA_LIT_DOUBLE;
	}
	return l->kind == ODATA_LIT_INT || l->kind == ODATA_LIT_DOUBLE;
}

static bool
truth(struct odata_literal *l)
{
	if (l->kind == ODATA_LIT_STRING &&
		(str_ieq(l->text, "true") || str_ieq(l->text, "false"))) {
		l->integer = str_ieq(l->text, "true");
		l->kind = ODATA_LIT_BOOL;
	}
	return l->kind == ODATA_LIT_BOOL;
}

static bool
moment(struct odata_literal *l)
{
	if (l->kind == ODATA_LIT_STRING && odata_date_parse(l->text, &l->integer))
		l->kind = ODATA_LIT_DATE;
	return l->kind == ODATA_LIT_DATE;
}

static bool
span(struct odata_literal *l)
{
	if (l->kind == ODATA_LIT_STRING && odata_duration_parse(l->text, &l->integer))
		l->kind = ODATA_LIT_DURATION;
	return l->kind == ODATA_LIT_DURATION;
}

// GUIDs are kept as texts, so a bare one compares with a string.
static bool
text(struct odata_literal *l)
{
	if (l->kind == ODATA_LIT_GUID)
		l->kind = ODATA_LIT_STRING;
	return l->kind == ODATA_LIT_STRING;
}

static bool
guid_text(struct odata_literal *l)
{
	if (l->kind == ODATA_LIT_STRING && uuid_valid(l->text))
		l->kind = ODATA_LIT_GUID;
	return l->kind == ODATA_LIT_GUID;
}

static bool
anything(struct odata_literal *l)
{
	(void)l;
	return true;
}

static const struct {
	bool (*fits)(struct odata_literal *literal);
	const char *example;
} forms[OD_KIND_COUNT] = {
	[OD_STRING] = {text, "a text such as 'abc'"},
	[OD_BOOL] = {truth, "true or false"},
	[OD_INT32] = {whole_number, "a number such as 60"},
	[OD_INT64] = {whole_number, "a number such as 60"},
	[OD_DOUBLE] = {any_number, "a number such as 1.5"},
	[OD_DATE] = {moment, "a date such as 2026-01-02T03:04:05Z"},
	[OD_GUID] = {guid_text, "a GUID such as 00000000-0000-0000-0000-000000000000"},
	[OD_BINARY] = {text, "base64 text such as 'YWJj'"},
	[OD_DURATION] = {span, "a duration such as duration'PT1H'"},
	[OD_ENUM] = {NULL, ""},
	[OD_COMPLEX] = {NULL, "null"},
	[OD_ANY] = {anything, ""},
};

static bool
bind_member(struct binder *b, struct odata_literal *l, size_t column,
	const struct odata_property *property)
{
	const struct odata_enum *members = property->members;
	const struct odata_member *member = NULL;
	uint64_t number;

	if (l->kind == ODATA_LIT_STRING || l->kind == ODATA_LIT_ENUM) {
		member = odata_member_find(members, l->text);
		if (!member && str_to_u64(l->text, INT32_MAX, &number))
			member = odata_member_of(members, (int)number);
	} else if (l->kind == ODATA_LIT_INT && l->integer == (int)l->integer) {
		member = odata_member_of(members, (int)l->integer);
	}
	if (l->type_name && !str_ieq(l->type_name, members->name))
		return bind_fail(b, column, "%s is of the type %s", property->name, members->name);
	if (!member) {
		char list[160] = "";
		size_t used = 0;
		for (size_t i = 0; i < members->count && used < sizeof list; i++)
			used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
				i ? ", " : "", members->members[i].name);
		bind_fail(b, column, "'%.60s' is not a member of %s", l->text, members->name);
		return error_hint(b->e, "members: %s", list);
	}
	*l = (struct odata_literal){.kind = ODATA_LIT_ENUM,
		.text = member->name,
		.len = strlen(member->name),
		.type_name = l->type_name,
		.integer = member->value};
	return true;
}

bool
bind_literal(struct binder *b, struct odata_literal *literal, size_t column,
	const struct odata_property *property)
{
	if (literal->kind == ODATA_LIT_NULL)
		return true;
	if (property->kind == OD_ENUM)
		return bind_member(b, literal, column, property);
	if (forms[property->kind].fits && forms[property->kind].fits(literal))
		return true;
	return bind_fail(
		b, column, "%s is compared with %s", property->name, forms[property->kind].example);
}

// --- paths ---

// Where a path starts, and what it is without any name.
static const struct odata_type *
start_of(const struct binder *b, const struct odata_node *path)
{
	if (!path->root)
		return b->type;
	const struct odata_property *list = path->root->first->property;
	return list->kind == OD_COMPLEX ? list->complex : NULL;
}

// Which properties a filter may name: the one at the end, and navigation on the way.
static bool
may_filter(struct binder *b, const struct odata_node *node)
{
	const struct odata_path *path = &node->path;
	const struct odata_property *refused = NULL;

	for (size_t i = 0; i < path->count; i++) {
		const struct odata_property *p = path->properties[i];
		bool matters = p && (i + 1 == path->count || p->flags & OD_NAV);
		if (matters && !(p->flags & OD_FILTER))
			refused = p;
	}
	if (!refused)
		return true;
	bind_fail(b, node->column, "property %s cannot be used in $filter", refused->name);
	// What could stand in its place: the properties of the object that it belongs to.
	const struct odata_type *type = start_of(b, node);
	for (size_t i = 0; path->properties[i] != refused; i++)
		if (path->properties[i])
			type = path->properties[i]->complex;
	return bind_hint_usable(b, type, OD_FILTER);
}

static bool
resolve(struct binder *b, struct odata_node *node)
{
	const struct odata_type *start = start_of(b, node), *end;

	if (node->path.count && !start)
		return bind_fail(
			b, node->column, "%s has no properties of its own", node->root->variable);
	if (!node->path.count) {
		node->property = node->root->first->property;
		return true;
	}
	if (!bind_path(b, &node->path, start, &node->property, &end))
		return false;
	if (!node->property)
		return bind_fail(b, node->column, "a property is expected after the type");
	return may_filter(b, node);
}

static bool
bind_value_path(struct binder *b, struct odata_node *node, enum class *out)
{
	if (!resolve(b, node))
		return false;
	const struct odata_property *p = node->property;
	bool element = node->root && node->path.count == 0;
	if (p->flags & OD_LIST && !element) {
		bind_fail(b, node->column, "%s is a list", p->name);
		return error_hint(
			b->e, "write %s/any(x:x eq 'text') or %s/$count eq 0", p->name, p->name);
	}
	*out = classes[p->kind];
	return true;
}

// The list of any, all and $count.
static bool
bind_list(struct binder *b, struct odata_node *node)
{
	if (!resolve(b, node))
		return false;
	bool element = node->root && node->path.count == 0;
	if (node->property->flags & OD_LIST && !element)
		return true;
	return bind_fail(b, node->column, "%s is not a list", node->property->name);
}

// --- conditions ---

static bool
bind_condition(struct binder *b, struct odata_node *node)
{
	enum class is;

	if (!bind_node(b, node, &is))
		return false;
	if (is == CLASS_BOOL)
		return true;
	bind_fail(b, node->column, "this is a value, not a condition");
	return error_hint(b->e, "write property eq 'text', or contains(property,'text')");
}

static bool fits_order(enum class is)
{
	return is != CLASS_BOOL && is != CLASS_NULL && is != CLASS_OBJECT;
}

// One side against the other: literals take the kind of the property beside them.
static bool
match_up(struct binder *b, struct odata_node *left, enum class *is, struct odata_node *right)
{
	enum class other;

	if (!bind_node(b, right, &other))
		return false;
	if (right->op == ODATA_LITERAL && left->property) {
		if (!bind_literal(b, &right->literal, right->column, left->property))
			return false;
		other = literal_classes[right->literal.kind];
	} else if (left->op == ODATA_LITERAL && right->property) {
		if (!bind_literal(b, &left->literal, left->column, right->property))
			return false;
		*is = literal_classes[left->literal.kind];
	}
	bool same_enum = !left->property || !right->property ||
		left->property->members == right->property->members;
	if (*is != other && *is != CLASS_NULL && other != CLASS_NULL && *is != CLASS_ANY &&
		other != CLASS_ANY)
		return bind_fail(b, right->column, "these two values cannot be compared");
	if ((*is == CLASS_ENUM && !same_enum) || (*is == CLASS_OBJECT && other != CLASS_NULL))
		return bind_fail(b, right->column, "these two values cannot be compared");
	return true;
}

static bool
bind_comparison(struct binder *b, struct odata_node *node)
{
	struct odata_node *left = node->first;
	enum class is;

	if (!bind_node(b, left, &is))
		return false;
	for (struct odata_node *right = left->next; right; right = right->next) {
		if (!match_up(b, left, &is, right))
			return false;
		bool null = right->op == ODATA_LITERAL && right->literal.kind == ODATA_LIT_NULL;
		if (node->op >= ODATA_GT && node->op <= ODATA_LE && (null || !fits_order(is)))
			return bind_fail(
				b, node->column, "these values have no order: use eq or ne");
	}
	return true;
}

static bool
bind_text_operand(struct binder *b, struct odata_node *node)
{
	enum class is;

	if (!bind_node(b, node, &is))
		return false;
	if (node->op == ODATA_LITERAL && !text(&node->literal))
		return bind_fail(b, node->column, "a text such as 'abc' is expected");
	if (is == CLASS_TEXT || is == CLASS_ANY)
		return true;
	return bind_fail(b, node->column, "%s is not a text",
		node->property ? node->property->name : "this");
}

static bool
bind_operands(struct binder *b, struct odata_node *node,
	bool (*bind)(struct binder *, struct odata_node *))
{
	for (struct odata_node *child = node->first; child; child = child->next)
		if (!bind(b, child))
			return false;
	return true;
}

static bool
bind_isof(struct binder *b, struct odata_node *node)
{
	const struct odata_type *type = b->type;
	enum class is;

	if (node->first) {
		if (!bind_value_path(b, node->first, &is))
			return false;
		if (is != CLASS_OBJECT)
			return bind_fail(
				b, node->column, "isof needs a property that is an object");
		type = node->first->property->complex;
	}
	node->type = odata_type_find(type, node->type_name);
	if (node->type)
		return true;
	bind_fail(b, node->column, "'%.80s' is not a type derived from '%s'", node->type_name,
		type->name + (type->name[0] == '#'));
	char list[160] = "";
	size_t used = 0;
	for (size_t i = 0; i < type->derived_count && used < sizeof list; i++)
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
			type->derived[i]->name + 1);
	return error_hint(b->e, "types: %s", used ? list : type->name + 1);
}

static bool
bind_lambda(struct binder *b, struct odata_node *node)
{
	if (!bind_list(b, node->first))
		return false;
	return !node->first->next || bind_condition(b, node->first->next);
}

static bool
bind_node(struct binder *b, struct odata_node *node, enum class *out)
{
	*out = CLASS_BOOL;
	switch (node->op) {
	case ODATA_OR:
	case ODATA_AND:
	case ODATA_NOT:
		return bind_operands(b, node, bind_condition);
	case ODATA_CONTAINS:
	case ODATA_STARTSWITH:
	case ODATA_ENDSWITH:
		return bind_operands(b, node, bind_text_operand);
	case ODATA_ISOF:
		return bind_isof(b, node);
	case ODATA_ANY:
	case ODATA_ALL:
		return bind_lambda(b, node);
	case ODATA_TOLOWER:
	case ODATA_TOUPPER:
		*out = CLASS_TEXT;
		return bind_operands(b, node, bind_text_operand);
	case ODATA_LENGTH:
		*out = CLASS_NUMBER;
		return bind_operands(b, node, bind_text_operand);
	case ODATA_COUNT:
		*out = CLASS_NUMBER;
		return bind_list(b, node->first);
	case ODATA_PATH:
		return bind_value_path(b, node, out);
	case ODATA_LITERAL:
		*out = literal_classes[node->literal.kind];
		return true;
	default:
		return bind_comparison(b, node);
	}
}

bool
bind_filter(struct binder *b, struct odata_node *filter)
{
	return bind_condition(b, filter);
}
