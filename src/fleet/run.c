// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet.h"

#include "base/log.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { STACK_BYTES = 512 << 10 };

// --- many threads ---

struct crew {
	unsigned next, end, done;
	bool (*each)(void *context, unsigned index, struct error *e);
	void *context;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct error error;
};

static void *
work(void *context)
{
	struct crew *crew = context;
	struct error e;

	for (;;) {
		pthread_mutex_lock(&crew->lock);
		unsigned index = crew->error.code ? crew->end : crew->next++;
		pthread_mutex_unlock(&crew->lock);
		if (index >= crew->end)
			return NULL;
		bool ok = crew->each(crew->context, index, &e);
		pthread_mutex_lock(&crew->lock);
		crew->done++;
		if (!ok)
			crew->error = e;
		pthread_cond_signal(&crew->moved);
		pthread_mutex_unlock(&crew->lock);
	}
}

bool
fleet_each(struct fleet *fleet, unsigned threads,
	bool (*each)(void *context, unsigned index, struct error *e), void *context,
	struct error *e)
{
	struct crew crew = {.end = fleet->options->devices,
		.each = each,
		.context = context,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.moved = PTHREAD_COND_INITIALIZER};
	pthread_t *started = calloc(threads, sizeof *started);
	pthread_attr_t attributes;
	unsigned count = 0;

	if (!started)
		abort();
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	while (count < threads && pthread_create(&started[count], &attributes, work, &crew) == 0)
		count++;
	pthread_attr_destroy(&attributes);
	for (unsigned i = 0; i < count; i++)
		pthread_join(started[i], NULL);
	free(started);
	*e = crew.error;
	return count ? !crew.error.code : error_set(e, ERR_INTERNAL, "no thread can be started");
}

// --- the fleet ---

struct run {
	struct fleet *fleet;
	struct fleet_device *devices;
	struct fleet_result *results;
	pthread_mutex_t lock;
	unsigned made, done, failed;
	int64_t begun_ms, shown_ms;
};

// Once a second.
static void
show(struct run *run, bool making)
{
	const struct fleet_options *o = run->fleet->options;
	int64_t now = clock_monotonic_ms();
	double seconds = (double)(now - run->begun_ms) / 1000;

	if (o->quiet || (now - run->shown_ms < 1000 && run->done < o->devices))
		return;
	run->shown_ms = now;
	if (making)
		fprintf(stderr, "\r%u of %u have their keys ", run->made, o->devices);
	else
		fprintf(stderr, "\r%u of %u, %u failed, %.0f a minute ", run->done, o->devices,
			run->failed, seconds > 0 ? (run->done - run->failed) * 60 / seconds : 0);
	if (run->done == o->devices)
		fputc('\n', stderr);
}

static bool
make_one(void *context, unsigned index, struct error *e)
{
	struct run *run = context;
	bool ok = fleet_device_make(
		run->fleet, run->fleet->options->first + index, &run->devices[index], e);

	pthread_mutex_lock(&run->lock);
	run->made++;
	show(run, true);
	pthread_mutex_unlock(&run->lock);
	return ok;
}

// With a rate the n-th device begins n/rate seconds after the first, whoever is free then.
static void
wait_for_turn(const struct run *run, unsigned index)
{
	unsigned rate = run->fleet->options->rate;
	int64_t at = run->begun_ms + (rate ? (int64_t)index * 1000 / rate : 0);
	struct timespec when = {.tv_sec = at / 1000, .tv_nsec = at % 1000 * 1000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
		;
}

static bool
deploy_one(void *context, unsigned index, struct error *e)
{
	struct run *run = context;

	(void)e;
	wait_for_turn(run, index);
	fleet_device_run(&run->devices[index], &run->results[index]);
	fleet_device_finish(&run->devices[index]);
	pthread_mutex_lock(&run->lock);
	run->done++;
	run->failed += !run->results[index].done;
	show(run, false);
	pthread_mutex_unlock(&run->lock);
	return true;
}

// Two connections a device.
static void
raise_file_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		log_warn("the limit of open files stays as it is");
}

// Keys are made before, so that none is made while time is taken.
bool
fleet_run(struct fleet *fleet, struct fleet_result *results, double *seconds, struct error *e)
{
	const struct fleet_options *o = fleet->options;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct run run = {.fleet = fleet,
		.devices = calloc(o->devices, sizeof *run.devices),
		.results = results,
		.lock = PTHREAD_MUTEX_INITIALIZER};

	if (!run.devices)
		abort();
	raise_file_limit();
	bool ok = fleet_each(fleet, processors > 0 ? (unsigned)processors : 1, make_one, &run, e);
	run.begun_ms = clock_monotonic_ms();
	ok = ok && fleet_each(fleet, o->parallel, deploy_one, &run, e);
	*seconds = (double)(clock_monotonic_ms() - run.begun_ms) / 1000;
	for (unsigned i = 0; i < o->devices; i++)
		fleet_device_finish(&run.devices[i]);
	free(run.devices);
	return ok;
}
