// SPDX-License-Identifier: Apache-2.0
#include "connector/stop.h"

#include "base/wait.h"
#include <pthread.h>
#include <signal.h>
#include <systemd/sd-daemon.h>

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool requested;
	struct http_client *polling[STOP_WHO]; // requests that may be broken off
} stop = {.lock = PTHREAD_MUTEX_INITIALIZER};

void
stop_request(void)
{
	pthread_mutex_lock(&stop.lock);
	stop.requested = true;
	for (int i = 0; i < STOP_WHO; i++)
		if (stop.polling[i])
			http_client_cancel(stop.polling[i]);
	pthread_cond_broadcast(&stop.changed);
	pthread_mutex_unlock(&stop.lock);
}

static void *
wait_for_signal(void *arg)
{
	const sigset_t *signals = arg;
	int number;

	sigwait(signals, &number);
	sd_notify(0, "STOPPING=1");
	stop_request();
	return NULL;
}

bool
stop_watch(struct error *e)
{
	static sigset_t signals;
	pthread_t thread;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	wait_condition(&stop.changed);
	if (pthread_create(&thread, NULL, wait_for_signal, &signals) != 0)
		return error_set(e, ERR_INTERNAL, "cannot start a thread");
	pthread_detach(thread);
	return true;
}

bool
stop_requested(void)
{
	pthread_mutex_lock(&stop.lock);
	bool requested = stop.requested;
	pthread_mutex_unlock(&stop.lock);
	return requested;
}

bool
stop_polling(enum stop_who who, struct http_client *client)
{
	pthread_mutex_lock(&stop.lock);
	bool go = !stop.requested;
	stop.polling[who] = client;
	pthread_mutex_unlock(&stop.lock);
	return go;
}

void
stop_pause_ms(int ms)
{
	struct timespec until = wait_until(ms);

	pthread_mutex_lock(&stop.lock);
	while (!stop.requested && pthread_cond_timedwait(&stop.changed, &stop.lock, &until) == 0)
		;
	pthread_mutex_unlock(&stop.lock);
}
