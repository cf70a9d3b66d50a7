// SPDX-License-Identifier: Apache-2.0
#include "domain/join_state.h"

#include "base/str.h"

static bool
check_active_directory(const struct join_facts *f, struct error *e)
{
	if (str_empty(f->recorded_guid))
		return error_fault(
			e, ERR_CONFLICT, "join_state_ad", "no computer account was made");
	if (!f->ad_checked || !f->ad_found)
		return error_fault(e, ERR_CONFLICT, "join_state_ad",
			"Active Directory has no account with objectGUID %s", f->recorded_guid);
	if (!str_ieq(f->ad_object_guid, f->recorded_guid))
		return error_fault(e, ERR_CONFLICT, "join_state_ad",
			"the account found has objectGUID %s, made was %s", f->ad_object_guid,
			f->recorded_guid);
	if (!f->ad_enabled)
		return error_fault(e, ERR_CONFLICT, "join_state_ad", "the account is disabled");
	char expected[300];
	snprintf(expected, sizeof expected, "%s.%s", f->recorded_name, f->domain);
	if (!str_ieq(f->ad_dns_name, expected) || !str_ieq(f->device_domain_name, expected))
		return error_fault(e, ERR_CONFLICT, "join_state_ad",
			"made for %s, Active Directory has %s, the device says %s", expected,
			f->ad_dns_name ? f->ad_dns_name : "nothing",
			f->device_domain_name ? f->device_domain_name : "nothing");
	if (!f->device_has_keytab)
		return error_fault(e, ERR_CONFLICT, "join_state_ad",
			"the device has not proven its key to a domain controller");
	return true;
}

bool
join_state_check(const struct join_facts *f, struct error *e)
{
	const char *wanted = f->hybrid ? "ServerAD" : "AzureAD";

	if (f->hybrid && !check_active_directory(f, e))
		return false;
	if (!str_eq(f->trust_type, wanted))
		return error_fault(e, ERR_CONFLICT, "join_state_directory",
			"the directory device's trust type is \"%s\", expected %s",
			f->trust_type ? f->trust_type : "", wanted);
	if (!f->enrolled)
		return error_fault(
			e, ERR_CONFLICT, "join_state_mdm", "there is no current enrolment");
	if (!f->compliant)
		return error_fault(e, ERR_CONFLICT, "join_state_compliance", "%s",
			f->compliance_reasons ? f->compliance_reasons : "not evaluated");
	return true;
}
