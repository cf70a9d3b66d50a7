// SPDX-License-Identifier: Apache-2.0
// DiagnosticLog/DiagnosticArchive/ArchiveDefinition: somebody asks for diagnostics (mdm-wire.md
// section 9.5). Sent once the session is over, and only to the service itself.
#include "agent/csp/csp.h"
#include "base/str.h"
#include "codec/xml.h"

enum { ID_LEN = 36 };

static bool
read_definition(struct csp_call *call, const char **id, struct error *e)
{
	const struct xml *root = xml_parse(call->arena, slice_str(call->data), NULL, e);

	if (!root)
		return false;
	const char *url = xml_child_text(call->arena, root, "", "SasUrl");
	*id = xml_child_text(call->arena, root, "", "ID");
	if (!*id || strlen(*id) != ID_LEN || strspn(*id, "0123456789abcdef-") != ID_LEN)
		return error_set(e, ERR_INVALID, "the collection has no ID");
	const char *own =
		arena_printf(call->arena, "%s/device/v1/logs/%s", call->agent->config.url, *id);
	return str_eq(url, own) ||
		error_set(e, ERR_DENIED, "diagnostics only go to the service itself");
}

int
csp_diagnostic_log(struct csp_call *call)
{
	const char *id;

	if (!str_ends(call->path, "/DiagnosticArchive/ArchiveDefinition"))
		return 404;
	if (call->type != SYNCML_ADD && call->type != SYNCML_REPLACE && call->type != SYNCML_EXEC)
		return 405;
	if (!call->data || !read_definition(call, &id, &call->why))
		return csp_failed(call, "agent_error");
	call->agent->log_wanted = arena_strdup(call->agent->arena, id);
	return 200;
}
