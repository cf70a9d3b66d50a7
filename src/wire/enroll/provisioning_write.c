// SPDX-License-Identifier: Apache-2.0
#include "codec/base64.h"
#include "codec/xml.h"
#include "wire/enroll/provisioning.h"
#include "wire/enroll/thumbprint.h"

char *
provisioning_criteria(struct arena *arena, const char *subject, enum provisioning_scope scope)
{
	struct buf out;

	buf_init(&out, arena, strlen(subject) * 3 + 64);
	buf_puts(&out, "Subject=");
	for (const unsigned char *p = (const unsigned char *)subject; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			(*p >= '0' && *p <= '9') || strchr("-._~", *p);
		if (plain)
			buf_putc(&out, (char)*p);
		else
			buf_printf(&out, "%%%02x", *p);
	}
	buf_puts(&out, scope == SCOPE_USER ? "&Stores=My%5CUser" : "&Stores=My%5CSystem");
	return arena_strdup(arena, buf_text(&out));
}

static void
open(struct xmlw *w, const char *type)
{
	xmlw_open(w, "characteristic");
	xmlw_attr(w, "type", type);
}

static void
parm(struct xmlw *w, const char *name, const char *value, const char *datatype)
{
	if (!value)
		return;
	xmlw_open(w, "parm");
	xmlw_attr(w, "name", name);
	xmlw_attr(w, "value", value);
	xmlw_attr(w, "datatype", datatype);
	xmlw_close(w);
}

static const char *
decimal(struct xmlw *w, unsigned value)
{
	return arena_printf(w->out->arena, "%u", value);
}

static void
integer(struct xmlw *w, const char *name, unsigned value)
{
	parm(w, name, decimal(w, value), "integer");
}

// A number of the APPLICATION: no data type, absent when 0.
static void
app_number(struct xmlw *w, const char *name, unsigned value)
{
	if (value)
		parm(w, name, decimal(w, value), NULL);
}

static void
write_certificate(struct xmlw *w, struct slice der, bool with_key)
{
	char name[THUMBPRINT_TEXT];

	thumbprint(der, name);
	open(w, name);
	parm(w, "EncodedCertificate", base64_encode(w->out->arena, der), NULL);
	if (with_key) {
		open(w, "PrivateKeyContainer");
		xmlw_close(w);
	}
	xmlw_close(w);
}

static void
write_trusted(struct xmlw *w, const struct provisioning_cert *cert, enum provisioning_store store)
{
	while (cert && cert->store != store)
		cert = cert->next;
	if (!cert)
		return;
	open(w, store == STORE_ROOT ? "Root" : "CA");
	open(w, "System");
	for (; cert; cert = cert->next)
		if (cert->store == store)
			write_certificate(w, cert->der, false);
	xmlw_close(w);
	xmlw_close(w);
}

static void
write_renew(struct xmlw *w, const struct provisioning_renew *renew)
{
	if (!renew)
		return;
	open(w, "WSTEP");
	open(w, "Renew");
	parm(w, "ROBOSupport", "true", "boolean");
	integer(w, "RenewPeriod", renew->period);
	integer(w, "RetryInterval", renew->retry);
	parm(w, "ServerURL", renew->server_url, "string");
	xmlw_close(w);
	xmlw_close(w);
}

static void
write_certificates(struct xmlw *w, const struct provisioning *doc)
{
	if (!doc->trusted && !doc->client_der.len && !doc->renew)
		return;
	open(w, "CertificateStore");
	write_trusted(w, doc->trusted, STORE_ROOT);
	write_trusted(w, doc->trusted, STORE_CA);
	if (doc->client_der.len || doc->renew) {
		open(w, "My");
		if (doc->client_der.len) {
			open(w, doc->scope == SCOPE_USER ? "User" : "System");
			write_certificate(w, doc->client_der, true);
			xmlw_close(w);
		}
		write_renew(w, doc->renew);
		xmlw_close(w);
	}
	xmlw_close(w);
}

static void
write_auth(struct xmlw *w, const char *level, const struct provisioning_auth *auth)
{
	if (!auth->type)
		return;
	open(w, "APPAUTH");
	parm(w, "AAUTHLEVEL", level, NULL);
	parm(w, "AAUTHTYPE", auth->type, NULL);
	parm(w, "AAUTHNAME", auth->name, NULL);
	parm(w, "AAUTHSECRET", auth->secret, NULL);
	parm(w, "AAUTHDATA", auth->nonce, NULL);
	xmlw_close(w);
}

static void
write_app(struct xmlw *w, const struct provisioning_app *app)
{
	if (!app)
		return;
	open(w, "APPLICATION");
	parm(w, "APPID", "w7", NULL);
	parm(w, "PROVIDER-ID", app->provider_id, NULL);
	parm(w, "NAME", app->name, NULL);
	parm(w, "ADDR", app->address, NULL);
	app_number(w, "ROLE", app->role);
	app_number(w, "CONNRETRYFREQ", app->retries);
	app_number(w, "INITIALBACKOFFTIME", app->initial_backoff);
	app_number(w, "MAXBACKOFFTIME", app->max_backoff);
	if (app->no_compat_retry) {
		xmlw_open(w, "parm");
		xmlw_attr(w, "name", "BACKCOMPATRETRYDISABLED");
		xmlw_close(w);
	}
	parm(w, "DEFAULTENCODING", app->encoding, NULL);
	parm(w, "SSLCLIENTCERTSEARCHCRITERIA", app->cert_criteria, NULL);
	write_auth(w, "CLIENT", &app->client);
	write_auth(w, "APPSRV", &app->server);
	xmlw_close(w);
}

static void
write_poll(struct xmlw *w, const struct provisioning_poll *poll)
{
	if (!poll)
		return;
	open(w, "Poll");
	integer(w, "NumberOfFirstRetries", poll->first_retries);
	integer(w, "IntervalForFirstSetOfRetries", poll->first_interval);
	integer(w, "NumberOfSecondRetries", poll->second_retries);
	integer(w, "IntervalForSecondSetOfRetries", poll->second_interval);
	integer(w, "NumberOfRemainingScheduledRetries", poll->remaining_retries);
	integer(w, "IntervalForRemainingScheduledRetries", poll->remaining_interval);
	parm(w, "PollOnLogin", poll->on_login ? "true" : "false", "boolean");
	xmlw_close(w);
}

static void
write_dmclient(struct xmlw *w, const struct provisioning_dmclient *client)
{
	if (!client)
		return;
	open(w, "DMClient");
	open(w, "Provider");
	open(w, client->provider_id);
	parm(w, "UPN", client->upn, "string");
	parm(w, "EntDeviceName", client->device_name, "string");
	parm(w, "EntDMID", client->device_id, "string");
	write_poll(w, client->poll);
	xmlw_close(w);
	xmlw_close(w);
	xmlw_close(w);
}

void
provisioning_write(struct buf *out, const struct provisioning *doc)
{
	struct xmlw w = xmlw_on(out);

	xmlw_open(&w, "wap-provisioningdoc");
	xmlw_attr(&w, "version", "1.1");
	write_certificates(&w, doc);
	write_app(&w, doc->app);
	write_dmclient(&w, doc->dmclient);
	xmlw_close(&w);
}
