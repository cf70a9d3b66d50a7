// SPDX-License-Identifier: Apache-2.0
// DeviceStatus and the domain's state: what the service asks before it calls a device compliant.
#include "agent/csp/csp.h"
#include "agent/sudoers.h"
#include "base/str.h"

int
csp_device_status(struct csp_call *call)
{
	const char *node = call->path + strlen("Vendor/MSFT/DeviceStatus/");
	const struct journal *journal = &call->agent->journal;

	if (call->type != SYNCML_GET)
		return 405;
	if (str_eq(node, "TPM/SpecificationVersion"))
		call->result = call->agent->tpm ? "2.0" : "Not Available";
	else if (str_eq(node, "DomainName"))
		call->result = journal->joined
			? arena_printf(call->arena, "%s.%s",
				  str_lower(call->arena, journal->computer_name), journal->domain)
			: "";
	else
		return 404;
	return 200;
}

// DevDetail/Ext/DeviceHardwareData: the hash that --export-hash writes, without padding as Windows
// has it (behaviour R8, R20).
int
csp_dev_detail(struct csp_call *call)
{
	const char *hash = call->agent->hardware_hash;

	if (call->type != SYNCML_GET)
		return 405;
	if (!hash || !str_ends(call->path, "/DeviceHardwareData"))
		return 404;
	size_t len = strlen(hash);
	while (len && hash[len - 1] == '=')
		len--;
	call->result = arena_strndup(call->arena, hash, len);
	return 200;
}

// Ferry/Domain/KeyProven: a domain controller accepted this machine's key since the start.
int
csp_domain(struct csp_call *call)
{
	if (call->type != SYNCML_GET)
		return 405;
	if (!str_ends(call->path, "/KeyProven"))
		return 404;
	call->result = call->agent->key_proven ? "true" : "false";
	return 200;
}

// Ferry/Account/Type: what the person is on this device (behaviour P11).
int
csp_account(struct csp_call *call)
{
	if (call->type != SYNCML_GET)
		return 405;
	if (!str_ends(call->path, "/Type"))
		return 404;
	call->result = sudoers_account_type(call->agent);
	return 200;
}
