// SPDX-License-Identifier: Apache-2.0
// MS-DVRJ: a domain-joined device registers in the directory and gets its device certificate
// (mdm-wire.md section 10).
#include "base/failpoint.h"
#include "base/str.h"
#include "ferryd/handlers.h"
#include "ferryd/signer_client.h"
#include "pki/hash.h"

enum { JOIN_TYPE_HYBRID = 6, DIRECTORY_CERT_DAYS = 365 };

// The account the device says it is must be the one that Ferry made for this TPM: a name alone
// proves nothing.
static bool
check_account(struct call *c, const struct json *body, struct ad_account *account, struct error *e)
{
	const char *sid = json_str(body, "PrimarySid");

	if (json_int(body, "JoinType", -1) != JOIN_TYPE_HYBRID)
		return error_fault(e, ERR_UNSUPPORTED, "registration_failed",
			"only JoinType 6 (hybrid) is offered");
	if (!store_ad_account(&c->work, c->enrollment.device_id, account, e))
		return error_fault(e, ERR_DENIED, "registration_failed",
			"no computer account was made for this device");
	if (!str_ieq(sid, account->sid))
		return error_fault(e, ERR_DENIED, "registration_failed",
			"the device's SID is not the one of its computer account");
	return true;
}

// POST /EnrollmentServer/device, with the management certificate in TLS.
bool
directory_join(struct call *c, struct error *e)
{
	const struct json *body, *request;
	struct slice csr;
	struct device device;
	struct ad_account account;
	struct issued_certificate certificate;
	const char *directory_id, *upn;
	struct buf reply;

	if (!call_json(c, &body, e) || !(request = json_get(body, "CertificateRequest")) ||
		!json_need_b64(c->arena, request, "Data", 16 << 10, &csr, e))
		return error_fault(
			e, ERR_INVALID, "registration_failed", "the request is incomplete");
	if (!check_account(c, body, &account, e) ||
		!store_device_by_id(&c->work, c->enrollment.device_id, &device, e) ||
		!signer_certificate(c, "directory", device.directory_id, device.directory_id, csr,
			DIRECTORY_CERT_DAYS, &certificate, e))
		return false;
	failpoint("ferryd.directory_issued");
	upn = json_str(body, "Upn");
	struct directory_registration in = {
		.device_id = device.device_id,
		.deployment_id = c->enrollment.deployment_id,
		.display_name = account.computer_name,
		.trust_type = "ServerAD",
		.on_premises_sid = account.sid,
		.upn = upn ? upn : "",
	};
	if (!store_directory_register(&c->work, &in, &certificate, &directory_id, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_object(&w, "Certificate");
	jsonw_str(&w, "Thumbprint", certificate.sha256);
	jsonw_b64(&w, "RawBody", certificate.der);
	jsonw_end_object(&w);
	jsonw_object(&w, "User");
	jsonw_str(&w, "Upn", in.upn);
	jsonw_end_object(&w);
	jsonw_str(&w, "DeviceId", directory_id);
	jsonw_array(&w, "MembershipChanges");
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &reply, e);
}
