// SPDX-License-Identifier: Apache-2.0
// deviceManagementScripts: what runs on devices. The script itself lies in the content folder under
// its SHA-256, as apps do, and goes to enrolled devices only.
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/fs.h"
#include "base/str.h"
#include "codec/base64.h"
#include "pki/hash.h"

enum { SCRIPT_MODE = 0640, SCRIPT_MAX = 400 << 10 };

static const char *
script_kind(const struct odata_type *type)
{
	(void)type;
	return "item";
}

static const char *
script_uri(struct call *c, const char *id)
{
	return arena_printf(c->arena, "./Device/Vendor/Ferry/Script/%s/Run", id);
}

static bool
read_content(struct call *c, const struct json *document, struct slice *out, struct error *e)
{
	const char *text = json_str(document, "scriptContent");

	if (!text || !base64_decode(c->arena, slice_str(text), 0, SCRIPT_MAX, out, e))
		return error_set(e, ERR_INVALID, "scriptContent must be base64");
	return out->len ? true : error_set(e, ERR_INVALID, "the script is empty");
}

static bool
check_script(struct call *c, struct graph_change *change, struct error *e)
{
	const struct json *document = change->object.document;
	struct json_maker m = json_make(c->arena, JSON_ARRAY);
	struct slice content;

	if (!str_eq(json_str(document, "runAsAccount"), "system"))
		return error_fault(e, ERR_UNSUPPORTED, "not_offered_yet",
			"scripts run as the system, not as a person");
	if (json_bool(document, "enforceSignatureCheck", false))
		return error_fault(e, ERR_UNSUPPORTED, "not_offered_yet",
			"signatures of scripts are not checked; their SHA-256 is");
	if (!read_content(c, document, &content, e))
		return false;
	json_put_str(&m, NULL, sha256_hex(c->arena, content));
	change->object.document = graph_with(c, document, "ferrySha256", m.whole->first);
	return true;
}

// Named by what is in it: writing it twice is the same as once.
static bool
keep_content(struct call *c, const char *sha256, struct slice content, struct error *e)
{
	const char *path = arena_printf(c->arena, "%s/%s", c->service->content_dir, sha256);

	if (fs_exists(path) || fs_write(path, content, SCRIPT_MODE, e))
		return true;
	return error_fault(
		e, ERR_UNAVAILABLE, "store_full", "the content folder cannot be written");
}

static bool
project_script(struct call *c, struct graph_change *change, struct error *e)
{
	const struct json *d = change->object.document;
	struct new_item in = {
		.kind = "script",
		.scope = "device",
		.name = change->object.name,
		.loc_uri = script_uri(c, change->object.id),
		.format = "chr",
		.content_sha256 = json_str(d, "ferrySha256"),
		.content_name = json_str(d, "fileName"),
	};
	struct slice content;

	if (!read_content(c, d, &content, e) || !keep_content(c, in.content_sha256, content, e))
		return false;
	in.content_size = (int64_t)content.len;
	in.data = arena_printf(c->arena, "%lld", // seconds
		(long long)json_int(d, "ferryTimeoutMinutes", 30) * 60);
	return store_put_item(&c->work, change->object.id, &in, e);
}

const struct graph_collection graph_device_scripts = {
	.path = "deviceManagement/deviceManagementScripts",
	.type = &graph_device_script,
	.noun = "DeviceManagementScript",
	.category = "DeviceConfiguration",
	.kind = script_kind,
	.check = check_script,
	.project = project_script,
};
