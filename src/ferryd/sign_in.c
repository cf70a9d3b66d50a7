// SPDX-License-Identifier: Apache-2.0
#include "ferryd/sign_in.h"

#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "domain/fault.h"
#include "ferryd/directory_check.h"
#include "ferryd/password_work.h"
#include "pki/hash.h"

#define SESSION_COOKIE "__Host-ferry-session"
#define BROWSER_COOKIE "__Host-ferry-browser"
enum { SECRET_TEXT = 43, BROWSER_SECONDS = 180 * 86400, AGENT_MAX = 200 };

char *
secret_new(struct arena *arena)
{
	uint8_t random[32];

	random_bytes(random, sizeof random);
	return base64url_encode(arena, slice_of(random, sizeof random));
}

char *
secret_sha256(struct arena *arena, const char *secret)
{
	return sha256_hex(arena, slice_str(secret));
}

// --- cookies ---

static const char *
cookie_sha256(struct call *c, const char *name)
{
	const char *value = http_cookie(c->req, name);

	return value && strlen(value) == SECRET_TEXT ? secret_sha256(c->arena, value) : NULL;
}

static void
set_cookie(struct call *c, const char *name, const char *value, const char *more)
{
	http_response_header(c->resp, "Set-Cookie",
		arena_printf(c->arena, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax%s", name,
			value, more));
}

// --- passwords ---

static bool
check_own(struct call *c, const struct person *user, const char *password,
	enum sign_in_result *result, struct error *e)
{
	struct factors factors = {.password_hash = ""};
	const char *hash;
	struct error ignored;
	bool matches;

	if (user && !store_factors(&c->work, user->user_id, &factors, e))
		return false;
	if (!password_work_check(c, factors.password_hash, password, &matches, e))
		return false;
	*result = matches && user ? SIGN_IN_ACCEPTED : SIGN_IN_DENIED;
	if (matches && password_is_outdated(&c->service->sign_in.cost, factors.password_hash) &&
		!(password_work_hash(c, password, &hash, &ignored) &&
			store_password_rehash(
				&c->work, user->user_id, factors.password_hash, hash, &ignored)))
		log_warn("a password keeps its old hash: %s", ignored.message);
	return true;
}

static bool
check_domain(struct call *c, const struct person *user, bool known_browser, const char *password,
	enum sign_in_result *result, struct error *e)
{
	struct directory_account account = {.domain = user->domain,
		.account_name = user->account_name,
		.known_browser = known_browser};
	static const char *const refusals[] = {
		[DIRECTORY_EXPIRED] = "signin_password_expired",
		[DIRECTORY_LOCKED] = "signin_locked",
		[DIRECTORY_DISABLED] = "signin_disabled",
	};
	enum directory_verdict verdict;

	if (!directory_password_check(c, &account, password, &verdict, e))
		return false;
	*result = verdict == DIRECTORY_ACCEPTED ? SIGN_IN_ACCEPTED : SIGN_IN_DENIED;
	return verdict == DIRECTORY_ACCEPTED || verdict == DIRECTORY_DENIED ||
		error_fault(e, ERR_DENIED, refusals[verdict], "the domain refuses the account");
}

bool
sign_in_check_password(struct call *c, const struct person *user, const struct attempt *attempt,
	const char *password, enum sign_in_result *result, struct error *e)
{
	*result = SIGN_IN_DENIED;
	// Active Directory takes an empty password for an anonymous bind.
	if (str_empty(password))
		return true;
	if (user && str_eq(user->source, "domain"))
		return check_domain(c, user, attempt->known_browser, password, result, e);
	// A federated user has no password here: the same work, and no.
	return check_own(
		c, user && str_eq(user->source, "ferry") ? user : NULL, password, result, e);
}

void
sign_in_hide_outage(struct error *why)
{
	const struct fault *fault = fault_find(why->fault);
	bool out = why->code == ERR_UNAVAILABLE || why->code == ERR_TIMEOUT;

	if (out && fault && fault->who != WHO_USER)
		error_fault(why, ERR_UNAVAILABLE, "connector_unavailable", "%s", fault->name);
}

// --- sessions ---

bool
sign_in_current(struct call *c, struct signed_in *out, struct error *e)
{
	const char *sha256 = cookie_sha256(c, SESSION_COOKIE);

	if (!sha256)
		return error_fault(e, ERR_NOT_FOUND, "session_expired", "nobody is signed in here");
	if (!store_sign_in_get(&c->work, sha256, &out->session, e))
		return false;
	c->work.tenant_id = out->session.tenant_id;
	if (!store_person_by_id(&c->work, out->session.user_id, &out->person, e) ||
		!out->person.enabled)
		return error_fault(
			e, ERR_NOT_FOUND, "session_expired", "the user is gone or may not sign in");
	return store_factors(&c->work, out->person.user_id, &out->factors, e) &&
		store_roles(&c->work, out->person.user_id, &out->roles, e);
}

enum sign_in_step
sign_in_missing(struct call *c, const struct signed_in *s)
{
	struct sign_in_facts facts = {
		.credential = true,
		.strong = s->session.strong,
		.has_mfa = s->factors.totp_secret.len > 0,
		.administers = roles_administer(s->roles),
		.local = str_eq(s->session.source, "ferry"),
		.foreign = str_eq(s->session.source, "federated"),
		.must_change = s->factors.must_change || str_empty(s->factors.password_hash),
		.policy = c->service->sign_in.mfa,
	};

	return sign_in_next(&facts);
}

static bool
put_session(
	struct call *c, const char *old_sha256, struct sign_in_session *session, struct error *e)
{
	char *secret = secret_new(c->arena);

	session->sha256 = secret_sha256(c->arena, secret);
	if (!store_sign_in_replace(&c->work, old_sha256, session, c->req->peer_address, e))
		return false;
	set_cookie(c, SESSION_COOKIE, secret, "");
	return true;
}

static bool
save(struct call *c, const char *old_sha256, struct signed_in *s, struct error *e)
{
	if (!store_factors(&c->work, s->person.user_id, &s->factors, e) ||
		!store_roles(&c->work, s->person.user_id, &s->roles, e))
		return false;
	s->session.complete = sign_in_missing(c, s) == STEP_DONE;
	return put_session(c, old_sha256, &s->session, e);
}

bool
sign_in_begin(struct call *c, const struct person *person, const char *source, const char *amr,
	bool strong, struct signed_in *out, struct error *e)
{
	*out = (struct signed_in){
		.person = *person,
		.session = {.tenant_id = person->tenant_id,
			.user_id = person->user_id,
			.strong = strong,
			.source = source,
			.amr = amr,
			.signed_in_at = c->work.now},
	};
	c->work.tenant_id = person->tenant_id;
	return save(c, cookie_sha256(c, SESSION_COOKIE), out, e);
}

bool
sign_in_advance(struct call *c, struct signed_in *s, const char *amr, struct error *e)
{
	s->session.pending = slice_of(NULL, 0);
	if (amr) {
		s->session.strong = true;
		s->session.amr = arena_printf(c->arena, "%s %s", s->session.amr, amr);
	}
	return save(c, s->session.sha256, s, e);
}

bool
sign_in_end(struct call *c, struct error *e)
{
	const char *sha256 = cookie_sha256(c, SESSION_COOKIE);

	set_cookie(c, SESSION_COOKIE, "", "; Max-Age=0");
	return !sha256 || store_sign_in_end(&c->work, sha256, e);
}

// --- attempts ---

struct attempt
sign_in_attempt(struct call *c, const char *purpose, const char *account, const char *user_id)
{
	return (struct attempt){.purpose = purpose,
		.account = account,
		.user_id = user_id,
		.address = c->req->peer_address,
		.browser_sha256 = cookie_sha256(c, BROWSER_COOKIE)};
}

bool
sign_in_may_try(struct call *c, struct attempt *attempt, struct error *e)
{
	time_us wait;

	if (!store_attempt_begin(&c->work, attempt, &wait, e))
		return false;
	return !wait ||
		error_fault(e, ERR_LIMIT, "sign_in_wait", "%lld",
			(long long)((wait + US_PER_S - 1) / US_PER_S));
}

bool
sign_in_was_good(struct call *c, struct attempt *attempt, struct error *e)
{
	if (!attempt->browser_sha256) {
		char *secret = secret_new(c->arena);
		attempt->browser_sha256 = secret_sha256(c->arena, secret);
		set_cookie(c, BROWSER_COOKIE, secret,
			arena_printf(c->arena, "; Max-Age=%d", BROWSER_SECONDS));
	}
	return store_attempt_good(&c->work, attempt, e);
}

void
sign_in_record(struct call *c, const struct person *person, const char *upn, const char *client_id,
	const char *method, const char *result, const char *reason)
{
	const char *agent = http_header(c->req, "User-Agent");
	struct work work = c->work;
	struct error e;
	struct sign_in_event event = {
		.user_id = person ? person->user_id : NULL,
		.upn = person ? person->upn : upn,
		.client_id = client_id,
		.address = c->req->peer_address,
		.user_agent = agent && utf8_valid(slice_str(agent))
			? arena_strndup(c->arena, agent, strnlen(agent, AGENT_MAX))
			: "",
		.method = method,
		.result = result,
		.reason = reason,
	};

	if (person)
		work.tenant_id = person->tenant_id;
	// Whoever has to wait has tried nothing; a row for each time would be a way to fill the
	// disk.
	if (str_eq(reason, "sign_in_wait"))
		return;
	// What was typed at no tenant's door belongs into nobody's record.
	if (work.tenant_id && !store_sign_in_event(&work, &event, &e))
		log_warn("a sign-in was not recorded: %s", e.message);
}
