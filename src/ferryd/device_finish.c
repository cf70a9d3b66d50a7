// SPDX-License-Identifier: Apache-2.0
// The end of a deployment as a checked postcondition: Active Directory, directory, management and
// compliance must agree.
#include "base/str.h"
#include "domain/join_state.h"
#include "ferryd/device_compliance.h"
#include "ferryd/handlers.h"
#include "store/deployments.h"
#include "store/items.h"
#include "store/preparation.h"

enum { WAIT_TOTAL_MS = 25000, WAIT_STEP_MS = 4000 };

static bool
gather(struct call *c, struct device *device, const struct deployment *deployment,
	const struct job *job, struct join_facts *out, struct error *e)
{
	struct report *reports;
	size_t count;
	struct ad_account account = {0};
	struct compliance compliance;
	bool alone = str_empty(deployment->upn) && !str_eq(deployment->mode, "preprovisioned");
	bool hybrid = str_eq(device->join_type, "hybrid");
	struct enrollment enrollment;

	if (!store_report_list(&c->work, device->device_id, &reports, &count, e) ||
		!device_compliance(c, device, deployment, !alone, &compliance, e))
		return false;
	if (hybrid && !store_ad_account(&c->work, device->device_id, &account, e) &&
		e->code != ERR_NOT_FOUND)
		return false;
	*out = (struct join_facts){
		.hybrid = hybrid,
		.recorded_guid = account.object_guid,
		.recorded_name = account.computer_name,
		.domain = device->domain,
		.device_domain_name =
			report_value(reports, count, "./Vendor/MSFT/DeviceStatus/DomainName"),
		.device_has_keytab = str_eq(
			report_value(reports, count, "./Device/Vendor/Ferry/Domain/KeyProven"),
			"true"),
		.trust_type = device->trust_type,
		.enrolled = store_enrollment_current(&c->work, device->device_id, &enrollment, e),
		.compliant = compliance.compliant,
		.compliance_reasons = compliance.reasons,
	};
	const struct json *found =
		job ? json_parse(c->arena, slice_str(job->result), NULL, e) : NULL;
	if (found) {
		out->ad_checked = true;
		out->ad_found = json_bool(found, "found", false);
		out->ad_enabled = json_bool(found, "enabled", false);
		out->ad_object_guid = json_str(found, "objectGuid");
		out->ad_dns_name = json_str(found, "dnsName");
	}
	return true;
}

static bool
decide(struct call *c, struct device *device, const struct deployment *deployment,
	const struct job *job, struct error *e)
{
	struct join_facts facts;
	struct error why;
	struct buf body;

	if (!gather(c, device, deployment, job, &facts, e))
		return false;
	if (!join_state_check(&facts, &why)) {
		struct event event = {
			.source = "service",
			.phase = "accountSetup",
			.row_name = "accountJoining",
			.state = "error",
			.fault = why.fault,
			.reason = why.message,
		};
		*e = why;
		struct error ignored;
		if (!store_events_add(&c->work, deployment->deployment_id, &event, 1, &ignored))
			return false;
		return false;
	}
	const char *reason = "Active Directory, directory, management and compliance agree";
	if (!(device->preparation_id ? store_preparation_finish : store_deployment_finish)(
		    &c->work, deployment->deployment_id, reason, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "result", "success");
	jsonw_object(&w, "joinState");
	jsonw_bool(&w, "domain", facts.hybrid);
	jsonw_str(&w, "directory", facts.trust_type);
	jsonw_bool(&w, "mdm", facts.enrolled);
	jsonw_bool(&w, "compliant", facts.compliant);
	jsonw_end_object(&w);
	return call_send(c, 200, &w, &body, e);
}

// The job that asks Active Directory about this device's account. *job is NULL when the join needs
// none.
static bool
ensure_verification(struct call *c, const struct device *device, struct job *storage,
	struct job **job, struct error *e)
{
	struct ad_account account;
	bool created;

	*job = NULL;
	if (!str_eq(device->join_type, "hybrid"))
		return true;
	if (!store_ad_account(&c->work, device->device_id, &account, e))
		return e->code == ERR_NOT_FOUND; // the verdict will say that there is none
	struct job in = {
		.device_id = device->device_id,
		.deployment_id = c->enrollment.deployment_id,
		.kind = "verify",
		.domain = account.domain,
		.ou = "",
		.computer_name = account.computer_name,
		.object_guid = account.object_guid,
	};
	*job = storage;
	// A check that was made for an earlier try is history; a re-run of a parked request waits
	// for the new one.
	bool again = !c->req->woken && !c->req->timed_out;
	bool ok = again ? store_job_renew(&c->work, &in, storage, e)
			: store_job_request(&c->work, &in, storage, &created, e);
	if (ok && str_eq(storage->state, "queued"))
		wake_connectors(c, c->work.tenant_id, account.domain);
	return ok;
}

// POST /device/v1/finish: waits for the connector's answer, then decides.
bool
device_finish(struct call *c, struct error *e)
{
	struct device device;
	struct deployment deployment;
	struct job storage, *job;

	if (!store_device_by_id(&c->work, c->enrollment.device_id, &device, e) ||
		!store_deployment_get(&c->work, c->enrollment.deployment_id, &deployment, e) ||
		!ensure_verification(c, &device, &storage, &job, e))
		return false;
	if (!job || str_eq(job->state, "done"))
		return decide(c, &device, &deployment, job, e);
	if (str_eq(job->state, "failed"))
		return error_fault(e, ERR_UNAVAILABLE, job->fault ? job->fault : "ad_error", "%s",
			job->message);
	if (c->req->waited_ms < WAIT_TOTAL_MS) {
		http_response_park(
			c->resp, device_channel(c->arena, device.device_id), WAIT_STEP_MS);
		return true;
	}
	return store_job_expire(&c->work, job->job_id, "connector_down",
		       "no connector took the check within 25 seconds", e) &&
		error_fault(e, ERR_UNAVAILABLE, "connector_down",
			"no connector took the check within 25 seconds");
}
