// SPDX-License-Identifier: Apache-2.0
#include "ferryd/device_seal.h"

#include "base/str.h"
#include "store/account_jobs.h"
#include "store/deployments.h"
#include "store/devices.h"
#include "store/objects.h"

// The reason of both orders: an account that was disabled for another one stays so.
#define RESEALED "the device was resealed"
#define CONFIGURATIONS "deviceManagement/deviceConfigurations"

enum { WAIT_TOTAL_MS = 40000, WAIT_STEP_MS = 5000 };

static bool
wanted(struct call *c, const struct device *device, bool *out, struct error *e)
{
	struct object profile;

	*out = false;
	if (!str_eq(device->join_type, "hybrid") || !device->domain_join_id)
		return true;
	if (!store_object(&c->work, CONFIGURATIONS, device->domain_join_id, &profile, e))
		return e->code == ERR_NOT_FOUND;
	*out = json_bool(profile.document, "ferryDisabledWhileResealed", false);
	return true;
}

static bool
say(struct call *c, const char *state, const char *fault, const char *reason, struct error *e)
{
	struct event event = {
		.source = "service",
		.phase = "accountSetup",
		.row_name = "accountJoining",
		.state = state,
		.fault = fault,
		.reason = reason,
		.aside = true,
	};

	return store_events_add(&c->work, c->enrollment.deployment_id, &event, 1, e);
}

static bool
order(struct call *c, const char *mode, const char **job_id, struct error *e)
{
	const char *domain;

	if (!store_account_retire(
		    &c->work, c->enrollment.device_id, mode, RESEALED, job_id, &domain, e))
		return false;
	if (domain)
		wake_connectors(c, c->work.tenant_id, domain);
	return true;
}

static bool
is_open(const struct account_job *job)
{
	return str_eq(job->state, "queued") || str_eq(job->state, "leased");
}

// The last order of ours; found is false when there is none, or a later one has another reason.
static bool
last_order(struct call *c, struct account_job *out, bool *found, struct error *e)
{
	*found = store_account_job_latest(&c->work, c->enrollment.device_id, out, e);
	if (!*found)
		return e->code == ERR_NOT_FOUND;
	*found = str_eq(out->reason, RESEALED);
	return true;
}

bool
seal_account(struct call *c, struct error *e)
{
	struct account_job last;
	struct device device;
	const char *job_id;
	bool want, found;

	if (!store_device_by_id(&c->work, c->enrollment.device_id, &device, e) ||
		!wanted(c, &device, &want, e) || !last_order(c, &last, &found, e))
		return false;
	if (!want || (found && str_eq(last.kind, "disable")))
		return true;
	return order(c, "disable", &job_id, e) &&
		(!job_id ||
			say(c, "waiting", NULL,
				"the computer account is disabled until the User flow begins", e));
}

static bool
wait_for(struct call *c, const struct account_job *job, bool *waits, struct error *e)
{
	if (c->req->waited_ms >= WAIT_TOTAL_MS) {
		const char *fault = job->fault ? job->fault : "connector_down";
		return error_fault(e, ERR_UNAVAILABLE, fault,
			"the computer account %s could not be enabled yet: %s", job->computer_name,
			*job->message ? job->message : "no connector took the order");
	}
	http_response_park(c->resp, order_channel(c->arena, job->job_id), WAIT_STEP_MS);
	*waits = true;
	return true;
}

bool
unseal_account(struct call *c, bool *waits, struct error *e)
{
	struct account_job last;
	const char *job_id;
	bool found, fresh = !c->req->woken && !c->req->timed_out;

	*waits = false;
	if (!last_order(c, &last, &found, e))
		return false;
	if (!found)
		return true;
	if (str_eq(last.kind, "enable") && str_eq(last.state, "done"))
		return true;
	if (str_eq(last.kind, "disable") || (!is_open(&last) && fresh)) {
		if (!order(c, "enable", &job_id, e) ||
			!store_account_job_get(&c->work, job_id, &last, e))
			return false;
	}
	if (!is_open(&last))
		return error_fault(e, ERR_UNAVAILABLE, last.fault ? last.fault : "ad_error", "%s",
			last.message);
	return wait_for(c, &last, waits, e);
}
