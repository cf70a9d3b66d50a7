// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet.h"

#include "base/str.h"
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 64 << 10, MAX_FAULTS = 64 };

// --- CPU ---

static double
seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

// User and system time of a process; 0 when it is gone.
static double
cpu_of(int pid)
{
	char path[64], text[1024];
	unsigned long long user = 0, system = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	size_t len = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[len] = '\0';
	// The name may hold blanks and brackets; the last bracket ends it.
	const char *after = strrchr(text, ')');
	if (!after ||
		sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
			&system) != 2)
		return 0;
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

void
fleet_cpu_read(const struct fleet_options *options, struct fleet_cpu *out)
{
	struct rusage own;

	*out = (struct fleet_cpu){0};
	if (getrusage(RUSAGE_SELF, &own) == 0)
		out->own_s = seconds_of(own.ru_utime) + seconds_of(own.ru_stime);
	for (size_t i = 0; i < options->watched_count; i++)
		out->watched_s += cpu_of(options->watched[i]);
}

// --- times ---

struct spread {
	int64_t p50, p95, p99, most;
};

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

// Of the devices that got through. `member`: where the time is in a result.
static struct spread
spread_of(const struct fleet_result *results, unsigned count, size_t member)
{
	int64_t *values = calloc(count, sizeof *values);
	struct spread out = {0};
	size_t n = 0;

	if (!values)
		abort();
	for (unsigned i = 0; i < count; i++)
		if (results[i].done)
			values[n++] = *(const int64_t *)((const char *)&results[i] + member);
	qsort(values, n, sizeof *values, by_value);
	if (n)
		out = (struct spread){values[(n - 1) * 50 / 100], values[(n - 1) * 95 / 100],
			values[(n - 1) * 99 / 100], values[n - 1]};
	free(values);
	return out;
}

// --- the answer ---

struct summary {
	unsigned completed, failed, retries, pages, devices;
	double seconds, per_minute, own_ms, watched_ms;
	struct {
		const char *name, *message;
		unsigned count;
	} faults[MAX_FAULTS];
	size_t fault_count;
	unsigned failed_in[FLEET_STEPS];
	struct spread flow, steps[FLEET_STEPS], phases[FLEET_PHASES];
};

static void
count_fault(struct summary *s, const struct fleet_result *r)
{
	size_t i = 0;

	while (i < s->fault_count && !str_eq(s->faults[i].name, r->fault))
		i++;
	if (i == MAX_FAULTS)
		return;
	if (i == s->fault_count) {
		s->faults[s->fault_count++].name = r->fault;
		s->faults[i].message = r->message;
	}
	s->faults[i].count++;
}

static struct summary
sum_up(const struct fleet *fleet, const struct fleet_result *results, double seconds,
	const struct fleet_cpu *cpu)
{
	struct summary s = {.devices = fleet->options->devices, .seconds = seconds};

	for (unsigned i = 0; i < s.devices; i++) {
		s.retries += results[i].retries;
		s.pages += results[i].pages;
		s.completed += results[i].done;
		if (results[i].done)
			continue;
		s.failed++;
		s.failed_in[results[i].step]++;
		count_fault(&s, &results[i]);
	}
	s.flow = spread_of(results, s.devices, offsetof(struct fleet_result, total_ms));
	for (unsigned i = 0; i < FLEET_STEPS; i++)
		s.steps[i] = spread_of(results, s.devices, offsetof(struct fleet_result, ms[i]));
	for (unsigned i = 0; i < FLEET_PHASES; i++)
		s.phases[i] =
			spread_of(results, s.devices, offsetof(struct fleet_result, phase_ms[i]));
	s.per_minute = seconds > 0 ? s.completed * 60 / seconds : 0;
	s.own_ms = cpu->own_s * 1000 / s.devices;
	s.watched_ms = cpu->watched_s * 1000 / s.devices;
	return s;
}

static void
put_spread(struct jsonw *w, const char *name, struct spread t)
{
	jsonw_object(w, name);
	jsonw_int(w, "p50", t.p50);
	jsonw_int(w, "p95", t.p95);
	jsonw_int(w, "p99", t.p99);
	jsonw_int(w, "max", t.most);
	jsonw_end_object(w);
}

static bool
print_json(const struct fleet *fleet, const struct summary *s, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	struct buf line;

	buf_init(&line, &arena, LINE_MAX_BYTES);
	struct jsonw w = jsonw_on(&line);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "simulated", true);
	jsonw_int(&w, "devices", s->devices);
	jsonw_int(&w, "parallel", fleet->options->parallel);
	jsonw_int(&w, "completed", s->completed);
	jsonw_int(&w, "failed", s->failed);
	jsonw_int(&w, "retries", s->retries);
	jsonw_int(&w, "retryPages", s->pages);
	jsonw_double(&w, "seconds", s->seconds);
	jsonw_double(&w, "completedPerMinute", s->per_minute);
	jsonw_object(&w, "failures");
	for (size_t i = 0; i < s->fault_count; i++)
		jsonw_int(&w, s->faults[i].name, s->faults[i].count);
	jsonw_end_object(&w);
	jsonw_object(&w, "failedIn");
	for (unsigned step = 0; step < FLEET_STEPS; step++)
		if (s->failed_in[step])
			jsonw_int(&w, fleet_step_names[step], s->failed_in[step]);
	jsonw_end_object(&w);
	jsonw_object(&w, "latencyMs");
	put_spread(&w, "flow", s->flow);
	for (unsigned step = 0; step < FLEET_STEPS; step++)
		put_spread(&w, fleet_step_names[step], s->steps[step]);
	jsonw_end_object(&w);
	jsonw_object(&w, "espMs");
	for (unsigned phase = 0; phase < FLEET_PHASES; phase++)
		put_spread(&w, fleet_phase_names[phase], s->phases[phase]);
	jsonw_end_object(&w);
	jsonw_object(&w, "cpuMsPerDevice");
	jsonw_double(&w, "fleet", s->own_ms);
	jsonw_double(&w, "watched", s->watched_ms);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	return buf_ok(&line, e) && (puts(buf_text(&line)) >= 0 || error_errno(e, "output"));
}

static void
print_spread(const char *name, struct spread t)
{
	printf("%-12s %8lld %8lld %8lld %8lld\n", name, (long long)t.p50, (long long)t.p95,
		(long long)t.p99, (long long)t.most);
}

static void
print_text(const struct summary *s)
{
	printf("%u of %u simulated devices completed in %.1f s: %.0f a minute\n", s->completed,
		s->devices, s->seconds, s->per_minute);
	printf("%-12s %8s %8s %8s %8s ms\n", "", "p50", "p95", "p99", "max");
	for (unsigned i = 0; i < FLEET_STEPS; i++) {
		print_spread(fleet_step_names[i], s->steps[i]);
		for (unsigned phase = 0; i == FLEET_MANAGE && phase < FLEET_PHASES; phase++)
			print_spread(fleet_phase_names[phase], s->phases[phase]);
	}
	print_spread("flow", s->flow);
	if (s->retries)
		printf("%u calls were repeated, Retry was pressed %u times\n", s->retries,
			s->pages);
	printf("CPU a device: %.1f ms here, %.1f ms of watched processes\n", s->own_ms,
		s->watched_ms);
	for (size_t i = 0; i < s->fault_count; i++)
		printf("%u failed: %s (%s)\n", s->faults[i].count, s->faults[i].name,
			s->faults[i].message);
	for (unsigned step = 0; step < FLEET_STEPS; step++)
		if (s->failed_in[step])
			printf("%u failed in the step %s\n", s->failed_in[step],
				fleet_step_names[step]);
}

bool
fleet_report(const struct fleet *fleet, const struct fleet_result *results, double seconds,
	const struct fleet_cpu *cpu, struct error *e)
{
	struct summary s = sum_up(fleet, results, seconds, cpu);

	if (fleet->options->json)
		return print_json(fleet, &s, e);
	print_text(&s);
	return true;
}
