// SPDX-License-Identifier: Apache-2.0
#include "store/trust.h"

#include "base/str.h"
#include "base/uuid.h"
#include "store/assign.h"
#include "store/deployments.h"
#include "store/devices.h"
#include "store/hardware.h"
#include "store/queries.h"

struct trust_ctx {
	const struct work *w;
	const char *key, *key2;
	const void *in;
	const struct issued_certificate *certificate;
	struct attestation *attestation;
	struct enrollment *enrollment;
	struct device *device;
	struct slice *der;
	const char *text;
	bool *flag;
};

static bool
begin_tx(struct db *db, void *ctx, struct error *e)
{
	struct trust_ctx *c = ctx;
	const struct attestation *a = c->in;

	// Challenges that nobody answered.
	return db_run(db, Q_ATTESTATION_FORGET, PARAMS(DB_TEXT(a->device_id), DB_INT(c->w->now)),
		       NULL, e) &&
		db_run(db, Q_ATTESTATION_INSERT,
			PARAMS(DB_TEXT(a->session_id), DB_TEXT(c->w->tenant_id),
				DB_TEXT(a->device_id), DB_TEXT(a->deployment_id),
				DB_TEXT(a->trust_store), DB_BLOB(a->ek_certificate),
				DB_BLOB(a->ak_public), DB_BLOB(a->secret), DB_BLOB(a->quote_nonce),
				DB_BLOB(a->certify_nonce), DB_INT(a->expires_at)),
			NULL, e);
}

bool
store_attestation_begin(const struct work *w, const struct attestation *in, struct error *e)
{
	struct trust_ctx c = {.w = w, .in = in};

	return store_write(w->session, begin_tx, &c, e);
}

static void
read_attestation(struct arena *a, struct db_rows *r, struct attestation *out)
{
	*out = (struct attestation){
		.session_id = db_text(a, r, "session_id"),
		.tenant_id = db_text(a, r, "tenant_id"),
		.device_id = db_text(a, r, "device_id"),
		.deployment_id = db_text(a, r, "deployment_id"),
		.trust_store = db_text(a, r, "trust_store"),
		.ek_certificate = db_blob(a, r, "ek_certificate"),
		.ak_public = db_blob(a, r, "ak_public"),
	};
}

static bool
take_tx(struct db *db, void *ctx, struct error *e)
{
	struct trust_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_ATTESTATION_TAKE, PARAMS(DB_TEXT(c->key)), &r, e))
		return e->code == ERR_NOT_FOUND
			? error_fault(e, ERR_NOT_FOUND, "attestation_expired",
				  "the attestation session is unknown or was used")
			: false;
	read_attestation(c->w->arena, r, c->attestation);
	c->attestation->secret = db_blob(c->w->arena, r, "secret");
	c->attestation->quote_nonce = db_blob(c->w->arena, r, "quote_nonce");
	c->attestation->certify_nonce = db_blob(c->w->arena, r, "certify_nonce");
	c->attestation->expires_at = db_int(r, "expires_at");
	return true;
}

bool
store_attestation_take(
	const struct work *w, const char *session_id, struct attestation *out, struct error *e)
{
	struct attestation taken;
	struct trust_ctx c = {.w = w, .key = session_id, .attestation = &taken};

	if (!store_write(w->session, take_tx, &c, e))
		return false;
	if (taken.expires_at < w->now)
		return error_fault(e, ERR_NOT_FOUND, "attestation_expired",
			"the attestation session is older than five minutes");
	*out = taken;
	return true;
}

// A registration without a TPM key (tuple, product key id) is bound to the first TPM that proves
// itself; none is bound to two (threats row 3).
static bool
check_owner(struct db *db, const struct work *w, const struct device *d, const char *ek_id,
	struct error *e)
{
	autorows rows = NULL;

	if (!ek_id)
		return true;
	if (!str_empty(d->ek_id))
		return str_ieq(d->ek_id, ek_id) ||
			error_fault(e, ERR_CRYPTO, "tpm_ek_mismatch",
				"another TPM has proven itself for this registration");
	if (!db_query(db, Q_DEVICE_ID_BY_EK, PARAMS(DB_TEXT(ek_id)), &rows, e))
		return false;
	return !db_next(rows) || str_eq(db_text(w->arena, rows, "device_id"), d->device_id) ||
		error_fault(e, ERR_CONFLICT, "hardware_mismatch",
			"this TPM belongs to another registration");
}

// What a deployment was allowed to be when it began may be forbidden after its end (behaviour B1).
static bool
check_open(struct db *db, const struct work *w, const char *deployment_id, struct error *e)
{
	struct deployment d;

	if (!deployment_load(db, w, Q_DEPLOYMENT_BY_ID, deployment_id, &d, e))
		return false;
	return !d.finished_at ||
		error_fault(e, ERR_CONFLICT, "enrollment_refused",
			"the deployment is over: the device has to begin another");
}

static bool
proven_tx(struct db *db, void *ctx, struct error *e)
{
	struct trust_ctx *c = ctx;
	const struct attestation *a = c->in;
	struct device d;
	struct event event = {
		.source = "service",
		.phase = "devicePreparation",
		.row_name = "securing",
		.state = "complete",
		.reason = arena_printf(
			c->w->arena, "TPM proven against trust store %s", a->trust_store),
	};

	return check_open(db, c->w, a->deployment_id, e) &&
		device_load(db, c->w, a->device_id, &d, e) &&
		check_owner(db, c->w, &d, a->ek_id, e) &&
		db_run(db, Q_ATTESTATION_PROVEN, PARAMS(DB_TEXT(a->session_id), DB_INT(c->w->now)),
			NULL, e) &&
		db_run(db, Q_DEVICE_PROVEN,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(a->device_id),
				DB_TEXT(a->trust_store), DB_INT(c->w->now), DB_TEXT(a->ek_id)),
			NULL, e) &&
		hardware_proven(db, c->w, a->device_id, e) &&
		db_run(db, Q_DEPLOYMENT_PROVEN,
			PARAMS(DB_TEXT(a->deployment_id), DB_TEXT(a->mode), DB_TEXT(a->upn)), NULL,
			e) &&
		event_add(db, c->w, a->deployment_id, &event, e);
}

bool
store_attestation_proven(const struct work *w, const struct attestation *a, struct error *e)
{
	struct trust_ctx c = {.w = w, .in = a};

	return store_write(w->session, proven_tx, &c, e);
}

static bool
attestation_tx(struct db *db, void *ctx, struct error *e)
{
	struct trust_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_ATTESTATION_GET, PARAMS(DB_TEXT(c->key)), &r, e))
		return false;
	read_attestation(c->w->arena, r, c->attestation);
	c->attestation->proven_at = db_int(r, "proven_at");
	return true;
}

bool
store_attestation_get(
	const struct work *w, const char *session_id, struct attestation *out, struct error *e)
{
	struct trust_ctx c = {.w = w, .key = session_id, .attestation = out};

	return store_read(w->session, attestation_tx, &c, e);
}

// Anybody with a copy of a hash and any TPM can bring this about: it is seen and kept, once a day,
// and changes nothing about the registration (threats rows 1 and 3).
static bool
mismatch_tx(struct db *db, void *ctx, struct error *e)
{
	struct trust_ctx *c = ctx;

	return db_run(db, Q_REGISTRATION_EVENT_ONCE,
		PARAMS(DB_TEXT(uuid_ordered(c->w->arena)), DB_TEXT(c->w->tenant_id),
			DB_TEXT(c->key), DB_INT(c->w->now), DB_TEXT("claim_mismatch"),
			DB_TEXT("unproven device"),
			DB_TEXT("a TPM other than the registered one answered"),
			DB_INT(c->w->now - US_PER_DAY)),
		NULL, e);
}

bool
store_device_mismatch(const struct work *w, const char *device_id, struct error *e)
{
	struct trust_ctx c = {.w = w, .key = device_id};

	return store_write(w->session, mismatch_tx, &c, e);
}

bool
store_certificate_insert(struct db *db, const struct work *w,
	const struct issued_certificate *certificate, struct error *e)
{
	return db_run(db, Q_CERTIFICATE_INSERT,
		PARAMS(DB_TEXT(certificate->serial), DB_TEXT(w->tenant_id),
			DB_TEXT(certificate->kind), DB_TEXT(certificate->subject_id),
			DB_TEXT(certificate->sha256), DB_BLOB(certificate->der),
			DB_INT(certificate->not_after)),
		NULL, e);
}

static bool
enroll_tx(struct db *db, void *ctx, struct error *e)
{
	struct trust_ctx *c = ctx;
	const struct enrollment *in = c->in;
	struct event event = {
		.source = "service",
		.phase = "devicePreparation",
		.row_name = "registering",
		.state = "complete",
		.reason = arena_printf(c->w->arena, "enrolled as %s", in->enrollment_id),
	};

	return db_run(db, Q_ENROLLMENT_RETIRE, PARAMS(DB_TEXT(in->device_id)), NULL, e) &&
		db_run(db, Q_ACTION_ENROLLED_ANEW,
			PARAMS(DB_TEXT(in->device_id), DB_INT(c->w->now)), NULL, e) &&
		store_certificate_insert(db, c->w, c->certificate, e) &&
		db_run(db, Q_ENROLLMENT_INSERT,
			PARAMS(DB_TEXT(in->enrollment_id), DB_TEXT(c->w->tenant_id),
				DB_TEXT(in->device_id), DB_TEXT(in->deployment_id),
				DB_TEXT(in->attestation_id), DB_TEXT(in->upn),
				DB_TEXT(in->key_sha256), DB_TEXT(c->certificate->sha256),
				DB_INT(c->w->now)),
			NULL, e) &&
		db_run(db, Q_DEVICE_CONTACT,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(in->device_id), DB_INT(c->w->now),
				DB_TEXT("enrolled")),
			NULL, e) &&
		event_add(db, c->w, in->deployment_id, &event, e);
}

bool
store_enroll(const struct work *w, const struct enrollment *in,
	const struct issued_certificate *certificate, struct error *e)
{
	struct trust_ctx c = {.w = w, .in = in, .certificate = certificate};

	return store_write(w->session, enroll_tx, &c, e);
}

static struct enrollment
read_enrollment(struct arena *a, struct db_rows *r)
{
	struct enrollment out = {
		.enrollment_id = db_text(a, r, "enrollment_id"),
		.tenant_id = db_text(a, r, "tenant_id"),
		.device_id = db_text(a, r, "device_id"),
		.deployment_id = db_text(a, r, "deployment_id"),
		.attestation_id = db_text(a, r, "attestation_id"),
		.state = db_text(a, r, "state"),
		.upn = db_text(a, r, "upn"),
		.key_sha256 = db_text(a, r, "key_sha256"),
		.certificate_sha256 = db_text(a, r, "certificate_sha256"),
		.created_at = db_int(r, "created_at"),
		.last_session_at = db_int(r, "last_session_at"),
	};

	return out;
}

static bool
enrollment_by(struct db *db, struct trust_ctx *c, int query, struct error *e)
{
	autorows r = NULL;

	if (!db_one(db, query, PARAMS(DB_TEXT(c->key)), &r, e))
		return false;
	*c->enrollment = read_enrollment(c->w->arena, r);
	return true;
}

static bool
by_key_tx(struct db *db, void *ctx, struct error *e)
{
	struct trust_ctx *c = ctx;
	autorows r = NULL;

	if (!enrollment_by(db, c, Q_ENROLLMENT_CURRENT, e))
		return false;
	if (!str_eq(c->enrollment->key_sha256, c->key2))
		return error_set(e, ERR_NOT_FOUND, "enrolled with another key");
	if (!db_one(db, Q_CERTIFICATE_DER, PARAMS(DB_TEXT(c->enrollment->certificate_sha256)), &r,
		    e))
		return false;
	*c->der = db_blob(c->w->arena, r, "der");
	return true;
}

bool
store_enrollment_by_key(const struct work *w, const char *device_id, const char *key_sha256,
	struct enrollment *out, struct slice *der, struct error *e)
{
	struct trust_ctx c = {
		.w = w, .key = device_id, .key2 = key_sha256, .enrollment = out, .der = der};

	return store_read(w->session, by_key_tx, &c, e);
}

static bool
by_certificate_tx(struct db *db, void *ctx, struct error *e)
{
	if (enrollment_by(db, ctx, Q_ENROLLMENT_BY_CERTIFICATE, e))
		return true;
	if (e->code == ERR_NOT_FOUND)
		error_fault(e, ERR_UNAUTHENTICATED, "enrollment_refused",
			"the client certificate belongs to no current enrolment");
	return false;
}

bool
store_enrollment_by_certificate(
	const struct work *w, const char *sha256, struct enrollment *out, struct error *e)
{
	struct trust_ctx c = {.w = w, .key = sha256, .enrollment = out};

	return store_read(w->session, by_certificate_tx, &c, e);
}

static bool
device_by_certificate_tx(struct db *db, void *ctx, struct error *e)
{
	struct trust_ctx *c = ctx;

	return by_certificate_tx(db, ctx, e) &&
		device_load(db, c->w, c->enrollment->device_id, c->device, e);
}

bool
store_device_by_certificate(const struct work *w, const char *sha256, struct enrollment *enrollment,
	struct device *device, struct error *e)
{
	struct trust_ctx c = {.w = w, .key = sha256, .enrollment = enrollment, .device = device};

	return store_read(w->session, device_by_certificate_tx, &c, e);
}

static bool
current_tx(struct db *db, void *ctx, struct error *e)
{
	return enrollment_by(db, ctx, Q_ENROLLMENT_CURRENT, e);
}

bool
store_enrollment_current(
	const struct work *w, const char *device_id, struct enrollment *out, struct error *e)
{
	struct trust_ctx c = {.w = w, .key = device_id, .enrollment = out};

	return store_read(w->session, current_tx, &c, e);
}

static bool
directory_tx(struct db *db, void *ctx, struct error *e)
{
	struct trust_ctx *c = ctx;
	const struct directory_registration *in = c->in;
	struct event event = {
		.source = "service",
		.phase = in->before_account ? "devicePreparation" : "accountSetup",
		.row_name = in->before_account ? "joining" : "accountJoining",
		.state = "complete",
		.reason = arena_printf(c->w->arena, "registered as %s", in->trust_type),
	};
	autorows r = NULL;

	if (!store_certificate_insert(db, c->w, c->certificate, e) ||
		!db_run(db, Q_DIRECTORY_REGISTER,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(in->device_id),
				DB_TEXT(in->display_name), DB_TEXT(in->trust_type),
				DB_TEXT(in->on_premises_sid), DB_TEXT(c->certificate->sha256),
				DB_TEXT(in->upn), DB_INT(c->w->now)),
			NULL, e) ||
		!event_add(db, c->w, in->deployment_id, &event, e) ||
		!db_one(db, Q_DIRECTORY_BY_DEVICE,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(in->device_id)), &r, e))
		return false;
	c->text = db_text(c->w->arena, r, "directory_id");
	return true;
}

bool
store_directory_register(const struct work *w, const struct directory_registration *in,
	const struct issued_certificate *certificate, const char **directory_id, struct error *e)
{
	struct trust_ctx c = {.w = w, .in = in, .certificate = certificate};

	if (!store_write(w->session, directory_tx, &c, e))
		return false;
	*directory_id = c.text;
	return true;
}

static bool
enabled_tx(struct db *db, void *ctx, struct error *e)
{
	struct trust_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_DIRECTORY_ENABLED, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), &r,
		    e))
		return false;
	*c->flag = db_bool(r, "account_enabled");
	return true;
}

bool
store_directory_enabled(const struct work *w, const char *device_id, bool *out, struct error *e)
{
	struct trust_ctx c = {.w = w, .key = device_id, .flag = out};

	return store_read(w->session, enabled_tx, &c, e);
}

struct client_ctx {
	const struct work *w;
	const char *client_id, *name, *domain;
	const struct api_client *in;
};

static bool
insert_organization(struct db *db, const struct client_ctx *c, struct error *e)
{
	const struct api_client *in = c->in;

	return db_run(db, Q_TENANT_INSERT,
		       PARAMS(DB_TEXT(in->tenant_id), DB_TEXT(c->name), DB_TEXT(c->domain),
			       DB_INT(c->w->now)),
		       NULL, e) &&
		db_run(db, Q_API_CLIENT_INSERT,
			PARAMS(DB_TEXT(in->client_id), DB_TEXT(in->tenant_id), DB_TEXT(in->name),
				DB_TEXT(in->secret_sha256), DB_TEXT(in->roles), DB_INT(c->w->now)),
			NULL, e);
}

static bool
bootstrap_tx(struct db *db, void *ctx, struct error *e)
{
	autorows r = NULL;

	if (!db_query(db, Q_TENANT_LIST, NO_PARAMS, &r, e))
		return false;
	if (db_next(r)) {
		error_set(e, ERR_CONFLICT, "the database has a tenant already");
		return error_hint(e, "--add-organization makes another");
	}
	db_rows_close(r);
	r = NULL;
	return insert_organization(db, ctx, e);
}

bool
store_bootstrap(const struct work *w, const char *name, const char *domain,
	const struct api_client *client, struct error *e)
{
	struct client_ctx c = {.w = w, .name = name, .domain = domain, .in = client};

	return store_write(w->session, bootstrap_tx, &c, e);
}

static bool
organization_tx(struct db *db, void *ctx, struct error *e)
{
	const struct client_ctx *c = ctx;
	autorows r = NULL;

	if (!db_query(db, Q_TENANT_BY_DOMAIN, PARAMS(DB_TEXT(c->domain)), &r, e))
		return false;
	if (db_next(r))
		return error_set(e, ERR_CONFLICT, "%s has the domain %s already",
			db_text(c->w->arena, r, "name"), c->domain);
	db_rows_close(r);
	r = NULL;
	return insert_organization(db, c, e);
}

bool
store_organization_add(const struct work *w, const char *name, const char *domain,
	const struct api_client *client, struct error *e)
{
	struct client_ctx c = {.w = w, .name = name, .domain = domain, .in = client};

	return store_write(w->session, organization_tx, &c, e);
}
