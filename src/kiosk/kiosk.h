// SPDX-License-Identifier: Apache-2.0
// What the kiosk's threads share: the face (screen, connection, what was chosen) under one lock,
// the page of now as JSON, and the token that only the kiosk's own browser knows.
#pragma once

#include "http/server.h"
#include "oobe/app.h"
#include <pthread.h>

enum { KIOSK_TOKEN_BYTES = 32, KIOSK_PAGE_MAX = 512 * 1024, KIOSK_POLL_MS = 25000 };

struct kiosk_file {
	const char *path, *type;
	const unsigned char *data;
	size_t size;
};

// Made by tools/embed-web from web/kiosk.
extern const struct kiosk_file kiosk_files[];
extern const size_t kiosk_file_count;

struct kiosk {
	pthread_mutex_t lock; // of everything below
	struct app app;
	struct arena arenas[2]; // of the page of now and the one before
	unsigned live;
	struct page page;    // of now
	const char *json;    // the same, without its numbers
	int64_t number;	     // counts every change
	int64_t page_number; // counts the pages: what was meant for one never acts on the next
	int wake;	     // eventfd: a thread of the server has something for the agent
	struct http_server *server;
	char host[32]; // "127.0.0.1:PORT": the only Host that is answered
	char token[2 * KIOSK_TOKEN_BYTES + 1];
};

// Fill in token, lock and eventfd; the app is the caller's to open.
bool kiosk_init(struct kiosk *kiosk, struct error *e) MUST_CHECK;
void kiosk_finish(struct kiosk *kiosk);

// Build the page of now; when it is another than before, wake who waits for it. Under the lock.
void kiosk_publish(struct kiosk *kiosk);

// routes.c: serve one request; context is the kiosk. Nothing but the files of the page without the
// token, nothing at all for another Host or Origin.
http_handler kiosk_serve;

// What the browser did: {"action"?, "choice"?, "on"?: [numbers], "fields"?: {"user", "password",
// "code"}, "details"?: bool, "page": number}. Under the lock. False: it makes no sense on this
// page, or the page is not the one that was seen.
bool kiosk_take(struct kiosk *kiosk, struct slice body, struct error *e) MUST_CHECK;
