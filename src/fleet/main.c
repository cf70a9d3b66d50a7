// SPDX-License-Identifier: Apache-2.0
// ferry-fleet: thousands of simulated devices that go through the Technician flow, to see what a
// service can bear.
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "fleet/fleet.h"
#include <argp.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	PROFILE_MAX = 64 << 10,
	KEY_INIT = 256,
	KEY_STORE,
	KEY_PREFIX,
	KEY_TAG,
	KEY_TIMEOUT,
	KEY_RETRY,
	KEY_NO_RUN
};

static struct fleet_options options = {
	.dir = "ferry-fleet",
	.store = "fleet",
	.prefix = "FLEET-",
	.group_tag = "",
	.devices = 20,
	.first = 1,
	.parallel = 20,
	.timeout_s = 600,
	.run = true,
};
static const char *profile_file;

static const struct argp_option argp_options[] = {
	{"devices", 'n', "N", 0, "How many devices (default 20)", 0},
	{"first", 'f', "N", 0, "Number of the first one (default 1)", 0},
	{"parallel", 'p', "N", 0, "How many at the same time (default 20)", 0},
	{"rate", 'r', "N", 0, "Let at most so many begin in a second", 0},
	{"url", 'u', "URL", 0, "Address of the service", 0},
	{"ca", 'a', "FILE", 0, "The only authority to accept for its certificate", 0},
	{"profile", 'P', "FILE", 0, "JSON file with url, ca, tenant, clientId, clientSecret", 0},
	{"dir", 'd', "DIR", 0, "Folder of the fleet's keys (default ferry-fleet)", 0},
	{"init", KEY_INIT, NULL, 0,
		"Make the folder and its trust store, print the store's path, then end", 0},
	{"store", KEY_STORE, "NAME", 0, "Name of the trust store (default fleet)", 0},
	{"prefix", KEY_PREFIX, "TEXT", 0, "Serial numbers begin so (default FLEET-)", 0},
	{"register", 'R', NULL, 0, "Register the devices first, with the profile's program", 0},
	{"group-tag", KEY_TAG, "TAG", 0, "Their group tag", 0},
	{"register-only", KEY_NO_RUN, NULL, 0, "Register them, then end", 0},
	{"timeout", KEY_TIMEOUT, "SECONDS", 0,
		"A device that takes longer has failed (default 600)", 0},
	{"retry", KEY_RETRY, "N", 0,
		"Press Retry at most so many times where a device shows that page (default: never)",
		0},
	{"watch", 'w', "PID", 0, "Count the CPU of this process too; may be repeated", 0},
	{"json", 'j', NULL, 0, "Print the result as JSON", 0},
	{"quiet", 'q', NULL, 0, "No progress", 0},
	{0},
};

static unsigned
number(struct argp_state *state, const char *text, unsigned most)
{
	uint64_t value;

	if (!str_to_u64(text, most, &value) || value == 0)
		argp_error(state, "%s is not a number from 1 to %u", text, most);
	return (unsigned)value;
}

static bool
take_number(int key, char *arg, struct argp_state *state)
{
	const struct {
		int key;
		unsigned *to, most;
	} table[] = {
		{'n', &options.devices, FLEET_MAX_DEVICES},
		{'f', &options.first, 100000000},
		{'p', &options.parallel, FLEET_MAX_PARALLEL},
		{'r', &options.rate, 100000},
		{KEY_TIMEOUT, &options.timeout_s, 86400},
		{KEY_RETRY, &options.retry, 1000},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].key == key) {
			*table[i].to = number(state, arg, table[i].most);
			return true;
		}
	return false;
}

static bool
take_text(int key, const char *arg)
{
	const struct {
		int key;
		const char **to;
	} table[] = {
		{'u', &options.url},
		{'a', &options.ca},
		{'P', &profile_file},
		{'d', &options.dir},
		{KEY_STORE, &options.store},
		{KEY_PREFIX, &options.prefix},
		{KEY_TAG, &options.group_tag},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].key == key) {
			*table[i].to = arg;
			return true;
		}
	return false;
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	if (take_number(key, arg, state) || take_text(key, arg))
		return 0;
	switch (key) {
	case KEY_INIT:
		options.init = true;
		return 0;
	case KEY_NO_RUN:
		options.run = false;
		options.enlist = true;
		return 0;
	case 'R':
		options.enlist = true;
		return 0;
	case 'j':
		options.json = true;
		return 0;
	case 'q':
		options.quiet = true;
		return 0;
	case 'w':
		if (options.watched_count == FLEET_MAX_WATCHED)
			argp_error(state, "at most %d processes", FLEET_MAX_WATCHED);
		options.watched[options.watched_count++] = (int)number(state, arg, 1 << 30);
		return 0;
	case ARGP_KEY_END:
		if (!options.init && !options.url && !profile_file)
			argp_error(state, "--url or --profile is needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char *
keep(struct arena *arena, const char *own, const struct json *json, const char *name)
{
	const char *text = json_str(json, name);

	return own || !text ? own : arena_strdup(arena, text);
}

// What dev-server prints and ferry(1) reads.
static bool
read_profile(struct arena *arena, struct error *e)
{
	const struct json *json;
	struct slice text;

	if (!profile_file)
		return true;
	if (!fs_read(arena, profile_file, PROFILE_MAX, &text, e))
		return false;
	json = json_parse(arena, text, NULL, e);
	if (!json)
		return error_wrap(e, "%s", profile_file);
	options.url = keep(arena, options.url, json, "url");
	options.ca = keep(arena, options.ca, json, "ca");
	options.tenant = keep(arena, options.tenant, json, "tenant");
	options.client_id = keep(arena, options.client_id, json, "clientId");
	options.client_secret = keep(arena, options.client_secret, json, "clientSecret");
	return options.url || error_set(e, ERR_INVALID, "%s names no url", profile_file);
}

static bool
all_done(const struct fleet_result *results)
{
	for (unsigned i = 0; i < options.devices; i++)
		if (!results[i].done)
			return false;
	return true;
}

static bool
deploy(struct fleet *fleet, bool *all, struct error *e)
{
	struct fleet_result *results = calloc(options.devices, sizeof *results);
	struct fleet_cpu before, after;
	double seconds;

	if (!results)
		abort();
	fleet_cpu_read(&options, &before);
	bool ok = fleet_run(fleet, results, &seconds, e);
	fleet_cpu_read(&options, &after);
	struct fleet_cpu used = {.own_s = after.own_s - before.own_s,
		.watched_s = after.watched_s - before.watched_s};
	ok = ok && fleet_report(fleet, results, seconds, &used, e);
	*all = all_done(results);
	free(results);
	return ok;
}

static bool
run(struct arena *arena, bool *all, struct error *e)
{
	struct fleet fleet;

	if (options.init)
		return fleet_init(&options, e);
	bool ok = read_profile(arena, e) && fleet_open(&options, &fleet, e);
	if (!ok)
		return false;
	if (options.parallel > options.devices)
		options.parallel = options.devices;
	ok = (!options.enlist || fleet_enlist(&fleet, e)) &&
		(!options.run || deploy(&fleet, all, e));
	fleet_close(&fleet);
	return ok;
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {argp_options, parse_option, NULL,
		"Simulated devices that go through Ferry's Technician flow.", NULL, NULL, NULL};
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	bool all = true;

	argp_program_version = "ferry-fleet " FERRY_VERSION;
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	options.quiet |= !isatty(STDERR_FILENO); // progress overwrites its own line
	log_init("ferry-fleet", LOG_LEVEL_WARN);
	if (!run(&arena, &all, &e)) {
		log_failure("ferry-fleet", &e);
		return error_exit_code(e.code);
	}
	return all ? 0 : 1;
}
