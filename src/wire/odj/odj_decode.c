// SPDX-License-Identifier: Apache-2.0
#include "wire/odj/ndr.h"
#include "wire/odj/odj.h"
#include "wire/odj/odj_layout.h"
#include "wire/odj/utf16.h"

#include "base/str.h"

// The blob as it lies there: texts still UTF-16, absent ones with data NULL.
struct raw {
	bool present;
	struct slice domain, machine, password;
	struct slice policy_netbios, policy_domain, policy_forest;
	uint8_t guid[16];
	bool has_sid;
	struct sid sid;
	struct slice dc_unc, dc_address, dc_domain, dc_forest, dc_site, client_site;
	uint32_t rid;
};

// A UNICODE_STRING's fixed part; the lengths there are advisory, the referent has its own counts.
static bool
unicode_header(struct ndr_in *in)
{
	(void)ndr_u16(in);
	(void)ndr_u16(in);
	return ndr_ptr(in);
}

static struct slice
string_if(struct ndr_in *in, bool present, uint32_t max)
{
	return present ? ndr_units(in, max + 1, true) : (struct slice){0};
}

static struct slice
counted_if(struct ndr_in *in, bool present)
{
	return present ? ndr_units(in, ODJ_MAX_NAME, false) : (struct slice){0};
}

// ODJ_WIN7BLOB: fixed parts first, then what the pointers point at, in their order.
static void
read_win7(struct slice blob, struct raw *out, const char **why)
{
	struct ndr_in in;
	uint8_t dc_guid[16];

	ndr_open(&in, blob);
	out->present = true;
	bool domain = ndr_ptr(&in), machine = ndr_ptr(&in), password = ndr_ptr(&in);
	(void)ndr_u32(&in); // padding, any value
	bool netbios = unicode_header(&in), dns = unicode_header(&in), forest = unicode_header(&in);
	ndr_guid(&in, out->guid);
	out->has_sid = ndr_ptr(&in);
	bool unc = ndr_ptr(&in), address = ndr_ptr(&in);
	(void)ndr_u32(&in); // address type
	ndr_guid(&in, dc_guid);
	bool dc_domain = ndr_ptr(&in), dc_forest = ndr_ptr(&in);
	(void)ndr_u32(&in); // DC flags
	bool dc_site = ndr_ptr(&in), client_site = ndr_ptr(&in);
	(void)ndr_u32(&in); // options

	out->domain = string_if(&in, domain, ODJ_MAX_NAME);
	out->machine = string_if(&in, machine, ODJ_MAX_NAME);
	out->password = string_if(&in, password, ODJ_MAX_PASSWORD);
	out->policy_netbios = counted_if(&in, netbios);
	out->policy_domain = counted_if(&in, dns);
	out->policy_forest = counted_if(&in, forest);
	if (out->has_sid)
		ndr_sid(&in, &out->sid);
	out->dc_unc = string_if(&in, unc, ODJ_MAX_NAME);
	out->dc_address = string_if(&in, address, ODJ_MAX_NAME);
	out->dc_domain = string_if(&in, dc_domain, ODJ_MAX_NAME);
	out->dc_forest = string_if(&in, dc_forest, ODJ_MAX_NAME);
	out->dc_site = string_if(&in, dc_site, ODJ_MAX_NAME);
	out->client_site = string_if(&in, client_site, ODJ_MAX_NAME);
	if (in.why && !*why)
		*why = in.why;
}

static void
read_join3(struct slice blob, struct raw *out, const char **why)
{
	struct ndr_in in;

	ndr_open(&in, blob);
	if (ndr_ptr(&in))
		out->rid = ndr_u32(&in);
	if (in.why && !*why)
		*why = in.why;
}

struct part {
	uint8_t type[16];
	uint32_t len, extension_len;
	bool present, extension;
};

static void
read_part(struct ndr_in *in, const struct part *part, struct raw *out, const char **why)
{
	uint8_t win7[16], join3[16];
	struct slice blob = part->present ? ndr_blob(in, part->len) : (struct slice){0};

	if (part->extension)
		(void)ndr_blob(in, part->extension_len);
	if (in->why || !part->present || !guid_to_le(ODJ_PART_WIN7, win7) ||
		!guid_to_le(ODJ_PART_JOIN3, join3))
		return;
	if (memcmp(part->type, win7, 16) == 0 && !out->present)
		read_win7(blob, out, why);
	else if (memcmp(part->type, join3, 16) == 0)
		read_join3(blob, out, why);
}

static void
read_collection(struct slice blob, struct raw *out, const char **why)
{
	struct part parts[ODJ_MAX_PARTS];
	struct ndr_in in;

	ndr_open(&in, blob);
	(void)ndr_ptr(&in);
	uint32_t count = ndr_u32(&in);
	bool present = ndr_ptr(&in);
	(void)ndr_u32(&in);
	(void)ndr_ptr(&in);
	if (count > ODJ_MAX_PARTS || !present || ndr_u32(&in) != count)
		ndr_fail(&in, "has a bad count of parts");
	for (uint32_t i = 0; i < count && !in.why; i++) {
		ndr_guid(&in, parts[i].type);
		(void)ndr_u32(&in); // flags
		parts[i].len = ndr_u32(&in);
		parts[i].present = ndr_ptr(&in);
		parts[i].extension_len = ndr_u32(&in);
		parts[i].extension = ndr_ptr(&in);
	}
	for (uint32_t i = 0; i < count && !in.why; i++)
		read_part(&in, &parts[i], out, why);
	if (in.why && !*why)
		*why = in.why;
}

static bool
read_package(struct slice blob, struct raw *out, const char **why, struct error *e)
{
	static const uint8_t no_encryption[16];
	uint8_t encryption[16];
	struct ndr_in in;

	ndr_open(&in, blob);
	(void)ndr_ptr(&in);
	ndr_guid(&in, encryption);
	uint32_t context_len = ndr_u32(&in);
	bool context = ndr_ptr(&in);
	uint32_t len = ndr_u32(&in);
	bool wrapped = ndr_ptr(&in);
	(void)ndr_u32(&in); // size before encryption
	(void)ndr_u32(&in); // signature
	(void)ndr_ptr(&in);
	if (!in.why && memcmp(encryption, no_encryption, 16) != 0)
		return error_set(e, ERR_UNSUPPORTED, "offline-domain-join package is encrypted");
	if (context)
		(void)ndr_blob(&in, context_len);
	struct slice collection = wrapped ? ndr_blob(&in, len) : (struct slice){0};
	if (!in.why && wrapped)
		read_collection(collection, out, why);
	if (in.why && !*why)
		*why = in.why;
	return true;
}

// The outer ODJ_PROVISION_DATA: a WIN7 blob, and a package that repeats it and adds the RID.
static bool
read_provision_data(struct slice binary, struct raw *out, struct error *e)
{
	struct {
		uint32_t format, len;
		bool present;
	} blobs[ODJ_MAX_BLOBS];
	const char *why = NULL;
	struct ndr_in in;

	ndr_open(&in, binary);
	if (!ndr_ptr(&in) || ndr_u32(&in) != ODJ_VERSION)
		ndr_fail(&in, "has an unknown version");
	uint32_t count = ndr_u32(&in);
	if (!ndr_ptr(&in) || count == 0 || count > ODJ_MAX_BLOBS || ndr_u32(&in) != count)
		ndr_fail(&in, "has a bad count of blobs");
	for (uint32_t i = 0; i < count && !in.why; i++) {
		blobs[i].format = ndr_u32(&in);
		blobs[i].len = ndr_u32(&in);
		blobs[i].present = ndr_ptr(&in);
	}
	for (uint32_t i = 0; i < count && !in.why && !why; i++) {
		struct slice blob = {0};
		if (blobs[i].present)
			blob = ndr_blob(&in, blobs[i].len);
		if (in.why || !blobs[i].present)
			continue;
		if (blobs[i].format == ODJ_FORMAT_WIN7 && !out->present)
			read_win7(blob, out, &why);
		else if (blobs[i].format == ODJ_FORMAT_PACKAGE && !read_package(blob, out, &why, e))
			return false;
	}
	why = in.why ? in.why : why;
	if (why || !out->present)
		return error_set(e, ERR_INVALID, "offline-domain-join blob %s",
			why ? why : "names no computer");
	return true;
}

// A name that must be text; absent and empty ones give NULL.
static bool
text_of(struct arena *arena, const char *what, struct slice units, const char **out,
	struct error *e)
{
	char *text;

	if (units.len == 0)
		return true;
	if (!utf16_to_utf8(arena, units, &text))
		return error_set(
			e, ERR_INVALID, "offline-domain-join blob: %s is not valid text", what);
	*out = text;
	return true;
}

static const char *
without_backslashes(const char *unc)
{
	return unc && str_starts(unc, "\\\\") ? unc + 2 : unc;
}

static struct slice
first_of(struct slice a, struct slice b)
{
	return a.len ? a : b;
}

static bool
has_zero_unit(struct slice units)
{
	for (size_t i = 0; i < units.len; i += 2)
		if (!units.data[i] && !units.data[i + 1])
			return true;
	return false;
}

static bool
set_password(struct arena *arena, struct slice units, struct odj_info *out, struct error *e)
{
	char *text;

	if (units.len == 0 || has_zero_unit(units) || !utf16_to_utf8_replacing(arena, units, &text))
		return error_set(e, ERR_INVALID, "offline-domain-join blob: bad machine password");
	out->password_kerberos = text;
	out->password_utf16 = slice_of(arena_memdup(arena, units.data, units.len), units.len);
	out->password = utf16_to_utf8(arena, units, &text) ? text : NULL;
	return true;
}

static bool
convert(struct arena *arena, const struct raw *raw, struct odj_info *out, struct error *e)
{
	if (!text_of(arena, "the domain", first_of(raw->policy_domain, raw->domain),
		    &out->dns_domain, e) ||
		!text_of(arena, "the NetBIOS domain", raw->policy_netbios, &out->netbios_domain,
			e) ||
		!text_of(arena, "the machine name", raw->machine, &out->machine_name, e) ||
		!text_of(arena, "the forest", first_of(raw->policy_forest, raw->dc_forest),
			&out->forest, e) ||
		!text_of(arena, "the controller's name", raw->dc_unc, &out->dc_name, e) ||
		!text_of(arena, "the controller's address", raw->dc_address, &out->dc_address, e) ||
		!text_of(arena, "the site", first_of(raw->client_site, raw->dc_site), &out->site,
			e) ||
		!set_password(arena, raw->password, out, e))
		return false;
	if (!out->dns_domain || !out->netbios_domain || !out->machine_name)
		return error_set(e, ERR_INVALID,
			"offline-domain-join blob lacks the domain's or the machine's name");
	out->dc_name = without_backslashes(out->dc_name);
	out->dc_address = without_backslashes(out->dc_address);
	if (raw->has_sid)
		out->domain_sid = sid_text(arena, &raw->sid);
	guid_from_le(raw->guid, out->domain_guid);
	out->machine_rid = raw->rid;
	return true;
}

bool
odj_decode(struct arena *arena, struct slice blob, struct odj_info *out, struct error *e)
{
	struct odj_info info = {0};
	struct raw raw = {0};
	struct slice binary;

	if (!odj_to_binary(arena, blob, &binary, e) || !read_provision_data(binary, &raw, e) ||
		!convert(arena, &raw, &info, e))
		return false;
	*out = info;
	return true;
}
