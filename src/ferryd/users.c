// SPDX-License-Identifier: Apache-2.0
// What administrators do with people's ways to sign in: Ferry's own actions beside Graph's /users.
#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "domain/one_time_code.h"
#include "domain/password.h"
#include "ferryd/handlers.h"
#include "ferryd/oauth_error.h"
#include "ferryd/password_work.h"
#include "ferryd/sign_in.h"

enum { PAGE = 100, UPN_MAX = 113, PASSWORD_BYTES = 15 };

// A user by the id or the name in the path.
static bool
find(struct call *c, struct person *out, struct error *e)
{
	const char *key = http_param(c->req, "id");

	return uuid_valid(key) ? store_person_by_id(&c->work, key, out, e)
			       : store_person_by_upn(&c->work, key, out, e);
}

static void
write_user(struct jsonw *w, const struct person *p, unsigned roles, const struct factors *f)
{
	jsonw_str(w, "id", p->user_id);
	jsonw_str(w, "userPrincipalName", p->upn);
	jsonw_str(w, "displayName", p->display_name);
	jsonw_str(w, "mail", p->mail);
	jsonw_str(w, "department", p->department);
	jsonw_str(w, "jobTitle", p->job_title);
	jsonw_bool(w, "accountEnabled", p->enabled);
	jsonw_str(w, "source", p->source);
	jsonw_array(w, "roles");
	for (enum role role = 0; role < ROLE_COUNT; role++)
		if (roles & ROLE_BIT(role))
			jsonw_str(w, NULL, role_name(role));
	jsonw_end_array(w);
	jsonw_bool(w, "hasPassword", !str_empty(f->password_hash));
	jsonw_bool(w, "mustChangePassword", f->must_change);
	jsonw_bool(w, "hasAuthenticator", f->totp_secret.len > 0);
	jsonw_int(w, "recoveryCodesLeft", f->recovery_codes);
}

static bool
put_user(struct call *c, struct jsonw *w, const struct person *p, struct error *e)
{
	struct factors factors;
	unsigned roles;

	if (!store_factors(&c->work, p->user_id, &factors, e) ||
		!store_roles(&c->work, p->user_id, &roles, e))
		return false;
	write_user(w, p, roles, &factors);
	jsonw_str(w, "createdDateTime", clock_rfc3339(c->arena, p->created_at));
	return true;
}

bool
users_list(struct call *c, struct error *e)
{
	const char *after = http_query(c->req, "$skiptoken");
	struct person *list;
	struct buf body;
	size_t count;

	if (!store_person_page(&c->work, after ? after : "", PAGE, &list, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		if (!put_user(c, &w, &list[i], e))
			return false;
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	if (count == PAGE)
		jsonw_str(&w, "@odata.nextLink",
			arena_printf(c->arena, "%s%s?$skiptoken=%s", c->service->base_url,
				c->req->path, list[count - 1].user_id));
	return call_send(c, 200, &w, &body, e);
}

static bool
check_upn(const char *upn, struct error *e)
{
	const char *at = strchr(upn, '@');
	bool ok = at && at > upn && at[1] && !strchr(at + 1, '@') && strlen(upn) <= UPN_MAX;

	for (const char *p = upn; *p; p++)
		ok &= *p > ' ' && *p != 0x7f && !strchr("\"(),:;<>[]\\/", *p);
	return ok ||
		error_fault(e, ERR_INVALID, "user_name_invalid",
			"the user name must look like name@domain");
}

static bool
read_roles(const struct json *json, unsigned *roles, struct error *e)
{
	const struct json *list = json_get(json, "roles");

	*roles = 0;
	for (const struct json *r = list && list->type == JSON_ARRAY ? list->first : NULL; r;
		r = r->next) {
		enum role role = r->type == JSON_STRING ? role_find(r->text) : ROLE_COUNT;
		if (role == ROLE_COUNT)
			return error_fault(e, ERR_INVALID, "role_unknown", "there is no role %s",
				r->type == JSON_STRING ? r->text : "of that type");
		*roles |= ROLE_BIT(role);
	}
	return true;
}

// Who may write users may not thereby become more than he is: giving a role that carries more than
// one's own permissions needs the permission to give roles.
static bool
may_give_roles(struct call *c, unsigned roles, struct error *e)
{
	if (!roles || c->scopes & SCOPE_BIT(SCOPE_RBAC_WRITE))
		return true;
	return error_set(e, ERR_DENIED, "giving roles needs the permission %s",
		scope_name(SCOPE_RBAC_WRITE));
}

// An administrator's account is changed only by who could make one.
static bool
may_change(struct call *c, const struct person *p, struct error *e)
{
	unsigned roles;

	return store_roles(&c->work, p->user_id, &roles, e) &&
		may_give_roles(c, roles_administer(roles) ? roles : 0, e);
}

static const char *
text_or(const struct json *json, const char *name, const char *otherwise)
{
	const char *text = json_str(json, name);

	return text ? text : otherwise;
}

// A password that was not given is made, and shown once.
static bool
new_hash(struct call *c, const char *given, const char *upn, const char *name, const char **shown,
	const char **hash, struct error *e)
{
	struct password_rules rules = {.min_length = c->service->sign_in.min_password};
	uint8_t random[PASSWORD_BYTES];

	*shown = NULL;
	if (given) {
		if (!password_check(c->arena, &rules, given, upn, name, e))
			return false;
	} else {
		random_bytes(random, sizeof random);
		given = *shown = base64url_encode(c->arena, slice_of(random, sizeof random));
	}
	return password_work_hash(c, given, hash, e);
}

bool
users_create(struct call *c, struct error *e)
{
	const struct json *json;
	const char *upn, *id, *shown = NULL;
	struct person person;
	struct buf body;

	if (!call_json(c, &json, e) ||
		!json_need_str(json, "userPrincipalName", UPN_MAX, &upn, e) || !check_upn(upn, e))
		return false;
	struct new_person in = {
		.upn = upn,
		.display_name = text_or(json, "displayName", upn),
		.given_name = text_or(json, "givenName", ""),
		.surname = text_or(json, "surname", ""),
		.mail = text_or(json, "mail", ""),
		.department = json_str(json, "department"),
		.job_title = json_str(json, "jobTitle"),
		.usage_location = json_str(json, "usageLocation"),
		.must_change = json_bool(json, "mustChangePassword", true),
	};
	if (!read_roles(json, &in.roles, e) || !may_give_roles(c, in.roles, e))
		return false;
	// passwordless: the first sign-in is by Temporary Access Pass.
	if (!json_bool(json, "passwordless", false) &&
		!new_hash(c, json_str(json, "password"), upn, in.display_name, &shown,
			&in.password_hash, e))
		return false;
	if (!store_person_create(&c->work, &in, &id, e) ||
		!store_person_by_id(&c->work, id, &person, e))
		return false;
	struct jsonw w = call_object(c, &body);
	if (!put_user(c, &w, &person, e))
		return false;
	if (shown)
		jsonw_str(&w, "password", shown);
	http_response_header(c->resp, "Cache-Control", "no-store");
	return call_send(c, 201, &w, &body, e);
}

bool
users_get(struct call *c, struct error *e)
{
	struct person person;
	struct buf body;

	if (!find(c, &person, e))
		return false;
	struct jsonw w = call_object(c, &body);
	return put_user(c, &w, &person, e) && call_send(c, 200, &w, &body, e);
}

bool
users_update(struct call *c, struct error *e)
{
	const struct json *json, *enabled;
	struct person person;

	if (!call_json(c, &json, e) || !find(c, &person, e) || !may_change(c, &person, e))
		return false;
	enabled = json_get(json, "accountEnabled");
	const struct person_change change = {
		.display_name = json_str(json, "displayName"),
		.given_name = json_str(json, "givenName"),
		.surname = json_str(json, "surname"),
		.mail = json_str(json, "mail"),
		.department = json_str(json, "department"),
		.job_title = json_str(json, "jobTitle"),
		.usage_location = json_str(json, "usageLocation"),
		.enabled = enabled && enabled->type == JSON_BOOL ? &enabled->boolean : NULL,
	};
	return store_person_update(&c->work, person.user_id, &change, e) && users_get(c, e);
}

bool
users_delete(struct call *c, struct error *e)
{
	struct person person;

	return find(c, &person, e) && may_change(c, &person, e) &&
		store_person_delete(&c->work, person.user_id, e) && call_done(c);
}

bool
users_password(struct call *c, struct error *e)
{
	const char *shown, *hash;
	const struct json *json;
	struct person p;
	struct buf body;

	if (!call_json(c, &json, e) || !find(c, &p, e) || !may_change(c, &p, e))
		return false;
	if (!str_eq(p.source, "ferry"))
		return error_set(e, ERR_CONFLICT,
			"the password of this user is kept where the user comes from");
	if (!new_hash(c, json_str(json, "password"), p.upn, p.display_name, &shown, &hash, e) ||
		!store_password_put(&c->work, p.user_id, hash,
			json_bool(json, "mustChangePassword", true), NULL, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "id", p.user_id);
	jsonw_str(&w, "userPrincipalName", p.upn);
	if (shown)
		jsonw_str(&w, "password", shown);
	http_response_header(c->resp, "Cache-Control", "no-store");
	return call_send(c, 200, &w, &body, e);
}

bool
users_roles(struct call *c, struct error *e)
{
	const struct json *json;
	struct person person;
	unsigned roles;
	struct buf body;

	if (!call_json(c, &json, e) || !find(c, &person, e) || !read_roles(json, &roles, e) ||
		!store_roles_set(&c->work, person.user_id, roles, e))
		return false;
	struct jsonw w = call_object(c, &body);
	return put_user(c, &w, &person, e) && call_send(c, 200, &w, &body, e);
}

static bool
mfa_reset_tx(void *ctx, struct error *e)
{
	struct call *c = ctx;
	struct person p;

	return find(c, &p, e) && may_change(c, &p, e) && store_mfa_reset(&c->work, p.user_id, e) &&
		store_sign_out_everywhere(&c->work, p.user_id, "mfa_reset", e);
}

bool
users_mfa_reset(struct call *c, struct error *e)
{
	return store_together(c->work.session, mfa_reset_tx, c, e) && call_done(c);
}

bool
users_revoke(struct call *c, struct error *e)
{
	struct person p;

	return find(c, &p, e) && may_change(c, &p, e) &&
		store_sign_out_everywhere(&c->work, p.user_id, "revoked", e) && call_done(c);
}

bool
users_pass(struct call *c, struct error *e)
{
	uint8_t random[CODE_RANDOM];
	const struct json *json;
	struct person p;
	struct buf body;
	char *code;

	if (!call_json(c, &json, e) || !find(c, &p, e) || !may_change(c, &p, e))
		return false;
	if (str_eq(p.source, "domain"))
		return error_set(e, ERR_CONFLICT, "a pass is not for users of a domain");
	struct access_pass pass = {.minutes = json_int(json, "lifetimeInMinutes", 0),
		.one_time = json_bool(json, "isUsableOnce", true)};
	const char *start = json_str(json, "startDateTime");
	if (start && !clock_parse_rfc3339(start, &pass.start_at))
		return error_set(e, ERR_INVALID, "startDateTime must be a time as RFC 3339 has it");
	if (!access_pass_settle(&pass, c->work.now, e))
		return false;
	do
		random_bytes(random, sizeof random);
	while (!code_make(c->arena, CODE_PASS, random, &code));
	if (!store_pass_put(&c->work, p.user_id, secret_sha256(c->arena, code), pass.start_at,
		    pass.start_at + pass.minutes * US_PER_MIN, pass.one_time, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "id", p.user_id);
	jsonw_str(&w, "userPrincipalName", p.upn);
	jsonw_str(&w, "temporaryAccessPass", code);
	jsonw_str(&w, "startDateTime", clock_rfc3339(c->arena, pass.start_at));
	jsonw_int(&w, "lifetimeInMinutes", pass.minutes);
	jsonw_bool(&w, "isUsableOnce", pass.one_time);
	http_response_header(c->resp, "Cache-Control", "no-store");
	return call_send(c, 201, &w, &body, e);
}

// --- the record ---

static void
write_event(struct call *c, struct jsonw *w, const struct sign_in_event *event)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "id", event->event_id);
	jsonw_str(w, "createdDateTime", clock_rfc3339_us(c->arena, event->at));
	jsonw_str(w, "userId", event->user_id);
	jsonw_str(w, "userPrincipalName", event->upn);
	jsonw_str(w, "appId", event->client_id);
	jsonw_str(w, "ipAddress", event->address);
	jsonw_str(w, "clientAppUsed", event->user_agent);
	jsonw_str(w, "authenticationMethod", event->method);
	bool failed = str_eq(event->result, "failure");
	struct error why = {.fault = event->reason};
	jsonw_object(w, "status");
	jsonw_int(w, "errorCode", failed ? oauth_error_of(&why)->number : 0);
	jsonw_str(w, "result", event->result);
	jsonw_str(w, "failureReason", failed ? event->reason : NULL);
	jsonw_str(w, "additionalDetails", str_empty(event->reason) ? NULL : event->reason);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

bool
sign_ins_list(struct call *c, struct error *e)
{
	const char *token = http_query(c->req, "$skiptoken"), *id = "";
	struct sign_in_event *list;
	uint64_t before = 0;
	struct buf body;
	size_t count;

	if (token) {
		size_t digits = strcspn(token, "_");
		if (token[digits] != '_' ||
			!str_to_u64(arena_strndup(c->arena, token, digits), INT64_MAX, &before) ||
			!uuid_valid(token + digits + 1))
			return error_set(e, ERR_INVALID, "the $skiptoken is not one of ours");
		id = token + digits + 1;
	}
	if (!store_sign_in_events(&c->work, (time_us)before, id, PAGE, &list, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++)
		write_event(c, &w, &list[i]);
	jsonw_end_array(&w);
	if (count == PAGE)
		jsonw_str(&w, "@odata.nextLink",
			arena_printf(c->arena, "%s%s?$skiptoken=%lld_%s", c->service->base_url,
				c->req->path, (long long)list[count - 1].at,
				list[count - 1].event_id));
	return call_send(c, 200, &w, &body, e);
}
