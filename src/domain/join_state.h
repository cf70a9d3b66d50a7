// SPDX-License-Identifier: Apache-2.0
// When a deployment is a success: Active Directory, directory, management and compliance must all
// agree (design.md 2.10).
#pragma once

#include "base/error.h"

// What each side says about one device, read in one transaction.
struct join_facts {
	bool hybrid; // the profile asks for a domain join

	// Active Directory, as the connector found it after the device's first contact
	bool ad_checked, ad_found, ad_enabled;
	const char *ad_object_guid; // found
	const char *ad_dns_name;    // found, e.g. "pc-0042.corp.example.com"

	// What Ferry recorded when it made the account, and what the device reports about itself
	const char *recorded_guid;
	const char *recorded_name, *domain;
	const char *
		device_domain_name; // "pc-0042.corp.example.com" or "" when the device reports none
	bool device_has_keytab;	    // the device proved its key to the domain controller

	// Directory and management
	const char *trust_type; // "ServerAD" for hybrid, "AzureAD" for a directory join
	bool enrolled;
	bool compliant;
	const char *compliance_reasons;
};

// True only if all agree. Otherwise ERR_CONFLICT with the fault join_state_ad,
// join_state_directory, join_state_mdm or join_state_compliance, and what differs in the message.
bool join_state_check(const struct join_facts *facts, struct error *e) MUST_CHECK;
