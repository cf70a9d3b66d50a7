// SPDX-License-Identifier: Apache-2.0
#include "store/writer.h"

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/wait.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

// A transaction takes no further functions once it has lasted this long: those that wait for its
// COMMIT should not wait for everybody who comes after them.
// With bulk writes in it, it pays to go on: each touches the same pages of the indexes all over
// again, and pages are written once for each transaction.
enum { BATCH_MS = 20, BULK_MS = 600 };

struct request {
	store_fn *fn;
	void *ctx;
	struct error *e;
	bool bulk, done;
	struct request *next;
	sem_t finished;
};

struct queue {
	struct request *first, **last;
};

struct writer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake; // the queue is not empty any more, or stop
	struct queue waiting;
	bool stop;
	struct db *db; // used by the thread only
	bool bulk;     // the last transaction
	unsigned max_batch, last_batch;
};

static void
queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

static void
queue_put(struct queue *queue, struct request *request)
{
	request->next = NULL;
	*queue->last = request;
	queue->last = &request->next;
}

static struct request *
queue_take(struct queue *queue)
{
	struct request *request = queue->first;

	if (request) {
		queue->first = request->next;
		if (!queue->first)
			queue->last = &queue->first;
	}
	return request;
}

// Tell everybody in the queue how it ended. A request is gone once its semaphore was posted.
static void
finish(struct queue *queue)
{
	struct request *request;

	while ((request = queue_take(queue)))
		sem_post(&request->finished);
}

// Nothing can be written now: all who wait get the same error, not one after another.
static void
refuse_all(struct writer *w, struct queue *ran, const struct error *e)
{
	pthread_mutex_lock(&w->lock);
	struct queue waiting = w->waiting;
	queue_init(&w->waiting);
	pthread_mutex_unlock(&w->lock);
	if (waiting.first) {
		*ran->last = waiting.first;
		ran->last = waiting.last;
	}
	for (struct request *request = ran->first; request; request = request->next)
		*request->e = *e;
	finish(ran);
}

static struct request *
take(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	struct request *request = queue_take(&w->waiting);
	pthread_mutex_unlock(&w->lock);
	return request;
}

static void
fail_all(struct queue *queue, const struct error *e)
{
	for (struct request *request = queue->first; request; request = request->next) {
		if (!request->done)
			continue;
		request->done = false;
		*request->e = *e;
	}
}

// Run one function in its savepoint. False when the whole transaction is lost with it.
static bool
run_one(struct writer *w, struct request *request)
{
	struct db *db = w->db;

	if (!db_savepoint(db, request->e))
		return false;
	request->done = db_call(db, request->fn, request->ctx, request->e);
	if (request->done) {
		request->done = db_savepoint_release(db, request->e);
		return request->done;
	}
	if (db->state == DB_LOST || !db_savepoint_undo(db))
		return false;
	db->state = DB_GOOD;
	return true;
}

// The function that ran last took the transaction with it (a full disk): it keeps its error. Those
// before it are innocent and are run again, so each round has one request less.
static void
put_back(struct writer *w, struct queue *ran)
{
	struct request *request;
	struct queue rest;

	queue_init(&rest);
	while ((request = queue_take(ran))) {
		if (request->next || request->done)
			queue_put(&rest, request);
		else
			sem_post(&request->finished);
	}
	if (!rest.first)
		return;
	pthread_mutex_lock(&w->lock);
	*rest.last = w->waiting.first;
	if (w->waiting.first)
		rest.last = w->waiting.last;
	w->waiting = rest;
	pthread_mutex_unlock(&w->lock);
}

static void
commit(struct writer *w, struct queue *ran)
{
	struct error e;

	failpoint("store.before_commit");
	if (!db_commit(w->db, &e))
		fail_all(ran, &e);
	failpoint("store.after_commit");
	finish(ran);
}

// One transaction: everything that waits, and what arrives while it runs.
static void
run_batch(struct writer *w)
{
	struct queue ran;
	struct request *request = take(w);
	int64_t begun = clock_monotonic_ms(), until = begun + BATCH_MS;
	unsigned count = 0;
	struct error e;

	queue_init(&ran);
	queue_put(&ran, request);
	if (!db_begin(w->db, DB_WRITE, &e)) {
		db_rollback(w->db);
		refuse_all(w, &ran, &e);
		return;
	}
	for (;;) {
		if (!run_one(w, request)) {
			db_rollback(w->db);
			put_back(w, &ran);
			return;
		}
		if (request->bulk)
			until = begun + BULK_MS;
		if (++count >= w->max_batch || clock_monotonic_ms() >= until)
			break;
		request = take(w);
		if (!request)
			break;
		queue_put(&ran, request);
	}
	w->bulk = until == begun + BULK_MS;
	commit(w, &ran);
	w->last_batch = count;
}

static bool
wait_for_work(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->waiting.first && !w->stop)
		pthread_cond_wait(&w->wake, &w->lock);
	bool work = w->waiting.first != NULL;
	pthread_mutex_unlock(&w->lock);
	return work;
}

static void *
writer_main(void *context)
{
	struct writer *w = context;

	while (wait_for_work(w)) {
		run_batch(w);
		// Nobody waits for this: what was committed is durable in the log already.
		db_checkpoint(w->db, w->bulk);
	}
	return NULL;
}

bool
writer_start(struct db *db, unsigned max_batch, struct writer **out, struct error *e)
{
	struct writer *w = calloc(1, sizeof *w);

	if (!w)
		abort();
	w->db = db;
	w->max_batch = max_batch;
	queue_init(&w->waiting);
	pthread_mutex_init(&w->lock, NULL);
	wait_condition(&w->wake);
	errno = pthread_create(&w->thread, NULL, writer_main, w);
	if (errno) {
		free(w);
		return error_errno(e, "writer thread");
	}
	*out = w;
	return true;
}

void
writer_stop(struct writer *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	db_close(w->db);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->wake);
	free(w);
}

bool
writer_run(struct writer *w, bool bulk, store_fn *fn, void *ctx, struct error *e)
{
	struct request request = {.fn = fn, .ctx = ctx, .e = e, .bulk = bulk};

	if (pthread_equal(pthread_self(), w->thread))
		return error_set(e, ERR_INTERNAL, "a transaction inside a transaction");
	sem_init(&request.finished, 0, 0);
	pthread_mutex_lock(&w->lock);
	bool idle = w->waiting.first == NULL;
	queue_put(&w->waiting, &request);
	if (idle)
		pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	while (sem_wait(&request.finished) != 0)
		continue; // interrupted by a signal
	sem_destroy(&request.finished);
	return request.done;
}
