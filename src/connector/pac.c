// SPDX-License-Identifier: Apache-2.0
#include "connector/pac.h"

#include "wire/odj/ad_id.h"

enum {
	FLAGS = 8,	 // after lengths and offsets of UPN and DNS name
	SID_LENGTH = 16, // after those of the sAMAccountName
	SID_OFFSET = 18,
	SHORT_HEADER = 12, // without the extension
	HAS_SID = 2,
};

static uint16_t
u16(struct slice bytes, size_t at)
{
	return (uint16_t)(bytes.data[at] | bytes.data[at + 1] << 8);
}

bool
pac_sid(struct arena *arena, struct slice info, char **out, struct error *e)
{
	struct sid sid;

	if (info.len < SHORT_HEADER)
		return error_set(e, ERR_PROTOCOL, "the ticket's UPN_DNS_INFO is too short");
	if (!(info.data[FLAGS] & HAS_SID))
		return error_set(e, ERR_UNSUPPORTED, "the ticket names no SID");
	if (info.len < SID_OFFSET + 2)
		return error_set(e, ERR_PROTOCOL, "the ticket's UPN_DNS_INFO is too short");
	size_t len = u16(info, SID_LENGTH), offset = u16(info, SID_OFFSET);
	if (offset > info.len || len > info.len - offset ||
		!sid_from_bytes(slice_of(info.data + offset, len), &sid, e))
		return error_set(e, ERR_PROTOCOL, "the ticket's SID is malformed");
	*out = sid_text(arena, &sid);
	return true;
}
