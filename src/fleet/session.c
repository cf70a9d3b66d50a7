// SPDX-License-Identifier: Apache-2.0
// One OMA-DM session. The device does nothing of what it is told and says that all of it is done:
// it is the service that is looked at.
#include "fleet/fleet.h"

#include "base/str.h"
#include "codec/base64.h"
#include "tpm/sealed.h"
#include "wire/syncml/compose.h"

enum { MESSAGE_MAX = 1 << 20, MAX_MESSAGES = 200, BLOB_MAX = 128 << 10 };

struct session {
	struct fleet_device *d;
	struct syncml_session dm;
};

// Package 1 (mdm-wire.md section 8): alerts, then DevInfo.
static void
say_hello(struct session *s)
{
	struct fleet_device *d = s->d;
	static const struct syncml_dev_info info = {
		.manufacturer = "Ferry", .model = "Simulated", .language = "en-US"};

	syncml_alert(&s->dm, "1201", NULL, NULL, NULL, NULL);
	syncml_alert(&s->dm, "1224", "com.microsoft/MDM/LoginStatus", "chr", NULL, "others");
	if (!d->told_bootstrap)
		syncml_alert(
			&s->dm, "1224", "com.microsoft/MDM/BootstrapSync", "chr", NULL, "device");
	if (d->hybrid && !d->joined)
		syncml_alert(&s->dm, "1224", "com.microsoft/MDM/OdjSync", "chr", NULL, "device");
	for (size_t i = 0; i < d->app_count; i++)
		syncml_alert(&s->dm, "1226",
			"Reversed-Domain-Name:com.microsoft.mdm.win32csp_install", "int",
			d->apps[i], "70");
	d->app_count = 0;
	syncml_dev_info(&s->dm, &info);
}

// The blob of a domain join is opened, so that its seal is put to the test, and thrown away.
static int
open_blob(struct fleet_device *d, const struct syncml_command *command, const char *data)
{
	const char *slash = command->correlator ? strchr(command->correlator, '/') : NULL;
	uint8_t name[TPM_NAME_LEN];
	struct slice container, secret, plain;
	struct tpm_sealed sealed;
	struct error e;

	if (!slash || !data)
		return 400;
	const char *context = arena_printf(d->arena, "ferry-odj\n%.*s\n%s\n%s",
		(int)(slash - command->correlator), command->correlator, d->ztd_id, slash + 1);
	d->joined =
		base64_decode(d->arena, slice_str(data), BASE64_STRICT, BLOB_MAX, &container, &e) &&
		tpm_sealed_parse(container, &sealed, &e) && tpm_soft_ak_name(&d->soft, name, &e) &&
		tpm_activate_credential(d->arena, d->soft.ek, name, sealed.credential,
			sealed.wrapped, &secret, &e) &&
		tpm_sealed_open(d->arena, &sealed, secret, slice_str(context), &plain, &e);
	return d->joined ? 200 : 500;
}

static const char *
value_of(struct fleet_device *d, const char *uri)
{
	return str_ends(uri, "/TPM/SpecificationVersion") ? "2.0"
		: str_ends(uri, "/DeviceHardwareData")	  ? d->hash
							  : NULL;
}

static int
obey_one(struct fleet_device *d, const struct syncml_command *command, const char *uri,
	const char *data)
{
	if (command->type == SYNCML_GET)
		return value_of(d, uri) ? 200 : 404;
	if (strstr(uri, "/OfflineDomainJoin/"))
		return open_blob(d, command, data);
	if (str_ends(uri, "/ServerHasFinishedProvisioning"))
		d->done |= str_starts(uri, "./Device/") && str_eq(data, "true");
	if (command->type == SYNCML_EXEC && str_ends(uri, "/DownloadInstall")) {
		d->apps =
			arena_more(d->arena, d->apps, d->app_count, &d->app_room, sizeof *d->apps);
		d->apps[d->app_count++] = uri;
		return 202;
	}
	return 200;
}

static void
obey(struct session *s, const char *msg_ref, const struct syncml_command *command)
{
	const struct syncml_item *item = command->items;
	const char *uri = item ? item->target : NULL;
	int code = uri ? obey_one(s->d, command, uri, item->data) : 400;

	syncml_status(&s->dm, msg_ref, command, uri, code);
	if (uri && command->type == SYNCML_GET && code == 200)
		syncml_result(&s->dm, msg_ref, command, uri, value_of(s->d, uri));
}

static bool
exchange(struct session *s, struct syncml_message **reply, struct error *e)
{
	struct fleet_device *d = s->d;
	const char *base = d->fleet->options->url;
	struct http_client_response response;
	struct buf body;

	if (!str_starts(d->mdm_url, base))
		return error_fault(
			e, ERR_DENIED, "management_failed", "the management address is elsewhere");
	buf_init(&body, d->arena, MESSAGE_MAX);
	syncml_write(&body, s->dm.out);
	struct http_client_request request = {.method = "POST",
		.path = d->mdm_url + strlen(base),
		.content_type = SYNCML_CONTENT_TYPE,
		.body = buf_slice(&body)};
	if (!buf_ok(&body, e) || !fleet_send(d, true, &request, &response, e))
		return false;
	if (response.status != 200)
		return error_fault(
			e, ERR_PROTOCOL, "management_failed", "HTTP status %d", response.status);
	return syncml_parse(d->arena, response.body, reply, e);
}

static bool
work(struct session *s, const struct syncml_message *reply)
{
	bool more = false;

	syncml_reply(&s->dm, reply->msg_id);
	for (const struct syncml_command *c = reply->commands; c; c = c->next) {
		if (c->type == SYNCML_STATUS || c->type == SYNCML_RESULTS)
			continue;
		more = true;
		obey(s, reply->msg_id, c);
	}
	return more;
}

bool
fleet_session(struct fleet_device *d, struct error *e)
{
	struct session s = {.d = d,
		.dm = {.arena = d->arena, .target = d->mdm_url, .source = d->enrollment_id}};
	struct syncml_message *reply;

	syncml_next(&s.dm);
	say_hello(&s);
	do {
		if (s.dm.msg_id > MAX_MESSAGES)
			return error_fault(
				e, ERR_PROTOCOL, "management_failed", "the session does not end");
		if (!exchange(&s, &reply, e))
			return false;
	} while (work(&s, reply));
	d->told_bootstrap = true;
	return true;
}
