// SPDX-License-Identifier: Apache-2.0
// Test helper: the SPNEGO token that a browser with the user's tickets would send, in base64.
//
//   connector_token_tool SERVICE@HOST [TLS-END-POINT]
//
// The end point is a hash in hexadecimal that the token is bound to (RFC 5929).
#include "base/arena.h"
#include "codec/base64.h"
#include <gssapi/gssapi_ext.h>
#include <stdio.h>
#include <string.h>

static gss_OID_desc SPNEGO = {6, (void *)"\x2b\x06\x01\x05\x05\x02"};
static const char PREFIX[] = "tls-server-end-point:";

enum { MAX_BINDING = 128 };

static size_t
end_point(const char *hex, char out[MAX_BINDING])
{
	size_t len = sizeof PREFIX - 1;
	unsigned byte;

	memcpy(out, PREFIX, len);
	for (; len < MAX_BINDING && sscanf(hex, "%2x", &byte) == 1; hex += 2)
		out[len++] = (char)byte;
	return len;
}

int
main(int argc, char **argv)
{
	autoarena(arena, ARENA_SMALL);
	struct gss_channel_bindings_struct bindings = {0};
	char binding[MAX_BINDING];
	gss_name_t name = GSS_C_NO_NAME;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc text, out = {0};
	OM_uint32 minor, ignored;

	if (argc < 2)
		return 2;
	text = (gss_buffer_desc){strlen(argv[1]), argv[1]};
	if (argc > 2) {
		bindings.application_data.value = binding;
		bindings.application_data.length = end_point(argv[2], binding);
	}
	OM_uint32 major = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name);
	if (major == GSS_S_COMPLETE)
		major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, name, &SPNEGO,
			0, 0, argc > 2 ? &bindings : GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER,
			NULL, &out, NULL, NULL);
	if (!GSS_ERROR(major))
		printf("%s\n", base64_encode(&arena, slice_of(out.value, out.length)));
	else
		fprintf(stderr, "GSSAPI %x %x\n", major, minor);
	gss_release_buffer(&ignored, &out);
	gss_release_name(&ignored, &name);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	return GSS_ERROR(major) ? 1 : 0;
}
