// SPDX-License-Identifier: Apache-2.0
#include "connector/sync_batch.h"

#include "base/str.h"
#include "wire/odj/ad_id.h"
#include <stdlib.h>

enum { ACCOUNT_DISABLE = 0x2 }; // userAccountControl (MS-ADTS 2.2.16)

const char *const SYNC_ATTRIBUTES[] = {"objectGUID", "objectSid", "objectClass", "sAMAccountName",
	"userPrincipalName", "userAccountControl", "uSNChanged", "displayName", "givenName", "sn",
	"mail", "department", "title", "c", "description", "company", "physicalDeliveryOfficeName",
	"l", "st", "co", "employeeID", "extensionAttribute1", "extensionAttribute2",
	"extensionAttribute3", "extensionAttribute4", "extensionAttribute5", "extensionAttribute6",
	"extensionAttribute7", "extensionAttribute8", "extensionAttribute9", "extensionAttribute10",
	"extensionAttribute11", "extensionAttribute12", "extensionAttribute13",
	"extensionAttribute14", "extensionAttribute15", "member;range=0-999", NULL};

// What a user has, as Active Directory and as the batch calls it.
static const struct {
	const char *ad, *name;
} plain[] = {{"displayName", "displayName"}, {"givenName", "givenName"}, {"sn", "surname"},
	{"mail", "mail"}, {"department", "department"}, {"title", "jobTitle"},
	{"c", "usageLocation"}};

// What goes into the attributes that rules may ask about, under Graph's names.
static const struct {
	const char *ad, *graph;
} more[] = {{"company", "companyName"}, {"physicalDeliveryOfficeName", "officeLocation"},
	{"l", "city"}, {"st", "state"}, {"co", "country"}, {"employeeID", "employeeId"},
	{"extensionAttribute1", "extensionAttribute1"},
	{"extensionAttribute2", "extensionAttribute2"},
	{"extensionAttribute3", "extensionAttribute3"},
	{"extensionAttribute4", "extensionAttribute4"},
	{"extensionAttribute5", "extensionAttribute5"},
	{"extensionAttribute6", "extensionAttribute6"},
	{"extensionAttribute7", "extensionAttribute7"},
	{"extensionAttribute8", "extensionAttribute8"},
	{"extensionAttribute9", "extensionAttribute9"},
	{"extensionAttribute10", "extensionAttribute10"},
	{"extensionAttribute11", "extensionAttribute11"},
	{"extensionAttribute12", "extensionAttribute12"},
	{"extensionAttribute13", "extensionAttribute13"},
	{"extensionAttribute14", "extensionAttribute14"},
	{"extensionAttribute15", "extensionAttribute15"}};

void
batch_begin(struct sync_batch *b)
{
	arena_finish(&b->arena);
	*b = (struct sync_batch){.arena = {.cap = 16 * BATCH_BYTES}};
	// Twice the size at which it is full: the object that fills it must still fit.
	buf_init(&b->users, &b->arena, 2 * BATCH_BYTES);
	buf_init(&b->groups, &b->arena, 2 * BATCH_BYTES);
	buf_init(&b->gone, &b->arena, BATCH_BYTES);
	b->w_users = jsonw_on(&b->users);
	b->w_groups = jsonw_on(&b->groups);
	b->w_gone = jsonw_on(&b->gone);
}

bool
batch_full(const struct sync_batch *b)
{
	return b->objects >= BATCH_OBJECTS || b->members >= BATCH_MEMBERS ||
		b->users.len + b->groups.len >= BATCH_BYTES;
}

bool
batch_guid(const struct ad_row *row, char out[UUID_TEXT])
{
	struct slice guid = ad_row_bytes(row, "objectGUID");

	if (guid.len == 16)
		guid_from_le(guid.data, out);
	return guid.len == 16;
}

// What users and groups have in common.
static bool
begin_object(const struct ad_row *row, struct jsonw *w)
{
	char guid[UUID_TEXT];
	struct sid sid;
	struct error ignored;
	const char *account = ad_row_text(row, "sAMAccountName"),
		   *usn = ad_row_text(row, "uSNChanged");

	if (!batch_guid(row, guid) || !account ||
		!sid_from_bytes(ad_row_bytes(row, "objectSid"), &sid, &ignored))
		return false;
	jsonw_object(w, NULL);
	jsonw_str(w, "guid", guid);
	jsonw_str(w, "sid", sid_text(row->arena, &sid));
	jsonw_str(w, "account", account);
	jsonw_int(w, "usn", usn ? strtoll(usn, NULL, 10) : 0);
	return true;
}

bool
batch_user(struct sync_batch *b, const struct ad_row *row, const char *domain)
{
	struct jsonw *w = &b->w_users;
	const char *upn = ad_row_text(row, "userPrincipalName"),
		   *uac = ad_row_text(row, "userAccountControl");

	// Whoever may not read this attribute cannot tell who is shut out: as if not seen at all.
	if (!uac || !begin_object(row, w))
		return false;
	// AD itself lets people without a UPN sign in so (MS-ADTS 5.1.1.1.1).
	jsonw_str(w, "upn",
		upn ? upn
		    : arena_printf(
			      row->arena, "%s@%s", ad_row_text(row, "sAMAccountName"), domain));
	jsonw_bool(w, "enabled", (strtoul(uac, NULL, 10) & ACCOUNT_DISABLE) == 0);
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		const char *value = ad_row_text(row, plain[i].ad);
		jsonw_str(w, plain[i].name, value ? value : "");
	}
	jsonw_object(w, "attributes");
	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		const char *value = ad_row_text(row, more[i].ad);
		if (value)
			jsonw_str(w, more[i].graph, value);
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
	b->objects++;
	return true;
}

// "<GUID=…>;<SID=…>;CN=…"
static const char *
guid_of_extended(struct arena *arena, const char *dn)
{
	char *guid = str_istarts(dn, "<GUID=") ? arena_strndup(arena, dn + 6, strcspn(dn + 6, ">"))
					       : NULL;

	return guid && uuid_valid(guid) ? str_lower(arena, guid) : NULL;
}

bool
batch_group(struct sync_batch *b, const struct ad_row *row, unsigned part, unsigned *next)
{
	struct jsonw *w = &b->w_groups;
	struct ad_list members;
	const char *name = ad_row_text(row, "displayName"),
		   *description = ad_row_text(row, "description");

	if (!begin_object(row, w))
		return false;
	ad_row_range(row, "member", &members);
	jsonw_str(w, "displayName", name ? name : "");
	jsonw_str(w, "description", description ? description : "");
	jsonw_int(w, "part", part);
	jsonw_bool(w, "more", members.next != 0);
	jsonw_array(w, "members");
	for (size_t i = 0; i < members.count; i++) {
		const char *guid = guid_of_extended(row->arena, members.values[i]);
		if (guid)
			jsonw_str(w, NULL, guid);
	}
	jsonw_end_array(w);
	jsonw_end_object(w);
	b->objects++;
	b->members += members.count;
	*next = members.next;
	return true;
}

bool
batch_gone(struct sync_batch *b, const struct ad_row *row, bool deleted)
{
	char guid[UUID_TEXT];

	if (!batch_guid(row, guid))
		return false;
	jsonw_object(&b->w_gone, NULL);
	jsonw_str(&b->w_gone, "guid", guid);
	jsonw_bool(&b->w_gone, "deleted", deleted);
	jsonw_end_object(&b->w_gone);
	b->objects++;
	return true;
}

static void
raw_array(struct jsonw *w, struct arena *arena, const char *name, const struct buf *inside)
{
	jsonw_raw(w, name, arena_printf(arena, "[%s]", buf_text(inside)));
}

const char *
batch_json(struct sync_batch *b, const char *run_id, bool full, const char *cursor, struct error *e)
{
	struct buf body;

	buf_init(&body, &b->arena, 4 * BATCH_BYTES);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "runId", run_id);
	jsonw_bool(&w, "full", full);
	raw_array(&w, &b->arena, "users", &b->users);
	raw_array(&w, &b->arena, "groups", &b->groups);
	raw_array(&w, &b->arena, "gone", &b->gone);
	jsonw_str(&w, "cursor", cursor);
	jsonw_end_object(&w);
	if (!buf_ok(&b->users, e) || !buf_ok(&b->groups, e) || !buf_ok(&b->gone, e) ||
		!buf_ok(&body, e))
		return NULL;
	return buf_text(&body);
}
