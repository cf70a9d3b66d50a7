// SPDX-License-Identifier: Apache-2.0
#include "agent/domain_join.h"

#include "base/fs.h"
#include "base/str.h"
#include <krb5.h>
#include <stdlib.h>
#include <sys/stat.h>

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
		.password_kerberos = "machine password",
	};
}

static char folder[64];

static int
make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/domain_join_test.XXXXXX");
	return mkdtemp(folder) ? 0 : 1;
}

static int
remove_folder(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);

	(void)unlink(arena_printf(&arena, "%s/keytab", folder));
	return rmdir(folder);
}

static void
a_keytab_is_not_written_from_incomplete_information(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const char *path = arena_printf(&arena, "%s/keytab", folder);
	struct odj_info info = sample();
	struct error e;

	info.password_kerberos = NULL;
	assert_false(domain_join_write_keytab(&info, path, 1, &e));
	info = sample();
	info.machine_name = "";
	assert_false(domain_join_write_keytab(&info, path, 1, &e));
	assert_false(fs_exists(path));
	info = sample();
	assert_false(domain_join_write_keytab(&info, "/nonexistent/keytab", 1, &e));
}

static size_t
count_entries(krb5_context krb5, krb5_keytab keytab)
{
	krb5_kt_cursor cursor;
	krb5_keytab_entry entry;
	size_t count = 0;

	assert_int_equal(krb5_kt_start_seq_get(krb5, keytab, &cursor), 0);
	while (krb5_kt_next_entry(krb5, keytab, &entry, &cursor) == 0) {
		count++;
		krb5_free_keytab_entry_contents(krb5, &entry);
	}
	krb5_kt_end_seq_get(krb5, keytab, &cursor);
	return count;
}

static void
assert_key(krb5_context krb5, krb5_keytab keytab, const char *name, krb5_enctype enctype,
	krb5_kvno kvno)
{
	krb5_principal principal;
	krb5_keytab_entry entry;
	krb5_keyblock expected;
	krb5_data password = {.length = 16, .data = "machine password"};
	krb5_data salt = {.length = 44, .data = "CORP.EXAMPLE.COMhostpc-0777.corp.example.com"};

	assert_int_equal(krb5_parse_name(krb5, name, &principal), 0);
	assert_int_equal(krb5_kt_get_entry(krb5, keytab, principal, kvno, enctype, &entry), 0);
	assert_int_equal(krb5_c_string_to_key(krb5, enctype, &password, &salt, &expected), 0);
	assert_int_equal(entry.key.length, expected.length);
	assert_memory_equal(entry.key.contents, expected.contents, expected.length);
	krb5_free_keyblock_contents(krb5, &expected);
	krb5_free_keytab_entry_contents(krb5, &entry);
	krb5_free_principal(krb5, principal);
}

static void
kerberos_finds_every_key_in_the_keytab_we_write(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const char *const names[] = {"PC-0777$@CORP.EXAMPLE.COM",
		"host/pc-0777.corp.example.com@CORP.EXAMPLE.COM", "host/PC-0777@CORP.EXAMPLE.COM",
		"RestrictedKrbHost/pc-0777.corp.example.com@CORP.EXAMPLE.COM"};
	const char *path = arena_printf(&arena, "%s/keytab", folder);
	struct odj_info info = sample();
	krb5_context krb5;
	krb5_keytab keytab;
	struct stat st;
	struct error e;

	assert_true(domain_join_write_keytab(&info, path, 1, &e));
	assert_true(domain_join_write_keytab(&info, path, 300, &e));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(krb5_init_context(&krb5), 0);
	assert_int_equal(krb5_kt_resolve(krb5, arena_printf(&arena, "FILE:%s", path), &keytab), 0);
	assert_int_equal(count_entries(krb5, keytab), 8);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_key(krb5, keytab, names[i], ENCTYPE_AES256_CTS_HMAC_SHA1_96, 300);
		assert_key(krb5, keytab, names[i], ENCTYPE_AES128_CTS_HMAC_SHA1_96, 300);
	}
	krb5_kt_close(krb5, keytab);
	krb5_free_context(krb5);
}

static void
the_configuration_names_realm_keytab_and_strict_clocks(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct odj_info info = sample();
	const char *text = domain_join_krb5_conf(&arena, &info, "/etc/krb5.keytab");

	assert_non_null(strstr(text, "\tdefault_realm = CORP.EXAMPLE.COM\n"));
	assert_non_null(strstr(text, "\tdefault_keytab_name = FILE:/etc/krb5.keytab\n"));
	assert_non_null(strstr(text, "\tkdc_timesync = 0\n"));
	assert_non_null(strstr(text, "\t.corp.example.com = CORP.EXAMPLE.COM\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_keytab_is_not_written_from_incomplete_information),
		cmocka_unit_test(kerberos_finds_every_key_in_the_keytab_we_write),
		cmocka_unit_test(the_configuration_names_realm_keytab_and_strict_clocks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
