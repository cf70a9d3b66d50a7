// SPDX-License-Identifier: Apache-2.0
// EnterpriseDesktopAppManagement/MSI/{id}/DownloadInstall: Add, then Exec with an MsiInstallJob.
// The package is a .deb here.
#include "agent/csp/csp.h"
#include "base/str.h"
#include "codec/xml.h"

static const struct xml *
child(const struct xml *parent, const char *name)
{
	return xml_child(parent, "", name);
}

// The path on our own service: content is fetched from nowhere else (threats row 22).
static bool
own_path(struct csp_call *call, const char *url, const char **out, struct error *e)
{
	size_t len = strlen(call->agent->config.url);

	if (!str_starts(url, call->agent->config.url) || !str_starts(url + len, "/content/"))
		return error_set(e, ERR_DENIED, "content is only taken from the service itself");
	*out = url + len;
	return true;
}

static bool
read_job(struct csp_call *call, struct app *out, struct error *e)
{
	const struct xml *root = xml_parse(call->arena, slice_str(call->data), NULL, e);

	if (!root)
		return false;
	const struct xml *product = child(root, "Product");
	const struct xml *list = child(child(product, "Download"), "ContentURLList");
	const struct xml *validation = child(product, "Validation");
	const struct xml *enforcement = child(product, "Enforcement");
	const char *url = xml_child_text(call->arena, list, "", "ContentURL");
	const char *hash = xml_child_text(call->arena, validation, "", "FileHash");
	const char *name = xml_child_text(call->arena, enforcement, "", "CommandLine");
	// The hash names the file too: nothing but hexadecimal digits.
	if (!url || !hash || strlen(hash) != 64 || strspn(hash, "0123456789abcdefABCDEF") != 64)
		return error_set(e, ERR_INVALID, "the job names no content or no SHA-256");
	if (!own_path(call, url, &out->path, e))
		return false;
	struct arena *keep = call->agent->arena;
	out->path = arena_strdup(keep, out->path);
	out->sha256 = str_lower(keep, hash);
	out->name = arena_strdup(keep, name ? name : "app");
	out->loc_uri = arena_strdup(keep, call->loc_uri);
	out->status = 10;
	return true;
}

static int
queue(struct csp_call *call)
{
	struct agent *agent = call->agent;
	struct app app = {0};

	if (!call->data || !read_job(call, &app, &call->why))
		return csp_failed(call, "app_install_failed");
	for (size_t i = 0; i < agent->app_count; i++)
		if (str_eq(agent->apps[i].loc_uri, app.loc_uri)) {
			agent->apps[i] = app;
			return 202;
		}
	if (agent->app_count == MAX_APPS)
		return 420;
	agent->apps[agent->app_count++] = app;
	return 202;
}

int
csp_app(struct csp_call *call)
{
	if (!str_ends(call->path, "/DownloadInstall"))
		return 404;
	if (call->type == SYNCML_ADD)
		return 200;
	if (call->type != SYNCML_EXEC)
		return 405;
	// What is installed already is not installed again: the service sends it anew after a power
	// cut.
	return journal_is_done(&call->agent->journal, call->loc_uri) ? 200 : queue(call);
}
