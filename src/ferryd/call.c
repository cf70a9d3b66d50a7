// SPDX-License-Identifier: Apache-2.0
// The edge between HTTP and the service: who calls, and which answer an error becomes.
#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "domain/fault.h"
#include "ferryd/graph/note.h"
#include "ferryd/rate_limit.h"
#include "ferryd/settle.h"
#include "ferryd/token_keys.h"
#include "store/settle.h"

enum { REPLY_MAX = 8 << 20 };

// HTTP status and Graph error code (graph-api.md section 1) of each kind of error.
static const struct {
	int status;
	const char *graph;
} edge[] = {
	[ERR_NONE] = {500, "InternalServerError"},
	[ERR_INVALID] = {400, "BadRequest"},
	[ERR_NOT_FOUND] = {404, "ResourceNotFound"},
	[ERR_CONFLICT] = {409, "Conflict"},
	[ERR_DENIED] = {403, "Forbidden"},
	[ERR_UNAUTHENTICATED] = {401, "InvalidAuthenticationToken"},
	[ERR_LIMIT] = {413, "RequestEntityTooLarge"},
	[ERR_TIMEOUT] = {504, "GatewayTimeout"},
	[ERR_UNAVAILABLE] = {503, "ServiceUnavailable"},
	[ERR_PROTOCOL] = {400, "BadRequest"},
	[ERR_CRYPTO] = {403, "Forbidden"},
	[ERR_IO] = {503, "ServiceUnavailable"}, // a disk that fails: it may pass, and is named
	[ERR_UNSUPPORTED] = {501, "NotImplemented"},
	[ERR_INTERNAL] = {500, "InternalServerError"},
};
_Static_assert(sizeof edge / sizeof *edge == ERR_CODE_COUNT, "a row for every code");

// Causes that have an answer of their own.
static const struct {
	const char *fault;
	int status;
	const char *graph;
} causes[] = {
	{"graph_precondition_failed", 412, "PreconditionFailed"},
	{"method_not_allowed", 405, "MethodNotAllowed"},
	{"body_coding_unknown", 415, "UnsupportedMediaType"},
	{"too_many_requests", 429, "TooManyRequests"},
};

static int
answer_of(const struct error *e, const char **graph)
{
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		if (str_eq(e->fault, causes[i].fault)) {
			*graph = causes[i].graph;
			return causes[i].status;
		}
	*graph = edge[e->code].graph;
	return edge[e->code].status;
}

// {"error":{"code","message","innerError":{…}}} with the catalogue's cause and fix beside them.
static void
reply_error(struct call *c, const struct error *e)
{
	const struct fault *fault = fault_find(e->fault);
	const char *code;
	struct buf body;
	int status = answer_of(e, &code);

	buf_init(&body, c->arena, 512 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_object(&w, "error");
	jsonw_str(&w, "code", code);
	// What went wrong inside is for the log; outside it is only named.
	bool inside = status == 500 || e->code == ERR_IO;
	jsonw_str(&w, "message",
		!inside		? e->message
			: fault ? fault->title
				: "The service met an internal error.");
	jsonw_object(&w, "innerError");
	jsonw_str(&w, "date", clock_rfc3339(c->arena, clock_now()));
	jsonw_str(&w, "request-id", c->request_id);
	jsonw_str(&w, "client-request-id", http_header(c->req, "client-request-id"));
	jsonw_str(&w, "fault", fault ? fault->name : NULL);
	if (fault && fault->code)
		jsonw_str(&w, "windowsCode", fault->code);
	jsonw_str(&w, "hint", fault ? fault->fix : *e->hint ? e->hint : NULL);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	if (c->findings)
		jsonw_value(&w, "@ferry.findings", c->findings);
	jsonw_end_object(&w);
	log_write(status >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG, "%s %s: %d %s: %s [%s]",
		c->req->method, c->req->path, status, error_code_name(e->code), e->message,
		c->request_id);
	if (status == 401)
		http_response_header(c->resp, "WWW-Authenticate", "Bearer");
	http_response_set(c->resp, status, "application/json", buf_slice(&body));
}

static bool
need_certificate(struct call *c, const char **sha256, struct error *e)
{
	const char *problem = c->req->peer_cert_problem;

	if (!c->req->peer_cert.len && problem && strstr(problem, "expired"))
		return error_fault(
			e, ERR_UNAUTHENTICATED, "client_certificate_expired", "%s", problem);
	if (!c->req->peer_cert.len)
		return error_set(e, ERR_UNAUTHENTICATED, "a client certificate is needed%s%s",
			problem ? ": " : "", problem ? problem : "");
	*sha256 = sha256_hex(c->arena, c->req->peer_cert);
	return true;
}

static bool
identify_device(struct call *c, enum auth auth, struct error *e)
{
	const char *sha256;

	if (!need_certificate(c, &sha256, e))
		return false;
	if (auth == AUTH_DEVICE_READ
			? !store_device_by_certificate(
				  &c->work, sha256, &c->enrollment, &c->device, e)
			: !store_enrollment_by_certificate(&c->work, sha256, &c->enrollment, e))
		return false;
	c->work.tenant_id = c->enrollment.tenant_id;
	// A device whose record was deleted hears of that, and of nothing else (behaviour A11).
	if (!str_eq(c->enrollment.state, "deleting") ||
		str_eq(c->req->path, "/ManagementServer/MDM.svc") ||
		str_eq(c->req->path, "/device/v1/wait"))
		return true;
	return error_fault(e, ERR_UNAUTHENTICATED, "management_ended",
		"an administrator has deleted this device");
}

static bool
identify_connector(struct call *c, struct error *e)
{
	const char *sha256;

	if (!need_certificate(c, &sha256, e) ||
		!store_connector_by_certificate(&c->work, sha256, &c->connector, e))
		return false;
	c->work.tenant_id = c->connector.tenant_id;
	return true;
}

// An application has the permissions it was given (roles), a person what the sign-in granted (scp).
static scope_set
token_scopes(const struct json *claims)
{
	const struct json *roles = json_get(claims, "roles");
	scope_set set = 0;

	if (str_eq(json_str(claims, "idtyp"), "user"))
		return scope_parse(json_str(claims, "scp"));
	for (const struct json *r = roles && roles->type == JSON_ARRAY ? roles->first : NULL; r;
		r = r->next)
		if (r->type == JSON_STRING && !strchr(r->text, ' ')) // one permission each
			set |= scope_parse(r->text);
	return set;
}

static bool
may_ask_now(struct call *c, struct error *e)
{
	int wait_s = 0;

	if (rate_limit_take(c->service->throttle, c->client_id, clock_monotonic_ms(), &wait_s))
		return true;
	http_response_header(c->resp, "Retry-After", arena_printf(c->arena, "%d", wait_s));
	return error_fault(e, ERR_UNAVAILABLE, "too_many_requests",
		"this client asks too often; come again in %d s", wait_s);
}

static bool
identify_client(struct call *c, const struct endpoint *endpoint, struct error *e)
{
	const char *header = http_header(c->req, "Authorization");
	// Some tools send the raw token (clients-and-conventions.md section 2.3).
	const char *token = str_istarts(header, "Bearer ") ? header + 7 : header;

	if (str_empty(token))
		return error_set(e, ERR_UNAUTHENTICATED, "an access token is needed");
	if (!token_verify(c, token, "https://graph.microsoft.com", &c->claims, e))
		return false;
	c->work.tenant_id = json_str(c->claims, "tid");
	if (str_empty(c->work.tenant_id))
		return error_set(e, ERR_UNAUTHENTICATED, "the token names no tenant");
	bool person = str_eq(json_str(c->claims, "idtyp"), "user");
	c->user_id = person ? json_str(c->claims, "oid") : NULL;
	c->client_id = json_str(c->claims, "appid");
	c->actor = json_str(c->claims, person ? "upn" : "app_displayname");
	c->scopes = token_scopes(c->claims);
	if (!may_ask_now(c, e))
		return false;
	if (endpoint->auth == AUTH_TOKEN || c->scopes & SCOPE_BIT(endpoint->scope))
		return true;
	// An administrator who tries this wants something else (behaviour R7).
	if (endpoint->scope == SCOPE_PARTNER_REGISTER)
		return error_fault(e, ERR_DENIED, "partner_role_needed",
			"this needs the permission %s", scope_name(endpoint->scope));
	error_set(e, ERR_DENIED, "this needs the permission %s", scope_name(endpoint->scope));
	return error_hint(e,
		person ? "an administrator can give a role that has it"
		       : "an administrator can give it to this application");
}

static bool
identify(struct call *c, const struct endpoint *endpoint, struct error *e)
{
	switch (endpoint->auth) {
	case AUTH_PUBLIC:
		return true;
	case AUTH_DEVICE:
	case AUTH_DEVICE_READ:
		return identify_device(c, endpoint->auth, e);
	case AUTH_DEVICE_OR_TOKEN:
		return http_header(c->req, "Authorization") || identify_device(c, AUTH_DEVICE, e);
	case AUTH_CONNECTOR:
		return identify_connector(c, e);
	case AUTH_TOKEN:
	case AUTH_SCOPE:
		return identify_client(c, endpoint, e);
	case AUTH_NONE_IS_AN_ERROR:
		break;
	}
	return error_set(e, ERR_INTERNAL, "the route declares no rights");
}

// Every answer says which one it is; what the client calls it comes back (graph-api.md section 1).
static void
name_request(struct call *c)
{
	const char *given = http_header(c->req, "client-request-id");

	http_response_header(c->resp, "request-id", c->request_id);
	if (!str_empty(given) && strlen(given) <= 128)
		http_response_header(c->resp, "client-request-id", given);
}

// Graph's handlers write the audit log themselves (graph/note.c); what administrators change
// elsewhere is noted at the end of the first transaction that writes.
static bool
is_change(const struct call *c, const struct endpoint *endpoint)
{
	return endpoint->auth == AUTH_SCOPE && !str_eq(c->req->method, "GET") &&
		str_starts(endpoint->pattern, "/ferry/v1/");
}

struct noting {
	struct call *call;
	const char *pattern;
};

static bool
note_last(void *ctx, struct error *e)
{
	struct noting *n = ctx;

	return note_route(n->call, n->pattern, e);
}

static bool
run_noted(struct call *c, const struct endpoint *endpoint, struct error *e)
{
	struct noting noting = {.call = c, .pattern = endpoint->pattern};
	struct store_last last = {.fn = note_last, .ctx = &noting, .unless = &c->noted};

	store_session_last(c->work.session, &last);
	bool done = endpoint->run(c, e);
	store_session_last(c->work.session, NULL);
	if (!done || c->noted || c->resp->status >= 300 || c->resp->park_channel)
		return done;
	// Nothing was written in the database: what was done is elsewhere.
	struct error why;
	if (!note_route(c, endpoint->pattern, &why))
		log_write(LOG_LEVEL_ERROR, "%s %s: done, but not in the audit log: %s [%s]",
			c->req->method, c->req->path, why.message, c->request_id);
	return true;
}

static bool
run_plainly(struct call *c, const struct endpoint *endpoint, struct error *e)
{
	return endpoint->run(c, e);
}

struct serving {
	struct call *call;
	const struct endpoint *endpoint;
};

static bool
serve(void *ctx, struct error *e)
{
	struct serving *s = ctx;
	struct call *c = s->call;

	return identify(c, s->endpoint, e) &&
		(is_change(c, s->endpoint) ? run_noted : run_plainly)(c, s->endpoint, e);
}

// Who only asks, is recognised and answered in one transaction: its beginning and end cost as much
// as what is read in it.
static bool
only_asks(const struct call *c, const struct endpoint *endpoint)
{
	return endpoint->auth == AUTH_DEVICE_READ && str_eq(c->req->method, "GET");
}

void
call_run(struct http_request *req, struct http_response *resp, const struct endpoint *endpoint)
{
	struct worker *worker = req->worker;
	struct error e = {0};
	struct call c = {
		.service = worker->service,
		.worker = worker,
		.req = req,
		.resp = resp,
		.collection = endpoint->collection,
		.request_id = uuid_new(req->arena),
		.arena = req->arena,
		.work = {.arena = req->arena, .session = worker->session, .now = clock_now()},
	};

	unsigned long marks = store_settle_marks();

	c.work.noted = &c.noted;
	name_request(&c);
	struct serving s = {.call = &c, .endpoint = endpoint};
	if (!(only_asks(&c, endpoint) ? store_see_together(worker->session, serve, &s, &e)
				      : serve(&s, &e)))
		reply_error(&c, &e);
	if (store_settle_marks() != marks)
		settle_wake();
}

bool
call_json(struct call *c, const struct json **out, struct error *e)
{
	struct json_limits limits = {.max_bytes = 4 << 20};
	const struct json *json = json_parse(c->arena, c->req->body, &limits, e);

	if (!json)
		return false;
	if (json->type != JSON_OBJECT)
		return error_set(e, ERR_INVALID, "the body must be a JSON object");
	*out = json;
	return true;
}

bool
call_reply(struct call *c, int status, const struct buf *body, struct error *e)
{
	if (!buf_ok(body, e))
		return false;
	http_response_set(c->resp, status, "application/json", buf_slice(body));
	return true;
}

bool
call_done(struct call *c)
{
	http_response_set(c->resp, 204, NULL, slice_of(NULL, 0));
	return true;
}

struct jsonw
call_object(struct call *c, struct buf *body)
{
	buf_init(body, c->arena, REPLY_MAX);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	return w;
}

bool
call_send(struct call *c, int status, struct jsonw *w, struct buf *body, struct error *e)
{
	jsonw_end_object(w);
	return call_reply(c, status, body, e);
}

char *
device_channel(struct arena *arena, const char *device_id)
{
	return arena_printf(arena, "device/%s", device_id);
}

char *
connector_channel(struct arena *arena, const char *tenant_id, const char *domain)
{
	return arena_printf(arena, "connector/%s/%s", tenant_id, str_lower(arena, domain));
}

void
wake_device(struct call *c, const char *device_id)
{
	http_server_wake(c->service->server, device_channel(c->arena, device_id));
}

void
wake_connectors(struct call *c, const char *tenant_id, const char *domain)
{
	http_server_wake(c->service->server, connector_channel(c->arena, tenant_id, domain));
}
