// SPDX-License-Identifier: Apache-2.0
// How the service's API is spoken: where it is, sign-in, JSON in and out, and which error an answer
// is.
#pragma once

#include "base/slice.h"
#include "cli/cli.h"

// --url, --ca, --tenant, --client-id, --client-secret-file, --profile.
extern const struct option_spec api_options[];

void api_close(struct api *api); // NULL is fine

// Send JSON (or nothing, NULL) and read the JSON answer; an empty answer is refused unless `out` is
// NULL. The first request signs in; the token stays in memory. Errors: those of http_client_send;
// an answer of 400 and above becomes the error it describes, with the catalogue's name when the
// service gave one. A service that asks for patience (429, 503 with Retry-After) is asked again,
// for two minutes at most. In a dry run only GET is sent.
bool api_send(struct cli *cli, const char *method, const char *path, const char *body,
	const struct json **out, struct error *e) MUST_CHECK;

// The same, and an empty answer gives NULL.
bool api_send_maybe(struct cli *cli, const char *method, const char *path, const char *body,
	const struct json **out, struct error *e) MUST_CHECK;

// POST that changes nothing, so that a dry run asks it too.
bool api_ask(struct cli *cli, const char *path, const char *body, const struct json **out,
	struct error *e) MUST_CHECK;

// Change an object that was read as `before`, unless somebody else changed it since: ERR_CONFLICT
// with fault graph_precondition_failed. An empty answer gives NULL.
bool api_patch(struct cli *cli, const char *path, const char *body, const struct json *before,
	const struct json **out, struct error *e) MUST_CHECK;

// Post a form to the token endpoint, without an access token.
bool api_token(
	struct cli *cli, const char *form, const struct json **out, struct error *e) MUST_CHECK;
// The same to any other path of the service.
bool api_form(struct cli *cli, const char *path, const char *form, const struct json **out,
	struct error *e) MUST_CHECK;

// Which service is meant, for `ferry login`.
struct settings;
bool api_settings(struct cli *cli, const struct settings **out, struct error *e) MUST_CHECK;

// The error that an answer of 400 and above is; always false.
bool api_refused(int status, const struct json *body, struct error *e);

// Put bytes and read the JSON answer.
bool api_put(struct cli *cli, const char *path, struct slice bytes, const struct json **out,
	struct error *e) MUST_CHECK;

// One page of a collection: its elements, and in `*path` where the next one is, or NULL.
bool api_page(
	struct cli *cli, const char **path, const struct json **value, struct error *e) MUST_CHECK;

// All pages of a collection: calls `each` for every element; false from it ends the walk.
bool api_each(struct cli *cli, const char *path,
	bool (*each)(struct cli *cli, const struct json *item, void *context, struct error *e),
	void *context, struct error *e) MUST_CHECK;

// The elements of a collection as an array of pointers that live in the command's arena.
struct json_list {
	const struct json **items;
	size_t count;
};
bool api_list(struct cli *cli, const char *path, struct json_list *out, struct error *e) MUST_CHECK;

// A text as a literal of a $filter, in its quotes.
char *api_quote(struct arena *arena, const char *text);

// The Autopilot device with this serial number. ERR_NOT_FOUND with fault device_not_registered.
bool api_device(
	struct cli *cli, const char *serial, const struct json **out, struct error *e) MUST_CHECK;

// Percent-encoded for a path segment or a query value (RFC 3986 section 2.1).
char *url_encode(struct arena *arena, const char *text);

// Everything is offered in both versions, but some members only in this one.
#define GRAPH "/beta"
#define DM GRAPH "/deviceManagement"
