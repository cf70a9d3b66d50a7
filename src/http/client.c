// SPDX-License-Identifier: Apache-2.0
#include "http/client_internal.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/str.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <strings.h>

CLEANUP_FN(BIO *, BIO_free_all, bio_p)
CLEANUP_FN(struct curl_slist *, curl_slist_free_all, slist_p)

enum { LARGEST_PEM = 1 << 20, MAX_ANSWER_HEADERS = 128 };

// --- opening ---

static void
set_up_process(void)
{
	struct sigaction now;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	// OpenSSL writes with write(2): a peer that went away would end the process.
	if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
		signal(SIGPIPE, SIG_IGN);
}

static bool
read_pem(struct arena *arena, const char *text_or_path, struct slice *out, struct error *e)
{
	if (!strstr(text_or_path, "-----BEGIN"))
		return fs_read(arena, text_or_path, LARGEST_PEM, out, e);
	char *copy = arena_strdup(arena, text_or_path);
	*out = slice_str(copy);
	return true;
}

static bool
load_credentials(struct http_client *client, struct error *e)
{
	static const char fault[] = "client_credentials_unusable";
	struct http_client_options *options = &client->options;
	struct slice pem;

	if (!options->client_certificate)
		return true;
	if (!options->client_key)
		return error_fault(e, ERR_INVALID, fault, "a client certificate without its key");
	if (!read_pem(&client->arena, options->client_certificate, &pem, e)) {
		e->fault = fault;
		return error_wrap(e, "client certificate");
	}
	CLEANUP(bio_p) BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	client->certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	client->chain = sk_X509_new_null();
	X509 *next;
	while (client->certificate && client->chain &&
		(next = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		if (sk_X509_push(client->chain, next) == 0)
			X509_free(next);
	ERR_clear_error();
	if (!client->certificate || !client->chain)
		return error_fault(e, ERR_INVALID, fault, "no certificate in the PEM text");
	if (X509_check_private_key(client->certificate, options->client_key) != 1) {
		ERR_clear_error();
		return error_fault(e, ERR_INVALID, fault, "key and certificate do not match");
	}
	return true;
}

// libcurl reads keys from files and engines only; ours may be in a TPM.
static CURLcode
use_credentials(CURL *easy, void *ssl_ctx, void *context)
{
	struct http_client *client = context;
	SSL_CTX *ctx = ssl_ctx;

	(void)easy;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	if (!client->certificate)
		return CURLE_OK;
	if (SSL_CTX_use_cert_and_key(
		    ctx, client->certificate, client->options.client_key, client->chain, 1) != 1) {
		ERR_clear_error();
		return CURLE_SSL_CERTPROBLEM;
	}
	return CURLE_OK;
}

static const char *
keep(struct http_client *client, const char *text)
{
	return text ? arena_strdup(&client->arena, text) : NULL;
}

static bool
copy_options(struct http_client *client, const struct http_client_options *options, struct error *e)
{
	struct http_client_options *own = &client->options;

	*own = *options;
	own->client_key = NULL;
	if (!options->base_url ||
		(!str_istarts(options->base_url, "https://") &&
			!str_istarts(options->base_url, "http://")))
		return error_set(e, ERR_INVALID, "\"%s\" is not an http or https URL",
			options->base_url ? options->base_url : "");
	size_t len = strlen(options->base_url);
	while (options->base_url[len - 1] == '/')
		len--;
	own->base_url = arena_strndup(&client->arena, options->base_url, len);
	own->ca = keep(client, options->ca);
	own->client_certificate = keep(client, options->client_certificate);
	own->user_agent =
		keep(client, options->user_agent ? options->user_agent : "ferry/" FERRY_VERSION);
	own->proxy = keep(client, options->proxy);
#define DEFAULT(field, value) own->field = own->field ? own->field : (value)
	DEFAULT(connect_timeout_ms, 10 * 1000);
	DEFAULT(total_timeout_ms, 60 * 1000);
	DEFAULT(stall_timeout_ms, 30 * 1000);
	DEFAULT(max_body, 16 << 20);
#undef DEFAULT
	if (options->client_key && EVP_PKEY_up_ref(options->client_key) == 1)
		own->client_key = options->client_key;
	return true;
}

bool
http_client_open(
	const struct http_client_options *options, struct http_client **out, struct error *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct http_client *client = calloc(1, sizeof *client);
	struct slice ca = {0};

	pthread_once(&once, set_up_process);
	if (!client)
		return error_set(e, ERR_INTERNAL, "out of memory");
	arena_init(&client->arena, 4 * ARENA_SMALL);
	client->easy = curl_easy_init();
	client->multi = curl_multi_init();
	bool ok = client->easy && client->multi;
	if (!ok)
		error_set(e, ERR_INTERNAL, "libcurl does not start");
	ok = ok && copy_options(client, options, e) && load_credentials(client, e);
	if (ok && options->ca && !read_pem(&client->arena, options->ca, &ca, e)) {
		error_wrap(e, "CA");
		ok = false;
	}
	if (!ok) {
		http_client_close(client);
		return false;
	}
	client->ca = (struct curl_blob){
		.data = (void *)ca.data, .len = ca.len, .flags = CURL_BLOB_NOCOPY};
	*out = client;
	return true;
}

void
http_client_close(struct http_client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->easy);
	curl_multi_cleanup(client->multi);
	X509_free(client->certificate);
	sk_X509_pop_free(client->chain, X509_free);
	EVP_PKEY_free(client->options.client_key);
	arena_finish(&client->arena);
	free(client);
}

void
http_client_cancel(struct http_client *client)
{
	__atomic_store_n(&client->cancelled, true, __ATOMIC_RELEASE);
	curl_multi_wakeup(client->multi);
}

const char *
http_client_header(const struct http_client_response *response, const char *name)
{
	for (size_t i = 0; i < response->header_count; i++)
		if (strcasecmp(response->headers[i].name, name) == 0)
			return response->headers[i].value;
	return NULL;
}

// --- receiving ---

static void
add_header(struct exchange *x, const char *line, size_t len)
{
	struct http_client_response *r = &x->response;
	const char *colon = memchr(line, ':', len);

	if (!colon || r->header_count == MAX_ANSWER_HEADERS)
		return;
	if (!r->headers)
		r->headers = arena_array(x->arena, MAX_ANSWER_HEADERS, sizeof *r->headers);
	const char *value = colon + 1, *end = line + len;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && strchr("\r\n \t", end[-1]))
		end--;
	r->headers[r->header_count++] =
		(struct http_header){arena_strndup(x->arena, line, (size_t)(colon - line)),
			arena_strndup(x->arena, value, (size_t)(end - value))};
}

// Called line by line, also for the heads of "100 Continue" and of a proxy's answer, which the next
// status line replaces.
static size_t
on_header_line(char *line, size_t size, size_t count, void *context)
{
	struct exchange *x = context;
	size_t len = size * count;

	if (len > 5 && strncasecmp(line, "HTTP/", 5) == 0)
		x->response.header_count = 0;
	else
		add_header(x, line, len);
	return len;
}

static bool
finish_head(struct exchange *x)
{
	long status = 0;

	if (x->head_done)
		return true;
	x->head_done = true;
	curl_easy_getinfo(x->client->easy, CURLINFO_RESPONSE_CODE, &status);
	x->response.status = (int)status;
	return !x->on_head || x->on_head(x, &x->error);
}

static size_t
on_body(char *data, size_t size, size_t count, void *context)
{
	struct exchange *x = context;
	size_t len = size * count;

	if (finish_head(x) && x->on_data(x, data, len, &x->error))
		return len;
	x->refused = true;
	return len ? 0 : 1; // anything but `len` ends the transfer
}

// --- faults ---

static bool
untrusted(CURL *easy, struct error *e, const char *text)
{
	long verified = X509_V_OK;

	curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verified);
	if (verified == X509_V_ERR_CERT_NOT_YET_VALID || verified == X509_V_ERR_CERT_HAS_EXPIRED) {
		error_fault(e, ERR_CRYPTO, "service_certificate_outside_validity", "%s", text);
		return error_hint(e, "Compare the clocks of this machine and of the service.");
	}
	return error_fault(e, ERR_CRYPTO, "service_certificate_untrusted", "%s", text);
}

static bool
fault_of(CURL *easy, CURLcode code, const char *detail, struct error *e)
{
	static const struct {
		CURLcode code;
		enum error_code kind;
		const char *fault;
	} rows[] = {
		{CURLE_COULDNT_RESOLVE_HOST, ERR_UNAVAILABLE, "service_name_unresolved"},
		{CURLE_COULDNT_RESOLVE_PROXY, ERR_UNAVAILABLE, "service_name_unresolved"},
		{CURLE_COULDNT_CONNECT, ERR_UNAVAILABLE, "service_unreachable"},
		{CURLE_OPERATION_TIMEDOUT, ERR_TIMEOUT, "service_timeout"},
		{CURLE_GOT_NOTHING, ERR_UNAVAILABLE, "service_connection_lost"},
		{CURLE_SEND_ERROR, ERR_UNAVAILABLE, "service_connection_lost"},
		{CURLE_RECV_ERROR, ERR_UNAVAILABLE, "service_connection_lost"},
		{CURLE_PARTIAL_FILE, ERR_UNAVAILABLE, "service_connection_lost"},
		{CURLE_SSL_CONNECT_ERROR, ERR_PROTOCOL, "service_tls_failed"},
		{CURLE_SSL_CERTPROBLEM, ERR_CRYPTO, "client_credentials_unusable"},
		{CURLE_WEIRD_SERVER_REPLY, ERR_PROTOCOL, "service_answer_malformed"},
		{CURLE_UNSUPPORTED_PROTOCOL, ERR_PROTOCOL, "service_answer_malformed"},
	};
	const char *text = *detail ? detail : curl_easy_strerror(code);

	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
		code == CURLE_SSL_ISSUER_ERROR)
		return untrusted(easy, e, text);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].code == code)
			return error_fault(e, rows[i].kind, rows[i].fault, "%s", text);
	return error_fault(e, ERR_PROTOCOL, "service_answer_malformed", "%s", text);
}

// --- the exchange ---

static bool
sound_header(const struct http_header *header)
{
	return !strpbrk(header->name, "\r\n:") && !strpbrk(header->value, "\r\n");
}

static bool
build_headers(struct exchange *x, struct curl_slist **out, struct error *e)
{
	const struct http_client_request *r = x->request;
	// Neither a body type that nobody chose nor a wait for "100 Continue".
	const char *type = r->content_type
		? arena_printf(x->arena, "Content-Type: %s", r->content_type)
		: "Content-Type:";
	*out = curl_slist_append(NULL, "Expect:");
	if (strpbrk(type, "\r\n"))
		return error_set(e, ERR_INVALID, "line break in a header");
	*out = curl_slist_append(*out, type);
	for (size_t i = 0; i < r->header_count; i++) {
		if (!sound_header(&r->headers[i]))
			return error_set(e, ERR_INVALID, "line break in a header");
		// libcurl reads "Name:" as "omit it" and "Name;" as "send it empty".
		*out = curl_slist_append(*out,
			arena_printf(x->arena, *r->headers[i].value ? "%s: %s" : "%s;%s",
				r->headers[i].name, r->headers[i].value));
	}
	return true;
}

static void
set_trust(CURL *easy, struct http_client *client)
{
	bool secure = str_istarts(client->options.base_url, "https://");

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, secure ? "https" : "http");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (client->ca.data) {
		curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &client->ca);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); // Debian builds in /etc/ssl/certs
	}
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, use_credentials);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, client);
}

static void
set_limits(CURL *easy, const struct exchange *x)
{
	const struct http_client_options *options = &x->client->options;
	int total = x->request->timeout_ms ? x->request->timeout_ms : options->total_timeout_ms;
	int stall = options->stall_timeout_ms;

	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms);
	if (x->no_total_timeout) {
		curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((stall + 999) / 1000));
	} else {
		curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)total);
	}
}

static void
set_request(CURL *easy, struct exchange *x, struct curl_slist *headers, char *detail)
{
	const struct http_client_request *r = x->request;
	const struct http_client_options *options = &x->client->options;
	const char *method = r->method ? r->method : "GET";

	curl_easy_setopt(
		easy, CURLOPT_URL, arena_printf(x->arena, "%s%s", options->base_url, r->path));
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, options->user_agent);
	if (options->proxy)
		curl_easy_setopt(easy, CURLOPT_PROXY, options->proxy);
	if (strcmp(method, "HEAD") == 0) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	} else if (r->body.len || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
		strcmp(method, "PATCH") == 0) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len);
		curl_easy_setopt(
			easy, CURLOPT_POSTFIELDS, r->body.len ? (const char *)r->body.data : "");
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	} else {
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	}
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header_line);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
}

// Through the multi interface, because only that can be woken from another thread.
static bool
run_transfer(struct http_client *client, CURLcode *code)
{
	int running = 1, queued;
	bool cancelled = false;

	*code = CURLE_FAILED_INIT;
	if (curl_multi_add_handle(client->multi, client->easy) != CURLM_OK)
		return true;
	while (running) {
		cancelled = __atomic_exchange_n(&client->cancelled, false, __ATOMIC_ACQ_REL);
		if (cancelled || curl_multi_perform(client->multi, &running) != CURLM_OK)
			break;
		if (running)
			curl_multi_poll(client->multi, NULL, 0, 1000, NULL);
	}
	for (CURLMsg *msg; (msg = curl_multi_info_read(client->multi, &queued));)
		if (msg->msg == CURLMSG_DONE)
			*code = msg->data.result;
	curl_multi_remove_handle(client->multi, client->easy);
	return !cancelled;
}

bool
client_exchange(struct exchange *x, struct error *e)
{
	CURL *easy = x->client->easy;
	char detail[CURL_ERROR_SIZE] = "";
	CLEANUP(slist_p) struct curl_slist *headers = NULL;
	CURLcode code;

	if (!x->request->path || x->request->path[0] != '/')
		return error_set(e, ERR_INVALID, "the path does not begin with '/'");
	if (!build_headers(x, &headers, e))
		return false;
	curl_easy_reset(easy); // keeps connections, sessions and the name cache
	set_trust(easy, x->client);
	set_limits(easy, x);
	set_request(easy, x, headers, detail);
	bool finished = run_transfer(x->client, &code);
	bool ok = finished && code == CURLE_OK;
	// An answer without a body has not been announced yet.
	if (ok && !finish_head(x)) {
		x->refused = true;
		ok = false;
	}
	if (!ok && x->refused)
		*e = x->error;
	else if (!finished)
		error_fault(e, ERR_UNAVAILABLE, "request_cancelled", "cancelled");
	else if (!ok)
		fault_of(easy, code, detail, e);
	curl_easy_reset(easy);
	ERR_clear_error();
	return ok;
}

static bool
collect(struct exchange *x, const void *data, size_t len, struct error *e)
{
	struct buf *body = x->context;

	buf_put(body, data, len);
	return !body->overflow ||
		error_fault(e, ERR_LIMIT, "service_answer_too_large",
			"the answer exceeds %zu bytes", body->max);
}

bool
http_client_send(struct http_client *client, struct arena *arena,
	const struct http_client_request *request, struct http_client_response *out,
	struct error *e)
{
	struct buf body;
	struct exchange x = {.client = client,
		.arena = arena,
		.request = request,
		.on_data = collect,
		.context = &body};

	buf_init(&body, arena, client->options.max_body);
	if (!client_exchange(&x, e))
		return error_wrap(e, "%s%s", client->options.base_url, request->path);
	x.response.body = slice_of(buf_text(&body), body.len);
	*out = x.response;
	return true;
}
