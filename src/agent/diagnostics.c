// SPDX-License-Identifier: Apache-2.0
#include "agent/diagnostics.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "codec/json.h"
#include "domain/fault.h"

static const char *
yes(bool value)
{
	return value ? "YES" : "NO";
}

static const char *
text(const char *value)
{
	return value ? value : "";
}

void
status_text(const struct journal *j, struct buf *out)
{
	static const char rule[] =
		"+----------------------------------------------------------------------+\n";

	buf_printf(out,
		"%s| Device State                                                         |\n%s\n",
		rule, rule);
	buf_printf(out, "             AzureAdJoined : %s\n", yes(j->directory_id != NULL));
	buf_puts(out, "          EnterpriseJoined : NO\n");
	buf_printf(out, "              DomainJoined : %s\n", yes(j->joined));
	buf_printf(out, "                DomainName : %s\n", text(j->netbios));
	buf_printf(out, "               Device Name : %s%s%s\n\n", text(j->computer_name),
		j->joined ? "." : "", j->joined ? text(j->domain) : "");
	buf_printf(out,
		"%s| Device Details                                                       |\n%s\n",
		rule, rule);
	buf_printf(out, "                  DeviceId : %s\n", text(j->directory_id));
	buf_printf(out, "           TpmProtected    : %s\n\n", yes(j->enrollment_id != NULL));
	buf_printf(out,
		"%s| Tenant Details                                                       |\n%s\n",
		rule, rule);
	buf_printf(out, "                    MdmUrl : %s\n", text(j->mdm_url));
	buf_printf(out, "               MdmEnrolled : %s\n", yes(j->enrollment_id != NULL));
	buf_printf(out, "              EnrollmentId : %s\n\n", text(j->enrollment_id));
	buf_printf(out,
		"%s| User State                                                           |\n%s\n",
		rule, rule);
	buf_printf(out, "            Executing Flow : %s\n", flow_name(j->flow));
	buf_printf(out, "             Signed-in User : %s\n", text(j->user));
}

void
status_json(const struct journal *j, struct buf *out)
{
	struct jsonw w = jsonw_on(out);

	jsonw_object(&w, NULL);
	jsonw_bool(&w, "azureAdJoined", j->directory_id != NULL);
	jsonw_bool(&w, "domainJoined", j->joined);
	jsonw_bool(&w, "mdmEnrolled", j->enrollment_id != NULL);
	jsonw_str(&w, "domain", j->domain);
	jsonw_str(&w, "domainName", j->netbios);
	jsonw_str(&w, "computerName", j->computer_name);
	jsonw_str(&w, "deviceId", j->directory_id);
	jsonw_str(&w, "mdmUrl", j->mdm_url);
	jsonw_str(&w, "enrollmentId", j->enrollment_id);
	jsonw_str(&w, "deployment", j->deployment_id);
	jsonw_str(&w, "flow", flow_name(j->flow));
	jsonw_str(&w, "step", j->step);
	jsonw_str(&w, "user", j->user);
	jsonw_int(&w, "technicianSeconds", j->technician_seconds);
	jsonw_end_object(&w);
}
