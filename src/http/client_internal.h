// SPDX-License-Identifier: Apache-2.0
// What sending and downloading share: the open client, and one exchange over it.
#pragma once

#include "http/client.h"

#include <curl/curl.h>

struct http_client {
	CURL *easy;
	CURLM *multi; // keeps the connections, and can be woken
	struct arena arena;
	struct http_client_options options; // strings in the arena
	struct curl_blob ca;
	struct x509_st *certificate;
	struct stack_st_X509 *chain;
	bool cancelled; // atomic
};

// One exchange. `on_head` is called once before the first byte of the body, with all headers; both
// callbacks end the exchange by returning false with the error set.
struct exchange {
	struct http_client *client;
	struct arena *arena;
	const struct http_client_request *request;
	bool no_total_timeout;
	struct http_client_response response;
	size_t header_cap;
	bool head_done;
	bool (*on_head)(struct exchange *x, struct error *e);
	bool (*on_data)(struct exchange *x, const void *data, size_t len, struct error *e);
	void *context;
	bool refused; // by a callback: `error` says why
	struct error error;
};

bool client_exchange(struct exchange *x, struct error *e) MUST_CHECK;
