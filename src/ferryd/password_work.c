// SPDX-License-Identifier: Apache-2.0
#include "ferryd/password_work.h"

#include <pthread.h>

enum { MOST_WAITING = 128 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long running, waiting;

static bool
enter(struct error *e)
{
	long most = sysconf(_SC_NPROCESSORS_ONLN);

	// Whoever holds a turn of the server must not keep it while waiting here.
	http_server_waits();
	pthread_mutex_lock(&lock);
	if (waiting >= MOST_WAITING) {
		pthread_mutex_unlock(&lock);
		return error_fault(e, ERR_UNAVAILABLE, "sign_in_busy",
			"too many people sign in at the same time");
	}
	waiting++;
	while (running >= (most > 1 ? most : 1))
		pthread_cond_wait(&changed, &lock);
	waiting--;
	running++;
	pthread_mutex_unlock(&lock);
	return true;
}

static void
leave(void)
{
	pthread_mutex_lock(&lock);
	running--;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}

bool
password_work_check(
	struct call *c, const char *hash, const char *password, bool *matches, struct error *e)
{
	if (!enter(e))
		return false;
	*matches = password_matches(&c->service->sign_in.cost, hash, password);
	leave();
	return true;
}

bool
password_work_hash(struct call *c, const char *password, const char **hash, struct error *e)
{
	if (!enter(e))
		return false;
	bool ok = password_hash(c->arena, &c->service->sign_in.cost, password, hash, e);
	leave();
	return ok;
}
