// SPDX-License-Identifier: Apache-2.0
#include "store/preparation_testing.h"

static struct store *direct;
static struct store_session *direct_session;

int
open_prepared(void **state)
{
	const struct store_options own = {.catalog = &sql_policy_test, .busy_ms = 5000};
	struct fixture *f = fixture_begin();
	struct error e;

	check(store_open(f->place.url, &own, &direct, &e), &e);
	check(store_session_open(direct, &direct_session, &e), &e);
	*state = f;
	return 0;
}

int
close_prepared(void **state)
{
	store_session_close(direct_session);
	store_close(direct);
	return close_fixture(state);
}

// --- an organization, piece by piece ---

void
run(struct fixture *f, int query, struct db_params params)
{
	(void)f;
	fixture_run(direct_session, query, params);
}

const char *
device(struct fixture *f, const char *serial, const char *source)
{
	struct registration in = {.serial = serial,
		.manufacturer = "Contoso",
		.model = "LabPC",
		.product_key = "",
		.hardware_hash = slice_str("hash"),
		.group_tag = "",
		.assigned_upn = "",
		.source = source};
	struct registration_result result;
	struct error e;

	check(store_register(&f->work, &in, 1, true, &result, &e), &e);
	return result.device_id;
}

void
person(struct fixture *f, const char *upn, const char *in_group)
{
	const char *id = uuid_new(&f->arena);
	const char *tenant = f->work.tenant_id, *key = str_lower(&f->arena, upn);

	run(f, P_USER_PUT,
		PARAMS(DB_TEXT(id), DB_TEXT(tenant), DB_TEXT(upn), DB_TEXT(key),
			DB_INT(f->work.now)));
	run(f, P_GROUP_USER_PUT, PARAMS(DB_TEXT(tenant), DB_TEXT(in_group), DB_TEXT(id)));
}

void
member(struct fixture *f, const char *group_id, const char *device_id)
{
	struct device d;
	struct error e;

	check(store_device_by_id(&f->work, device_id, &d, &e), &e);
	check(store_group_member_add(&f->work, group_id, d.directory_id, &e), &e);
}

void
assign(struct fixture *f, const char *kind, const char *id, const char *target, const char *to)
{
	struct new_assignment in = {.target = target, .group_id = to};
	struct error e;

	check(store_assign(&f->work, kind, id, &in, 1, &e), &e);
}

// A policy with these lists of apps and scripts (elements of JSON).
const char *
policy_of(struct fixture *f, const char *name, int priority, const char *group_id, bool automatic,
	bool skip, const char *apps, const char *scripts)
{
	const char *id = uuid_new(&f->arena);
	const char *text = arena_printf(&f->arena,
		"{\"name\":\"%s\",\"priority\":%d,\"ferryDeviceGroupId\":\"%s\",\"settings\":"
		"[" SETTING("deploymenttype",
			"\"choiceSettingValue\":{\"value\":\"x_%d\"}") "," SETTING("allowskip",
			"\"choiceSettingValue\":{\"value\":\"x_%d\"}") "," SETTING("timeout",
			"\"simpleSettingValue\":{\"value\":30}") "," SETTING("allowedappids",
			"\"simpleSettingCollectionValue\":[%s]") "," SETTING("allowedscriptids",
			"\"simpleSettingCollectionValue\":[%s]") "]}",
		name, priority, group_id, automatic, skip, apps, scripts);

	run(f, P_DOCUMENT_PUT,
		PARAMS(DB_TEXT(id), DB_TEXT(f->work.tenant_id), DB_TEXT(POLICIES), DB_TEXT(text),
			DB_INT(f->work.now)));
	return id;
}

const char *
policy(struct fixture *f, const char *name, int priority, bool automatic)
{
	return policy_of(f, name, priority, "none", automatic, false, "", "");
}

const char *
item(struct fixture *f, const char *name, const char *kind, const char *type, const char *to)
{
	struct new_item in = {.kind = kind,
		.scope = "device",
		.name = name,
		.loc_uri = name,
		.format = "xml",
		.data = "",
		.content_sha256 = "00",
		.content_name = name};
	const char *id = uuid_new(&f->arena);
	struct error e;

	check(store_put_item(&f->work, id, &in, &e), &e);
	struct object object = {.id = id,
		.collection = "test",
		.type = type,
		.name = name,
		.document = json_parse(&f->arena, slice_str("{}"), NULL, &e)};
	check(store_object_insert(&f->work, &object, &e), &e);
	if (to)
		assign(f, "item", id, "group", to);
	return id;
}
