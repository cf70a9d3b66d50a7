// SPDX-License-Identifier: Apache-2.0
#include "cli/plan.h"

#include "base/str.h"
#include "cli/output.h"
#include "cli/text.h"
#include <stdarg.h>

enum { BODY_MAX = 8 << 20, BODY_SHOWN = 400 };

struct step {
	struct step *next;
	const char *method, *path, *body;
};

struct plan {
	struct step *first, **end;
	struct losses lost;
	const char *what;
};

struct plan *
plan_new(struct arena *arena)
{
	struct plan *plan = arena_new(arena, struct plan);

	plan->end = &plan->first;
	return plan;
}

const struct json *
plan_request(struct cli *cli, const char *method, const char *path, const char *body)
{
	struct step *step = arena_new(cli->arena, struct step);
	const struct json *sent = NULL;
	struct error ignored;
	struct buf out;

	*step = (struct step){.method = method,
		.path = arena_strdup(cli->arena, path),
		.body = body ? arena_strdup(cli->arena, body) : NULL};
	*cli->plan->end = step;
	cli->plan->end = &step->next;
	if (body)
		sent = json_parse(cli->arena, slice_str(body),
			&(struct json_limits){.max_bytes = BODY_MAX, .max_nodes = 1000000},
			&ignored);
	buf_init(&out, cli->arena, 2 * (size_t)BODY_MAX);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "id", "{new}");
	for (const struct json *m = sent ? sent->first : NULL; m; m = m->next)
		if (!str_eq(m->name, "id"))
			jsonw_value(&w, m->name, m);
	jsonw_end_object(&w);
	if (json_get(sent, "password"))
		step->body = "{\"password\":\"(not shown)\"}";
	return json_parse(cli->arena, buf_slice(&out),
		&(struct json_limits){.max_bytes = 2 * (size_t)BODY_MAX, .max_nodes = 1000000},
		&ignored);
}

static void
put_json(struct plan *plan, struct buf *out)
{
	struct jsonw w = jsonw_on(out);

	jsonw_object(&w, NULL);
	jsonw_bool(&w, "dryRun", true);
	jsonw_str(&w, "action", plan->what);
	jsonw_array(&w, "requests");
	for (const struct step *s = plan->first; s; s = s->next) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "method", s->method);
		jsonw_str(&w, "path", s->path);
		if (s->body)
			jsonw_raw(&w, "body", s->body);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	jsonw_array(&w, "lost");
	for (size_t i = 0; i < plan->lost.count; i++)
		jsonw_str(&w, NULL, plan->lost.lines[i]);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
}

static void
put_losses(struct buf *out, const struct losses *losses)
{
	for (size_t i = 0; i < losses->count; i++)
		buf_printf(out, "  %s\n", losses->lines[i]);
	if (losses->more)
		buf_printf(out, "  … and %zu more\n", losses->more);
}

bool
plan_text(struct cli *cli, struct buf *out, struct error *e)
{
	struct plan *plan = cli->plan;

	if (cli->format == OUTPUT_JSON || cli->format == OUTPUT_JSONL) {
		put_json(plan, out);
		return buf_ok(out, e);
	}
	buf_printf(out, "dry run: nothing was changed\n");
	if (plan->what)
		buf_printf(out, "would %s\n", plan->what);
	put_losses(out, &plan->lost);
	for (const struct step *s = plan->first; s; s = s->next)
		buf_printf(out, "%s %s%s%s\n", s->method, s->path, s->body ? " " : "",
			s->body ? text_fit(cli->arena, text_clean(cli->arena, s->body), BODY_SHOWN)
				: "");
	return buf_ok(out, e);
}

bool
plan_print(struct cli *cli, struct error *e)
{
	bool json = cli->format == OUTPUT_JSON || cli->format == OUTPUT_JSONL;
	struct buf out;

	buf_init(&out, cli->arena, 16 * (size_t)BODY_MAX);
	return plan_text(cli, &out, e) && (json ? output_json(&out, e) : output_write(&out, e));
}

void
losses_add(struct losses *losses, struct arena *arena, const char *fmt, ...)
{
	char line[300];
	va_list args;

	if (losses->count == sizeof losses->lines / sizeof *losses->lines) {
		losses->more++;
		return;
	}
	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	losses->lines[losses->count++] = text_clean(arena, line);
}

static bool
asks(const struct cli *cli)
{
	return !cli_switch(cli, "yes") && isatty(STDIN_FILENO);
}

bool
confirm_wanted(const struct cli *cli)
{
	return cli->plan || asks(cli);
}

bool
confirm(struct cli *cli, const char *what, const struct losses *losses, struct error *e)
{
	char answer[16] = "";
	struct buf out;

	what = text_clean(cli->arena, what);
	if (cli->plan) {
		cli->plan->what = what;
		cli->plan->lost = *losses;
		return true;
	}
	if (!asks(cli))
		return true;
	if (!isatty(STDERR_FILENO)) {
		error_set(e, ERR_INVALID,
			"somebody is there but cannot be asked: standard error is no terminal");
		return error_hint(e, "give --yes");
	}
	buf_init(&out, cli->arena, 1 << 20);
	put_losses(&out, losses);
	fprintf(stderr, "This will %s.\n%s\nGo on? [y/N] ", what, buf_text(&out));
	if (fgets(answer, sizeof answer, stdin) && (*answer == 'y' || *answer == 'Y'))
		return true;
	error_set(e, ERR_INVALID, "not confirmed, nothing was done");
	return error_hint(e, "answer y, or give --yes");
}
