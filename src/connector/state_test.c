// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/str.h"
#include "connector/rate.h"
#include "connector/state.h"
#include "pki/cert.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include <stdlib.h>
#include <sys/stat.h>

static char dir[] = "/tmp/ferry-state-XXXXXX";

static char *
in_dir(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", dir, name);
}

static int
make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int
remove_dir(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct error e;

	(void)state;
	return fs_remove(in_dir(&arena, "identity.json"), &e) &&
			fs_remove(in_dir(&arena, "job.json"), &e) && rmdir(dir) == 0
		? 0
		: -1;
}

static void
a_missing_identity_says_what_to_do(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct connector_identity id;
	struct error e;

	assert_false(identity_load(&arena, dir, &id, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(e.hint, "--enroll"));
}

static void
a_damaged_identity_is_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const char wrong_pem[] = "{\"connectorId\":\"a\",\"name\":\"n\",\"domain\":\"d\","
					"\"certificate\":\"x\",\"key\":\"y\"}";
	static const char *const bad[] = {"", "{}", "{\"connectorId\":\"a\"", wrong_pem};
	struct connector_identity id;
	struct error e;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_true(fs_write(in_dir(&arena, "identity.json"), slice_str(bad[i]), 0600, &e));
		assert_false(identity_load(&arena, dir, &id, &e));
		assert_non_null(strstr(e.message, "identity.json"));
	}
}

static const char *
certificate_of(struct arena *arena, EVP_PKEY *key)
{
	struct cert_template template = {.profile = CERT_ROOT_CA,
		.common_name = "connector",
		.not_before = 0,
		.not_after = 400 * US_PER_DAY};
	const struct cert_issuer self = {.key = key};
	struct slice der, pem;
	X509 *cert;
	struct error e;

	assert_true(key_spki(arena, key, &template.spki, &e));
	template.serial[15] = 1;
	assert_true(cert_issue(arena, &template, &self, &der, &e));
	assert_true(cert_load(der, &cert, &e));
	assert_true(cert_pem(arena, cert, &pem, &e));
	X509_free(cert);
	return (const char *)pem.data;
}

static void
an_identity_comes_back_as_one_private_file(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	autoidentity made = {.connector_id = "id-1", .name = "conn", .domain = "corp.example.com"};
	autoidentity read = {0};
	struct stat st;
	struct error e;

	assert_true(key_generate(KEY_P256, &made.key, &e));
	made.certificate = certificate_of(&arena, made.key);
	assert_true(identity_save(dir, &made, &e));
	assert_int_equal(stat(in_dir(&arena, "identity.json"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(identity_load(&arena, dir, &read, &e));
	assert_string_equal(read.connector_id, "id-1");
	assert_string_equal(read.domain, "corp.example.com");
	assert_string_equal(read.certificate, made.certificate);
	assert_true(key_same(read.key, made.key));
	assert_int_equal(read.not_after, 400 * US_PER_DAY);
}

static void
a_job_in_hand_survives_and_is_dropped(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	struct job_in_hand in = {.job = "{\"jobId\":\"\\u00e4\"}", .lease_until = 77}, out = {0};
	struct error e;
	bool found = true;

	assert_true(job_in_hand_load(&arena, dir, &found, &out, &e));
	assert_false(found);
	assert_true(job_in_hand_save(dir, &in, &e));
	assert_true(job_in_hand_load(&arena, dir, &found, &out, &e));
	assert_true(found);
	assert_string_equal(out.job, in.job);
	assert_int_equal(out.lease_until, 77);
	assert_null(out.answer);
	in.answer = "{\"leaseId\":\"x\"}";
	assert_true(job_in_hand_save(dir, &in, &e));
	assert_true(job_in_hand_load(&arena, dir, &found, &out, &e));
	assert_string_equal(out.answer, in.answer);
	assert_true(job_in_hand_drop(dir, &e));
	assert_true(job_in_hand_drop(dir, &e));
	assert_true(job_in_hand_load(&arena, dir, &found, &out, &e));
	assert_false(found);
	assert_true(fs_write(in_dir(&arena, "job.json"), slice_str("{"), 0600, &e));
	assert_false(job_in_hand_load(&arena, dir, &found, &out, &e));
}

static void
the_accounts_of_an_hour_outlive_a_restart(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const struct allow_list list = {.domain = "corp.example.com", .max_per_hour = 2};
	const struct connector_job job = {.domain = "corp.example.com", .kind = JOB_DELETE};
	const time_us now = 1795000000 * US_PER_S;
	struct allow_history made, ended;
	struct error e;

	assert_true(rate_load(&arena, dir, &list, now, &made, &ended, &e));
	for (int minute = 59; minute > 0; minute -= 20)
		allow_count(&arena, &list, &made, now - minute * US_PER_MIN);
	allow_count(&arena, &list, &ended, now);
	assert_true(rate_save(dir, &list, &made, &ended, &e));
	assert_true(rate_load(&arena, dir, &list, now, &made, &ended, &e));
	assert_int_equal(made.count, 2);
	assert_int_equal(ended.count, 1);
	assert_false(allow_check(&arena, &list, &made, &job, now, &e));
	assert_non_null(strstr(e.message, "in 21 minutes"));
	// An hour later they are forgotten, and a clock that is set back counts nothing of its
	// future.
	assert_true(rate_load(&arena, dir, &list, now + 90 * US_PER_MIN, &made, &ended, &e));
	assert_int_equal(made.count + ended.count, 0);
	assert_true(rate_load(&arena, dir, &list, now - 90 * US_PER_MIN, &made, &ended, &e));
	assert_int_equal(made.count + ended.count, 0);
	assert_true(fs_write(in_dir(&arena, "rate.json"), slice_str("["), 0600, &e));
	assert_false(rate_load(&arena, dir, &list, now, &made, &ended, &e));
	assert_non_null(strstr(e.message, "rate.json"));
	assert_true(fs_remove(in_dir(&arena, "rate.json"), &e));
}

static void
only_one_program_works_with_a_state(void **state)
{
	(void)state;
	autoclose other = -1;
	struct error e;
	int first;

	assert_true(state_claim(dir, &first, &e));
	assert_false(state_claim(dir, &other, &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_string_equal(e.fault, "connector_running");
	assert_non_null(strstr(e.hint, "Stop it"));
	close(first);
	assert_true(state_claim(dir, &other, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_identity_says_what_to_do),
		cmocka_unit_test(a_damaged_identity_is_refused),
		cmocka_unit_test(an_identity_comes_back_as_one_private_file),
		cmocka_unit_test(a_job_in_hand_survives_and_is_dropped),
		cmocka_unit_test(the_accounts_of_an_hour_outlive_a_restart),
		cmocka_unit_test(only_one_program_works_with_a_state),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
