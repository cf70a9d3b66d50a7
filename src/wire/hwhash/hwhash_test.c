// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/str.h"
#include "base/testing.h"
#include "codec/base64.h"
#include "wire/hwhash/hwhash.h"
#include <stdlib.h>

static const uint8_t modulus[256] = {0xb8, 0x84, [255] = 0xed};

static struct hwhash
laptop(void)
{
	return (struct hwhash){.tool = {1, 0, 1, 0},
		.os = {10, 0, 26100, 4},
		.created = 1763717400 * US_PER_S,
		.os_type = 2,
		.cpu_arch = 9,
		.tool_format = 8,
		.cpu = {9, 1, 2, 4},
		.cpu_vendor = "GenuineIntel",
		.cpu_model = "Made-up CPU",
		.ram_gib = 16,
		.ram_max = 64,
		.ram_slots = 2,
		.disks = {{256, 17}, {1024, 11}},
		.disk_count = 2,
		.disk_serials = {"NVME-1", "SATA-2"},
		.disk_serial_count = 2,
		.nics = {{14, {2, 0, 0, 0, 0, 1}, "PCI"}, {9, {2, 0, 0, 0, 0, 2}, "USB"}},
		.nic_count = 2,
		.chassis = 10,
		.uuid = "6f1a2b3c-0000-4000-8000-000000000001",
		.serial = "CN-0001",
		.manufacturer = "Contoso",
		.product = "Böard 5",
		.ek_modulus = slice_of(modulus, sizeof modulus)};
}

// Elements from a table of bytes, with head and checksum.
static struct slice
wrap(struct arena *arena, const void *elements, size_t len)
{
	uint8_t *bytes = arena_alloc(arena, 4 + len + 36);

	memcpy(bytes, "OA", 2);
	bytes[2] = (uint8_t)(4 + len);
	bytes[3] = (uint8_t)((4 + len) >> 8);
	if (len)
		memcpy(bytes + 4, elements, len);
	return slice_of(bytes, 4 + len + 36);
}

#define WRAP(text) wrap(&arena, text, sizeof(text) - 1)

static bool
warned(const struct hwhash *hash, const char *about)
{
	for (size_t i = 0; hash->warnings[i]; i++)
		if (strstr(hash->warnings[i], about))
			return true;
	return false;
}

static void
broken_elements_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct hwhash hash = {.chassis = 77};
	struct error e;

	const struct slice bad[] = {
		slice_of("", 0), slice_str("OA"), slice_of("OB\4\0", 4), slice_of("OA\3\0", 4),
		slice_of("OA\5\0", 4),
		WRAP("\16\0\3\0"),	    // length below its own head
		WRAP("\16\0\0\0"),	    // would never end
		WRAP("\16\0\6\0A"),	    // past the end by one
		WRAP("\16\0\377\377ABCDE"), // far past the end
		WRAP("\16\0\5"),	    // half a head
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(hwhash_decode(&arena, bad[i], &hash, &e));
		assert_int_equal(e.code, ERR_INVALID);
	}
	assert_false(hwhash_decode(&arena, slice_of(arena_alloc(&arena, 9000), 9000), &hash, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(hash.chassis, 77);
}

static void
every_cut_is_refused_or_only_loses_the_checksum(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	struct hwhash in = laptop(), out;
	struct slice bytes;
	struct error e;

	assert_works(hwhash_encode(&arena, &in, &bytes, &e));
	size_t total = (size_t)(bytes.data[2] | bytes.data[3] << 8);
	for (size_t len = 0; len < total + 36; len++) {
		const uint8_t *cut = arena_memdup(&arena, bytes.data, len ? len : 1);
		bool ok = hwhash_decode(&arena, slice_of(cut, len), &out, &e);
		assert_int_equal(ok, len >= total);
		if (ok) {
			assert_false(out.checksum_ok);
			assert_true(warned(&out, "no checksum"));
		}
	}
}

static void
a_text_element_of_unreasonable_length_is_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	uint8_t *element = arena_alloc(&arena, 600);
	struct hwhash hash;
	struct error e;

	memset(element, 'A', 600);
	memcpy(element, "\16\0\130\2", 4);
	assert_false(hwhash_decode(&arena, wrap(&arena, element, 600), &hash, &e));
	assert_int_equal(e.code, ERR_INVALID);
}

static void
what_is_written_reads_the_same(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct hwhash in = laptop(), out;
	struct slice bytes;
	const char *text;
	struct error e;

	assert_works(hwhash_to_text(&arena, &in, &text, &e));
	assert_int_equal(strlen(text), HWHASH_TEXT);
	assert_true(str_starts(text, "T0"));
	assert_works(hwhash_from_text(&arena, slice_str(text), &bytes, &e));
	assert_int_equal(bytes.len, HWHASH_BYTES);
	assert_works(hwhash_decode(&arena, bytes, &out, &e));
	assert_true(out.checksum_ok);
	assert_null(out.warnings[0]);
	assert_int_equal(out.created, in.created);
	assert_int_equal(out.os.build, 26100);
	assert_int_equal(out.cpu.threads, 4);
	assert_int_equal(out.ram_max, 64);
	assert_int_equal(out.ram_slots, 2);
	assert_int_equal(out.disk_count, 2);
	assert_int_equal(out.disks[1].gib, 1024);
	assert_string_equal(out.disk_serials[1], "SATA-2");
	assert_int_equal(out.nic_count, 2);
	assert_memory_equal(out.nics[1].mac, in.nics[1].mac, 6);
	assert_string_equal(out.nics[0].bus, "PCI");
	assert_string_equal(out.uuid, in.uuid);
	assert_string_equal(out.product, "Böard 5");
	assert_true(slice_eq(out.ek_modulus, in.ek_modulus));
	assert_int_equal(out.offline_id_kind, 1);
	assert_string_equal(out.ek_id, hex_encode(&arena, out.offline_id));
	assert_null(out.sku);
}

static void
a_wrong_checksum_only_warns(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct hwhash in = laptop(), out;
	struct slice bytes;
	struct error e;

	assert_works(hwhash_encode(&arena, &in, &bytes, &e));
	uint8_t *changed = arena_memdup(&arena, bytes.data, bytes.len);
	changed[8] ^= 1;
	assert_works(hwhash_decode(&arena, slice_of(changed, bytes.len), &out, &e));
	assert_false(out.checksum_ok);
	assert_true(warned(&out, "checksum"));
	assert_string_equal(out.serial, "CN-0001");
}

static void
odd_elements_warn_and_are_left_out(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct hwhash out;
	struct error e;

	assert_works(hwhash_decode(&arena,
		WRAP("\16\0\10\0AB\0\0"	   // serial
		     "\16\0\10\0CDEF"	   // a second one must not replace it
		     "\20\0\10\0\xff\1 \0" // not text
		     "\21\0\10\0    "	   // only blanks: absent
		     "\22\0\12\0 a|b  "	   // trimmed
		     "\2\0\6\0\0\0"	   // processor too short
		     "\31\0\6\0\0\0"	   // modulus too short
		     "\143\0\5\0x"),	   // type 99
		&out, &e));
	assert_string_equal(out.serial, "AB");
	assert_true(warned(&out, "element 14: repeated"));
	assert_string_equal(out.manufacturer, "??");
	assert_true(warned(&out, "element 16: characters"));
	assert_null(out.product);
	assert_string_equal(out.sku, "a|b");
	assert_true(warned(&out, "element 2: too short"));
	assert_true(warned(&out, "element 25: not an RSA modulus"));
	assert_int_equal(out.ek_modulus.len, 0);
	assert_int_equal(out.unknown, 1);
}

static void
an_identifier_of_another_tpm_warns(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const uint8_t other[32] = {1};
	struct hwhash in = laptop(), out;
	struct slice bytes;
	struct error e;

	in.offline_id = slice_of(other, sizeof other);
	in.offline_id_kind = 1;
	assert_works(hwhash_encode(&arena, &in, &bytes, &e));
	assert_works(hwhash_decode(&arena, bytes, &out, &e));
	assert_true(warned(&out, "not derived"));
}

static void
many_devices_are_bounded(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct hwhash out;
	struct error e;
	uint8_t *elements = arena_alloc(&arena, 100 * 16);

	for (int i = 0; i < 100; i++)
		memcpy(elements + i * 16, "\6\0\20\0", 4);
	assert_works(hwhash_decode(&arena, wrap(&arena, elements, 100 * 16), &out, &e));
	assert_int_equal(out.disk_count, HWHASH_DISKS);
	assert_true(warned(&out, "too many"));
	assert_null(out.warnings[HWHASH_WARNINGS - 1]);
}

static void
what_does_not_fit_is_not_written(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct hwhash in = laptop();
	struct slice bytes;
	struct error e;
	char *long_text = arena_alloc(&arena, 3001);

	memset(long_text, 'x', 2900);
	in.sku = long_text;
	assert_false(hwhash_encode(&arena, &in, &bytes, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	in = laptop();
	snprintf(in.uuid, sizeof in.uuid, "not-a-uuid");
	assert_false(hwhash_encode(&arena, &in, &bytes, &e));
	assert_int_equal(e.code, ERR_INVALID);
}

// Behaviour R8: the repair loop of the import script.
static void
padding_is_repaired(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const struct {
		const char *text;
		size_t len;
	} good[] = {
		{"T0EEAA==", 4},
		{"T0EEAA", 4},
		{"T0EEAA=", 4},
		{" T0EEAAAA\r\n", 6},
		{"T0EEAAA", 5},
		{"T0EEA", 4},	// one character short: A== completes it with zero bits
		{"T0EEA==", 4}, // and with the padding of a wrong length
		{"T0EE==", 4},	// padding where none belongs becomes an A, then A==
		{"T0EEAB==", 4},
	};
	struct slice bytes;
	struct error e;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_works(hwhash_from_text(&arena, slice_str(good[i].text), &bytes, &e));
		assert_int_equal(bytes.len, good[i].len);
		assert_memory_equal(bytes.data, "OA\4", 3);
	}
	static const char *const bad[] = {"", "  ", "T0E!AA==", "T0=EAA==", "====", "\"T0EEAA==\""};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(hwhash_from_text(&arena, slice_str(bad[i]), &bytes, &e));
}

static void
the_sample_decodes_as_documented(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const char *samples = getenv("FERRY_SAMPLES"), *root = getenv("FERRY_SOURCE_ROOT");
	char *path = samples
		? arena_printf(&arena, "%s/hardware-hash/synthetic-CN-0001.b64", samples)
		: arena_printf(&arena, "%s/../shared/samples/hardware-hash/synthetic-CN-0001.b64",
			  root ? root : ".");
	struct slice text, bytes;
	struct hwhash out;
	struct error e;

	if (!fs_read(&arena, path, 16384, &text, &e) &&
		!fs_read(&arena,
			arena_printf(&arena,
				"%s/../../shared/samples/hardware-hash/synthetic-CN-0001.b64",
				root ? root : "."),
			16384, &text, &e))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	assert_works(hwhash_from_text(&arena, text, &bytes, &e));
	assert_int_equal(bytes.len, HWHASH_BYTES);
	assert_works(hwhash_decode(&arena, bytes, &out, &e));
	assert_true(out.checksum_ok);
	assert_null(out.warnings[0]);
	assert_int_equal(out.tool.major, 1);
	assert_int_equal(out.os.major, 6);
	assert_int_equal(out.os.minor, 18);
	assert_int_equal(out.cpu.cores, 2);
	assert_string_equal(out.cpu_vendor, "GenuineIntel");
	assert_int_equal(out.ram_gib, 24);
	assert_int_equal(out.chassis, 3);
	assert_string_equal(out.uuid, "6f1a2b3c-0000-4000-8000-000000000001");
	assert_string_equal(
		out.ek_id, "234299fd66c1f38302dfeeb2d3d5db02845c850a2ad8b7c179b8525b4e959f99");
	assert_string_equal(out.serial, "CN-0001");
	assert_string_equal(out.manufacturer, "Contoso");
	assert_string_equal(out.product, "LabPC-1");
	assert_int_equal(out.disk_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_elements_are_refused),
		cmocka_unit_test(every_cut_is_refused_or_only_loses_the_checksum),
		cmocka_unit_test(a_text_element_of_unreasonable_length_is_refused),
		cmocka_unit_test(what_is_written_reads_the_same),
		cmocka_unit_test(a_wrong_checksum_only_warns),
		cmocka_unit_test(odd_elements_warn_and_are_left_out),
		cmocka_unit_test(an_identifier_of_another_tpm_warns),
		cmocka_unit_test(many_devices_are_bounded),
		cmocka_unit_test(what_does_not_fit_is_not_written),
		cmocka_unit_test(padding_is_repaired),
		cmocka_unit_test(the_sample_decodes_as_documented),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
