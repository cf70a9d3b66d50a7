// SPDX-License-Identifier: Apache-2.0
// What a connector tells without being asked: accounts with our mark, and its self-test.
#include "base/log.h"
#include "base/uuid.h"
#include "ferryd/handlers.h"
#include "store/account_jobs.h"

enum { MAX_ACCOUNTS = 1000, MAX_REPORT = 256 << 10 };

static bool
read_account(const struct json *in, struct marked_account *out, struct error *e)
{
	if (!json_need_str(in, "objectGuid", 36, &out->object_guid, e) ||
		!json_need_str(in, "job", 36, &out->job_id, e) ||
		!json_need_str(in, "name", 20, &out->computer_name, e))
		return false;
	return (uuid_valid(out->object_guid) && uuid_valid(out->job_id)) ||
		error_set(e, ERR_INVALID, "objectGuid and job are UUIDs");
}

// POST /connector/v1/accounts {"accounts":[{"objectGuid","job","name"}]}: accounts whose device
// never got them are found here, and their deletion is ordered (threats-and-faults P11).
bool
connector_accounts(struct call *c, struct error *e)
{
	const struct json *body, *list;
	struct marked_account *accounts;
	struct buf reply;
	size_t count = 0;
	int64_t ordered, strange;

	if (!call_json(c, &body, e))
		return false;
	list = json_get(body, "accounts");
	if (!list || list->type != JSON_ARRAY || list->count > MAX_ACCOUNTS)
		return error_set(e, ERR_INVALID, "accounts: a list of at most %d", MAX_ACCOUNTS);
	accounts = arena_array(c->arena, list->count + 1, sizeof *accounts);
	for (const struct json *item = list->first; item; item = item->next)
		if (!read_account(item, &accounts[count++], e))
			return false;
	if (!store_accounts_sweep(&c->work, &c->connector, accounts, count, &ordered, &strange, e))
		return false;
	if (ordered) {
		wake_connectors(c, c->work.tenant_id, c->connector.domain);
		log_info("%s: %lld accounts that no device has are deleted", c->connector.domain,
			(long long)ordered);
	}
	struct jsonw w = call_object(c, &reply);
	jsonw_int(&w, "ordered", ordered);
	jsonw_int(&w, "strange", strange);
	return call_send(c, 200, &w, &reply, e);
}

// POST /connector/v1/self-test: the report of a connector that has just started.
bool
connector_tested(struct call *c, struct error *e)
{
	const struct json *body;
	struct buf text;

	if (!call_json(c, &body, e))
		return false;
	buf_init(&text, c->arena, MAX_REPORT);
	struct jsonw w = jsonw_on(&text);
	jsonw_value(&w, NULL, body);
	return buf_ok(&text, e) &&
		store_connector_tested(&c->work, c->connector.connector_id, buf_text(&text), e) &&
		call_done(c);
}
