// SPDX-License-Identifier: Apache-2.0
#include "http/way.h"

#include "base/clock.h"
#include "base/srv.h"
#include "base/str.h"
#include "domain/fault.h"
#include <stdarg.h>

enum { MAX_CONTROLLERS = 4, MAX_SKEW_MIN = 5 };

void
way_add(struct way_report *report, enum way_light light, const char *name, const char *fault,
	const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (report->count == WAY_MAX_CHECKS)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	report->checks[report->count++] = (struct way_check){
		.group = report->group,
		.name = arena_strdup(report->arena, name),
		.light = light,
		.detail = arena_strdup(report->arena, text),
		.fault = fault,
	};
}

// How far a request came, in the order in which it goes. The last one is told by every other fault.
static const struct {
	const char *name;
	const char *faults[4];
} stages[] = {
	{"service name", {"service_name_unresolved"}},
	{"service connection",
		{"service_unreachable", "service_timeout", "service_connection_lost"}},
	{"service certificate",
		{"service_certificate_untrusted", "service_certificate_outside_validity",
			"service_tls_failed"}},
	{"service answer", {NULL}},
};
enum { STAGES = sizeof stages / sizeof *stages };

static size_t
stage_of(const char *fault)
{
	for (size_t i = 0; i < STAGES; i++)
		for (size_t k = 0; k < 4 && stages[i].faults[k]; k++)
			if (str_eq(stages[i].faults[k], fault))
				return i;
	return STAGES - 1;
}

static void
service_failed(struct way_report *report, const char *url, const struct error *why)
{
	size_t failed = stage_of(why->fault);

	for (size_t i = 0; i < STAGES; i++) {
		if (i < failed)
			way_add(report, WAY_GREEN, stages[i].name, NULL, "%s", url);
		else if (i == failed)
			way_add(report, WAY_RED, stages[i].name,
				why->fault ? why->fault : "service_error", "%s", why->message);
		else
			way_add(report, WAY_UNTRIED, stages[i].name, NULL, "not tried");
	}
	report->group = "clock";
	way_add(report, WAY_UNTRIED, "clock", NULL, "not tried");
}

void
way_clock(struct way_report *report, time_us ours, time_us theirs)
{
	time_us ahead = ours - theirs;
	report->group = "clock";
	bool near = ahead < MAX_SKEW_MIN * US_PER_MIN && ahead > -MAX_SKEW_MIN * US_PER_MIN;

	way_add(report, near ? WAY_GREEN : WAY_RED, "clock", near ? NULL : "clock_skew",
		"%+lld s of the service's", (long long)(ahead / US_PER_S));
}

static void
check_clock(struct way_report *report, const struct http_client_response *response)
{
	const char *date = http_client_header(response, "Date");
	time_us theirs;

	report->group = "clock";
	if (date && clock_parse_http_date(date, &theirs))
		way_clock(report, clock_now(), theirs);
	else
		way_add(report, WAY_YELLOW, "clock", NULL, "the service tells no time");
}

void
way_service(struct way_report *report, const struct http_client_options *options)
{
	const struct http_client_request request = {.path = "/healthz"};
	struct http_client_response response;
	struct http_client *client;
	struct error e = {0};

	report->group = "service";
	if (!http_client_open(options, &client, &e)) {
		service_failed(report, options->base_url, &e);
		return;
	}
	if (!http_client_send(client, report->arena, &request, &response, &e)) {
		service_failed(report, options->base_url, &e);
	} else if (response.status != 200) {
		error_fault(&e, ERR_UNAVAILABLE, "service_error", "%s answered with status %d",
			options->base_url, response.status);
		service_failed(report, options->base_url, &e);
		report->count--; // the clock is known all the same
		check_clock(report, &response);
	} else {
		for (size_t i = 0; i < STAGES; i++)
			way_add(report, WAY_GREEN, stages[i].name, NULL, "%s", options->base_url);
		check_clock(report, &response);
	}
	http_client_close(client);
}

// What a domain member speaks to its controller. Without the first two nothing works.
static const struct {
	uint16_t port;
	const char *service;
	bool needed;
} ports[] = {
	{88, "Kerberos", true},
	{389, "LDAP", true},
	{464, "password change", false},
	{445, "Group Policy", false},
};
enum { PORTS = sizeof ports / sizeof *ports };

// True when everything that is needed answers.
static bool
check_controller(struct way_report *report, const char *host, int timeout_ms)
{
	char address[SRV_ADDRESS] = "", closed[160] = "";
	const char *name = arena_printf(report->arena, "controller %s", host);
	int64_t end = clock_monotonic_ms() + timeout_ms;
	bool usable = true, all = true;

	for (size_t i = 0; i < PORTS; i++) {
		struct error e = {0};
		int64_t left = end - clock_monotonic_ms();
		int share = left > PORTS ? (int)left / (int)(PORTS - i) : 1;
		if (tcp_probe(host, ports[i].port, share, address, &e))
			continue;
		size_t used = strlen(closed);
		snprintf(closed + used, sizeof closed - used, "%s%u (%s)", used ? ", " : "",
			ports[i].port, ports[i].service);
		all = false;
		usable = usable && !ports[i].needed;
	}
	if (all)
		way_add(report, WAY_GREEN, name, NULL, "%s, ports 88, 389, 464, 445", address);
	else
		way_add(report, WAY_YELLOW, name, usable ? NULL : "dc_unreachable",
			"no answer on port %s", closed);
	return usable;
}

static bool
check_records(struct way_report *report, const char *record, const char *domain, enum way_light bad,
	struct srv_list *out)
{
	const char *name = arena_printf(report->arena, "%s.%s", record, domain);
	struct error e = {0};

	if (!srv_lookup(report->arena, name, out, &e)) {
		way_add(report, bad, arena_printf(report->arena, "records %s", name),
			"ad_domain_unresolvable", "%s", e.message);
		return false;
	}
	way_add(report, WAY_GREEN, arena_printf(report->arena, "records %s", name), NULL,
		"%zu controller%s", out->count, out->count == 1 ? "" : "s");
	return true;
}

void
way_domain(struct way_report *report, const char *domain, bool later, int timeout_ms)
{
	enum way_light bad = later ? WAY_YELLOW : WAY_RED;
	const char *name = arena_printf(report->arena, "domain %s", domain);
	struct srv_list list, kerberos;
	size_t usable = 0;

	report->group = "domain";
	if (!check_records(report, "_ldap._tcp.dc._msdcs", domain, bad, &list)) {
		way_add(report, WAY_UNTRIED, name, NULL, "not tried");
		return;
	}
	(void)check_records(report, "_kerberos._tcp", domain, bad, &kerberos);
	for (size_t i = 0; i < list.count && i < MAX_CONTROLLERS; i++)
		usable += check_controller(report, list.targets[i].host, timeout_ms);
	if (usable)
		way_add(report, WAY_GREEN, name, NULL, "%zu controller%s answer%s", usable,
			usable == 1 ? "" : "s", usable == 1 ? "s" : "");
	else
		way_add(report, bad, name, "dc_unreachable", "no controller answers%s",
			later ? "; one is needed when the user signs in" : "");
}

const struct way_check *
way_worst(const struct way_report *report, const char *group)
{
	const struct way_check *worst = NULL;

	for (size_t i = 0; i < report->count; i++) {
		const struct way_check *check = &report->checks[i];
		if ((!group || str_eq(check->group, group)) &&
			(!worst || check->light > worst->light))
			worst = check;
	}
	return worst;
}

const char *
way_light_name(enum way_light light)
{
	static const char *const names[] = {
		[WAY_UNTRIED] = "untried",
		[WAY_GREEN] = "green",
		[WAY_YELLOW] = "yellow",
		[WAY_RED] = "red",
	};

	return names[light];
}

void
way_write(const struct way_report *report, const char *member, struct jsonw *w)
{
	jsonw_array(w, member);
	for (size_t i = 0; i < report->count; i++) {
		const struct way_check *check = &report->checks[i];
		const struct fault *fault = fault_find(check->fault);
		jsonw_object(w, NULL);
		jsonw_str(w, "group", check->group);
		jsonw_str(w, "name", check->name);
		jsonw_str(w, "light", way_light_name(check->light));
		jsonw_str(w, "detail", check->detail);
		jsonw_str(w, "fault", check->fault);
		jsonw_str(w, "title", fault ? fault->title : NULL);
		jsonw_str(w, "fix", fault ? fault->fix : NULL);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

void
way_print(const struct way_report *report, bool colour, FILE *out)
{
	static const struct {
		const char *plain, *coloured;
	} lights[] = {
		[WAY_UNTRIED] = {"  -   ", "  -   "},
		[WAY_GREEN] = {"green ", "\033[32mgreen \033[0m"},
		[WAY_YELLOW] = {"yellow", "\033[33myellow\033[0m"},
		[WAY_RED] = {"RED   ", "\033[1;31mRED   \033[0m"},
	};

	for (size_t i = 0; i < report->count; i++) {
		const struct way_check *check = &report->checks[i];
		const struct fault *fault = fault_find(check->fault);
		fprintf(out, "%s  %s: %s\n",
			colour ? lights[check->light].coloured : lights[check->light].plain,
			check->name, check->detail);
		if (fault)
			fprintf(out, "        %s [%s]\n        fix: %s\n", fault->title,
				fault->name, fault->fix);
	}
}
