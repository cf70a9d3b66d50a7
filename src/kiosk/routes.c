// SPDX-License-Identifier: Apache-2.0
// The kiosk's few addresses. Whoever opens them from elsewhere gets nothing: the Host must be ours
// (a name that points to 127.0.0.1 is another site to a browser), a foreign Origin is refused, and
// the page and the actions need the token, which travels in no address.
#include "base/str.h"
#include "kiosk/kiosk.h"
#include "pki/hash.h"

static void
answer(struct http_response *resp, int status, const char *type, const char *text)
{
	http_response_set(resp, status, type, slice_str(text));
}

static void
secure(struct http_response *resp)
{
	http_response_header(resp, "Content-Security-Policy",
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
		"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
	http_response_header(resp, "X-Content-Type-Options", "nosniff");
	http_response_header(resp, "Referrer-Policy", "no-referrer");
	http_response_header(resp, "Cross-Origin-Opener-Policy", "same-origin");
	http_response_header(resp, "Cross-Origin-Resource-Policy", "same-origin");
	http_response_header(resp, "Cache-Control", "no-store");
}

static bool
from_here(const struct kiosk *kiosk, const struct http_request *req)
{
	const char *origin = http_header(req, "Origin");

	if (!str_eq(req->host, kiosk->host))
		return false;
	return !origin ||
		(str_starts(origin, "http://") && str_eq(origin + strlen("http://"), kiosk->host));
}

static bool
has_token(const struct kiosk *kiosk, const struct http_request *req)
{
	const char *token = http_header(req, "X-Ferry-Kiosk");

	return token && secret_eq(slice_str(token), slice_str(kiosk->token));
}

static void
serve_file(const struct http_request *req, struct http_response *resp)
{
	for (size_t i = 0; i < kiosk_file_count; i++)
		if (str_eq(kiosk_files[i].path, req->path)) {
			http_response_set(resp, 200, kiosk_files[i].type,
				slice_of(kiosk_files[i].data, kiosk_files[i].size));
			return;
		}
	answer(resp, 404, "text/plain", "not found\n");
}

// Answered as soon as there is another page than the number that the browser has seen.
static void
serve_page(struct kiosk *kiosk, const struct http_request *req, struct http_response *resp)
{
	const char *after = http_query(req, "after");
	uint64_t seen = 0;

	if (after && !str_to_u64(after, INT64_MAX, &seen)) {
		answer(resp, 400, "text/plain", "after is no number\n");
		return;
	}
	pthread_mutex_lock(&kiosk->lock);
	int64_t number = kiosk->number;
	char *json = (uint64_t)number == seen
		? NULL
		: arena_printf(resp->arena, "{\"number\":%lld,\"page\":%lld,%s}", (long long)number,
			  (long long)kiosk->page_number, kiosk->json);
	pthread_mutex_unlock(&kiosk->lock);
	if (json)
		answer(resp, 200, "application/json", json);
	else if (req->timed_out)
		resp->status = 204;
	else
		http_response_park(resp, "page", KIOSK_POLL_MS);
}

static void
serve_action(struct kiosk *kiosk, const struct http_request *req, struct http_response *resp)
{
	struct error e = {0};
	uint64_t one = 1;

	pthread_mutex_lock(&kiosk->lock);
	bool ok = kiosk_take(kiosk, req->body, &e);
	pthread_mutex_unlock(&kiosk->lock);
	// What was typed lies in the request until the connection's memory is used again.
	secret_wipe((void *)(uintptr_t)req->body.data, req->body.len);
	ssize_t written = write(kiosk->wake, &one, sizeof one);
	(void)written;
	if (ok)
		resp->status = 204;
	else
		answer(resp, e.code == ERR_CONFLICT ? 409 : 400, "text/plain",
			arena_printf(resp->arena, "%s\n", e.message));
}

void
kiosk_serve(struct http_request *req, struct http_response *resp)
{
	struct kiosk *kiosk = req->context;
	bool get = str_eq(req->method, "GET"), api = str_starts(req->path, "/api/");

	secure(resp);
	if (!from_here(kiosk, req))
		answer(resp, 403, "text/plain", "not from here\n");
	else if (api && !has_token(kiosk, req))
		answer(resp, 401, "text/plain", "the token is missing\n");
	else if (get && str_eq(req->path, "/api/page"))
		serve_page(kiosk, req, resp);
	else if (str_eq(req->method, "POST") && str_eq(req->path, "/api/act"))
		serve_action(kiosk, req, resp);
	else if (get && !api)
		serve_file(req, resp);
	else
		answer(resp, get ? 404 : 405, "text/plain", "no\n");
}
