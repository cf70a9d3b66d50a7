// SPDX-License-Identifier: Apache-2.0
// Diagnostics of managed devices: createDeviceLogCollectionRequest, logCollectionRequests,
// createDownloadUrl (graph-api.md section 9).
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "codec/json_make.h"
#include "ferryd/sign_in.h"
#include "pki/hash.h"
#include "store/device_logs.h"

static const time_us link_us = 15 * US_PER_MIN;

static bool
find_device(struct call *c, const struct json **device, const char **registration, struct error *e)
{
	if (!graph_view_object(c, &graph_managed_devices, http_param(c->req, "id"), device, e))
		return false;
	*registration = json_str(*device, "ferryRegistrationId");
	return *registration || error_set(e, ERR_NOT_FOUND, "the device has no registration");
}

static const char *
parts(struct call *c)
{
	return arena_printf(c->arena, "%s('%s')/logCollectionRequests", graph_managed_devices.path,
		http_param(c->req, "id"));
}

static const struct json *
as_object(struct call *c, const struct device_log *log)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);

	json_put_str(&m, "id", log->log_id);
	json_put_str(&m, "status", log->state);
	json_put_str(&m, "managedDeviceId", http_param(c->req, "id"));
	json_put_str(&m, "requestedDateTimeUTC", clock_rfc3339(c->arena, log->requested_at));
	json_put_str(&m, "receivedDateTimeUTC",
		log->received_at ? clock_rfc3339(c->arena, log->received_at) : NULL);
	json_put_str(&m, "expirationDateTimeUTC",
		clock_rfc3339(c->arena, log->requested_at + DEVICE_LOG_DAYS * US_PER_DAY));
	json_put_str(&m, "initiatedByUserPrincipalName",
		str_empty(log->requested_by) ? NULL : log->requested_by);
	json_put_int(&m, "size", log->size);
	json_put_str(&m, "ferryFault", log->fault);
	json_put_str(&m, "ferrySha256", log->sha256);
	return m.whole;
}

struct asking {
	struct call *c;
	struct device_log log;
	const char *device_id;
};

static bool
ask(void *ctx, struct error *e)
{
	struct asking *x = ctx;
	struct call *c = x->c;
	const struct json *device;
	struct enrollment self;

	if (!find_device(c, &device, &x->device_id, e))
		return false;
	bool enrolled = store_enrollment_current(&c->work, x->device_id, &self, e);
	if (!enrolled && e->code != ERR_NOT_FOUND)
		return false;
	struct graph_note note = {
		.operation = "Action",
		.action = "createDeviceLogCollectionRequest",
		.noun = graph_managed_devices.noun,
		.category = graph_managed_devices.category,
		.resource_id = http_param(c->req, "id"),
		.resource_name = json_str(device, "deviceName"),
		.type = &graph_managed_device,
	};
	return store_log_request(&c->work, x->device_id, enrolled ? self.deployment_id : NULL,
		       c->actor, &x->log, e) &&
		graph_note(c, &note, e);
}

// POST …/{id}/createDeviceLogCollectionRequest: the device's next session asks it.
bool
graph_log_request(struct call *c, struct error *e)
{
	struct asking x = {.c = c};
	const struct json *object;

	if (!store_together(c->work.session, ask, &x, e))
		return false;
	wake_device(c, x.device_id);
	object = as_object(c, &x.log);
	struct graph_answer answer = {
		.path = parts(c), .type = &graph_log_collection, .objects = &object, .count = 1};
	return graph_send_object(c, 201, &answer, 0, e);
}

// GET …/{id}/logCollectionRequests
bool
graph_log_requests(struct call *c, struct error *e)
{
	const struct json *device, **objects;
	struct odata_query *query;
	struct device_log *logs;
	const char *id;
	size_t count;

	if (!find_device(c, &device, &id, e) || !store_logs(&c->work, id, &logs, &count, e) ||
		!graph_query(c, &graph_log_collection, &query, e))
		return false;
	objects = arena_array(c->arena, count + 1, sizeof *objects);
	for (size_t i = 0; i < count; i++)
		objects[i] = as_object(c, &logs[i]);
	struct graph_answer answer = {.path = parts(c),
		.type = &graph_log_collection,
		.query = query,
		.objects = objects,
		.count = count,
		.total = (int64_t)count};
	return graph_send_list(c, &answer, e);
}

// GET …/{id}/logCollectionRequests/{log}
bool
graph_log_get(struct call *c, struct error *e)
{
	const struct json *device, *object = NULL;
	struct device_log *logs;
	const char *id;
	size_t count;

	if (!find_device(c, &device, &id, e) || !store_logs(&c->work, id, &logs, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (str_ieq(logs[i].log_id, http_param(c->req, "log")))
			object = as_object(c, &logs[i]);
	if (!object)
		return error_set(e, ERR_NOT_FOUND, "there is no such bundle");
	struct graph_answer answer = {
		.path = parts(c), .type = &graph_log_collection, .objects = &object, .count = 1};
	return graph_send_object(c, 200, &answer, 0, e);
}

// POST …/{log}/createDownloadUrl: for a quarter of an hour, without a token.
bool
graph_log_link(struct call *c, struct error *e)
{
	const struct json *device;
	const char *id, *key = secret_new(c->arena);
	struct json_maker m = json_make(c->arena, JSON_ARRAY);

	if (!find_device(c, &device, &id, e) ||
		!store_log_link(&c->work, id, str_lower(c->arena, http_param(c->req, "log")),
			sha256_hex(c->arena, slice_str(key)), c->work.now + link_us, e))
		return false;
	json_put_str(
		&m, NULL, arena_printf(c->arena, "%s/diagnostics/%s", c->service->base_url, key));
	return graph_send_value(c, m.whole->first, e);
}
