// SPDX-License-Identifier: Apache-2.0
#include "ferryd/oauth_error.h"

#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "domain/fault.h"

static const struct oauth_error table[] = {
	{"oauth_client_unknown", "unauthorized_client", 700016, 400},
	{"oauth_client_secret", "invalid_client", 7000215, 401},
	{"oauth_client_not_allowed", "unauthorized_client", 7000218, 400},
	{"oauth_code_invalid", "invalid_grant", 70008, 400},
	{"oauth_pkce_needed", "invalid_request", 9002325, 400},
	{"oauth_pkce_wrong", "invalid_grant", 501481, 400},
	{"oauth_refresh_invalid", "invalid_grant", 700082, 400},
	{"oauth_device_code_invalid", "invalid_grant", 70020, 400},
	{"oauth_device_code_pending", "authorization_pending", 70016, 400},
	{"oauth_device_code_denied", "authorization_declined", 70021, 400},
	{"oauth_device_code_expired", "expired_token", 70019, 400},
	{"oauth_grant_type", "unsupported_grant_type", 70003, 400},
	{"oauth_redirect_unknown", "invalid_request", 50011, 400},
	{"oauth_request_invalid", "invalid_request", 900144, 400},
	{"oauth_response_type", "unsupported_response_type", 700054, 400},
	{"oauth_scope_denied", "invalid_grant", 65001, 400},
	{"oauth_sign_in_needed", "login_required", 50058, 400},
	{"oauth_interaction_needed", "interaction_required", 50079, 400},
	{"account_disabled", "invalid_grant", 50057, 400},
	{"session_expired", "login_required", 50058, 400},
	{"sign_in_failed", "invalid_grant", 50126, 400},
	{"sign_in_wait", "invalid_grant", 50053, 400},
	{"mfa_code_wrong", "invalid_grant", 500121, 400},
	{"tenant_unknown", "invalid_request", 90002, 400},
	{"user_unknown", "invalid_grant", 50034, 400},
};
static const struct oauth_error unavailable = {NULL, "temporarily_unavailable", 90033, 503};
static const struct oauth_error broken = {NULL, "server_error", 90000, 500};

const struct oauth_error *
oauth_error_of(const struct error *e)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (str_eq(table[i].fault, e->fault))
			return &table[i];
	return e->code == ERR_UNAVAILABLE || e->code == ERR_TIMEOUT ? &unavailable : &broken;
}

const char *
oauth_correlation(struct call *c)
{
	const char *id = http_query(c->req, "client-request-id");

	if (!id)
		id = http_header(c->req, "client-request-id");
	return id && uuid_valid(id) ? id : uuid_new(c->arena);
}

static char *
timestamp(struct call *c)
{
	char *text = clock_rfc3339(c->arena, c->work.now);

	text[10] = ' ';
	return text;
}

char *
oauth_description(struct call *c, const struct error *why)
{
	const struct oauth_error *o = oauth_error_of(why);
	const struct fault *fault = fault_find(why->fault);

	// What went wrong inside is for the log.
	return arena_printf(c->arena, "AADSTS%d: %s. %s", o->number,
		o == &broken ? "The service met an internal error" : why->message,
		fault ? fault->fix : "");
}

bool
oauth_refuse(struct call *c, const struct error *why, struct error *e)
{
	const struct oauth_error *o = oauth_error_of(why);
	const char *trace = uuid_new(c->arena), *correlation = oauth_correlation(c);
	struct buf body;
	struct jsonw w = call_object(c, &body);

	jsonw_str(&w, "error", o->error);
	jsonw_str(&w, "error_description",
		arena_printf(c->arena, "%s Trace ID: %s Correlation ID: %s Timestamp: %s",
			oauth_description(c, why), trace, correlation, timestamp(c)));
	jsonw_array(&w, "error_codes");
	jsonw_int(&w, NULL, o->number);
	jsonw_end_array(&w);
	jsonw_str(&w, "timestamp", timestamp(c));
	jsonw_str(&w, "trace_id", trace);
	jsonw_str(&w, "correlation_id", correlation);
	log_write(o->status >= 500 ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG, "%s: %d %s: %s [%s]",
		c->req->path, o->status, o->error, why->message, trace);
	http_response_header(c->resp, "Cache-Control", "no-store");
	http_response_header(c->resp, "client-request-id", correlation);
	if (o->status == 401)
		http_response_header(c->resp, "WWW-Authenticate", "Basic realm=\"ferry\"");
	return call_send(c, o->status, &w, &body, e);
}
