// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "codec/base64.h"
#include "codec/xml.h"
#include "wire/enroll/provisioning.h"
#include "wire/enroll/thumbprint.h"

struct reader {
	struct arena *arena;
	size_t certs;
	const struct provisioning_cert **trusted_link;
	struct provisioning *doc;
	struct error *e;
	bool failed; // a number was no number; checked once at the end
};

// The characteristic with that type (case matters), or NULL.
static const struct xml *
inside(const struct xml *parent, const char *type)
{
	const struct xml *n = xml_child(parent, "", "characteristic");

	while (n && !str_eq(xml_attr(n, "", "type"), type))
		n = xml_next(n, "", "characteristic");
	return n;
}

static const struct xml *
find_parm(const struct xml *parent, const char *name)
{
	const struct xml *n = xml_child(parent, "", "parm");

	while (n && !str_eq(xml_attr(n, "", "name"), name))
		n = xml_next(n, "", "parm");
	return n;
}

static const char *
parm(const struct xml *parent, const char *name)
{
	return xml_attr(find_parm(parent, name), "", "value");
}

static unsigned
number(struct reader *r, const struct xml *parent, const char *name)
{
	const char *text = parm(parent, name);
	uint64_t value = 0;

	if (text && !str_to_u64(text, UINT32_MAX, &value) && !r->failed) {
		r->failed = true;
		error_fault(r->e, ERR_INVALID, "provisioning_bad_number",
			"line %zu: %s has the value \"%.30s\"", parent->line, name, text);
	}
	return (unsigned)value;
}

static bool
bad_certificate(struct reader *r, const struct xml *node, const char *what)
{
	return error_fault(r->e, ERR_INVALID, "provisioning_bad_certificate",
		"line %zu: the certificate %.64s %s", node->line, xml_attr(node, "", "type"), what);
}

static bool
read_certificate(struct reader *r, const struct xml *node, struct slice *der)
{
	const char *text = parm(node, "EncodedCertificate");
	char name[THUMBPRINT_TEXT];
	struct slice bytes;

	if (++r->certs > PROVISIONING_MAX_CERTS)
		return error_fault(r->e, ERR_LIMIT, "provisioning_too_large",
			"more than %d certificates", PROVISIONING_MAX_CERTS);
	if (str_empty(text))
		return bad_certificate(r, node, "is empty");
	if (!base64_decode(r->arena, slice_str(text), BASE64_WHITESPACE, PROVISIONING_MAX_CERT,
		    &bytes, r->e)) {
		if (r->e->code != ERR_LIMIT)
			return bad_certificate(r, node, "is not base64");
		r->e->fault = "provisioning_too_large";
		return false;
	}
	thumbprint(bytes, name);
	if (!str_ieq(name, xml_attr(node, "", "type")))
		return bad_certificate(r, node, "has another thumbprint");
	*der = bytes;
	return true;
}

static bool
has_thumbprint(struct reader *r, const struct xml *node)
{
	return xml_attr(node, "", "type") ||
		error_fault(r->e, ERR_INVALID, "provisioning_bad_certificate",
			"line %zu: a certificate without thumbprint", node->line);
}

static bool
read_trusted(struct reader *r, const struct xml *store, enum provisioning_store kind)
{
	const struct xml *system = inside(store, "System");

	for (const struct xml *n = xml_child(system, "", "characteristic"); n;
		n = xml_next(n, "", "characteristic")) {
		struct provisioning_cert *cert = arena_new(r->arena, struct provisioning_cert);
		cert->store = kind;
		if (!has_thumbprint(r, n) || !read_certificate(r, n, &cert->der))
			return false;
		*r->trusted_link = cert;
		r->trusted_link = &cert->next;
	}
	return true;
}

static bool
read_client(struct reader *r, const struct xml *my, const char *scope, enum provisioning_scope kind)
{
	const struct xml *store = inside(my, scope);

	for (const struct xml *n = xml_child(store, "", "characteristic"); n;
		n = xml_next(n, "", "characteristic")) {
		// PrivateKeyContainer also stands beside the certificate.
		if (!find_parm(n, "EncodedCertificate"))
			continue;
		if (!has_thumbprint(r, n) || !read_certificate(r, n, &r->doc->client_der))
			return false;
		r->doc->scope = kind;
	}
	return true;
}

static void
read_renew(struct reader *r, const struct xml *my)
{
	const struct xml *node = inside(inside(my, "WSTEP"), "Renew");

	if (!node)
		return;
	struct provisioning_renew *renew = arena_new(r->arena, struct provisioning_renew);
	renew->period = number(r, node, "RenewPeriod");
	renew->retry = number(r, node, "RetryInterval");
	renew->server_url = parm(node, "ServerURL");
	r->doc->renew = renew;
}

// Root, CA and My may be spread over several CertificateStore characteristics.
static bool
read_certificates(struct reader *r, const struct xml *store)
{
	const struct xml *my = inside(store, "My");

	read_renew(r, my);
	return read_trusted(r, inside(store, "Root"), STORE_ROOT) &&
		read_trusted(r, inside(store, "CA"), STORE_CA) &&
		read_client(r, my, "User", SCOPE_USER) &&
		read_client(r, my, "System", SCOPE_SYSTEM);
}

static void
read_auth(const struct xml *app, const char *level, struct provisioning_auth *auth)
{
	for (const struct xml *n = xml_child(app, "", "characteristic"); n;
		n = xml_next(n, "", "characteristic"))
		if (str_eq(xml_attr(n, "", "type"), "APPAUTH") &&
			str_eq(parm(n, "AAUTHLEVEL"), level))
			*auth = (struct provisioning_auth){.type = parm(n, "AAUTHTYPE"),
				.name = parm(n, "AAUTHNAME"),
				.secret = parm(n, "AAUTHSECRET"),
				.nonce = parm(n, "AAUTHDATA")};
}

static void
read_app(struct reader *r, const struct xml *node)
{
	if (!str_eq(parm(node, "APPID"), "w7"))
		return; // other kinds of application may be provisioned beside
	struct provisioning_app *app = arena_new(r->arena, struct provisioning_app);
	app->provider_id = parm(node, "PROVIDER-ID");
	app->name = parm(node, "NAME");
	app->address = parm(node, "ADDR");
	app->role = number(r, node, "ROLE");
	app->retries = number(r, node, "CONNRETRYFREQ");
	app->initial_backoff = number(r, node, "INITIALBACKOFFTIME");
	app->max_backoff = number(r, node, "MAXBACKOFFTIME");
	app->no_compat_retry = find_parm(node, "BACKCOMPATRETRYDISABLED") != NULL;
	app->encoding = parm(node, "DEFAULTENCODING");
	app->cert_criteria = parm(node, "SSLCLIENTCERTSEARCHCRITERIA");
	read_auth(node, "CLIENT", &app->client);
	read_auth(node, "APPSRV", &app->server);
	r->doc->app = app;
}

static const struct provisioning_poll *
read_poll(struct reader *r, const struct xml *node)
{
	if (!node)
		return NULL;
	struct provisioning_poll *poll = arena_new(r->arena, struct provisioning_poll);
	poll->first_retries = number(r, node, "NumberOfFirstRetries");
	poll->first_interval = number(r, node, "IntervalForFirstSetOfRetries");
	poll->second_retries = number(r, node, "NumberOfSecondRetries");
	poll->second_interval = number(r, node, "IntervalForSecondSetOfRetries");
	poll->remaining_retries = number(r, node, "NumberOfRemainingScheduledRetries");
	poll->remaining_interval = number(r, node, "IntervalForRemainingScheduledRetries");
	poll->on_login = str_ieq(parm(node, "PollOnLogin"), "true");
	return poll;
}

static void
read_dmclient(struct reader *r, const struct xml *node)
{
	const struct xml *provider = xml_child(inside(node, "Provider"), "", "characteristic");

	if (!provider || !xml_attr(provider, "", "type"))
		return;
	struct provisioning_dmclient *client = arena_new(r->arena, struct provisioning_dmclient);
	client->provider_id = xml_attr(provider, "", "type");
	client->upn = parm(provider, "UPN");
	client->device_name = parm(provider, "EntDeviceName");
	client->device_id = parm(provider, "EntDMID");
	client->poll = read_poll(r, inside(provider, "Poll"));
	r->doc->dmclient = client;
}

static bool
read_document(struct reader *r, const struct xml *root)
{
	for (const struct xml *n = xml_child(root, "", "characteristic"); n;
		n = xml_next(n, "", "characteristic")) {
		const char *type = xml_attr(n, "", "type");
		if (str_eq(type, "CertificateStore") && !read_certificates(r, n))
			return false;
		if (str_eq(type, "APPLICATION"))
			read_app(r, n);
		if (str_eq(type, "DMClient"))
			read_dmclient(r, n);
	}
	return !r->failed;
}

bool
provisioning_parse(
	struct arena *arena, struct slice text, struct provisioning *out, struct error *e)
{
	struct provisioning doc = {0};
	struct reader r = {.arena = arena, .doc = &doc, .e = e, .trusted_link = &doc.trusted};
	const struct xml *root = xml_parse(arena, text, NULL, e);

	if (!root) {
		e->fault = e->code == ERR_LIMIT ? "provisioning_too_large" : "provisioning_not_xml";
		return false;
	}
	if (!xml_is(root, "", "wap-provisioningdoc"))
		return error_fault(e, ERR_INVALID, "provisioning_not_xml",
			"<%.60s> is no wap-provisioningdoc", root->name);
	if (!read_document(&r, root))
		return false;
	*out = doc;
	return true;
}
