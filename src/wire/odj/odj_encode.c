// SPDX-License-Identifier: Apache-2.0
#include "wire/odj/ndr.h"
#include "wire/odj/odj.h"
#include "wire/odj/odj_layout.h"
#include "wire/odj/utf16.h"

#include "base/str.h"

// Everything converted once, so that writing cannot fail.
struct parts {
	struct slice domain, netbios, machine, password, forest, dc_unc, dc_address, site;
	bool has_site;
	uint8_t guid[16];
	struct sid sid;
	uint32_t rid;
};

static bool
units_of(struct arena *arena, const char *what, const char *text, size_t max, struct slice *out,
	struct error *e)
{
	if (str_empty(text))
		return error_set(e, ERR_INVALID, "offline domain join: %s is missing", what);
	if (!utf16_from_utf8(arena, text, out))
		return error_set(e, ERR_INVALID, "offline domain join: %s is not UTF-8", what);
	if (out->len / 2 > max)
		return error_set(
			e, ERR_INVALID, "offline domain join: %s is longer than %zu", what, max);
	return true;
}

static bool
password_of(struct arena *arena, const struct odj_info *info, struct slice *out, struct error *e)
{
	if (info->password)
		return units_of(
			arena, "the machine password", info->password, ODJ_MAX_PASSWORD, out, e);
	*out = info->password_utf16;
	if (out->len == 0 || out->len % 2 || out->len / 2 > ODJ_MAX_PASSWORD)
		return error_set(e, ERR_INVALID, "offline domain join: bad machine password");
	return true;
}

static bool
convert(struct arena *arena, const struct odj_info *in, struct parts *out, struct error *e)
{
	const struct {
		const char *what, *text;
		struct slice *units;
	} names[] = {
		{"the DNS domain", in->dns_domain, &out->domain},
		{"the NetBIOS domain", in->netbios_domain, &out->netbios},
		{"the machine name", in->machine_name, &out->machine},
		{"the forest", in->forest, &out->forest},
		{"the domain controller's name", in->dc_name, &out->dc_unc},
		{"the domain controller's address", in->dc_address, &out->dc_address},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!units_of(arena, names[i].what, names[i].text, ODJ_MAX_NAME - 3, names[i].units,
			    e))
			return false;
	// UNC form; the backslashes are not part of our struct.
	out->dc_unc = slice_str(arena_printf(arena, "\\\\%s", in->dc_name));
	out->dc_address = slice_str(arena_printf(arena, "\\\\%s", in->dc_address));
	if (!utf16_from_utf8(arena, (const char *)out->dc_unc.data, &out->dc_unc) ||
		!utf16_from_utf8(arena, (const char *)out->dc_address.data, &out->dc_address))
		return error_set(e, ERR_INTERNAL, "offline domain join: lost a valid name");
	out->has_site = !str_empty(in->site);
	if (out->has_site &&
		!units_of(arena, "the site", in->site, ODJ_MAX_NAME - 1, &out->site, e))
		return false;
	if (!guid_to_le(in->domain_guid, out->guid))
		return error_set(e, ERR_INVALID, "offline domain join: bad domain GUID");
	if (!sid_parse(in->domain_sid ? in->domain_sid : "", &out->sid, e))
		return error_wrap(e, "offline domain join: domain");
	if (out->sid.count >= SID_MAX_SUBAUTHORITIES)
		return error_set(e, ERR_INVALID, "offline domain join: domain SID is too long");
	out->rid = in->machine_rid;
	return password_of(arena, in, &out->password, e);
}

static void
put_unicode_header(struct ndr_out *w, struct slice units)
{
	ndr_put_u16(w, (uint16_t)units.len);
	ndr_put_u16(w, (uint16_t)(units.len + 2));
	ndr_put_ptr(w, true);
}

// ODJ_POLICY_DNS_DOMAIN_INFO, then DOMAIN_CONTROLLER_INFO: the fixed parts.
static void
put_domain_and_dc(struct ndr_out *w, const struct parts *p)
{
	put_unicode_header(w, p->netbios);
	put_unicode_header(w, p->domain);
	put_unicode_header(w, p->forest);
	ndr_put_guid(w, p->guid);
	ndr_put_ptr(w, true);
	ndr_put_ptr(w, true);
	ndr_put_ptr(w, true);
	ndr_put_u32(w, ODJ_ADDRESS_INET);
	ndr_put_guid(w, p->guid);
	ndr_put_ptr(w, true);
	ndr_put_ptr(w, true);
	ndr_put_u32(w, ODJ_DC_FLAGS);
	ndr_put_ptr(w, p->has_site);
	ndr_put_ptr(w, p->has_site);
}

static struct slice
win7_blob(struct arena *arena, const struct parts *p)
{
	struct ndr_out w;

	ndr_begin(&w, arena, ODJ_MAX_BINARY);
	ndr_put_ptr(&w, true); // domain, machine name, password
	ndr_put_ptr(&w, true);
	ndr_put_ptr(&w, true);
	ndr_put_u32(&w, UINT32_MAX); // padding, as Samba fills it
	put_domain_and_dc(&w, p);
	ndr_put_u32(&w, ODJ_OPTIONS);
	ndr_put_string(&w, p->domain);
	ndr_put_string(&w, p->machine);
	ndr_put_string(&w, p->password);
	ndr_put_counted(&w, p->netbios);
	ndr_put_counted(&w, p->domain);
	ndr_put_counted(&w, p->forest);
	ndr_put_sid(&w, &p->sid);
	ndr_put_string(&w, p->dc_unc);
	ndr_put_string(&w, p->dc_address);
	ndr_put_string(&w, p->domain);
	ndr_put_string(&w, p->forest);
	if (p->has_site) {
		ndr_put_string(&w, p->site);
		ndr_put_string(&w, p->site);
	}
	return ndr_close(&w);
}

// OP_JOINPROV3_PART: RID and SID of the machine account.
static struct slice
join3_blob(struct arena *arena, const struct parts *p)
{
	struct sid machine = p->sid;
	struct slice text = {0};
	struct ndr_out w;

	machine.sub[machine.count++] = p->rid;
	if (!utf16_from_utf8(arena, sid_text(arena, &machine), &text))
		return text;
	ndr_begin(&w, arena, ODJ_MAX_BINARY);
	ndr_put_ptr(&w, true);
	ndr_put_u32(&w, p->rid);
	ndr_put_ptr(&w, true);
	ndr_put_string(&w, text);
	return ndr_close(&w);
}

// One OP_PACKAGE_PART: type, flags, blob, no extension.
static void
put_part(struct ndr_out *w, const char *type, uint32_t flags, struct slice blob)
{
	uint8_t guid[16] = {0};

	(void)!guid_to_le(type, guid);
	ndr_put_guid(w, guid);
	ndr_put_u32(w, flags);
	ndr_put_u32(w, (uint32_t)blob.len);
	ndr_put_ptr(w, true);
	ndr_put_u32(w, 0);
	ndr_put_ptr(w, false);
}

static struct slice
part_collection(struct arena *arena, struct slice win7, struct slice join3)
{
	struct ndr_out w;

	ndr_begin(&w, arena, ODJ_MAX_BINARY);
	ndr_put_ptr(&w, true);
	ndr_put_u32(&w, 2);
	ndr_put_ptr(&w, true);
	ndr_put_u32(&w, 0); // no extension
	ndr_put_ptr(&w, false);
	ndr_put_u32(&w, 2);
	put_part(&w, ODJ_PART_WIN7, ODJ_PART_ESSENTIAL, win7);
	put_part(&w, ODJ_PART_JOIN3, 0, join3);
	ndr_put_blob(&w, win7);
	ndr_put_blob(&w, join3);
	return ndr_close(&w);
}

// OP_PACKAGE, not encrypted and not signed.
static struct slice
package_blob(struct arena *arena, struct slice collection)
{
	static const uint8_t no_encryption[16];
	struct ndr_out w;

	ndr_begin(&w, arena, ODJ_MAX_BINARY);
	ndr_put_ptr(&w, true);
	ndr_put_guid(&w, no_encryption);
	ndr_put_u32(&w, 0); // encryption context
	ndr_put_ptr(&w, false);
	ndr_put_u32(&w, (uint32_t)collection.len);
	ndr_put_ptr(&w, true);
	ndr_put_u32(&w, 0); // size before encryption
	ndr_put_u32(&w, 0); // signature
	ndr_put_ptr(&w, false);
	ndr_put_blob(&w, collection);
	return ndr_close(&w);
}

bool
odj_encode(struct arena *arena, const struct odj_info *info, struct slice *out, struct error *e)
{
	struct parts p = {0};
	struct ndr_out w;

	if (!convert(arena, info, &p, e))
		return false;
	struct slice win7 = win7_blob(arena, &p);
	struct slice package =
		package_blob(arena, part_collection(arena, win7, join3_blob(arena, &p)));
	ndr_begin(&w, arena, ODJ_MAX_BINARY);
	ndr_put_ptr(&w, true);
	ndr_put_u32(&w, ODJ_VERSION);
	ndr_put_u32(&w, 2);
	ndr_put_ptr(&w, true);
	ndr_put_u32(&w, 2);
	ndr_put_u32(&w, ODJ_FORMAT_WIN7);
	ndr_put_u32(&w, (uint32_t)win7.len);
	ndr_put_ptr(&w, true);
	ndr_put_u32(&w, ODJ_FORMAT_PACKAGE);
	ndr_put_u32(&w, (uint32_t)package.len);
	ndr_put_ptr(&w, true);
	ndr_put_blob(&w, win7);
	ndr_put_blob(&w, package);
	struct slice whole = ndr_close(&w);
	if (!buf_ok(&w.buf, e))
		return false;
	*out = whole;
	return true;
}
