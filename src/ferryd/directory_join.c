// SPDX-License-Identifier: Apache-2.0
// MS-DVRJ: a device joins the directory, or one that is joined to Active Directory registers there,
// and gets its device certificate (mdm-wire.md section 10).
#include "base/failpoint.h"
#include "base/str.h"
#include "domain/naming.h"
#include "ferryd/device_settings.h"
#include "ferryd/device_token.h"
#include "ferryd/handlers.h"
#include "ferryd/preparation.h"
#include "ferryd/signer_client.h"
#include "pki/hash.h"
#include "store/deployments.h"
#include "store/people.h"

enum { JOIN_TYPE_DIRECTORY = 0, JOIN_TYPE_HYBRID = 6, DIRECTORY_CERT_DAYS = 365 };

static bool
refused(struct error *e, const char *why)
{
	return error_fault(e, ERR_DENIED, "registration_failed", "%s", why);
}

// The account the device says it is must be the one that Ferry made for this TPM: a name alone
// proves nothing.
static bool
enter_hybrid(struct call *c, const struct json *body, struct device *device,
	struct directory_registration *out, struct error *e)
{
	struct ad_account account;

	if (!store_ad_account(&c->work, c->enrollment.device_id, &account, e))
		return refused(e, "no computer account was made for this device");
	if (!str_ieq(json_str(body, "PrimarySid"), account.sid))
		return refused(e, "the device's SID is not the one of its computer account");
	*out = (struct directory_registration){
		.device_id = c->enrollment.device_id,
		.deployment_id = c->enrollment.deployment_id,
		.display_name = account.computer_name,
		.trust_type = "ServerAD",
		.on_premises_sid = account.sid,
		.upn = json_str(body, "Upn"),
	};
	return store_device_by_id(&c->work, out->device_id, device, e);
}

// The open deployment of the token's device. What the device is to become was judged when it began
// and when its TPM proved itself; here it must still be so.
static bool
open_deployment(struct call *c, const char *device_id, struct deployment *out, struct error *e)
{
	struct deployment *all;
	size_t count;

	if (!store_deployments_of(&c->work, device_id, &all, &count, e))
		return false;
	if (!count || all[0].finished_at || !all[0].proven)
		return refused(e, "no TPM has proven itself in this deployment");
	*out = all[0];
	return true;
}

// Somebody signed in on the device: the same person who did when its TPM proved itself (E6).
static bool
check_person(struct call *c, const struct user_token *user, const struct deployment *deployment,
	struct error *e)
{
	struct person person;

	if (!str_ieq(user->upn, deployment->upn))
		return refused(e, "another person signed in for this deployment");
	return store_person_by_id(&c->work, user->user_id, &person, e) &&
		(person.enabled ||
			error_fault(e, ERR_DENIED, "account_disabled", "the account is disabled"));
}

// Nobody signs in: the proof's own token will do where the mode has a device account (X21).
static bool
check_device_account(struct call *c, const struct device_token *token,
	const struct deployment *deployment, struct error *e)
{
	enum deployment_mode mode;

	if (!str_eq(token->deployment_id, deployment->deployment_id))
		return refused(e, "the token is of another deployment");
	return (mode_from_name(deployment->mode, &mode) && mode_traits(mode)->device_account) ||
		preparation_is_automatic(c, deployment->deployment_id) ||
		error_fault(e, ERR_DENIED, "signin_needed",
			"this deployment needs a person who signs in");
}

static bool
check_token(struct call *c, struct deployment *deployment, struct error *e)
{
	const char *header = http_header(c->req, "Authorization");
	struct slice token = slice_str(str_istarts(header, "Bearer ") ? header + 7 : "");
	struct user_token user;
	struct device_token device;
	struct error ignored;

	if (!token.len)
		return error_fault(e, ERR_UNAUTHENTICATED, "signin_needed",
			"a directory join needs the token of who signed in");
	if (device_token_verify(c, token, &device, &ignored)) {
		c->work.tenant_id = device.tenant_id;
		return open_deployment(c, device.device_id, deployment, e) &&
			check_device_account(c, &device, deployment, e);
	}
	if (!user_token_verify(c, token, NULL, &user, e))
		return false;
	c->work.tenant_id = user.tenant_id;
	return open_deployment(c, user.device_id, deployment, e) &&
		check_person(c, &user, deployment, e);
}

static bool
enter_directory(struct call *c, const struct json *body, const struct deployment *deployment,
	struct device *device, struct directory_registration *out, struct error *e)
{
	const char *wanted = json_str(body, "DeviceDisplayName");
	struct error ignored;

	if (!store_device_by_id(&c->work, deployment->device_id, device, e))
		return false;
	if (str_eq(device->join_type, "hybrid"))
		return refused(e, "the profile of this device asks for a hybrid join");
	*out = (struct directory_registration){
		.device_id = device->device_id,
		.deployment_id = deployment->deployment_id,
		.display_name = wanted && naming_valid(wanted, &ignored) ? wanted : device->serial,
		.trust_type = "AzureAD",
		.on_premises_sid = "",
		.upn = deployment->upn,
		.before_account = true,
	};
	return true;
}

static bool
answer(struct call *c, const struct issued_certificate *certificate, const char *directory_id,
	const char *upn, struct error *e)
{
	struct buf reply;
	struct jsonw w = call_object(c, &reply);

	jsonw_object(&w, "Certificate");
	jsonw_str(&w, "Thumbprint", certificate->sha256);
	jsonw_b64(&w, "RawBody", certificate->der);
	jsonw_end_object(&w);
	jsonw_object(&w, "User");
	jsonw_str(&w, "Upn", upn);
	jsonw_end_object(&w);
	jsonw_str(&w, "DeviceId", directory_id);
	jsonw_array(&w, "MembershipChanges");
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &reply, e);
}

static bool
read_request(
	struct call *c, int join_type, const struct json **body, struct slice *csr, struct error *e)
{
	const struct json *request;

	if (!call_json(c, body, e) || !(request = json_get(*body, "CertificateRequest")) ||
		!json_need_b64(c->arena, request, "Data", 16 << 10, csr, e))
		return error_fault(
			e, ERR_INVALID, "registration_failed", "the request is incomplete");
	return json_int(*body, "JoinType", -1) == join_type ||
		error_fault(e, ERR_INVALID, "registration_failed",
			"JoinType 0 needs a bearer token, 6 the management certificate");
}

// POST /EnrollmentServer/device: JoinType 6 with the management certificate in TLS, JoinType 0 with
// a bearer token of the deployment.
bool
directory_join(struct call *c, struct error *e)
{
	bool token = http_header(c->req, "Authorization") != NULL;
	const struct json *body;
	struct slice csr;
	struct device device;
	struct deployment deployment;
	struct issued_certificate certificate;
	struct directory_registration in;
	const char *directory_id;

	if ((token && !check_token(c, &deployment, e)) ||
		!read_request(c, token ? JOIN_TYPE_DIRECTORY : JOIN_TYPE_HYBRID, &body, &csr, e) ||
		!(token ? enter_directory(c, body, &deployment, &device, &in, e)
			: enter_hybrid(c, body, &device, &in, e)) ||
		!signer_certificate(c, "directory", device.directory_id, device.directory_id, csr,
			DIRECTORY_CERT_DAYS, &certificate, e))
		return false;
	in.upn = in.upn ? in.upn : "";
	failpoint("ferryd.directory_issued");
	return store_directory_register(&c->work, &in, &certificate, &directory_id, e) &&
		answer(c, &certificate, directory_id, in.upn, e);
}
