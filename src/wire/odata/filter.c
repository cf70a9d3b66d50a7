// SPDX-License-Identifier: Apache-2.0
// The grammar of $filter, by recursive descent: or < and < not < comparison < value.
#include "wire/odata/lex.h"

#include "base/str.h"

struct parser {
	struct lex lex;
	size_t nodes, depth;
	const struct odata_node *scope[ODATA_MAX_DEPTH]; // any/all that are open here
	size_t scopes;
};

static bool parse_or(struct parser *p, struct odata_node **out);
static bool parse_value(struct parser *p, struct odata_node **out);
static bool parse_path(struct parser *p, struct odata_node **out);

static bool
node_new(struct parser *p, enum odata_op op, struct odata_node **out)
{
	if (++p->nodes > ODATA_MAX_NODES)
		return error_set(p->lex.e, ERR_LIMIT, "%s: more than %d conditions and values",
			p->lex.option, ODATA_MAX_NODES);
	*out = arena_new(p->lex.arena, struct odata_node);
	(*out)->op = op;
	(*out)->column = lex_column(&p->lex, p->lex.at);
	(*out)->literal.text = "";
	return true;
}

static bool
enter(struct parser *p)
{
	if (++p->depth > ODATA_MAX_DEPTH)
		return error_set(p->lex.e, ERR_LIMIT, "%s column %zu: nested deeper than %d",
			p->lex.option, lex_column(&p->lex, p->lex.at), ODATA_MAX_DEPTH);
	return true;
}

static bool
expect(struct parser *p, enum lex_kind kind, const char *what)
{
	if (p->lex.kind != kind)
		return lex_fail(&p->lex, "%s is expected", what);
	return lex_next(&p->lex);
}

// --- functions ---

static const struct {
	const char *name;
	enum odata_op op;
	int operands;
} functions[] = {
	{"contains", ODATA_CONTAINS, 2},
	{"startswith", ODATA_STARTSWITH, 2},
	{"endswith", ODATA_ENDSWITH, 2},
	{"tolower", ODATA_TOLOWER, 1},
	{"toupper", ODATA_TOUPPER, 1},
	{"length", ODATA_LENGTH, 1},
};

static const char *const foreign_functions[] = {"concat", "indexof", "substring", "trim",
	"matchesPattern", "year", "month", "day", "hour", "minute", "second", "date", "time", "now",
	"round", "floor", "ceiling", "cast", "hassubset", "replace"};

static const char possible_functions[] =
	"possible: contains, startswith, endswith, tolower, toupper, length, isof, any, all";

static bool
unknown_function(struct parser *p, const char *name, const char *at)
{
	if (str_ieq(name, "substringof")) {
		lex_fail_at(&p->lex, at, "substringof is of OData 2");
		return error_hint(p->lex.e, "write contains(property,'text')");
	}
	for (size_t i = 0; i < sizeof foreign_functions / sizeof *foreign_functions; i++)
		if (str_ieq(name, foreign_functions[i])) {
			lex_fail_at(&p->lex, at, "the function %s is not supported", name);
			p->lex.e->code = ERR_UNSUPPORTED;
			return error_hint(p->lex.e, "%s", possible_functions);
		}
	lex_fail_at(&p->lex, at, "unknown function %.60s", name);
	return error_hint(p->lex.e, "%s", possible_functions);
}

// isof('microsoft.graph.x'), isof(microsoft.graph.x), isof(property,'microsoft.graph.x')
static bool
parse_isof(struct parser *p, struct odata_node *node)
{
	struct lex *lex = &p->lex;

	if (lex->kind == LEX_WORD && !strchr(lex->word, '.')) {
		if (!parse_path(p, &node->first))
			return false;
		if (node->first->op != ODATA_PATH)
			return lex_fail(lex, "isof needs a property");
		if (!expect(p, LEX_COMMA, ","))
			return false;
	}
	bool text = lex->kind == LEX_LITERAL && lex->literal.kind == ODATA_LIT_STRING;
	if (!text && lex->kind != LEX_WORD) {
		lex_fail(lex, "the name of a type is expected");
		return error_hint(lex->e, "write isof('microsoft.graph.windows10Configuration')");
	}
	node->type_name = text ? lex->literal.text : lex->word;
	return lex_next(lex) && expect(p, LEX_CLOSE, ")");
}

// After the name and its '('.
static bool
parse_call(struct parser *p, const char *name, const char *at, struct odata_node **out)
{
	size_t i = 0, known = sizeof functions / sizeof *functions;

	if (str_ieq(name, "isof"))
		return node_new(p, ODATA_ISOF, out) && parse_isof(p, *out);
	while (i < known && !str_ieq(name, functions[i].name))
		i++;
	if (i == known)
		return unknown_function(p, name, at);
	if (!node_new(p, functions[i].op, out))
		return false;
	(*out)->column = lex_column(&p->lex, at);
	struct odata_node **tail = &(*out)->first;
	for (int k = 0; k < functions[i].operands; k++) {
		if ((k > 0 && !expect(p, LEX_COMMA, ",")) || !parse_value(p, tail))
			return false;
		tail = &(*tail)->next;
	}
	return expect(p, LEX_CLOSE, ")");
}

// --- paths ---

static const struct odata_node *
variable_in_scope(const struct parser *p, const char *name)
{
	for (size_t i = p->scopes; i-- > 0;)
		if (str_ieq(p->scope[i]->variable, name))
			return p->scope[i];
	return NULL;
}

// any( … ) from the '(' on: the collection is known.
static bool
parse_lambda(struct parser *p, enum odata_op op, struct odata_node *list, struct odata_node **out)
{
	struct lex *lex = &p->lex;

	if (!node_new(p, op, out) || !expect(p, LEX_OPEN, "("))
		return false;
	(*out)->column = list->column;
	(*out)->first = list;
	if (op == ODATA_ANY && lex->kind == LEX_CLOSE)
		return lex_next(lex);
	if (lex->kind != LEX_WORD || strpbrk(lex->word, ".$@")) {
		lex_fail(lex, "a variable is expected");
		return error_hint(lex->e, "write any(x:x eq 'text')");
	}
	(*out)->variable = lex->word;
	if (variable_in_scope(p, lex->word))
		return lex_fail(lex, "the variable %.60s is in use already", lex->word);
	if (!lex_next(lex) || !expect(p, LEX_COLON, ":"))
		return false;
	p->scope[p->scopes++] = *out; // as many as depth allows
	if (!parse_or(p, &list->next) || !expect(p, LEX_CLOSE, ")"))
		return false;
	p->scopes--;
	return true;
}

// What ends a path other than a name: any, all, $count. *done says whether it did.
static bool
parse_path_end(struct parser *p, struct odata_node *path, struct odata_node **out, bool *done)
{
	struct lex *lex = &p->lex;
	const char *next = lex->p + strspn(lex->p, " ");

	*done = true;
	if (lex_is(lex, "$count")) {
		if (!node_new(p, ODATA_COUNT, out))
			return false;
		(*out)->column = path->column;
		(*out)->first = path;
		return lex_next(lex);
	}
	if (*next == '(' && (lex_is(lex, "any") || lex_is(lex, "all"))) {
		enum odata_op op = lex_is(lex, "any") ? ODATA_ANY : ODATA_ALL;
		return lex_next(lex) && parse_lambda(p, op, path, out);
	}
	*done = false;
	return true;
}

// One name of a path; the first may be a variable, or $it for the object.
static bool
parse_name(struct parser *p, struct odata_node *node)
{
	struct odata_path *path = &node->path;
	struct lex *lex = &p->lex;

	if (lex->kind != LEX_WORD)
		return lex_fail(lex, "the name of a property is expected");
	if (path->count == ODATA_MAX_SEGMENTS)
		return lex_fail(lex, "a path has at most %d names", ODATA_MAX_SEGMENTS);
	if (lex->word[0] == '$')
		return lex_fail(lex, "%.60s is not possible here", lex->word);
	path->names[path->count++] = lex->word;
	return lex_next(lex);
}

static bool
parse_path(struct parser *p, struct odata_node **out)
{
	struct lex *lex = &p->lex;
	struct odata_node *node;
	bool done = false;

	if (!node_new(p, ODATA_PATH, &node))
		return false;
	*out = node;
	node->path.column = node->column;
	node->path.names = arena_array(lex->arena, ODATA_MAX_SEGMENTS, sizeof(char *));
	node->path.properties = arena_array(lex->arena, ODATA_MAX_SEGMENTS, sizeof(void *));
	node->root = variable_in_scope(p, lex->word);
	if (node->root || lex_is(lex, "$it")) {
		if (!lex_next(lex))
			return false;
		if (lex->kind != LEX_SLASH)
			return node->root ? true
					  : lex_fail(lex, "$it is followed by / and a property");
	} else if (!parse_name(p, node)) {
		return false;
	}
	while (lex->kind == LEX_SLASH && !done) {
		if (!lex_next(lex) || !parse_path_end(p, node, out, &done))
			return false;
		if (!done && !parse_name(p, node))
			return false;
	}
	return true;
}

// --- values and conditions ---

static bool
parse_primary(struct parser *p, struct odata_node **out)
{
	struct lex *lex = &p->lex;
	const char *at = lex->at, *name = lex->word;

	if (lex->kind == LEX_LITERAL) {
		if (!node_new(p, ODATA_LITERAL, out))
			return false;
		(*out)->literal = lex->literal;
		return lex_next(lex);
	}
	if (lex->kind == LEX_OPEN)
		return lex_next(lex) && parse_or(p, out) && expect(p, LEX_CLOSE, ")");
	if (lex->kind != LEX_WORD) {
		lex_fail(lex, "a condition is expected");
		return error_hint(lex->e, "write property eq 'text', or contains(property,'text')");
	}
	if (lex->p[strspn(lex->p, " ")] == '(')
		return lex_next(lex) && lex_next(lex) && parse_call(p, name, at, out);
	return parse_path(p, out);
}

static bool
parse_value(struct parser *p, struct odata_node **out)
{
	if (!enter(p) || !parse_primary(p, out))
		return false;
	p->depth--;
	return true;
}

// The list of `in`.
static bool
parse_list(struct parser *p, struct odata_node **tail)
{
	struct lex *lex = &p->lex;

	if (!expect(p, LEX_OPEN, "( and a list of values"))
		return false;
	for (;;) {
		if (lex->kind != LEX_LITERAL)
			return lex_fail(lex, "a value such as 'text' is expected");
		if (!node_new(p, ODATA_LITERAL, tail))
			return false;
		(*tail)->literal = lex->literal;
		tail = &(*tail)->next;
		if (!lex_next(lex))
			return false;
		if (lex->kind == LEX_CLOSE)
			return lex_next(lex);
		if (!expect(p, LEX_COMMA, ", or )"))
			return false;
	}
}

static bool
comparison_op(const struct lex *lex, enum odata_op *op)
{
	static const char *const names[] = {[ODATA_EQ] = "eq",
		[ODATA_NE] = "ne",
		[ODATA_GT] = "gt",
		[ODATA_GE] = "ge",
		[ODATA_LT] = "lt",
		[ODATA_LE] = "le",
		[ODATA_IN] = "in"};

	for (*op = ODATA_EQ; *op <= ODATA_IN; (*op)++)
		if (lex_is(lex, names[*op]))
			return true;
	return false;
}

static bool
refuse_operator(struct parser *p)
{
	static const char *const arithmetic[] = {"add", "sub", "mul", "div", "mod", "divby"};
	struct lex *lex = &p->lex;

	if (lex_is(lex, "has")) {
		lex_fail(lex, "has is for enumerations of flags, and there are none here");
		lex->e->code = ERR_UNSUPPORTED;
		return error_hint(lex->e, "write property eq 'member' or property in ('a','b')");
	}
	for (size_t i = 0; i < sizeof arithmetic / sizeof *arithmetic; i++)
		if (lex_is(lex, arithmetic[i])) {
			lex_fail(lex, "the operator %s is not supported", arithmetic[i]);
			lex->e->code = ERR_UNSUPPORTED;
			return error_hint(lex->e, "possible: eq, ne, gt, ge, lt, le, in, and, or");
		}
	return true;
}

static bool
parse_comparison(struct parser *p, struct odata_node **out)
{
	struct odata_node *left;
	enum odata_op op;

	if (!parse_value(p, &left) || !refuse_operator(p))
		return false;
	*out = left;
	if (!comparison_op(&p->lex, &op))
		return true;
	if (!node_new(p, op, out) || !lex_next(&p->lex))
		return false;
	(*out)->first = left;
	return op == ODATA_IN ? parse_list(p, &left->next) : parse_value(p, &left->next);
}

static bool
parse_not(struct parser *p, struct odata_node **out)
{
	if (!lex_is(&p->lex, "not"))
		return parse_comparison(p, out);
	if (!enter(p) || !node_new(p, ODATA_NOT, out) || !lex_next(&p->lex) ||
		!parse_not(p, &(*out)->first))
		return false;
	p->depth--;
	return true;
}

static bool parse_chain(struct parser *p, enum odata_op op, struct odata_node **out);

// The operands of `or` are chains of `and`.
static bool
parse_operand(struct parser *p, enum odata_op op, struct odata_node **out)
{
	return op == ODATA_AND ? parse_not(p, out) : parse_chain(p, ODATA_AND, out);
}

// a and b and c, or the same with or: one node with all operands.
static bool
parse_chain(struct parser *p, enum odata_op op, struct odata_node **out)
{
	const char *word = op == ODATA_AND ? "and" : "or";
	struct odata_node *first, **tail;

	if (!parse_operand(p, op, &first))
		return false;
	*out = first;
	if (!lex_is(&p->lex, word))
		return true;
	if (!node_new(p, op, out))
		return false;
	(*out)->first = first;
	tail = &first->next;
	while (lex_is(&p->lex, word)) {
		if (!lex_next(&p->lex) || !parse_operand(p, op, tail))
			return false;
		tail = &(*tail)->next;
	}
	return true;
}

static bool
parse_or(struct parser *p, struct odata_node **out)
{
	return parse_chain(p, ODATA_OR, out);
}

bool
odata_filter_parse(struct arena *arena, const char *text, struct odata_node **out, struct error *e)
{
	struct parser p = {0};

	if (strlen(text) > ODATA_MAX_FILTER)
		return error_set(e, ERR_LIMIT, "$filter is longer than %d bytes", ODATA_MAX_FILTER);
	if (!utf8_valid(slice_str(text)))
		return error_set(e, ERR_INVALID, "$filter is not UTF-8");
	if (!lex_start(&p.lex, arena, "$filter", text, e) || !parse_or(&p, out))
		return false;
	if (p.lex.kind == LEX_END)
		return true;
	lex_fail(&p.lex, "and, or or the end is expected");
	return error_hint(e, "possible after a value: eq, ne, gt, ge, lt, le, in");
}
