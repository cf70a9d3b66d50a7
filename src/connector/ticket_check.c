// SPDX-License-Identifier: Apache-2.0
#include "connector/ticket_check.h"

#include "base/str.h"
#include "connector/pac.h"
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

static gss_OID_desc SPNEGO = {6, (void *)"\x2b\x06\x01\x05\x05\x02"};
static const char BINDING_PREFIX[] = "tls-server-end-point:";

enum { MAX_BINDING = 128 };

static bool refused(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

static bool
refused(struct error *e, const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return error_fault(e, ERR_DENIED, "ticket_refused", "%s", text);
}

// GSSAPI's words for what went wrong; the mechanism's are the more precise ones.
static bool
gss_refused(struct error *e, OM_uint32 major, OM_uint32 minor)
{
	gss_buffer_desc text = {0};
	OM_uint32 ignored, more = 0;
	bool by_mechanism = minor != 0;

	if (gss_display_status(&ignored, by_mechanism ? minor : major,
		    by_mechanism ? GSS_C_MECH_CODE : GSS_C_GSS_CODE, gss_mech_krb5, &more,
		    &text) != GSS_S_COMPLETE)
		return refused(e, "the ticket was refused (GSSAPI %x)", major);
	refused(e, "%.*s", (int)text.length, (const char *)text.value);
	gss_release_buffer(&ignored, &text);
	return false;
}

static bool
acquire(struct arena *arena, const struct connector_config *config, gss_cred_id_t *out,
	struct error *e)
{
	gss_key_value_element_desc elements[] = {
		{"keytab", arena_printf(arena, "FILE:%s", config->sign_in.sso_keytab)},
		// Over a restart too: a ticket can be used once (RFC 4120 section 3.2.3).
		{"rcache", arena_printf(arena, "file2:%s/tickets", config->state_dir)},
	};
	const gss_key_value_set_desc store = {2, elements};
	gss_OID_set_desc spnego = {1, &SPNEGO}, kerberos = {1, (gss_OID)gss_mech_krb5};
	OM_uint32 minor;

	OM_uint32 major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &spnego,
		GSS_C_ACCEPT, &store, out, NULL, NULL);
	if (major == GSS_S_COMPLETE)
		major = gss_set_neg_mechs(&minor, *out, &kerberos);
	if (major == GSS_S_COMPLETE)
		return true;
	gss_refused(e, major, minor);
	e->fault = "sso_not_configured";
	e->code = ERR_UNAVAILABLE;
	return false;
}

static const char *
name_text(struct arena *arena, gss_name_t name)
{
	gss_buffer_desc text = {0};
	OM_uint32 minor;
	const char *out = "";

	if (gss_display_name(&minor, name, &text, NULL) == GSS_S_COMPLETE)
		out = arena_strndup(arena, text.value, text.length);
	gss_release_buffer(&minor, &text);
	return out;
}

// Only when the PAC's signature was good does the library call it authenticated.
static bool
read_sid(struct arena *arena, gss_name_t name, char **sid, struct error *e)
{
	gss_buffer_desc attribute = {0, (void *)"urn:mspac:upn-dns-info"}, value = {0},
			display = {0};
	int authenticated = 0, complete = 0, more = -1;
	OM_uint32 minor;

	attribute.length = strlen(attribute.value);
	OM_uint32 major = gss_get_name_attribute(
		&minor, name, &attribute, &authenticated, &complete, &value, &display, &more);
	if (major != GSS_S_COMPLETE || !authenticated)
		return refused(e, "the ticket carries no signed UPN_DNS_INFO");
	bool ok = pac_sid(arena, slice_of(value.value, value.length), sid, e);
	gss_release_buffer(&minor, &value);
	gss_release_buffer(&minor, &display);
	return ok || refused(e, "%s", arena_strdup(arena, e->message));
}

// "https://host[:port]/…" to "HTTP/host@REALM".
static const char *
service_name(struct arena *arena, const struct connector_config *config)
{
	const char *host = config->url + strlen("https://");
	const char *name = arena_strndup(arena, host, strcspn(host, ":/"));

	return arena_printf(arena, "HTTP/%s@%s", name, str_upper(arena, config->ad.domain));
}

static bool
judge(struct arena *arena, const struct connector_config *config, gss_ctx_id_t context,
	gss_name_t client, struct ticket_owner *out, struct error *e)
{
	const char *realm = arena_printf(arena, "@%s", str_upper(arena, config->ad.domain));
	gss_name_t target = GSS_C_NO_NAME;
	gss_OID mechanism = GSS_C_NO_OID;
	OM_uint32 minor, major;
	char *sid;

	major = gss_inquire_context(
		&minor, context, NULL, &target, NULL, &mechanism, NULL, NULL, NULL);
	if (major != GSS_S_COMPLETE)
		return gss_refused(e, major, minor);
	const char *service = name_text(arena, target);
	gss_release_name(&minor, &target);
	if (!gss_oid_equal(mechanism, gss_mech_krb5))
		return error_fault(e, ERR_DENIED, "ticket_not_kerberos", "this is no Kerberos");
	if (!str_ieq(service, service_name(arena, config)))
		return refused(e, "the ticket is for %s", service);
	out->principal = name_text(arena, client);
	if (!str_ends(out->principal, realm))
		return refused(e, "%s is not of the realm %s", out->principal, realm + 1);
	if (!read_sid(arena, client, &sid, e))
		return false;
	out->sid = sid;
	return true;
}

static bool
accept_token(struct arena *arena, const struct connector_config *config, gss_cred_id_t cred,
	struct slice token, struct slice end_point, struct ticket_owner *out, struct error *e)
{
	gss_buffer_desc in = {token.len, (void *)(uintptr_t)token.data}, reply = {0};
	struct gss_channel_bindings_struct bindings = {0};
	char binding[MAX_BINDING];
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_name_t client = GSS_C_NO_NAME;
	OM_uint32 major, minor, ignored;
	bool bound = end_point.len > 0 && end_point.len <= MAX_BINDING - sizeof BINDING_PREFIX;

	if (bound) {
		memcpy(binding, BINDING_PREFIX, sizeof BINDING_PREFIX - 1);
		memcpy(binding + sizeof BINDING_PREFIX - 1, end_point.data, end_point.len);
		bindings.application_data.value = binding;
		bindings.application_data.length = sizeof BINDING_PREFIX - 1 + end_point.len;
	}
	major = gss_accept_sec_context(&minor, &context, cred, &in,
		bound ? &bindings : GSS_C_NO_CHANNEL_BINDINGS, &client, NULL, &reply, NULL, NULL,
		NULL);
	bool ok = major == GSS_S_COMPLETE	  ? judge(arena, config, context, client, out, e)
		: (major & GSS_S_CONTINUE_NEEDED) ? refused(e, "the token is not complete")
						  : gss_refused(e, major, minor);
	if (ok && reply.length > 0)
		out->reply = slice_of(arena_memdup(arena, reply.value, reply.length), reply.length);
	gss_release_buffer(&ignored, &reply);
	gss_release_name(&ignored, &client);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	return ok;
}

bool
ticket_check(struct arena *arena, const struct connector_config *config, struct slice token,
	struct slice end_point, struct ticket_owner *out, struct error *e)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 minor;

	*out = (struct ticket_owner){0};
	if (!config->sign_in.sso_keytab)
		return error_fault(e, ERR_UNAVAILABLE, "sso_not_configured",
			"the connector has no key for the service's name (sso_keytab)");
	if (token.len >= 7 && memcmp(token.data, "NTLMSSP", 7) == 0)
		return error_fault(e, ERR_DENIED, "ticket_not_kerberos", "NTLM is not accepted");
	if (!acquire(arena, config, &cred, e))
		return false;
	bool ok = accept_token(arena, config, cred, token, end_point, out, e);
	gss_release_cred(&minor, &cred);
	return ok;
}
