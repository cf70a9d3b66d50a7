// SPDX-License-Identifier: Apache-2.0
#include "ferryd/device_compliance.h"

#include "base/str.h"
#include "domain/compliance.h"
#include "domain/esp_profile.h"
#include "ferryd/default_page.h"
#include "ferryd/mdm.h"
#include "ferryd/preparation.h"

static bool
count_items(struct call *c, struct device *device, const struct deployment *deployment, bool person,
	struct compliance_facts *facts, struct error *e)
{
	// What a technician's flow does not wait for counts at the end only.
	bool technician =
		str_eq(deployment->phase, "technician") || str_eq(deployment->phase, "resealed");
	struct mdm_facts rules = {.user_phase = !technician, .flow = ESP_FLOW_TECHNICIAN};
	struct esp_settings page;
	struct item *items;
	size_t count;
	bool have, preparing;

	if (!store_items(&c->work, device->device_id, &items, &count, e) ||
		!preparation_items(c, device, deployment, items, &count, &preparing, e) ||
		!status_page(c, device, &page, &have, e))
		return false;
	rules.page = have && !preparing ? &page : NULL;
	rules.preparing = preparing; // X36: nothing else waits for scripts
	for (size_t i = 0; i < count; i++) {
		// What comes after the page is not part of what the page stands for (X14).
		if (!mdm_app_rule(&rules, &items[i]).fatal)
			continue;
		if (!person && str_eq(items[i].scope, "user"))
			continue;
		facts->items_assigned++;
		facts->items_done += str_eq(items[i].state, "done");
	}
	return true;
}

bool
device_compliance(struct call *c, struct device *device, const struct deployment *deployment,
	bool person, struct compliance *out, struct error *e)
{
	struct report *reports;
	size_t count;

	if (!store_report_list(&c->work, device->device_id, &reports, &count, e))
		return false;
	struct compliance_facts facts = {
		.attested_at = device->attested_at,
		.deployment_started_at = deployment->started_at,
		.tpm_version = report_value(
			reports, count, "./Vendor/MSFT/DeviceStatus/TPM/SpecificationVersion"),
		.domain_name =
			report_value(reports, count, "./Vendor/MSFT/DeviceStatus/DomainName"),
		.expected_domain = str_eq(device->join_type, "hybrid") ? device->domain : NULL,
	};
	if (!count_items(c, device, deployment, person, &facts, e))
		return false;
	out->evaluated = true;
	out->compliant = compliance_evaluate(c->arena, &facts, &out->reasons);
	return store_compliance_set(&c->work, device->device_id, out->compliant, out->reasons, e);
}

static bool
load(struct call *c, struct device *device, struct deployment *deployment, struct error *e)
{
	return store_device_by_id(&c->work, c->enrollment.device_id, device, e) &&
		store_deployment_get(&c->work, c->enrollment.deployment_id, deployment, e);
}

bool
compliance_at_reseal(struct call *c, struct error *e)
{
	struct deployment deployment;
	struct compliance unused;
	struct device device;

	return load(c, &device, &deployment, e) &&
		device_compliance(c, &device, &deployment, false, &unused, e);
}

bool
compliance_begin_anew(struct call *c, struct error *e)
{
	struct deployment deployment;
	struct compliance before;
	struct device device;

	if (!load(c, &device, &deployment, e))
		return false;
	if (!str_eq(deployment.mode, "preprovisioned") || deployment.finished_at)
		return true;
	if (!store_compliance_forget(&c->work, device.device_id, &before, e))
		return false;
	struct event event = {
		.source = "service",
		.phase = "accountSetup",
		.row_name = "compliance",
		.state = "waiting",
		.reason = before.compliant ? "was compliant" : "was not compliant",
		.aside = true,
	};
	return !before.evaluated ||
		store_events_add(&c->work, deployment.deployment_id, &event, 1, e);
}
