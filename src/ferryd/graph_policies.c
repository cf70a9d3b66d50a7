// SPDX-License-Identifier: Apache-2.0
// Groups, deployment profiles, Enrollment Status Pages, device configurations, apps, connectors: as
// much of Graph as the main job needs (graph-api.md sections 5 to 8).
#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "ferryd/graph.h"
#include "ferryd/handlers.h"
#include "ferryd/settle.h"
#include "pki/hash.h"
#include "store/queries.h"

enum { TOKEN_DAYS = 1, NAME_MAX_BYTES = 256 };

static bool
reply_id(struct call *c, const char *id, const char *name, struct error *e)
{
	struct buf body;
	struct jsonw w = call_object(c, &body);

	jsonw_str(&w, "id", id);
	jsonw_str(&w, "displayName", name);
	return call_send(c, 201, &w, &body, e);
}

static const char *
text(struct db_rows *rows, const struct work *w, const char *column)
{
	return db_text(w->arena, rows, column);
}

static bool
group_row(struct db_rows *rows, const struct work *w, void *ctx, struct error *e)
{
	(void)e;
	jsonw_object(ctx, NULL);
	jsonw_str(ctx, "id", text(rows, w, "group_id"));
	jsonw_str(ctx, "displayName", text(rows, w, "name"));
	jsonw_str(ctx, "description", text(rows, w, "description"));
	jsonw_str(ctx, "membershipRule", text(rows, w, "rule"));
	jsonw_end_object(ctx);
	return true;
}

bool
graph_groups_list(struct call *c, struct error *e)
{
	return graph_list(c, Q_GROUP_LIST, "groups", group_row, e);
}

bool
graph_groups_create(struct call *c, struct error *e)
{
	const struct json *body;
	struct new_group in = {.description = ""};
	const char *id;

	if (!call_json(c, &body, e) ||
		!json_need_str(body, "displayName", NAME_MAX_BYTES, &in.name, e))
		return false;
	in.rule = json_str(body, "membershipRule");
	if (!store_group_create(&c->work, &in, &id, e))
		return false;
	settle_wake();
	return reply_id(c, id, in.name, e);
}

static bool
profile_row(struct db_rows *rows, const struct work *w, void *ctx, struct error *e)
{
	bool hybrid = str_eq(text(rows, w, "join_type"), "hybrid");

	(void)e;
	jsonw_object(ctx, NULL);
	jsonw_str(ctx, "@odata.type",
		hybrid ? "#microsoft.graph.activeDirectoryWindowsAutopilotDeploymentProfile"
		       : "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile");
	jsonw_str(ctx, "id", text(rows, w, "profile_id"));
	jsonw_str(ctx, "displayName", text(rows, w, "name"));
	jsonw_str(ctx, "description", text(rows, w, "description"));
	jsonw_bool(ctx, "preprovisioningAllowed", db_bool(rows, "preprovisioning"));
	jsonw_str(ctx, "ferryTrustStore", text(rows, w, "trust_store"));
	jsonw_str(ctx, "createdDateTime", clock_rfc3339(w->arena, db_int(rows, "created_at")));
	jsonw_end_object(ctx);
	return true;
}

bool
graph_profiles_list(struct call *c, struct error *e)
{
	return graph_list(c, Q_PROFILE_LIST, "deviceManagement/windowsAutopilotDeploymentProfiles",
		profile_row, e);
}

bool
graph_profiles_create(struct call *c, struct error *e)
{
	const struct json *body;
	const char *id, *trust;

	if (!call_json(c, &body, e))
		return false;
	bool hybrid = str_ends(
		json_str(body, "@odata.type"), "activeDirectoryWindowsAutopilotDeploymentProfile");
	struct new_profile in = {
		.description = "",
		.join_type = hybrid ? "hybrid" : "directory",
		.preprovisioning = json_bool(
			body, "preprovisioningAllowed", json_bool(body, "enableWhiteGlove", false)),
		.trust_store = (trust = json_str(body, "ferryTrustStore")) ? trust : "hardware",
	};
	return json_need_str(body, "displayName", NAME_MAX_BYTES, &in.name, e) &&
		store_profile_create(&c->work, &in, &id, e) && reply_id(c, id, in.name, e);
}

bool
graph_profile_patch(struct call *c, struct error *e)
{
	const struct json *body;
	const char *trust, *id = http_param(c->req, "id");

	if (!call_json(c, &body, e))
		return false;
	if (!json_get(body, "preprovisioningAllowed") ||
		!(trust = json_str(body, "ferryTrustStore")))
		return error_set(e, ERR_INVALID,
			"preprovisioningAllowed and ferryTrustStore are what can be changed, both "
			"together");
	return store_profile_update(
		       &c->work, id, json_bool(body, "preprovisioningAllowed", false), trust, e) &&
		reply_id(c, id, NULL, e);
}

bool
graph_profile_assign(struct call *c, struct error *e)
{
	return graph_assign(c, "profile", http_param(c->req, "id"), e);
}

static bool
esp_row(struct db_rows *rows, const struct work *w, void *ctx, struct error *e)
{
	(void)e;
	jsonw_object(ctx, NULL);
	jsonw_str(ctx, "@odata.type",
		"#microsoft.graph.windows10EnrollmentCompletionPageConfiguration");
	jsonw_str(ctx, "id", text(rows, w, "esp_id"));
	jsonw_str(ctx, "displayName", text(rows, w, "name"));
	jsonw_int(ctx, "priority", db_int(rows, "priority"));
	jsonw_int(ctx, "installProgressTimeoutInMinutes", db_int(rows, "timeout_minutes"));
	jsonw_end_object(ctx);
	return true;
}

bool
graph_esps_list(struct call *c, struct error *e)
{
	return graph_list(
		c, Q_ESP_LIST, "deviceManagement/deviceEnrollmentConfigurations", esp_row, e);
}

bool
graph_esps_create(struct call *c, struct error *e)
{
	const struct json *body;
	const char *id;

	if (!call_json(c, &body, e))
		return false;
	struct new_esp in = {
		.priority = json_int(body, "priority", 1),
		.timeout_minutes = json_int(body, "installProgressTimeoutInMinutes", 60),
		.hybrid_extra_minutes = json_int(body, "ferryHybridExtraMinutes", 40),
	};
	return json_need_str(body, "displayName", NAME_MAX_BYTES, &in.name, e) &&
		store_esp_create(&c->work, &in, &id, e) && reply_id(c, id, in.name, e);
}

bool
graph_esp_assign(struct call *c, struct error *e)
{
	return graph_assign(c, "esp", http_param(c->req, "id"), e);
}

static bool
domain_join_row(struct db_rows *rows, const struct work *w, void *ctx, struct error *e)
{
	(void)e;
	jsonw_object(ctx, NULL);
	jsonw_str(ctx, "@odata.type", "#microsoft.graph.windowsDomainJoinConfiguration");
	jsonw_str(ctx, "id", text(rows, w, "domain_join_id"));
	jsonw_str(ctx, "displayName", text(rows, w, "name"));
	jsonw_str(ctx, "activeDirectoryDomainName", text(rows, w, "domain"));
	jsonw_str(ctx, "organizationalUnit", text(rows, w, "ou"));
	jsonw_str(ctx, "ferryNameTemplate", text(rows, w, "name_template"));
	jsonw_end_object(ctx);
	return true;
}

static bool
item_row(struct db_rows *rows, const struct work *w, void *ctx, struct error *e)
{
	(void)e;
	jsonw_object(ctx, NULL);
	jsonw_str(ctx, "id", text(rows, w, "item_id"));
	jsonw_str(ctx, "displayName", text(rows, w, "name"));
	jsonw_str(ctx, "ferryKind", text(rows, w, "kind"));
	jsonw_str(ctx, "ferryScope", text(rows, w, "scope"));
	jsonw_str(ctx, "omaUri", text(rows, w, "loc_uri"));
	jsonw_str(ctx, "fileName", text(rows, w, "content_name"));
	jsonw_end_object(ctx);
	return true;
}

// Domain-join profiles and items are one collection in Graph. Values of items may be secret: they
// are not listed.
bool
graph_configurations_list(struct call *c, struct error *e)
{
	struct buf body;
	struct jsonw w = graph_collection(c, &body, "deviceManagement/deviceConfigurations");

	return store_list(&c->work, Q_DOMAIN_JOIN_LIST, domain_join_row, &w, e) &&
		store_list(&c->work, Q_ITEM_LIST, item_row, &w, e) &&
		graph_collection_send(c, &w, &body, e);
}

// Prefix and number of random digits as Graph has them, or Ferry's full template (pains row 14).
static const char *
name_template(struct call *c, const struct json *body)
{
	const char *prefix = json_str(body, "computerNameStaticPrefix");
	const char *full = json_str(body, "ferryNameTemplate");

	if (full)
		return full;
	return arena_printf(c->arena, "%s%%RAND:%lld%%", prefix ? prefix : "",
		(long long)json_int(body, "computerNameSuffixRandomCharCount", 10));
}

static bool
read_domain_join(
	struct call *c, const struct json *body, struct new_domain_join *out, struct error *e)
{
	*out = (struct new_domain_join){.name_template = name_template(c, body)};
	out->ou = json_str(body, "organizationalUnit") ? json_str(body, "organizationalUnit") : "";
	return json_need_str(body, "activeDirectoryDomainName", 255, &out->domain, e);
}

static bool
create_domain_join(struct call *c, const struct json *body, struct error *e)
{
	struct new_domain_join in;
	const char *id;

	return read_domain_join(c, body, &in, e) &&
		json_need_str(body, "displayName", NAME_MAX_BYTES, &in.name, e) &&
		store_domain_join_create(&c->work, &in, &id, e) && reply_id(c, id, in.name, e);
}

static const char *
kind_of(const char *loc_uri)
{
	if (strstr(loc_uri, "/RootCATrustedCertificates/"))
		return "certificate";
	return strstr(loc_uri, "/WiFi/Profile/") ? "network" : "policy";
}

// windows10CustomConfiguration: one OMA-URI setting each.
static bool
create_item(struct call *c, const struct json *body, struct error *e)
{
	const struct json *settings = json_get(body, "omaSettings");
	const struct json *setting = settings ? settings->first : NULL;
	struct new_item in = {.content_size = 0};
	const char *id, *format = json_str(setting, "ferryFormat");

	if (!setting || settings->count != 1)
		return error_set(e, ERR_INVALID, "omaSettings must have one element");
	if (!json_need_str(body, "displayName", NAME_MAX_BYTES, &in.name, e) ||
		!json_need_str(setting, "omaUri", 2000, &in.loc_uri, e) ||
		!json_need_str(setting, "value", 1 << 20, &in.data, e))
		return false;
	in.kind = kind_of(in.loc_uri);
	in.scope = str_starts(in.loc_uri, "./User/") ? "user" : "device";
	in.format = format ? format : str_eq(in.kind, "certificate") ? "b64" : "chr";
	return store_item_create(&c->work, &in, &id, e) && reply_id(c, id, in.name, e);
}

bool
graph_configurations_create(struct call *c, struct error *e)
{
	const struct json *body;

	if (!call_json(c, &body, e))
		return false;
	const char *type = json_str(body, "@odata.type");
	if (str_ends(type, ".windowsDomainJoinConfiguration"))
		return create_domain_join(c, body, e);
	if (str_ends(type, ".windows10CustomConfiguration"))
		return create_item(c, body, e);
	return error_set(e, ERR_UNSUPPORTED, "this @odata.type is not offered");
}

bool
graph_configuration_patch(struct call *c, struct error *e)
{
	const struct json *body;
	struct new_domain_join in;
	const char *id = http_param(c->req, "id");

	return call_json(c, &body, e) && read_domain_join(c, body, &in, e) &&
		store_domain_join_update(&c->work, id, &in, e) && reply_id(c, id, NULL, e);
}

struct find_id {
	const char *id;
	bool found;
};

static bool
is_domain_join(struct db_rows *rows, const struct work *w, void *ctx, struct error *e)
{
	struct find_id *find = ctx;

	(void)e;
	find->found |= str_eq(text(rows, w, "domain_join_id"), find->id);
	return true;
}

bool
graph_configuration_assign(struct call *c, struct error *e)
{
	struct find_id find = {.id = http_param(c->req, "id")};

	return store_list(&c->work, Q_DOMAIN_JOIN_LIST, is_domain_join, &find, e) &&
		graph_assign(c, find.found ? "domain_join" : "item", find.id, e);
}

static bool
app_row(struct db_rows *rows, const struct work *w, void *ctx, struct error *e)
{
	return !str_eq(text(rows, w, "kind"), "app") || item_row(rows, w, ctx, e);
}

bool
graph_apps_list(struct call *c, struct error *e)
{
	return graph_list(c, Q_ITEM_LIST, "deviceAppManagement/mobileApps", app_row, e);
}

// An app whose content was put before; its node is the one that Windows installs MSI packages by.
bool
graph_apps_create(struct call *c, struct error *e)
{
	const struct json *body;
	struct new_item in = {.kind = "app", .scope = "device", .format = "xml", .data = ""};
	const char *id;

	if (!call_json(c, &body, e) ||
		!json_need_str(body, "displayName", NAME_MAX_BYTES, &in.name, e) ||
		!json_need_str(body, "fileName", NAME_MAX_BYTES, &in.content_name, e) ||
		!json_need_str(body, "ferrySha256", 64, &in.content_sha256, e))
		return false;
	in.content_size = json_int(body, "size", 0);
	in.loc_uri = arena_printf(c->arena,
		"./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%%7B%s%%7D/"
		"DownloadInstall",
		uuid_new(c->arena));
	return store_item_create(&c->work, &in, &id, e) && reply_id(c, id, in.name, e);
}

bool
graph_app_assign(struct call *c, struct error *e)
{
	return graph_assign(c, "item", http_param(c->req, "id"), e);
}

static bool
connector_row(struct db_rows *rows, const struct work *w, void *ctx, struct error *e)
{
	time_us seen = db_int(rows, "last_seen_at");
	// behaviour K11: Error after an hour without a heartbeat, Inactive after five days.
	const char *state = !seen		  ? "pending"
		: w->now - seen > 5 * US_PER_DAY  ? "inactive"
		: w->now - seen > 60 * US_PER_MIN ? "error"
						  : "active";

	(void)e;
	jsonw_object(ctx, NULL);
	jsonw_str(ctx, "id", text(rows, w, "connector_id"));
	jsonw_str(ctx, "displayName", text(rows, w, "name"));
	jsonw_str(ctx, "domain", text(rows, w, "domain"));
	jsonw_str(ctx, "version", text(rows, w, "version"));
	jsonw_str(ctx, "state", state);
	jsonw_str(ctx, "lastConnectionDateTime", seen ? clock_rfc3339(w->arena, seen) : NULL);
	jsonw_end_object(ctx);
	return true;
}

bool
graph_connectors_list(struct call *c, struct error *e)
{
	return graph_list(
		c, Q_CONNECTOR_LIST, "deviceManagement/domainJoinConnectors", connector_row, e);
}

// POST /ferry/v1/connectors {"name","domain"}: the token is shown once.
bool
graph_connectors_create(struct call *c, struct error *e)
{
	const struct json *body;
	const char *name, *domain, *id;
	uint8_t random[24];
	struct buf reply;

	if (!call_json(c, &body, e) || !json_need_str(body, "name", NAME_MAX_BYTES, &name, e) ||
		!json_need_str(body, "domain", 255, &domain, e))
		return false;
	random_bytes(random, sizeof random);
	char *token = base64url_encode(c->arena, slice_of(random, sizeof random));
	if (!store_connector_create(&c->work, name, domain, sha256_hex(c->arena, slice_str(token)),
		    c->work.now + TOKEN_DAYS * US_PER_DAY, &id, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	jsonw_str(&w, "id", id);
	jsonw_str(&w, "token", token);
	jsonw_int(&w, "expiresInSeconds", TOKEN_DAYS * 86400);
	return call_send(c, 201, &w, &reply, e);
}
