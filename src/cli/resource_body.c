// SPDX-License-Identifier: Apache-2.0
// Options to members of a JSON object.
#include "base/str.h"
#include "cli/resource.h"
#include <stdlib.h>

static const struct option_spec *
property(const struct cli *cli, const struct given_option *given)
{
	const struct option_spec *o = cli_find_option(cli->verb, given->name, strlen(given->name));

	bool own =
		!o || o->kind == OPTION_OWN || o->kind == OPTION_FILTER || o->kind == OPTION_TIME;

	return own ? NULL : o;
}

size_t
resource_given(const struct cli *cli)
{
	const struct verb *v = cli->verb;
	size_t n = 0;

	// Also an option that `complete` reads is a change.
	for (size_t i = 0; i < cli->given_count; i++)
		for (const struct option_spec *o = v->options; o && o->name; o++)
			n += str_eq(o->name, cli->given[i].name);
	return n;
}

bool
resource_blame(const struct cli *cli, struct error *e)
{
	for (size_t i = 0; i < cli->given_count; i++) {
		const struct option_spec *o = property(cli, &cli->given[i]);
		const char *slash = o ? strchr(o->member, '/') : NULL;
		if (o && e->code == ERR_INVALID && !*e->hint && !e->fault &&
			strstr(e->message, slash ? slash + 1 : o->member))
			return error_hint(e, "give --%s another value", o->name);
	}
	return false;
}

static void
put_list(struct cli *cli, struct jsonw *w, const char *name, const char *value)
{
	jsonw_array(w, name);
	while (*value) {
		size_t len = strcspn(value, ",");
		if (len)
			jsonw_str(w, NULL, arena_strndup(cli->arena, value, len));
		value += len + (value[len] == ',');
	}
	jsonw_end_array(w);
}

static void
put_value(struct cli *cli, struct jsonw *w, const struct option_spec *o, const char *name,
	const char *value)
{
	uint64_t number;

	switch (o->kind) {
	case OPTION_YES:
		if (o->values)
			jsonw_str(w, name,
				cli_choice_at(cli->arena, o->values, str_eq(value, "yes") ? 0 : 1));
		else
			jsonw_bool(w, name, str_eq(value, "yes"));
		return;
	case OPTION_NUMBER:
		// What is no number was refused with the line.
		if (str_to_u64(value, INT64_MAX, &number))
			jsonw_int(w, name, (int64_t)number);
		return;
	case OPTION_CHOICE:
		jsonw_str(w, name,
			o->values ? cli_choice_at(
					    cli->arena, o->values, cli_choice_find(o->arg, value))
				  : value);
		return;
	case OPTION_LIST:
		put_list(cli, w, name, value);
		return;
	case OPTION_TEXT:
	case OPTION_OWN:
	case OPTION_FILTER:
	case OPTION_TIME:
		jsonw_str(w, name, value);
	}
}

// The last of the same option wins.
static bool
is_last(const struct cli *cli, size_t i)
{
	for (size_t k = i + 1; k < cli->given_count; k++)
		if (str_eq(cli->given[k].name, cli->given[i].name))
			return false;
	return true;
}

static bool
is_within(const char *member, const char *parent, size_t len)
{
	return strncmp(member, parent, len) == 0 && member[len] == '/';
}

static bool
is_given(const struct cli *cli, const char *parent, size_t len, const char *name)
{
	for (size_t i = 0; i < cli->given_count; i++) {
		const struct option_spec *o = property(cli, &cli->given[i]);
		if (o && is_within(o->member, parent, len) && str_eq(o->member + len + 1, name))
			return true;
	}
	return false;
}

// A complex member is replaced as a whole: what it has and nobody changes is sent again.
static void
put_complex(
	struct cli *cli, const struct json *before, struct jsonw *w, const char *member, size_t len)
{
	const char *name = arena_strndup(cli->arena, member, len);
	const struct json *old = json_get(before, name);

	jsonw_object(w, name);
	for (const struct json *m = old && old->type == JSON_OBJECT ? old->first : NULL; m;
		m = m->next)
		if (!is_given(cli, member, len, m->name))
			jsonw_value(w, m->name, m);
	for (size_t i = 0; i < cli->given_count; i++) {
		const struct option_spec *o = property(cli, &cli->given[i]);
		if (o && is_within(o->member, member, len) && is_last(cli, i))
			put_value(cli, w, o, o->member + len + 1, cli->given[i].value);
	}
	jsonw_end_object(w);
}

void
resource_put(struct cli *cli, const struct json *before, struct jsonw *w)
{
	for (size_t i = 0; i < cli->given_count; i++) {
		const struct option_spec *o = property(cli, &cli->given[i]);
		if (!o)
			continue;
		const char *slash = strchr(o->member, '/');
		if (!slash) {
			if (is_last(cli, i))
				put_value(cli, w, o, o->member, cli->given[i].value);
			continue;
		}
		size_t len = (size_t)(slash - o->member);
		bool first = true;
		for (size_t k = 0; first && k < i; k++) {
			const struct option_spec *other = property(cli, &cli->given[k]);
			first = !other || !is_within(other->member, o->member, len);
		}
		if (first)
			put_complex(cli, before, w, o->member, len);
	}
}
