// SPDX-License-Identifier: Apache-2.0
#include "wire/script/script.h"

#include "base/str.h"
#include "codec/json.h"

enum { TEXT_MAX = 32 << 10 };

const char *
script_job_write(struct arena *arena, const struct script_job *job)
{
	struct buf out;

	buf_init(&out, arena, TEXT_MAX);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "url", job->url);
	jsonw_str(&w, "sha256", job->sha256);
	jsonw_str(&w, "name", job->name);
	jsonw_int(&w, "seconds", job->seconds);
	jsonw_end_object(&w);
	return buf_text(&out);
}

bool
script_job_read(struct arena *arena, struct slice text, struct script_job *out, struct error *e)
{
	struct error why;
	const struct json *json = json_parse(arena, text, NULL, &why);

	*out = (struct script_job){.url = json_str(json, "url"),
		.sha256 = json_str(json, "sha256"),
		.name = json_str(json, "name"),
		.seconds = json_int(json, "seconds", 0)};
	// The hash names the file too: nothing but hexadecimal digits.
	if (str_empty(out->url) || str_empty(out->name) || str_empty(out->sha256) ||
		strlen(out->sha256) != 64 || strspn(out->sha256, "0123456789abcdef") != 64 ||
		out->seconds < 1 || out->seconds > SCRIPT_MAX_SECONDS)
		return error_fault(e, ERR_INVALID, "script_not_runnable",
			"the job names no script, no SHA-256 or no time limit");
	return true;
}

const char *
script_result_write(struct arena *arena, const struct script_result *result)
{
	struct buf out;

	buf_init(&out, arena, TEXT_MAX);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "fault", result->fault);
	if (result->ended)
		jsonw_int(&w, "exitCode", result->exit_code);
	jsonw_str(&w, "output", result->output);
	jsonw_end_object(&w);
	return buf_text(&out);
}

bool
script_result_read(
	struct arena *arena, struct slice text, struct script_result *out, struct error *e)
{
	const struct json *json = json_parse(arena, text, NULL, e);
	const struct json *code = json_get(json, "exitCode");
	const char *output = json_str(json, "output");

	if (!json)
		return false;
	*out = (struct script_result){.fault = json_str(json, "fault"),
		.ended = code && code->type == JSON_NUMBER,
		.exit_code = json_int(json, "exitCode", -1),
		.output = output ? output : ""};
	if (json->type != JSON_OBJECT || strlen(out->output) > SCRIPT_OUTPUT_MAX)
		return error_set(e, ERR_INVALID, "this is no result of a script");
	if (!out->fault && !(out->ended && out->exit_code == 0))
		return error_set(e, ERR_INVALID, "a script that did not fail ends with status 0");
	return true;
}

// Length of the UTF-8 sequence at `p`, 0 when it is none (RFC 3629).
static size_t
sequence(const uint8_t *p, size_t left)
{
	size_t need = p[0] < 0x80	      ? 1
		: p[0] >= 0xc2 && p[0] < 0xe0 ? 2
		: p[0] >= 0xe0 && p[0] < 0xf0 ? 3
		: p[0] >= 0xf0 && p[0] < 0xf5 ? 4
					      : 0;

	if (need == 0 || need > left)
		return 0;
	return need == 1 || utf8_valid(slice_of(p, need)) ? need : 0;
}

const char *
script_output_text(struct arena *arena, struct slice bytes)
{
	char *out = arena_alloc(arena, bytes.len + 1), *to = out;

	for (size_t i = 0; i < bytes.len;) {
		const uint8_t *p = bytes.data + i;
		size_t n = sequence(p, bytes.len - i);
		bool plain =
			n == 1 && (p[0] < 0x20 || p[0] == 0x7f) && p[0] != '\n' && p[0] != '\t';
		if (n == 0 || plain)
			*to++ = n == 0 ? '?' : ' ';
		else {
			memcpy(to, p, n);
			to += n;
		}
		i += n ? n : 1;
	}
	*to = '\0';
	return out;
}
