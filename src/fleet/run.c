// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet.h"

#include "base/log.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { STACK_BYTES = 512 << 10 };

struct crew {
	struct fleet *fleet;
	struct fleet_result *results;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	unsigned next, done, failed;
	int64_t begun_ms;
};

// With a rate the n-th device begins n/rate seconds after the first, whoever is free then.
static void
wait_for_turn(const struct crew *crew, unsigned index)
{
	unsigned rate = crew->fleet->options->rate;
	int64_t at = crew->begun_ms + (rate ? (int64_t)index * 1000 / rate : 0);
	struct timespec when = {.tv_sec = at / 1000, .tv_nsec = at % 1000 * 1000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
		;
}

static void *
work(void *context)
{
	struct crew *crew = context;
	const struct fleet_options *o = crew->fleet->options;

	for (;;) {
		pthread_mutex_lock(&crew->lock);
		unsigned index = crew->next;
		if (index < o->devices)
			crew->next++;
		pthread_mutex_unlock(&crew->lock);
		if (index >= o->devices)
			return NULL;
		wait_for_turn(crew, index);
		fleet_device_run(crew->fleet, o->first + index, &crew->results[index]);
		pthread_mutex_lock(&crew->lock);
		crew->done++;
		crew->failed += !crew->results[index].done;
		pthread_cond_signal(&crew->moved);
		pthread_mutex_unlock(&crew->lock);
	}
}

static void
show(const struct crew *crew)
{
	const struct fleet_options *o = crew->fleet->options;
	double seconds = (double)(clock_monotonic_ms() - crew->begun_ms) / 1000;

	if (o->quiet)
		return;
	fprintf(stderr, "\r%u of %u, %u failed, %.0f a minute ", crew->done, o->devices,
		crew->failed, seconds > 0 ? (crew->done - crew->failed) * 60 / seconds : 0);
}

static void
watch(struct crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	while (crew->done < crew->fleet->options->devices) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&crew->moved, &crew->lock, &until);
		show(crew);
	}
	pthread_mutex_unlock(&crew->lock);
	if (!crew->fleet->options->quiet)
		fputc('\n', stderr);
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

bool
fleet_run(struct fleet *fleet, struct fleet_result *results, double *seconds, struct error *e)
{
	struct crew crew = {.fleet = fleet,
		.results = results,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.moved = PTHREAD_COND_INITIALIZER,
		.begun_ms = clock_monotonic_ms()};
	unsigned parallel = fleet->options->parallel, started = 0;
	pthread_t *threads = calloc(parallel, sizeof *threads);
	pthread_attr_t attributes;

	if (!threads)
		abort();
	raise_file_limit();
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	while (started < parallel &&
		pthread_create(&threads[started], &attributes, work, &crew) == 0)
		started++;
	pthread_attr_destroy(&attributes);
	if (started)
		watch(&crew);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	*seconds = (double)(clock_monotonic_ms() - crew.begun_ms) / 1000;
	return started || error_set(e, ERR_INTERNAL, "no thread can be started");
}
