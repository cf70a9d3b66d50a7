// SPDX-License-Identifier: Apache-2.0
#include "agent/watch.h"

#include "agent/face.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "base/wait.h"
#include "codec/json.h"
#include "pki/ossl.h"
#include <pthread.h>
#include <stdlib.h>

enum {
	WAIT_MS = 60000,
	FIRST_PAUSE_S = 2,
	LAST_PAUSE_S = 60,
	SYNC_MS = 8 * 3600 * 1000, // behaviour of Windows: at least every 8 hours
};

struct watch {
	struct face *face;
	struct http_client *client;
	struct evp_pkey_st *key;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stopped;
	bool stop;
	int64_t seq, told_ms;
};

static bool
is_stopped(struct watch *w, int pause_s)
{
	struct timespec until = wait_until(pause_s * 1000);

	pthread_mutex_lock(&w->lock);
	while (!w->stop && pause_s > 0 &&
		pthread_cond_timedwait(&w->stopped, &w->lock, &until) == 0)
		;
	bool stop = w->stop;
	pthread_mutex_unlock(&w->lock);
	return stop;
}

static void
tell(struct watch *w, const char *what)
{
	w->told_ms = clock_monotonic_ms();
	face_push(w->face, what);
}

// 200 with a later event, or nothing new; another status or an error is no news. The first answer
// has everything that ever happened: so a device that starts has a session at once.
static int
ask(struct watch *w)
{
	autoarena(arena, 1 << 20);
	struct http_client_response response;
	struct error e;
	struct http_client_request request = {
		.path = arena_printf(&arena, "/device/v1/wait?seq=%lld", (long long)w->seq),
		.timeout_ms = WAIT_MS};

	if (!http_client_send(w->client, &arena, &request, &response, &e))
		return 0;
	if (response.status != 200)
		return response.status;
	const struct json *view = json_parse(&arena, response.body, NULL, &e);
	int64_t seq = json_int(view, "seq", w->seq);
	bool due = clock_monotonic_ms() - w->told_ms > SYNC_MS;
	if (seq != w->seq || due)
		tell(w, "news");
	w->seq = seq;
	return 200;
}

static void *
run(void *arg)
{
	struct watch *w = arg;
	int pause = 0;

	while (!is_stopped(w, pause)) {
		int status = ask(w);
		if (status == 401) {
			tell(w, "ended");
			pause = LAST_PAUSE_S;
			continue;
		}
		pause = status == 200		   ? 0
			: pause == 0		   ? FIRST_PAUSE_S
			: pause * 2 > LAST_PAUSE_S ? LAST_PAUSE_S
						   : pause * 2;
	}
	return NULL;
}

static bool
open_connection(struct agent *agent, struct watch *w, struct error *e)
{
	autoarena(arena, 1 << 20);
	struct slice blob;
	struct http_client_options options = {
		.base_url = agent->config.url,
		.ca = agent->config.ca,
		.client_certificate = agent_path(agent, &arena, "device.pem"),
		.proxy = "",
	};

	if (!agent->tpm)
		return error_fault(e, ERR_NOT_FOUND, "tpm_missing", "no TPM 2.0 answers");
	if (!fs_read(&arena, agent_path(agent, &arena, "device.key"), 8192, &blob, e) ||
		!tpm_device_tls_key(agent->tpm, blob, &w->key, e))
		return false;
	options.client_key = w->key;
	return http_client_open(&options, &w->client, e);
}

static void
discard(struct watch *w)
{
	http_client_close(w->client);
	EVP_PKEY_free(w->key);
	pthread_cond_destroy(&w->stopped);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

struct watch *
watch_start(struct agent *agent)
{
	struct watch *w = calloc(1, sizeof *w);
	struct error e = {0};

	if (!w)
		return NULL;
	w->face = agent->face;
	pthread_mutex_init(&w->lock, NULL);
	wait_condition(&w->stopped);
	if (open_connection(agent, w, &e) && pthread_create(&w->thread, NULL, run, w) == 0)
		return w;
	log_failure("waiting for news", &e);
	discard(w);
	return NULL;
}

void
watch_stop(struct watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->stopped);
	pthread_mutex_unlock(&w->lock);
	http_client_cancel(w->client);
	pthread_join(w->thread, NULL);
	discard(w);
}
