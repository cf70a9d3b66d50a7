// SPDX-License-Identifier: Apache-2.0
#include "agent/csp/csp.h"

#include "base/str.h"

static const struct {
	const char *prefix;
	csp_fn *run;
} providers[] = {
	{"Vendor/MSFT/Policy/Config/", csp_policy},
	{"Vendor/MSFT/RootCATrustedCertificates/", csp_root_certificate},
	{"Vendor/MSFT/WiFi/Profile/", csp_wifi},
	{"Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/", csp_app},
	{"Vendor/MSFT/OfflineDomainJoin/", csp_offline_domain_join},
	{"Vendor/MSFT/DMClient/Provider/", csp_dmclient},
	{"Vendor/MSFT/DMClient/Unenroll", csp_remote},
	{"Vendor/MSFT/RemoteWipe/", csp_remote},
	{"Vendor/MSFT/CleanPC/", csp_remote},
	{"Vendor/MSFT/Reboot/", csp_remote},
	{"Vendor/MSFT/RemoteLock/", csp_remote},
	{"Vendor/MSFT/Accounts/Domain/", csp_computer_name},
	{"Vendor/MSFT/AssignedAccess/", csp_assigned_access},
	{"Vendor/Ferry/Power/", csp_remote},
	{"Vendor/MSFT/DeviceStatus/", csp_device_status},
	{"DevDetail/Ext/", csp_dev_detail},
	{"Vendor/Ferry/Domain/", csp_domain},
	{"Vendor/Ferry/Account/", csp_account},
	{"Vendor/Ferry/Script/", csp_script},
	{"Vendor/Ferry/StatusPage/", csp_status_page},
	{"Vendor/Ferry/WireGuard/", csp_wireguard},
	{"Vendor/MSFT/DiagnosticLog/", csp_diagnostic_log},
	{"Vendor/MSFT/EnrollmentStatusTracking/", csp_enrollment_status},
};

char *
csp_decode(struct arena *arena, const char *text)
{
	char *out = arena_strdup(arena, text), *to = out;

	for (const char *p = text; *p; p++) {
		unsigned value;
		char digits[3] = {
			p[0] == '%' ? p[1] : '\0', p[1] && p[0] == '%' ? p[2] : '\0', '\0'};
		if (strlen(digits) == 2 && strspn(digits, "0123456789abcdefABCDEF") == 2 &&
			sscanf(digits, "%2x", &value) == 1 && value) {
			*to++ = (char)value;
			p += 2;
		} else
			*to++ = *p;
	}
	*to = '\0';
	return out;
}

int
csp_failed(struct csp_call *call, const char *fault)
{
	struct error why = call->why;

	if (!why.fault)
		error_fault(&call->why, why.code, fault, "%s", why.message);
	return 500;
}

int
csp_run(struct csp_call *call)
{
	const char *path = call->loc_uri;

	call->user = str_starts(path, "./User/");
	if (str_starts(path, "./Device/"))
		path += 9;
	else if (call->user)
		path += 7;
	else if (str_starts(path, "./"))
		path += 2;
	else
		return 400;
	call->path = csp_decode(call->arena, path);
	// A name that climbs out of its folder is never a name.
	if (strstr(call->path, "..") || strchr(call->path, '\n'))
		return 400;
	for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
		if (str_starts(call->path, providers[i].prefix))
			return providers[i].run(call);
	error_set(&call->why, ERR_NOT_FOUND, "%.160s: this device has no such node", call->loc_uri);
	return 404;
}
