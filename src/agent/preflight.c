// SPDX-License-Identifier: Apache-2.0
#include "agent/preflight.h"

#include "agent/agent.h"
#include "agent/service.h"
#include "base/str.h"
#include "domain/fault.h"
#include <ifaddrs.h>
#include <net/if.h>

enum { CONTROLLER_MS = 1500, CONNECT_MS = 5000, BODY_MAX = 64 << 10 };

static void
check_network(struct way_report *report)
{
	struct ifaddrs *list = NULL;
	const char *name = NULL;

	report->group = "network";
	if (getifaddrs(&list) == 0)
		for (const struct ifaddrs *i = list; i && !name; i = i->ifa_next)
			if (i->ifa_addr && !(i->ifa_flags & IFF_LOOPBACK) &&
				(i->ifa_flags & IFF_RUNNING) &&
				(i->ifa_addr->sa_family == AF_INET ||
					i->ifa_addr->sa_family == AF_INET6))
				name = arena_strdup(report->arena, i->ifa_name);
	freeifaddrs(list);
	if (name)
		way_add(report, WAY_GREEN, "network", NULL, "%s", name);
	else
		way_add(report, WAY_RED, "network", "network_missing",
			"no interface has an address");
}

static void
write_claim(struct agent *agent, struct way_report *report, struct jsonw *w)
{
	struct slice certificate;
	struct error e = {0};

	jsonw_object(w, NULL);
	jsonw_str(w, "hardwareHash", agent->hardware_hash);
	if (!agent->tpm)
		way_add(report, WAY_RED, "TPM", "tpm_missing", "no TPM 2.0 answers");
	else if (!tpm_device_ek_certificate(agent->step, agent->tpm, &certificate, &e))
		way_add(report, WAY_RED, "TPM", e.fault ? e.fault : "tpm_error", "%s", e.message);
	else
		jsonw_b64(w, "ekCertificate", certificate);
	jsonw_end_object(w);
}

static enum way_light
light_of(const char *name)
{
	for (enum way_light light = WAY_UNTRIED; light <= WAY_RED; light++)
		if (str_eq(way_light_name(light), name))
			return light;
	return WAY_YELLOW;
}

// The service's own judgement. What it answers are names of the catalogue: public text.
static void
ask_service(struct agent *agent, struct way_report *report)
{
	const struct json *answer;
	struct error e = {0};
	struct buf body;

	report->group = "tpm";
	buf_init(&body, agent->step, BODY_MAX);
	struct jsonw w = jsonw_on(&body);
	write_claim(agent, report, &w);
	if (!service_post(agent, false, "/device/v1/preflight", &body, &answer, &e)) {
		report->group = "profile";
		way_add(report, WAY_RED, "registration", e.fault ? e.fault : "service_error", "%s",
			e.message);
		return;
	}
	const struct json *checks = json_get(answer, "checks");
	for (const struct json *c = checks ? checks->first : NULL; c; c = c->next) {
		const char *group = json_str(c, "group"), *detail = json_str(c, "detail");
		const struct fault *fault = fault_find(json_str(c, "fault"));
		report->group = arena_strdup(report->arena, group ? group : "profile");
		way_add(report, light_of(json_str(c, "light")), report->group,
			fault ? fault->name : NULL, "%s", detail ? detail : "");
	}
}

void
preflight_run(struct agent *agent, struct way_report *out)
{
	struct http_client_options options = {
		.base_url = agent->config.url,
		.ca = agent->config.ca,
		.proxy = "",
		.connect_timeout_ms = CONNECT_MS,
		.total_timeout_ms = CONNECT_MS,
	};
	struct error ignored;

	check_network(out);
	way_service(out, &options);
	if (way_worst(out, "service")->light == WAY_GREEN && service_open(agent, &ignored))
		ask_service(agent, out);
	if (str_eq(agent->profile.join_type, "hybrid") && agent->profile.domain)
		way_domain(out, agent->profile.domain, true, CONTROLLER_MS);
}

// The rows of the page, in the order in which a person would mend them.
static const struct {
	const char *group, *check;
} rows[] = {
	{"network", "checkNetwork"},
	{"service", "checkService"},
	{"clock", "checkClock"},
	{"profile", "checkProfile"},
	{"tpm", "checkTpm"},
	{"statusPage", "checkStatusPage"},
	{"domainJoin", "checkDomainJoin"},
	{"connector", "checkConnector"},
	{"domain", "checkDomain"},
};

void
preflight_page(const struct way_report *report, struct jsonw *w)
{
	const struct way_check *worst = way_worst(report, NULL);

	jsonw_array(w, "preflight");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct way_check *check = way_worst(report, rows[i].group);
		if (!check)
			continue;
		jsonw_object(w, NULL);
		jsonw_str(w, "check", rows[i].check);
		jsonw_str(w, "state",
			check->light == WAY_UNTRIED ? "grey" : way_light_name(check->light));
		jsonw_str(w, "fault", check->fault);
		jsonw_str(w, "detail", check->detail);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	jsonw_str(w, "verdict", worst ? way_light_name(worst->light) : NULL);
}
