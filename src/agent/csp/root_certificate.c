// SPDX-License-Identifier: Apache-2.0
// RootCATrustedCertificates/Root/<SHA1>/EncodedCertificate: a root of trust for the whole system.
#include "agent/command.h"
#include "agent/csp/csp.h"
#include "base/fs.h"
#include "base/str.h"
#include "codec/base64.h"
#include "pki/cert.h"
#include "pki/ossl.h"

#define FOLDER "/usr/local/share/ca-certificates"

static bool
install(struct csp_call *call, const char *thumbprint, struct error *e)
{
	static const char *const update[] = {"update-ca-certificates", NULL};
	autox509 *cert = NULL;
	struct slice der, pem;
	struct cert_facts facts;
	const char *output;

	if (!base64_decode(
		    call->arena, slice_str(call->data), BASE64_WHITESPACE, 32 << 10, &der, e) ||
		!cert_load(der, &cert, e) || !cert_facts(call->arena, cert, &facts, e) ||
		!cert_pem(call->arena, cert, &pem, e))
		return false;
	if (!str_ieq(facts.thumbprint, thumbprint))
		return error_set(e, ERR_INVALID,
			"the certificate's thumbprint is %s, the node says %.40s", facts.thumbprint,
			thumbprint);
	return fs_mkdirs(FOLDER, 0755, e) &&
		fs_write(arena_printf(call->arena, FOLDER "/ferry-%s.crt", facts.thumbprint), pem,
			0644, e) &&
		command_run(call->arena, update, 120, &output, e);
}

int
csp_root_certificate(struct csp_call *call)
{
	const char *rest = call->path + strlen("Vendor/MSFT/RootCATrustedCertificates/");

	if (!str_starts(rest, "Root/"))
		return 404;
	if ((call->type != SYNCML_ADD && call->type != SYNCML_REPLACE) || !call->data)
		return 405;
	rest += strlen("Root/");
	const char *end = strchr(rest, '/');
	if (!str_eq(end, "/EncodedCertificate"))
		return 404;
	const char *thumbprint = arena_strndup(call->arena, rest, (size_t)(end - rest));
	return install(call, thumbprint, &call->why) ? 200 : csp_failed(call, "certificate_failed");
}
