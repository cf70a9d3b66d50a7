// SPDX-License-Identifier: Apache-2.0
// What the whole service shares, what each worker thread owns, and what one call carries from the
// socket to its handler.
#pragma once

#include "codec/json.h"
#include "domain/scope.h"
#include "domain/sign_in_step.h"
#include "http/server.h"
#include "pki/cert.h"
#include "pki/password_hash.h"
#include "store/devices.h"
#include "store/jobs.h"
#include "store/trust.h"
#include "tpm/trust_store.h"

enum { MAX_TRUST_STORES = 8 };

// One part of an import: some thousand lines, so that a transaction is worth its pages.
enum { IMPORT_PART_MAX = 16 << 20 };

struct service {
	struct store *store;
	struct http_server *server;
	const char
		*base_url; // "https://ferry.example.com": issuer of tokens, base of enrolment URLs
	const char *organization; // shown on the device
	const char *signer_path;
	const char *content_dir;
	const char *account_at_end; // of a device that is wiped or retired: disable, delete, keep
	const char *federation_ca;  // authorities of other issuers; NULL: the system's
	const char *root_pem;	    // certificate of our root, for provisioning documents
	struct slice root_der;
	struct slice tls_end_point; // tls-server-end-point of our TLS certificate (RFC 5929)
	struct token_keys *tokens;  // verifies what the signer signed (token_keys.h)
	struct token_shelf *shelf;  // gives it again (token_shelf.h); NULL: nothing is
	struct tpm_trust_store *trust[MAX_TRUST_STORES];
	size_t trust_count;
	struct rate_limit *throttle; // NULL: nobody is
	time_us started_at;
	struct {
		size_t min_password; // characters; 0: the default of domain/password.h
		enum mfa_policy mfa;
		struct password_cost cost;
	} sign_in;
};

struct worker {
	struct service *service;
	struct store_session *session;
	int signer_fd; // -1 until needed
};

enum auth {
	AUTH_NONE_IS_AN_ERROR, // a route must say who may call it
	AUTH_PUBLIC,	       // anybody: only public text goes out
	AUTH_DEVICE,	  // a managed device: its client certificate belongs to a current enrolment
	AUTH_DEVICE_READ, // the same, and its registration is read with it
	AUTH_DEVICE_OR_TOKEN, // AUTH_DEVICE, or a bearer token of a deployment, which the handler
			      // judges
	AUTH_CONNECTOR, // a connector by its client certificate
	AUTH_TOKEN,	// a token of any permission: what it leads to asks for more
	AUTH_SCOPE,	// a token with the permission that the row names
};

struct graph_collection;

struct call {
	struct service *service;
	struct worker *worker;
	struct http_request *req;
	struct http_response *resp;
	const struct graph_collection *collection; // the route's, NULL outside of Graph
	const char *request_id;
	struct arena *arena;
	struct work work;	      // tenant is known once the caller is
	struct enrollment enrollment; // AUTH_DEVICE
	struct device device;	      // AUTH_DEVICE_READ
	struct connector connector;   // AUTH_CONNECTOR
	const struct json *claims;    // AUTH_SCOPE, with the next four
	scope_set scopes;	      // what the token lets its holder do
	const char *user_id;	      // the person who signed in, NULL for a program of its own
	const char *client_id;	      // the program
	const char *actor;	      // for the audit log: the person's UPN, or the program's name
	bool noted;		      // the audit log has this call, or it changes nothing
	const struct json
		*findings; // what the answer says beside its content (findings.h), or NULL
};

// A handler fills call->resp, or returns false and the edge makes the answer from the error.
typedef bool call_handler(struct call *c, struct error *e);

// A route's handlers and rights; the table is in routes.c.
struct endpoint {
	call_handler *run;
	enum auth auth;
	enum scope scope;
	const struct graph_collection *collection;
	const char *pattern; // of the route; NULL: of none
};

// Find out who calls, check that the route lets them, run the handler, turn an error into an
// answer.
void call_run(
	struct http_request *req, struct http_response *resp, const struct endpoint *endpoint);

// The request's JSON body as an object. ERR_INVALID.
bool call_json(struct call *c, const struct json **out, struct error *e) MUST_CHECK;

// Answer with the JSON in `body`; false if it did not fit.
bool call_reply(struct call *c, int status, const struct buf *body, struct error *e) MUST_CHECK;

// 204.
bool call_done(struct call *c);

// A buffer for an answer, and a writer on it with the outermost object opened.
struct jsonw call_object(struct call *c, struct buf *body);
// Close the object and answer with it.
bool call_send(
	struct call *c, int status, struct jsonw *w, struct buf *body, struct error *e) MUST_CHECK;

// Wake whoever waits for news of a device, or for work of a domain's connectors.
void wake_device(struct call *c, const char *device_id);
void wake_connectors(struct call *c, const char *tenant_id, const char *domain);
char *order_channel(struct arena *arena, const char *job_id); // of an account_job
char *device_channel(struct arena *arena, const char *device_id);
char *connector_channel(struct arena *arena, const char *tenant_id, const char *domain);
