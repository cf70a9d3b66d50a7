// SPDX-License-Identifier: Apache-2.0
#include "cli/batch.h"

#include "base/str.h"
#include "cli/output.h"
#include "cli/plan.h"
#include "cli/progress.h"
#include "cli/text.h"

enum { AT_ONCE = 20, BODY_MAX = 4 << 20, NAMED = 100 };

static bool
write_part(struct cli *cli, const struct batch_item *items, size_t count, const char **out,
	struct error *e)
{
	struct buf body;

	buf_init(&body, cli->arena, BODY_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "requests");
	for (size_t i = 0; i < count; i++) {
		// Below the version that the batch itself names.
		const char *url =
			items[i].path + (str_starts(items[i].path, GRAPH "/") ? strlen(GRAPH) : 0);
		jsonw_object(&w, NULL);
		jsonw_str(&w, "id", arena_printf(cli->arena, "%zu", i));
		jsonw_str(&w, "method", items[i].method);
		jsonw_str(&w, "url", url);
		if (items[i].body) {
			jsonw_object(&w, "headers");
			jsonw_str(&w, "Content-Type", "application/json");
			jsonw_end_object(&w);
			jsonw_raw(&w, "body", items[i].body);
		}
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	*out = buf_text(&body);
	return buf_ok(&body, e);
}

static void
read_part(const struct json *answer, struct batch_item *items, size_t count)
{
	const struct json *responses = json_get(answer, "responses");

	for (size_t i = 0; i < count; i++)
		error_fault(&items[i].error, ERR_PROTOCOL, "service_answer_malformed",
			"the service's batch has no answer to it");
	for (const struct json *r = responses ? responses->first : NULL; r; r = r->next) {
		int64_t status = json_int(r, "status", 0);
		uint64_t i;
		if (!str_to_u64(json_str(r, "id"), count - 1, &i))
			continue;
		items[i].ok = status >= 200 && status < 300;
		if (!items[i].ok)
			api_refused((int)status, json_get(r, "body"), &items[i].error);
	}
}

static bool
send_part(struct cli *cli, struct batch_item *items, size_t count, struct error *e)
{
	const struct json *answer;
	const char *body;

	if (!write_part(cli, items, count, &body, e) ||
		!api_send(cli, "POST", GRAPH "/$batch", body, &answer, e))
		return false;
	read_part(answer, items, count);
	return true;
}

static bool
tell(struct cli *cli, const struct batch_item *items, size_t count, struct error *e)
{
	size_t failed = 0;

	for (size_t i = 0; i < count; i++) {
		if (items[i].ok)
			continue;
		if (!failed)
			*e = items[i].error;
		if (count > 1 && failed++ < NAMED)
			fprintf(stderr, "%s: %s\n", text_clean(cli->arena, items[i].what),
				output_error(cli->arena, &items[i].error));
		else if (count == 1)
			return error_wrap(e, "%s", items[i].what);
	}
	if (!failed)
		return true;
	enum error_code code = e->code;
	return error_set(e, code, "%zu of %zu failed", failed, count);
}

bool
batch_send(struct cli *cli, struct batch_item *items, size_t count, struct error *e)
{
	struct progress progress;
	bool ok = true;

	if (cli->plan) {
		for (size_t i = 0; i < count; i++)
			plan_request(cli, items[i].method, items[i].path, items[i].body);
		return true;
	}
	progress_begin(&progress, "send", "requests", count, cli->format != OUTPUT_TABLE);
	for (size_t at = 0; ok && at < count; at += AT_ONCE) {
		size_t n = count - at < AT_ONCE ? count - at : AT_ONCE;
		ok = send_part(cli, &items[at], n, e);
		progress_set(&progress, at + n);
	}
	progress_end(&progress);
	return ok && tell(cli, items, count, e);
}
