// SPDX-License-Identifier: Apache-2.0
#include "cli/configuration.h"
#include "cli/input.h"
#include "codec/base64.h"
#include "pki/cert.h"
#include "pki/ossl.h"

enum { PEM_MAX = 64 << 10 };

// A trusted root as the RootCATrustedCertificates CSP names it: by its SHA-1 thumbprint, as base64
// of the DER.
bool
cert_add(struct cli *cli, struct error *e)
{
	const char *file = cli->operands[1];
	struct cert_facts facts;
	struct slice pem, der;
	autox509 *cert = NULL;

	if (!input_read(cli->arena, file, PEM_MAX, &pem, e))
		return false;
	if (!cert_load_pem(pem, &cert, e) || !cert_der(cli->arena, cert, &der, e) ||
		!cert_facts(cli->arena, cert, &facts, e))
		return error_wrap(e, "%s", file);
	if (!facts.is_ca)
		return error_set(e, ERR_INVALID,
			"%s: the certificate of %s is not an authority's, so it cannot be a root",
			file, facts.subject);
	if (facts.not_after < clock_now())
		return error_fault(e, ERR_INVALID, "certificate_expired",
			"%s: the certificate was valid until %s", file,
			clock_rfc3339(cli->arena, facts.not_after));
	return configuration_add(cli, cli->operands[0],
		arena_printf(cli->arena,
			"./Device/Vendor/MSFT/RootCATrustedCertificates/Root/%s/EncodedCertificate",
			facts.thumbprint),
		"b64", base64_encode(cli->arena, der), e);
}
