// SPDX-License-Identifier: Apache-2.0
#include "wire/offline/offline.h"

#include "base/str.h"
#include "base/uuid.h"
#include "codec/json.h"
#include <stddef.h>

enum { NAME_ROOM = 64, DOMAIN_ROOM = 255, TEXT_ROOM = 1024 };

static bool
wrong(struct error *e, const char *member, const char *why)
{
	return error_fault(e, ERR_INVALID, "offline_profile_invalid", "%s %s", member, why);
}

static void
note(struct offline_profile *out, const char *text)
{
	if (out->note_count < OFFLINE_NOTES)
		out->notes[out->note_count++] = text;
}

// --- the bytes ---

// V1: ASCII or the code page of Western Windows, of which Latin-1 is what a name or comment needs.
static struct slice
from_ansi(struct arena *arena, struct slice text)
{
	const uint8_t *in = text.data;
	struct buf out;

	buf_init(&out, arena, OFFLINE_MAX * 2 + 1);
	for (size_t i = 0; i < text.len; i++) {
		char two[] = {(char)(0xc0 | in[i] >> 6), (char)(0x80 | (in[i] & 0x3f)), 0};
		char one[] = {(char)in[i], 0};
		buf_printf(&out, "%s", in[i] < 0x80 ? one : two);
	}
	return buf_slice(&out);
}

static bool
decode(struct arena *arena, struct slice text, struct offline_profile *out, struct slice *json,
	struct error *e)
{
	const uint8_t *bytes = text.data;

	if (text.len > OFFLINE_MAX)
		return error_fault(e, ERR_LIMIT, "offline_profile_invalid",
			"the file has more than %d bytes", OFFLINE_MAX);
	if (text.len >= 2 &&
		((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff)))
		return wrong(e, "the file", "is saved as Unicode; Windows reads ASCII only");
	if (memchr(text.data, 0, text.len))
		return wrong(e, "the file", "has a zero byte");
	if (text.len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		note(out, "the file begins with a byte-order mark");
		text = slice_of(bytes + 3, text.len - 3);
	}
	*json = utf8_valid(text) ? text : from_ansi(arena, text);
	return true;
}

// --- the members ---

enum kind { TEXT, GUID, NUMBER, FLAG };

static const struct member {
	const char *name;
	enum kind kind;
	bool needed;
	size_t offset;
} members[] = {
	{"Comment_File", TEXT, false, offsetof(struct offline_profile, comment)},
	{"Version", NUMBER, false, offsetof(struct offline_profile, version)},
	{"CloudAssignedTenantId", GUID, true, offsetof(struct offline_profile, tenant_id)},
	{"CloudAssignedTenantDomain", TEXT, true, offsetof(struct offline_profile, tenant_domain)},
	{"CloudAssignedForcedEnrollment", FLAG, false,
		offsetof(struct offline_profile, forced_enrollment)},
	{"ZtdCorrelationId", GUID, false, offsetof(struct offline_profile, correlation_id)},
	{"CloudAssignedDeviceName", TEXT, false, offsetof(struct offline_profile, device_name)},
	{"CloudAssignedLanguage", TEXT, false, offsetof(struct offline_profile, language)},
	{"CloudAssignedRegion", TEXT, false, offsetof(struct offline_profile, region)},
	{"CloudAssignedKeyboard", TEXT, false, offsetof(struct offline_profile, keyboard)},
	{"CloudAssignedAutopilotUpdateDisabled", FLAG, false,
		offsetof(struct offline_profile, update_disabled)},
	{"CloudAssignedAutopilotUpdateTimeout", NUMBER, false,
		offsetof(struct offline_profile, update_timeout_ms)},
	{"HybridJoinSkipDCConnectivityCheck", FLAG, false,
		offsetof(struct offline_profile, skip_dc_check)},
};
// Read by hand: what they mean is not what they are.
static const char *const others[] = {
	"CloudAssignedOobeConfig", "CloudAssignedDomainJoinMethod", "CloudAssignedAadServerData"};

static bool
known(const char *name)
{
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (str_eq(name, members[i].name))
			return true;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (str_eq(name, others[i]))
			return true;
	return false;
}

// A number, also when it is written as a text.
static bool
read_number(
	const struct json *value, const char *name, uint64_t max, uint64_t *out, struct error *e)
{
	if (value->type == JSON_BOOL) {
		*out = value->boolean;
		return true;
	}
	if ((value->type == JSON_NUMBER || value->type == JSON_STRING) &&
		str_to_u64(value->text, max, out))
		return true;
	return wrong(e, name, "is not a number that it can be");
}

// GUID without braces (V3).
static bool
read_guid(struct arena *arena, const struct json *value, const char *name, const char **out,
	struct error *e)
{
	if (value->type != JSON_STRING || !uuid_valid(value->text))
		return wrong(e, name, "is not a GUID without braces");
	*out = str_lower(arena, value->text);
	return true;
}

static bool
read_text(const struct json *value, const char *name, const char **out, struct error *e)
{
	if (value->type == JSON_NULL)
		return true;
	if (value->type != JSON_STRING || value->len > TEXT_ROOM)
		return wrong(e, name, "is not a text of a reasonable length");
	*out = *value->text ? value->text : NULL;
	return true;
}

static bool
read_member(struct arena *arena, const struct json *json, const struct member *m,
	struct offline_profile *out, struct error *e)
{
	const struct json *value = json_get(json, m->name);
	char *field = (char *)out + m->offset;
	uint64_t number;

	if (!value || (value->type == JSON_NULL && !m->needed))
		return !m->needed || wrong(e, m->name, "is missing");
	switch (m->kind) {
	case TEXT:
		if (!read_text(value, m->name, (const char **)(void *)field, e))
			return false;
		return !m->needed || *(const char **)(void *)field || wrong(e, m->name, "is empty");
	case GUID:
		return read_guid(arena, value, m->name, (const char **)(void *)field, e);
	case NUMBER:
		if (!read_number(value, m->name, INT32_MAX, &number, e))
			return false;
		*(int64_t *)(void *)field = (int64_t)number;
		return true;
	case FLAG:
		if (!read_number(value, m->name, 1, &number, e))
			return false;
		*(bool *)field = number == 1;
		return true;
	}
	return false;
}

static bool
read_bits(const struct json *json, struct offline_profile *out, struct error *e)
{
	const struct json *oobe = json_get(json, others[0]), *join = json_get(json, others[1]);
	uint64_t number = 0;

	if (oobe && !read_number(oobe, others[0], UINT16_MAX, &number, e))
		return false;
	out->oobe = (unsigned)number;
	if (!oobe)
		note(out, "CloudAssignedOobeConfig is missing: every page is shown");
	number = 0;
	if (join && !read_number(join, others[1], 1, &number, e))
		return false;
	out->hybrid = number == 1;
	return true;
}

// V10: a text that holds JSON of its own.
static bool
read_server_data(
	struct arena *arena, const struct json *json, struct offline_profile *out, struct error *e)
{
	const struct json *value = json_get(json, others[2]), *data, *config;
	struct error why;

	if (!value || value->type == JSON_NULL)
		return true;
	if (value->type != JSON_STRING ||
		!(data = json_parse(arena, slice_str(value->text), NULL, &why)) ||
		!(config = json_get(data, "ZeroTouchConfig")))
		return wrong(e, others[2], "is not a text of JSON with ZeroTouchConfig");
	const char *upn = json_str(config, "CloudAssignedTenantUpn");
	const char *domain = json_str(config, "CloudAssignedTenantDomain");
	out->upn = str_empty(upn) || strlen(upn) > TEXT_ROOM ? NULL : upn;
	if (!str_empty(domain) && !str_ieq(domain, out->tenant_domain))
		note(out, "CloudAssignedAadServerData names another domain");
	return true;
}

static void
note_oddities(const struct json *json, struct offline_profile *out)
{
	for (const struct json *m = json->first; m; m = m->next)
		if (!known(m->name)) {
			note(out, "a member is unknown and not used");
			break;
		}
	if (out->version && out->version != 2049)
		note(out, "Version is not 2049");
	if (!out->correlation_id)
		note(out, "ZtdCorrelationId is missing: no profile is named");
	if (!out->hybrid && out->skip_dc_check)
		note(out, "HybridJoinSkipDCConnectivityCheck has no effect without a hybrid join");
}

bool
offline_profile_read(
	struct arena *arena, struct slice text, struct offline_profile *out, struct error *e)
{
	static const struct json_limits limits = {
		.max_bytes = (size_t)OFFLINE_MAX * 2, .max_depth = 4, .max_nodes = 200};
	struct offline_profile profile = {0};
	struct slice clean;
	struct error why;

	if (!decode(arena, text, &profile, &clean, e))
		return false;
	const struct json *json = json_parse(arena, clean, &limits, &why);
	if (!json || json->type != JSON_OBJECT)
		return wrong(e, "the file",
			json ? "holds no object"
			     : arena_printf(arena, "is no JSON: %s", why.message));
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (!read_member(arena, json, &members[i], &profile, e))
			return false;
	if (strlen(profile.tenant_domain) > DOMAIN_ROOM)
		return wrong(e, "CloudAssignedTenantDomain", "is too long");
	if (profile.device_name && strlen(profile.device_name) > NAME_ROOM)
		return wrong(e, "CloudAssignedDeviceName", "is too long");
	if (!read_bits(json, &profile, e) || !read_server_data(arena, json, &profile, e))
		return false;
	note_oddities(json, &profile);
	*out = profile;
	return true;
}

// --- writing ---

static const char *
server_data(struct arena *arena, const struct offline_profile *in)
{
	struct buf text;

	buf_init(&text, arena, 8192);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_object(&w, "ZeroTouchConfig");
	jsonw_str(&w, "CloudAssignedTenantUpn", in->upn ? in->upn : "");
	jsonw_int(&w, "ForcedEnrollment", in->forced_enrollment);
	jsonw_str(&w, "CloudAssignedTenantDomain", in->tenant_domain);
	jsonw_end_object(&w);
	jsonw_end_object(&w);
	return buf_text(&text);
}

static void
write_member(struct jsonw *w, const struct member *m, const struct offline_profile *in)
{
	const char *field = (const char *)in + m->offset;

	switch (m->kind) {
	case TEXT:
	case GUID:
		if (*(const char *const *)(const void *)field)
			jsonw_str(w, m->name, *(const char *const *)(const void *)field);
		break;
	case NUMBER:
		if (*(const int64_t *)(const void *)field)
			jsonw_int(w, m->name, *(const int64_t *)(const void *)field);
		break;
	case FLAG:
		if (*(const bool *)field ||
			m->offset == offsetof(struct offline_profile, forced_enrollment))
			jsonw_int(w, m->name, *(const bool *)field);
		break;
	}
}

// Characters beyond ASCII as escapes (V1).
static void
write_ascii(const struct buf *json, struct buf *out)
{
	const char *p = buf_text(json);

	while (*p) {
		uint32_t rune = (uint8_t)*p;
		size_t more = rune < 0x80 ? 0 : rune < 0xe0 ? 1 : rune < 0xf0 ? 2 : 3;
		if (!more) {
			char one[] = {*p++, 0};
			buf_printf(out, "%s", one);
			continue;
		}
		rune &= 0x3fu >> more;
		for (p++; more && *p; more--, p++)
			rune = rune << 6 | ((uint8_t)*p & 0x3f);
		if (rune < 0x10000)
			buf_printf(out, "\\u%04x", rune);
		else
			buf_printf(out, "\\u%04x\\u%04x", 0xd800 + ((rune - 0x10000) >> 10),
				0xdc00 + (rune & 0x3ff));
	}
}

void
offline_profile_write(struct arena *arena, const struct offline_profile *in, struct buf *out)
{
	struct buf json;

	buf_init(&json, arena, OFFLINE_MAX);
	struct jsonw w = jsonw_on(&json);
	jsonw_object(&w, NULL);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		write_member(&w, &members[i], in);
	jsonw_int(&w, others[0], in->oobe);
	jsonw_int(&w, others[1], in->hybrid);
	jsonw_str(&w, others[2], server_data(arena, in));
	jsonw_end_object(&w);
	write_ascii(&json, out);
}

char *
offline_profile_name(struct arena *arena, const char *correlation_id)
{
	return arena_printf(arena, "OfflineAutopilotprofile-%s", correlation_id);
}
