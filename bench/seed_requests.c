// SPDX-License-Identifier: Apache-2.0
#include "bench/seed.h"

#include "base/fs.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "pki/hash.h"
#include "pki/key.h"
#include "wire/enroll/discovery.h"
#include "wire/enroll/policy.h"
#include "wire/enroll/token.h"
#include "wire/syncml/syncml.h"
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { SCRIPT_MAX = 1 << 20, MESSAGE_MAX = 64 << 10, TOKEN_SECONDS = 600 };

// --- the signer ---

bool
seed_connect(struct seed *s, struct error *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof address.sun_path, "%s", s->signer);
	s->signer_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	return (s->signer_fd >= 0 &&
		       connect(s->signer_fd, (struct sockaddr *)&address, sizeof address) == 0) ||
		error_errno(e, "%s", s->signer);
}

static bool
ask(struct seed *s, const struct buf *request, const struct json **out, struct error *e)
{
	struct arena *arena = s->work.arena;
	uint8_t *answer = arena_alloc(arena, MESSAGE_MAX);

	if (!buf_ok(request, e))
		return false;
	if (send(s->signer_fd, request->data, request->len, MSG_NOSIGNAL) != (ssize_t)request->len)
		return error_errno(e, "signer");
	ssize_t len = recv(s->signer_fd, answer, MESSAGE_MAX, 0);
	if (len <= 0)
		return error_errno(e, "signer");
	*out = json_parse(arena, slice_of(answer, (size_t)len), NULL, e);
	if (*out && json_str(*out, "error"))
		return error_set(e, ERR_DENIED, "signer: %s", json_str(*out, "message"));
	return *out != NULL;
}

bool
seed_certificate(struct seed *s, const char *common_name, struct slice csr, int64_t days,
	struct slice *der, struct error *e)
{
	struct buf request;
	const struct json *answer;

	buf_init(&request, s->work.arena, MESSAGE_MAX);
	struct jsonw w = jsonw_on(&request);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "op", "certificate");
	jsonw_str(&w, "profile", "device");
	jsonw_str(&w, "commonName", common_name);
	jsonw_b64(&w, "csr", csr);
	jsonw_int(&w, "days", days);
	jsonw_end_object(&w);
	return ask(s, &request, &answer, e) &&
		json_need_b64(s->work.arena, answer, "certificate", 32 << 10, der, e);
}

// The claims of ferryd's device_token_sign().
static bool
device_token(struct seed *s, const struct subject *subject, const char **token, struct error *e)
{
	struct buf request;
	const struct json *answer;
	struct slice spki;
	int64_t now = clock_now() / US_PER_S;

	if (!key_spki(s->work.arena, subject->key, &spki, e))
		return false;
	buf_init(&request, s->work.arena, MESSAGE_MAX);
	struct jsonw w = jsonw_on(&request);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "op", "token");
	jsonw_object(&w, "claims");
	jsonw_str(&w, "iss", s->base_url);
	jsonw_str(&w, "aud", "urn:ferry:device-enrollment");
	jsonw_str(&w, "tid", s->work.tenant_id);
	jsonw_str(&w, "sub", subject->device_id);
	jsonw_str(&w, "deployment", subject->deployment_id);
	jsonw_str(&w, "attestation", subject->attestation_id);
	jsonw_str(&w, "key", sha256_hex(s->work.arena, spki));
	jsonw_int(&w, "iat", now);
	jsonw_int(&w, "nbf", now);
	jsonw_int(&w, "exp", now + TOKEN_SECONDS);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	return ask(s, &request, &answer, e) && json_need_str(answer, "token", 16 << 10, token, e);
}

// --- the script ---

static void
begin(struct buf *script, unsigned requests)
{
	buf_printf(script, "session %u\n", requests);
}

static void
add(struct seed *s, struct buf *script, const char *method, const char *path, const char *type,
	struct slice body)
{
	struct arena *arena = s->work.arena;
	const char *host = strstr(s->base_url, "//") + 2;
	const char *head = body.len
		? arena_printf(arena,
			  "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: "
			  "%zu\r\n\r\n",
			  method, path, host, type, body.len)
		: arena_printf(arena, "%s %s HTTP/1.1\r\nHost: %s\r\n\r\n", method, path, host);

	buf_printf(script, "request %zu\n%s", strlen(head) + body.len, head);
	buf_put(script, body.data, body.len);
	buf_printf(script, "\n");
}

static bool
save_one(struct seed *s, const char *name, const char *method, const char *path, const char *type,
	struct slice body, struct error *e)
{
	struct buf script;

	buf_init(&script, s->work.arena, SCRIPT_MAX);
	begin(&script, 1);
	add(s, &script, method, path, type, body);
	return buf_ok(&script, e) &&
		fs_write(arena_printf(s->work.arena, "%s/%s", s->out, name), buf_slice(&script),
			0600, e);
}

// --- management ---

#define HEADER                                                                                     \
	"<SyncML "                                                                                 \
	"xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"      \
	"<SessionID>1</SessionID><MsgID>%s</MsgID><Target><LocURI>%s/ManagementServer/MDM.svc</"   \
	"LocURI></Target>"                                                                         \
	"<Source><LocURI>%s</LocURI></Source></SyncHdr><SyncBody>"

// Package 1 of a session (mdm-wire.md section 8): alerts and DevInfo.
static const char hello[] =
	"<Alert><CmdID>1</CmdID><Data>1201</Data></Alert>"
	"<Alert><CmdID>2</CmdID><Data>1224</Data><Item><Meta><Format "
	"xmlns=\"syncml:metinf\">chr</Format>"
	"<Type "
	"xmlns=\"syncml:metinf\">com.microsoft/MDM/LoginStatus</Type></Meta><Data>others</Data></"
	"Item></Alert>"
	"<Replace><CmdID>3</CmdID>"
	"<Item><Source><LocURI>./DevInfo/DevId</LocURI></"
	"Source><Data>8c2c1c56-76b8-4b7a-8a0e-0b4d3a8d7f10</Data></Item>"
	"<Item><Source><LocURI>./DevInfo/Man</LocURI></Source><Data>Contoso</Data></Item>"
	"<Item><Source><LocURI>./DevInfo/Mod</LocURI></Source><Data>LabPC 14</Data></Item>"
	"<Item><Source><LocURI>./DevInfo/DmV</LocURI></Source><Data>1.3</Data></Item>"
	"<Item><Source><LocURI>./DevInfo/Lang</LocURI></Source><Data>en-US</Data></Item>"
	"</Replace><Final/></SyncBody></SyncML>";

static void
status(struct buf *out, unsigned number, const char *ref, const char *command)
{
	buf_printf(out,
		"<Status><CmdID>%u</CmdID><MsgRef>1</MsgRef><CmdRef>%s</CmdRef><Cmd>%s</"
		"Cmd><Data>200</Data></Status>",
		number, ref, command);
}

static void
result(struct buf *out, unsigned number, const char *ref, const char *node, const char *value)
{
	buf_printf(out,
		"<Results><CmdID>%u</CmdID><MsgRef>1</MsgRef><CmdRef>%s</"
		"CmdRef><Item><Source><LocURI>%s</LocURI>"
		"</Source><Data>%s</Data></Item></Results>",
		number, ref, node, value);
}

// What the device answers to what it is sent when nothing is left to do: the session's last
// message.
static void
goodbye(struct buf *out)
{
	status(out, 1, "0", "SyncHdr");
	status(out, 2, "edevice0", "Replace");
	status(out, 3, "edevice1", "Replace");
	status(out, 4, "edevice2", "Replace");
	status(out, 5, "g0", "Get");
	status(out, 6, "g1", "Get");
	status(out, 7, "g2", "Get");
	status(out, 8, "done-device", "Replace");
	result(out, 9, "g0", "./Vendor/MSFT/DeviceStatus/TPM/SpecificationVersion", "2.0");
	result(out, 10, "g1", "./Vendor/MSFT/DeviceStatus/DomainName", "corp.example.com");
	result(out, 11, "g2", "./Device/Vendor/Ferry/Domain/KeyProven", "true");
	buf_printf(out, "<Final/></SyncBody></SyncML>");
}

static bool
write_syncml(struct seed *s, const struct subject *subject, struct error *e)
{
	struct buf script, first, second;

	buf_init(&script, s->work.arena, SCRIPT_MAX);
	buf_init(&first, s->work.arena, SCRIPT_MAX);
	buf_init(&second, s->work.arena, SCRIPT_MAX);
	buf_printf(&first, HEADER "%s", "1", s->base_url, subject->enrollment_id, hello);
	buf_printf(&second, HEADER, "2", s->base_url, subject->enrollment_id);
	goodbye(&second);
	begin(&script, 2);
	add(s, &script, "POST", "/ManagementServer/MDM.svc", SYNCML_CONTENT_TYPE,
		buf_slice(&first));
	add(s, &script, "POST", "/ManagementServer/MDM.svc", SYNCML_CONTENT_TYPE,
		buf_slice(&second));
	return buf_ok(&script, e) &&
		save_one(s, "syncml1", "POST", "/ManagementServer/MDM.svc", SYNCML_CONTENT_TYPE,
			buf_slice(&first), e) &&
		save_one(s, "syncml2", "POST", "/ManagementServer/MDM.svc", SYNCML_CONTENT_TYPE,
			buf_slice(&second), e) &&
		fs_write(arena_printf(s->work.arena, "%s/syncml", s->out), buf_slice(&script), 0600,
			e);
}

bool
seed_write_managed(struct seed *s, const struct subject *subject, struct error *e)
{
	static const char event[] = "{\"events\":[{\"phase\":\"deviceSetup\",\"row\":"
				    "\"deviceApps\",\"state\":\"working\","
				    "\"reason\":\"benchmark\"}]}";
	struct slice nothing = {0};

	return save_one(s, "health", "GET", "/healthz", NULL, nothing, e) &&
		save_one(s, "profile", "GET", "/device/v1/profile", NULL, nothing, e) &&
		save_one(s, "event", "POST", "/device/v1/events", "application/json",
			slice_str(event), e) &&
		write_syncml(s, subject, e);
}

// --- enrolment ---

static struct soap_header
header(struct seed *s, const char *path, const char *token)
{
	struct soap_header h = {
		.message_id = arena_printf(s->work.arena, "urn:uuid:%s", uuid_new(s->work.arena)),
		.to = arena_printf(s->work.arena, "%s%s", s->base_url, path),
	};

	if (token)
		h.security =
			(struct soap_security){.kind = SOAP_AUTH_JWT, .token = slice_str(token)};
	return h;
}

static void
add_soap(struct seed *s, struct buf *script, const char *path, const struct buf *body)
{
	add(s, script, "POST", path, SOAP_CONTENT_TYPE, buf_slice(body));
}

bool
seed_enrolment(struct seed *s, const struct subject *subject, struct buf *script, struct error *e)
{
	static const char discovery_path[] = "/EnrollmentServer/Discovery.svc";
	static const char policy_path[] = "/EnrollmentServer/Policy.svc",
			  path[] = "/EnrollmentServer/Enrollment.svc";
	struct token_item version = {.name = "RequestVersion", .value = "5.0"};
	struct token_item type = {.next = &version, .name = "EnrollmentType", .value = "Device"};
	struct token_item id = {.next = &type, .name = "DeviceID", .value = subject->device_id};
	const char *token;
	struct buf discovery, policy, request;

	if (!device_token(s, subject, &token, e))
		return false;
	struct discovery_request d = {
		.header = header(s, discovery_path, NULL),
		.email = "",
		.version = {5, 0},
		.device_type = "CIMClient_Windows",
		.application_version = "10.0.26100.1",
		.os_edition = "4",
		.auth_policies = AUTH_FEDERATED | AUTH_ONPREMISE,
	};
	struct policy_request p = {.header = header(s, policy_path, token)};
	struct token_request r = {.header = header(s, path, token),
		.type = TOKEN_ISSUE,
		.request = subject->csr,
		.items = &id};
	buf_init(&discovery, s->work.arena, SCRIPT_MAX);
	buf_init(&policy, s->work.arena, SCRIPT_MAX);
	buf_init(&request, s->work.arena, SCRIPT_MAX);
	discovery_request_write(&discovery, &d);
	policy_request_write(&policy, &p);
	token_request_write(&request, &r);
	begin(script, 3);
	add_soap(s, script, discovery_path, &discovery);
	add_soap(s, script, policy_path, &policy);
	add_soap(s, script, path, &request);
	return buf_ok(script, e) && buf_ok(&discovery, e) && buf_ok(&policy, e) &&
		buf_ok(&request, e);
}
