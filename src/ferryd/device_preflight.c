// SPDX-License-Identifier: Apache-2.0
// What the service can say about a device before the day: registration, profile, status page,
// domain join, connector, and whether its TPM would be trusted. Nothing but names of the fault
// catalogue goes out: whoever asks has proven nothing.
#include "base/str.h"
#include "codec/base64.h"
#include "domain/fault.h"
#include "ferryd/device_claim.h"
#include "ferryd/findings.h"
#include "ferryd/handlers.h"
#include "store/explain.h"
#include "tpm/ek_cert.h"

enum { EK_MAX = 8192 };

// Which row of the page a fault belongs to, by the beginning of its name; the first that fits.
static const struct {
	const char *prefix, *group;
} groups[] = {
	{"esp_", "statusPage"},
	{"domain_join_", "domainJoin"},
	{"name_", "domainJoin"},
	{"naming_", "domainJoin"},
	{"ou_", "connector"},
	{"connector_", "connector"},
	{"ad_", "connector"},
	{"trust_", "tpm"},
	{"tpm_", "tpm"},
	{"", "profile"},
};

static const char *
group_of(const char *fault)
{
	for (size_t i = 0;; i++)
		if (str_starts(fault, groups[i].prefix))
			return groups[i].group;
}

struct verdicts {
	struct jsonw *w;
	const char *told[32]; // groups with something to say
	size_t count;
};

static void
tell(struct verdicts *v, const char *group, const char *light, const char *fault,
	const char *detail)
{
	jsonw_object(v->w, NULL);
	jsonw_str(v->w, "group", group);
	jsonw_str(v->w, "light", light);
	jsonw_str(v->w, "fault", fault);
	jsonw_str(v->w, "detail", detail);
	jsonw_end_object(v->w);
	if (v->count < sizeof v->told / sizeof *v->told)
		v->told[v->count++] = group;
}

static void
tell_green(struct verdicts *v, const char *group, const char *detail)
{
	for (size_t i = 0; i < v->count; i++)
		if (str_eq(v->told[i], group))
			return;
	tell(v, group, "green", NULL, detail);
}

static void
tell_findings(struct verdicts *v, const struct json *explained)
{
	const struct json *findings = json_get(explained, "findings");

	for (const struct json *f = findings ? findings->first : NULL; f; f = f->next) {
		const struct fault *fault = fault_find(json_str(f, "fault"));
		const char *severity = json_str(f, "severity");
		if (!fault || str_eq(severity, "note"))
			continue;
		tell(v, group_of(fault->name), str_eq(severity, "blocking") ? "red" : "yellow",
			fault->name, fault->title);
	}
}

static void
tell_tpm(struct call *c, struct verdicts *v, const struct json *body, const struct device *device)
{
	autoek ek = {0};
	struct slice certificate;
	struct error e = {0};

	if (!json_str(body, "ekCertificate"))
		return; // the device knows by itself why it has none
	const struct tpm_trust_store *trust = service_trust_store(c->service, device->trust_store);
	if (!trust)
		return; // trust_store_missing is among the findings
	if (!json_need_b64(c->arena, body, "ekCertificate", EK_MAX, &certificate, &e) ||
		!tpm_ek_verify(c->arena, trust, certificate, c->work.now, &ek, &e))
		tell(v, "tpm", "red", e.fault ? e.fault : "tpm_ek_untrusted",
			fault_of(&e, "tpm_ek_untrusted")->title);
	else if (device->ek_id && *device->ek_id && !str_eq(device->ek_id, ek.ek_id))
		tell(v, "tpm", "red", "tpm_ek_mismatch", fault_find("tpm_ek_mismatch")->title);
	else
		tell_green(v, "tpm", device->trust_store);
}

static bool
explain(struct call *c, const struct device *device, const struct json **out, struct error *e)
{
	struct trust_fact trust[MAX_TRUST_STORES];
	struct explain_ask ask = {.device_id = device->device_id, .trust = trust};
	const char *text;

	trust_facts(c, trust, &ask.trust_count);
	if (!store_explain(&c->work, &ask, &text, e))
		return false;
	*out = json_parse(c->arena, slice_str(text), NULL, e);
	return *out != NULL;
}

// POST /device/v1/preflight {"hardwareHash","ekCertificate"?}: {"checks":[{"group","light","fault",
// "detail"}]}; groups profile, statusPage, domainJoin, connector, tpm.
bool
device_preflight(struct call *c, struct error *e)
{
	const struct json *body, *explained;
	struct device device;
	struct error problem = {0};
	struct slice hash;
	struct buf reply;

	c->noted = true; // a question
	if (!call_json(c, &body, e) || !device_by_hash(c, body, &device, &hash, e) ||
		!explain(c, &device, &explained, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	struct verdicts v = {.w = &w};
	jsonw_array(&w, "checks");
	tell_findings(&v, explained);
	if (!device_may_begin(c, &device, &problem) && fault_find(problem.fault))
		tell(&v, group_of(problem.fault), "red", problem.fault,
			fault_find(problem.fault)->title);
	tell_tpm(c, &v, body, &device);
	tell_green(&v, "profile", device.profile_name ? device.profile_name : "");
	tell_green(&v, "statusPage", "");
	if (str_eq(device.join_type, "hybrid")) {
		tell_green(&v, "domainJoin", device.domain);
		tell_green(&v, "connector", device.domain);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &reply, e);
}
