// SPDX-License-Identifier: Apache-2.0
#include "ferryd/signer_client.h"

#include "base/str.h"
#include "ferryd/token_keys.h"
#include "pki/ossl.h"
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

enum { MESSAGE_MAX = 64 << 10, TIMEOUT_S = 10, SOON_MS = 2 };

static bool
unavailable(struct error *e, const char *what)
{
	return error_fault(e, ERR_UNAVAILABLE, "signer_unavailable", "signer: %s", what);
}

static bool
connect_signer(const char *path, int *out, struct error *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval timeout = {.tv_sec = TIMEOUT_S}, soon = {.tv_usec = SOON_MS * 1000};
	autoclose fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return unavailable(e, strerrordesc_np(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
	*out = take_fd(&fd);
	return true;
}

// Sleep until there is an answer; false: there is none in time.
static bool
waited(int fd)
{
	struct pollfd answer = {.fd = fd, .events = POLLIN};

	http_server_waits();
	return poll(&answer, 1, TIMEOUT_S * 1000) == 1;
}

static bool
exchange(struct arena *arena, int fd, struct slice request, struct slice *answer)
{
	static __thread uint8_t buffer[MESSAGE_MAX];

	if (send(fd, request.data, request.len, MSG_NOSIGNAL) != (ssize_t)request.len)
		return false;
	// A signature is sooner there than another thread is awake; anything longer is a wait.
	ssize_t len = recv(fd, buffer, MESSAGE_MAX, 0);
	if (len < 0 && (errno == EAGAIN || errno == EINTR) && waited(fd))
		len = recv(fd, buffer, MESSAGE_MAX, 0);
	if (len <= 0)
		return false;
	*answer = slice_of(arena_memdup(arena, buffer, (size_t)len), (size_t)len);
	return true;
}

static bool
parse_answer(struct arena *arena, struct slice answer, const struct json **out, struct error *e)
{
	const struct json *json = json_parse(arena, answer, NULL, e);

	if (!json)
		return false;
	if (json_str(json, "error"))
		return error_fault(e, ERR_INTERNAL, "signer_unavailable", "the signer refused: %s",
			json_str(json, "message"));
	*out = json;
	return true;
}

// Ask over the worker's connection. A signer that was restarted has closed it: then once more over
// a new one.
static bool
ask(struct call *c, const struct buf *request, const struct json **out, struct error *e)
{
	struct slice answer;
	int *fd = &c->worker->signer_fd;

	if (!buf_ok(request, e))
		return false;
	for (int attempt = 0; attempt < 2; attempt++) {
		if (*fd < 0 && !connect_signer(c->service->signer_path, fd, e))
			return false;
		if (exchange(c->arena, *fd, buf_slice(request), &answer))
			return parse_answer(c->arena, answer, out, e);
		close(*fd);
		*fd = -1;
	}
	return unavailable(e, "no answer");
}

bool
signer_info(struct arena *arena, const char *path, const struct json **out, struct error *e)
{
	autoclose fd = -1;
	struct slice answer;

	if (!connect_signer(path, &fd, e))
		return error_wrap(e, "%s", path);
	if (!exchange(arena, fd, slice_str("{\"op\":\"info\"}"), &answer))
		return unavailable(e, "no answer");
	return parse_answer(arena, answer, out, e);
}

static int
received_fd(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd;

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
		header->cmsg_len != CMSG_LEN(sizeof fd))
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}

bool
signer_watch(const char *path, int *connection, int *watch, struct error *e)
{
	static const char request[] = "{\"op\":\"watch\"}";
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char text[256];
	struct iovec part = {.iov_base = text, .iov_len = sizeof text};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control.bytes};
	autoclose fd = -1;

	if (!connect_signer(path, &fd, e))
		return false;
	if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0 || !waited(fd) ||
		recvmsg(fd, &message, MSG_CMSG_CLOEXEC) <= 0)
		return unavailable(e, "no answer");
	*watch = received_fd(&message);
	if (*watch < 0)
		return unavailable(e, "it cannot say when its keys change");
	*connection = take_fd(&fd);
	return true;
}

static bool
describe(struct call *c, const char *kind, struct slice der, struct issued_certificate *out,
	struct error *e)
{
	autox509 *cert = NULL;
	struct cert_facts facts;

	if (!cert_load(der, &cert, e) || !cert_facts(c->arena, cert, &facts, e))
		return false;
	*out = (struct issued_certificate){
		.serial = facts.serial,
		.kind = kind,
		.subject_id = facts.common_name,
		.sha256 = facts.sha256,
		.der = der,
		.not_after = facts.not_after,
	};
	return true;
}

bool
signer_certificate(struct call *c, const char *profile, const char *common_name,
	const char *device_id, struct slice csr, int64_t days, struct issued_certificate *out,
	struct error *e)
{
	struct buf request;
	const struct json *answer;
	struct slice der;

	buf_init(&request, c->arena, MESSAGE_MAX);
	struct jsonw w = jsonw_on(&request);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "op", "certificate");
	jsonw_str(&w, "profile", profile);
	jsonw_str(&w, "commonName", common_name);
	jsonw_b64(&w, "csr", csr);
	jsonw_int(&w, "days", days);
	if (device_id)
		jsonw_str(&w, "deviceId", device_id);
	jsonw_end_object(&w);
	return ask(c, &request, &answer, e) &&
		json_need_b64(c->arena, answer, "certificate", 32 << 10, &der, e) &&
		describe(c, profile, der, out, e);
}

bool
signer_token(struct call *c, const char *claims, const char **token, struct error *e)
{
	struct buf request;
	const struct json *answer;

	buf_init(&request, c->arena, MESSAGE_MAX);
	struct jsonw w = jsonw_on(&request);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "op", "token");
	jsonw_raw(&w, "claims", claims);
	jsonw_end_object(&w);
	if (!ask(c, &request, &answer, e) || !json_need_str(answer, "token", 16 << 10, token, e))
		return false;
	token_keys_expect(c->service->tokens, json_str(answer, "kid"));
	return true;
}

bool
signer_job(struct call *c, const char *connector_id, const char *job, const char **token,
	struct error *e)
{
	struct buf request;
	const struct json *answer;

	buf_init(&request, c->arena, MESSAGE_MAX);
	struct jsonw w = jsonw_on(&request);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "op", "job");
	jsonw_str(&w, "connector", connector_id);
	jsonw_raw(&w, "job", job);
	jsonw_end_object(&w);
	return ask(c, &request, &answer, e) && json_need_str(answer, "token", 16 << 10, token, e);
}

bool
signer_job_keys(struct call *c, const struct json **jwks, const char **statement, struct error *e)
{
	struct buf request;
	const struct json *answer;

	buf_init(&request, c->arena, MESSAGE_MAX);
	buf_puts(&request, "{\"op\":\"jobKeys\"}");
	if (!ask(c, &request, &answer, e) ||
		!json_need_str(answer, "token", 16 << 10, statement, e))
		return false;
	*jwks = json_get(answer, "jwks");
	return *jwks || error_set(e, ERR_INTERNAL, "the signer names no keys");
}
