// SPDX-License-Identifier: Apache-2.0
// How the password of somebody who lives in Active Directory is checked: there, by a connector of
// the domain. Ferry never keeps it.
#pragma once

#include "ferryd/service.h"

struct directory_account {
	const char *domain;	  // DNS name of the Active Directory domain
	const char *account_name; // sAMAccountName
	const char *upn, *sid;
};

enum directory_verdict { DIRECTORY_ACCEPTED, DIRECTORY_DENIED };

// Ask. ERR_UNAVAILABLE with fault connector_unavailable when no connector answers in time.
bool directory_password_check(struct call *c, const struct directory_account *account,
	const char *password, enum directory_verdict *out, struct error *e) MUST_CHECK;
