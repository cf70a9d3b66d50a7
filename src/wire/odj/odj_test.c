// SPDX-License-Identifier: Apache-2.0
#include "wire/odj/odj.h"

#include "base/fs.h"
#include "base/str.h"
#include "codec/base64.h"
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct odj_info
sample(void)
{
	return (struct odj_info){
		.dns_domain = "corp.example.com",
		.netbios_domain = "CORP",
		.machine_name = "PC-0777",
		.password = "pa\xc3\x9fword-\xf0\x9f\x9b\xb3",
		.domain_guid = "2de56e4e-94be-4843-a903-3d74b2de3970",
		.domain_sid = "S-1-5-21-1760403545-3446481863-3192138470",
		.machine_rid = 1106,
		.dc_name = "dc1.corp.example.com",
		.dc_address = "10.66.0.10",
		.site = "Default-First-Site-Name",
		.forest = "corp.example.com",
	};
}

static struct slice
encoded(struct arena *arena)
{
	struct odj_info info = sample();
	struct slice out;
	struct error e;

	if (!odj_encode(arena, &info, &out, &e))
		fail_msg("%s", e.message);
	return out;
}

static void
every_cut_of_a_blob_is_refused(void **state)
{
	(void)state;
	autoarena(arena, (size_t)64 << 20);
	struct slice whole = encoded(&arena);
	struct odj_info out = {0};
	struct error e;

	for (size_t len = 0; len < whole.len; len++) {
		uint8_t *cut = malloc(len + 1); // exact for AddressSanitizer but never 0
		memcpy(cut, whole.data, len);
		assert_false(odj_decode(&arena, slice_of(cut, len), &out, &e));
		free(cut);
	}
	assert_null(out.machine_name);
}

static void
every_changed_byte_is_refused_or_decoded_without_harm(void **state)
{
	(void)state;
	struct error e;
	struct odj_info out;
	autoarena(keep, ARENA_SMALL);
	struct slice whole = encoded(&keep);

	for (size_t i = 0; i < whole.len; i++) {
		autoarena(arena, ARENA_SMALL);
		uint8_t *changed = arena_memdup(&arena, whole.data, whole.len);
		changed[i] ^= 0xFF;
		if (odj_decode(&arena, slice_of(changed, whole.len), &out, &e))
			assert_non_null(out.machine_name);
	}
}

static void
an_encrypted_package_is_unsupported(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct slice whole = encoded(&arena);
	uint8_t *changed = arena_memdup(&arena, whole.data, whole.len);
	uint32_t win7_len = (uint32_t)(whole.data[0x28] | whole.data[0x29] << 8);
	struct odj_info out;
	struct error e;

	// 0x3c: count of the first blob; behind it the second's count, headers and pointer.
	changed[0x40 + win7_len + 4 + 16 + 4] = 1;
	assert_false(odj_decode(&arena, slice_of(changed, whole.len), &out, &e));
	assert_int_equal(e.code, ERR_UNSUPPORTED);
}

static void
too_large_input_is_refused_before_it_is_read(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	uint8_t *zeros = arena_alloc(&arena, ODJ_MAX_FORM + 1);
	struct odj_info out;
	struct error e;

	assert_false(odj_decode(&arena, slice_of(zeros, ODJ_MAX_FORM + 1), &out, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	memcpy(zeros, "\x01\x10\x08", 3);
	assert_false(odj_decode(&arena, slice_of(zeros, ODJ_MAX_BINARY + 1), &out, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_false(odj_decode(&arena, slice_str("no base64!"), &out, &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_false(odj_decode(&arena, slice_of("\xff\xfe\x41", 3), &out, &e));
	assert_false(odj_decode(&arena, slice_of("\xff\xfe\x41\x01", 4), &out, &e));
}

static void
incomplete_information_is_not_encoded(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct slice out = {0};
	struct error e;
	struct odj_info info = sample();

	info.machine_name = "";
	assert_false(odj_encode(&arena, &info, &out, &e));
	info = sample();
	info.password = NULL;
	assert_false(odj_encode(&arena, &info, &out, &e));
	info = sample();
	info.dns_domain = "\xff";
	assert_false(odj_encode(&arena, &info, &out, &e));
	info = sample();
	info.domain_sid = NULL;
	assert_false(odj_encode(&arena, &info, &out, &e));
	info = sample();
	memset(info.domain_guid, 0, sizeof info.domain_guid);
	assert_false(odj_encode(&arena, &info, &out, &e));
	info = sample();
	char *longer = arena_alloc(&arena, 1000);
	memset(longer, 'a', 999);
	info.forest = longer;
	assert_false(odj_encode(&arena, &info, &out, &e));
	assert_null(out.data);
}

static void
assert_same(const struct odj_info *a, const struct odj_info *b)
{
	assert_string_equal(a->dns_domain, b->dns_domain);
	assert_string_equal(a->netbios_domain, b->netbios_domain);
	assert_string_equal(a->machine_name, b->machine_name);
	assert_string_equal(a->domain_guid, b->domain_guid);
	assert_string_equal(a->domain_sid, b->domain_sid);
	assert_int_equal(a->machine_rid, b->machine_rid);
	assert_string_equal(a->dc_name, b->dc_name);
	assert_string_equal(a->dc_address, b->dc_address);
	assert_string_equal(a->site, b->site);
	assert_string_equal(a->forest, b->forest);
}

static void
all_three_forms_decode_to_what_was_encoded(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct slice whole = encoded(&arena);
	struct odj_info in = sample();
	const struct slice forms[] = {
		whole,
		slice_str(odj_to_base64(&arena, whole)),
		odj_to_file(&arena, whole),
		slice_str(arena_printf(&arena, "%s\r\n", odj_to_base64(&arena, whole))),
	};

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct odj_info out;
		struct error e;
		assert_true(odj_decode(&arena, forms[i], &out, &e));
		assert_same(&out, &in);
		assert_string_equal(out.password, in.password);
		assert_string_equal(out.password_kerberos, in.password);
	}
}

static void
a_password_that_is_no_text_keeps_its_units(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct odj_info in = sample(), out;
	struct slice blob;
	struct error e;

	in.password = NULL;
	in.password_utf16 = slice_of("a\0\x01\xd8z\0", 6);
	assert_true(odj_encode(&arena, &in, &blob, &e));
	assert_true(odj_decode(&arena, blob, &out, &e));
	assert_null(out.password);
	assert_true(slice_eq(out.password_utf16, in.password_utf16));
	assert_string_equal(out.password_kerberos, "a\xef\xbf\xbdz");
}

static void
a_site_may_be_missing(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct odj_info in = sample(), out;
	struct slice blob;
	struct error e;

	in.site = NULL;
	assert_true(odj_encode(&arena, &in, &blob, &e));
	assert_true(odj_decode(&arena, blob, &out, &e));
	assert_null(out.site);
	assert_string_equal(out.forest, "corp.example.com");
}

// samba.odj was made by Samba 4.17 (`net offlinejoin provision savefile`) in a domain that no
// longer exists.
static void
samba_s_own_blob_is_decoded_and_encoded_byte_for_byte(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const char *root = getenv("FERRY_SOURCE_ROOT");
	struct odj_info info;
	struct slice file, binary, again;
	struct error e;

	char *path = arena_printf(&arena, "%s/test/fuzz/corpus/odj/samba.odj", root ? root : ".");
	assert_true(fs_read(&arena, path, ODJ_MAX_FORM, &file, &e));
	assert_true(odj_decode(&arena, file, &info, &e));
	assert_string_equal(info.machine_name, "SMB-1");
	assert_string_equal(info.dc_name, "dc1.corp.example.com");
	assert_string_equal(info.dc_address, "10.66.0.10");
	assert_int_equal(info.password_utf16.len, 240);
	assert_true(odj_to_binary(&arena, file, &binary, &e));
	assert_true(odj_encode(&arena, &info, &again, &e));
	assert_int_equal(again.len, binary.len);
	assert_memory_equal(again.data, binary.data, binary.len);
	assert_true(slice_eq(odj_to_file(&arena, again), file));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut_of_a_blob_is_refused),
		cmocka_unit_test(every_changed_byte_is_refused_or_decoded_without_harm),
		cmocka_unit_test(an_encrypted_package_is_unsupported),
		cmocka_unit_test(too_large_input_is_refused_before_it_is_read),
		cmocka_unit_test(incomplete_information_is_not_encoded),
		cmocka_unit_test(all_three_forms_decode_to_what_was_encoded),
		cmocka_unit_test(a_password_that_is_no_text_keeps_its_units),
		cmocka_unit_test(a_site_may_be_missing),
		cmocka_unit_test(samba_s_own_blob_is_decoded_and_encoded_byte_for_byte),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
