// SPDX-License-Identifier: Apache-2.0
#include "ferryd/default_page.h"

#include "base/str.h"
#include "ferryd/graph/collection.h"

bool
default_page(struct call *c, struct device *device, struct esp_settings *out, bool *have,
	struct error *e)
{
	struct object page;
	const char *id = arena_printf(c->arena, "%s_" ESP_DEFAULT_KEY, device->tenant_id);

	*have = false;
	if (!str_empty(device->esp_id))
		return true;
	if (!store_object(&c->work, graph_enrollment_configurations.path, id, &page, e))
		return e->code == ERR_NOT_FOUND;
	esp_settings_read(c->arena, page.document, out);
	*have = out->show;
	if (!*have)
		return true;
	device->timeout_minutes = out->timeout_minutes;
	device->hybrid_extra_minutes = out->hybrid_extra_minutes;
	return true;
}

bool
status_page(struct call *c, struct device *device, struct esp_settings *out, bool *have,
	struct error *e)
{
	struct object page;

	*have = false;
	if (str_empty(device->esp_id))
		return default_page(c, device, out, have, e);
	if (!store_object(&c->work, graph_enrollment_configurations.path, device->esp_id, &page, e))
		return e->code == ERR_NOT_FOUND;
	esp_settings_read(c->arena, page.document, out);
	*have = true;
	return true;
}
