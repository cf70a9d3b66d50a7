// SPDX-License-Identifier: Apache-2.0
#include "ferryd/directory_check.h"

#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "domain/fault.h"
#include "ferryd/check_desk.h"
#include "pki/cert.h"
#include "pki/envelope.h"
#include "pki/hash.h"
#include "pki/ossl.h"
#include "store/sync.h"
#include <time.h>

enum { LOOK_MS = 100, ALIVE_S = 90, MAX_SECRET = 48 << 10, MAX_PASSWORD = 1024 };

static void
wipe(struct slice secret)
{
	secret_wipe((void *)(uintptr_t)secret.data, secret.len);
}

char *
check_channel(struct arena *arena, const char *connector_id)
{
	return arena_printf(arena, "check/%s", connector_id);
}

// --- which connector

// One that waits here; else, with a database that several ferryd share, one that lives. Always the
// first of them, because each remembers for itself which tickets were used.
static const struct sync_connector *
choose(struct call *c, const struct sync_connector *list, size_t count, const char *kind,
	bool *here)
{
	bool shared = store_kind(c->service->store) == DB_POSTGRESQL;

	for (size_t i = 0; i < count; i++)
		if (desk_present(list[i].connector_id, kind)) {
			*here = true;
			return &list[i];
		}
	*here = false;
	for (size_t i = 0; i < count && shared; i++)
		if (list[i].last_seen_at + ALIVE_S * US_PER_S > c->work.now)
			return &list[i];
	return NULL;
}

static bool
seal(struct call *c, const struct sync_connector *connector, const char *check_id, const char *kind,
	struct slice plain, struct slice *out, struct error *e)
{
	const char *context = arena_printf(
		c->arena, "ferry-check\n%s\n%s\n%s", check_id, kind, connector->connector_id);
	autox509 *cert = NULL;

	return cert_load(connector->certificate, &cert, e) &&
		envelope_seal(c->arena, X509_get0_pubkey(cert), slice_str(context), plain, out, e);
}

// --- waiting for the answer

static bool
busy(struct error *e)
{
	return error_fault(e, ERR_UNAVAILABLE, "connector_busy",
		"too many people are being checked at this moment");
}

// A connector that took the check waits for the domain controller itself: the Kerberos library
// tries for longer than people do.
static bool
late(bool taken, struct error *e)
{
	return error_fault(e, ERR_TIMEOUT, taken ? "dc_timeout" : "connector_down",
		"%s within %d seconds",
		taken ? "the domain controller did not answer the connector"
		      : "the connector did not take the check",
		DIRECTORY_WAIT_MS / 1000);
}

static bool
wait_elsewhere(struct call *c, const struct sync_check *check, const char **answer, struct error *e)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	int64_t end = clock_monotonic_ms() + DIRECTORY_WAIT_MS;

	if (!store_check_put(&c->work, check, e))
		return false;
	while (clock_monotonic_ms() < end) {
		if (store_check_result(&c->work, check->check_id, check->connector_id, answer, e))
			return true;
		if (e->code != ERR_NOT_FOUND)
			return false;
		nanosleep(&pause, NULL);
	}
	bool waiting;
	return store_check_withdraw(&c->work, check->check_id, &waiting, e) && late(!waiting, e);
}

static bool
ask(struct call *c, const struct sync_check *check, bool here, const char **answer, struct error *e)
{
	struct desk_entry entry = {
		.check_id = check->check_id,
		.connector_id = check->connector_id,
		.kind = check->kind,
		.sealed = check->sealed,
		// Nobody may take it here when the connector is expected elsewhere.
		.taken = !here,
	};
	bool ok;

	if (!desk_enter(&entry))
		return busy(e);
	// This thread waits for a network: another one may serve meanwhile.
	http_server_waits();
	if (here) {
		http_server_wake(c->service->server, check_channel(c->arena, check->connector_id));
		ok = desk_wait(&entry, DIRECTORY_WAIT_MS) || late(entry.taken, e);
		*answer = entry.answer ? arena_strdup(c->arena, entry.answer) : NULL;
	} else {
		ok = wait_elsewhere(c, check, answer, e);
	}
	desk_leave(&entry);
	return ok;
}

// Send `plain` (wiped) to a connector of the domain (NULL: of any) and read its answer.
static bool
check_with(struct call *c, const struct sync_connector *connector, const char *kind, bool here,
	struct slice plain, const struct json **out, struct error *e)
{
	struct sync_check check = {.check_id = uuid_new(c->arena),
		.connector_id = connector->connector_id,
		.kind = kind};
	const char *answer;

	bool ok = seal(c, connector, check.check_id, kind, plain, &check.sealed, e);
	wipe(plain);
	if (!ok || !ask(c, &check, here, &answer, e))
		return false;
	*out = json_parse(c->arena, slice_str(answer), NULL, e);
	return *out != NULL;
}

static bool
no_connector(const char *domain, size_t known, struct error *e)
{
	return known ? error_fault(e, ERR_UNAVAILABLE, "connector_down",
			       "no connector of %s is waiting for sign-ins", domain)
		     : error_fault(e, ERR_UNAVAILABLE, "connector_missing",
			       "no connector serves %s", domain);
}

// --- passwords

static bool
read_verdict(const struct json *answer, enum directory_verdict *out, struct error *e)
{
	static const char *const names[] = {
		[DIRECTORY_ACCEPTED] = "accepted",
		[DIRECTORY_DENIED] = "denied",
		[DIRECTORY_EXPIRED] = "expired",
		[DIRECTORY_LOCKED] = "locked",
		[DIRECTORY_DISABLED] = "disabled",
	};
	const struct fault *fault = fault_find(json_str(answer, "fault"));
	const char *message = json_str(answer, "message");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(json_str(answer, "verdict"), names[i])) {
			*out = (enum directory_verdict)i;
			return true;
		}
	return error_fault(e,
		fault && str_eq(fault->name, "signin_throttled") ? ERR_LIMIT : ERR_UNAVAILABLE,
		fault ? fault->name : "ad_error", "%s",
		message ? message : "the connector could not check the password");
}

static struct slice
password_text(struct call *c, const struct directory_account *account, const char *password)
{
	struct buf text;

	buf_init(&text, c->arena, 8 * MAX_PASSWORD);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "account", account->account_name);
	jsonw_bool(&w, "known", account->known_browser);
	jsonw_b64(&w, "password", slice_str(password));
	jsonw_end_object(&w);
	return buf_slice(&text);
}

bool
directory_password_check(struct call *c, const struct directory_account *account,
	const char *password, enum directory_verdict *out, struct error *e)
{
	// An arena of its own: a text that grows leaves copies behind, which are overwritten too.
	struct arena secrets = {.cap = ARENA_SMALL}, *outer = c->arena;
	struct sync_connector *list = NULL;
	const struct json *answer;
	size_t count = 0;
	bool here;

	*out = DIRECTORY_DENIED;
	if (str_empty(password) || strlen(password) > MAX_PASSWORD)
		return true;
	if (!store_sync_connectors(&c->work, account->domain, &list, &count, e))
		return false;
	const struct sync_connector *connector = choose(c, list, count, "password", &here);
	if (!connector)
		return no_connector(account->domain, count, e);
	c->arena = &secrets;
	struct slice plain = password_text(c, account, password);
	c->arena = outer;
	bool ok = check_with(c, connector, "password", here, plain, &answer, e);
	arena_wipe(&secrets);
	arena_finish(&secrets);
	return ok && read_verdict(answer, out, e);
}

// --- tickets

static struct slice
ticket_text(struct call *c, struct slice token)
{
	struct buf text;

	buf_init(&text, c->arena, 4 * MAX_SECRET);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_b64(&w, "token", token);
	jsonw_b64(&w, "endPoint", c->service->tls_end_point);
	jsonw_end_object(&w);
	return buf_slice(&text);
}

static bool
read_owner(struct call *c, const struct sync_connector *connector, const struct json *answer,
	struct directory_ticket *out, struct error *e)
{
	const struct fault *fault = fault_find(json_str(answer, "fault"));
	const char *message = json_str(answer, "message"), *sid;
	bool unavailable = str_eq(json_str(answer, "verdict"), "unavailable");
	struct sync_person person;

	if (!str_eq(json_str(answer, "verdict"), "accepted"))
		return error_fault(e, unavailable ? ERR_UNAVAILABLE : ERR_UNAUTHENTICATED,
			fault ? fault->name : "ticket_refused", "%s",
			message ? message : "the ticket was refused");
	if (!json_need_str(answer, "sid", 200, &sid, e) ||
		!json_need_str(answer, "principal", 1000, &out->principal, e))
		return false;
	out->reply = slice_of(NULL, 0);
	if (!str_empty(json_str(answer, "reply")) &&
		!json_need_b64(c->arena, answer, "reply", MAX_SECRET, &out->reply, e))
		return false;
	if (!store_sync_person(&c->work, connector->domain, sid, &person, e))
		return e->code != ERR_NOT_FOUND
			? false
			: error_fault(e, ERR_UNAUTHENTICATED, "ticket_unknown_user",
				  "%s is not synchronized", out->principal);
	if (!person.enabled)
		return error_fault(e, ERR_DENIED, "signin_disabled", "the account is disabled");
	out->user_id = person.user_id;
	out->upn = person.upn;
	return true;
}

bool
directory_ticket_offered(struct call *c, const char *domain, bool *offered, struct error *e)
{
	struct sync_connector *list = NULL;
	size_t count = 0;
	bool here;

	if (!store_sync_connectors(&c->work, domain, &list, &count, e))
		return false;
	*offered = choose(c, list, count, "ticket", &here) != NULL;
	return true;
}

bool
directory_ticket_check(
	struct call *c, struct slice token, struct directory_ticket *out, struct error *e)
{
	struct sync_connector *list = NULL;
	const struct json *answer;
	size_t count = 0;
	bool here;

	if (token.len == 0 || token.len > MAX_SECRET)
		return error_fault(e, ERR_UNAUTHENTICATED, "ticket_refused", "not a token");
	if (!store_sync_connectors(&c->work, NULL, &list, &count, e))
		return false;
	const struct sync_connector *connector = choose(c, list, count, "ticket", &here);
	if (!connector)
		return no_connector("this organization", count, e);
	return check_with(c, connector, "ticket", here, ticket_text(c, token), &answer, e) &&
		read_owner(c, connector, answer, out, e);
}
