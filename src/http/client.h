// SPDX-License-Identifier: Apache-2.0
// How Ferry's programs call a service: trusted by the given CA only, never redirected, every wait
// bounded, failures named for people.
#pragma once

#include "http/message.h"

struct evp_pkey_st;

// Certificates are PEM, as text or as the path of a file. A zero means the default that is given.
struct http_client_options {
	const char *base_url; // "https://host[:port][/prefix]"; "http://" only when written so
	// Only chains that end here are accepted, the system's store is not used. NULL: the
	// system's store.
	const char *ca;
	const char *client_certificate; // leaf first, then its chain; NULL: none
	// Its key; may live in a TPM (an EVP_PKEY with an EC_KEY_METHOD or RSA_METHOD of its own).
	// A reference is taken.
	struct evp_pkey_st *client_key;
	int connect_timeout_ms; // 10 s: resolving, TCP and TLS
	int total_timeout_ms;	// 60 s for a request with its answer
	int stall_timeout_ms;	// 30 s without 1 byte/s; downloads have no total
	const char *user_agent; // "ferry/<version>"
	const char *proxy;	// NULL: the environment's; "": none
	size_t max_body;	// 16 MiB, of an answer in memory
};

struct http_client;

// Nothing is sent yet. Errors: ERR_INVALID, with fault `client_credentials_unusable` for a
// certificate or key that cannot be used. Ignores SIGPIPE for the process unless it is handled.
//
// A client belongs to one thread at a time and keeps its connections and TLS sessions.
bool http_client_open(const struct http_client_options *options, struct http_client **out,
	struct error *e) MUST_CHECK;
void http_client_close(struct http_client *client); // NULL is fine

struct http_client_request {
	const char *method;	  // NULL: GET
	const char *path;	  // encoded, with query: appended to base_url
	const char *content_type; // NULL: none
	struct slice body;
	const struct http_header *headers;
	size_t header_count;
	int timeout_ms; // 0: the client's total; for a long poll
};

struct http_client_response {
	int status;
	struct http_header *headers;
	size_t header_count;
	struct slice body; // NUL follows
};

// Send and receive. True for every status, also 4xx and 5xx. Faults:
// service_name_unresolved, service_unreachable, service_connection_lost, service_timeout
// (ERR_TIMEOUT), service_certificate_untrusted (ERR_CRYPTO), service_certificate_outside_validity
// (ERR_CRYPTO; the clock of one side may be wrong), service_tls_failed, service_answer_malformed,
// service_answer_too_large (ERR_LIMIT), request_cancelled.
bool http_client_send(struct http_client *client, struct arena *arena,
	const struct http_client_request *request, struct http_client_response *out,
	struct error *e) MUST_CHECK;

// By case-insensitive name, or NULL: "Date", "ETag", "Retry-After" …
const char *http_client_header(const struct http_client_response *response, const char *name);

struct http_client_download {
	const char *path; // as in http_client_request
	const struct http_header *headers;
	size_t header_count;
	const char *file;	// appears when complete; "<file>.part" and "<file>.etag" before
	uint64_t expected_size; // 0: unknown
	uint64_t max_size;	// 0: expected_size, or 64 GiB
	// Called now and then; false cancels. May be NULL.
	bool (*progress)(void *context, uint64_t have, uint64_t total);
	void *context;
};

// Fetch a file. After a failure the next call goes on where the last one stopped (Range with
// If-Range, RFC 9110 section 13.1.5), provided the server gave a strong ETag and still has the same
// content; else it starts over. The content is on disk before `file` appears; its hash is the
// caller's to check. Errors as http_client_send; ERR_NOT_FOUND for 404 and 410, ERR_UNAVAILABLE
// with fault `download_refused` for another status, `download_size_mismatch` (ERR_PROTOCOL),
// ERR_IO.
bool http_client_download(struct http_client *client, const struct http_client_download *download,
	struct error *e) MUST_CHECK;

// From any thread: end the request under way, or the next one if there is none, with
// `request_cancelled`.
void http_client_cancel(struct http_client *client);
