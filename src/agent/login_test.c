// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/login.h"
#include "agent/sudoers.h"
#include "base/str.h"

static struct arena arena = {.cap = ARENA_REQUEST};

static void
what_is_no_question_is_refused(void **state)
{
	(void)state;
	char *large = arena_printf(&arena, "{\"user\":\"%0600d\",\"password\":\"x\"}", 1);
	const char *const cases[] = {"", "{}", "[]", "null", "{\"user\":\"a\"}",
		"{\"password\":\"a\"}", "{\"user\":\"\",\"password\":\"a\"}",
		"{\"user\":\"a\",\"password\":\"\"}", "{\"user\":1,\"password\":\"a\"}",
		"{\"user\":\"a\",\"password\":\"b\"} x",
		"{\"user\":\"a\",\"user\":\"b\",\"password\":\"c\"}", large};
	const char *user, *password;
	struct error e;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (login_read(&arena, slice_str(cases[i]), &user, &password, &e))
			fail_msg("%.60s", cases[i]);
	assert_true(login_read(&arena, slice_str("{\"user\":\"a\",\"password\":\"b\\n\"}\n"), &user,
		&password, &e));
	assert_string_equal(password, "b\n");
}

static void
a_name_is_one_that_a_system_takes(void **state)
{
	(void)state;
	static const struct {
		const char *upn, *name;
	} cases[] = {
		{"Alice.Smith@contoso.com", "alice.smith"},
		{"o'brien@contoso.com", "obrien"},
		{"-rf@contoso.com", "rf"},
		{"../../etc@contoso.com", "etc"},
		{"root;reboot@contoso.com", "rootreboot"},
		{"4711bob@contoso.com", "bob"},
		{"@contoso.com", NULL},
		{"\xe5\xb1\xb1@contoso.com", NULL},
		{"a_name_that_is_longer_than_systems_take@contoso.com",
			"a_name_that_is_longer_than_syste"},
	};
	struct error e;
	char *name;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool ok = login_name(&arena, cases[i].upn, &name, &e);
		if (ok != (cases[i].name != NULL) || (ok && !str_eq(name, cases[i].name)))
			fail_msg("%s: %s", cases[i].upn, name);
	}
}

struct asker {
	struct login_question *q;
	const char *user;
	int wait_ms;
	pthread_barrier_t *told;
	bool decided;
	char out[LOGIN_LINE];
};

static void
say_that_it_is_asked(void *told)
{
	if (told)
		pthread_barrier_wait(told);
}

static void *
ask(void *arg)
{
	struct asker *a = arg;

	a->decided = login_question_ask(
		a->q, a->user, "secret", a->wait_ms, say_that_it_is_asked, a->told, a->out);
	return NULL;
}

// Whoever can hold up the network would get in as anybody: with his own password typed first.
static void
a_verdict_that_comes_too_late_is_nobodys(void **state)
{
	(void)state;
	static struct login_question q;
	pthread_barrier_t told;
	pthread_t thread;
	char user[LOGIN_TYPED], password[LOGIN_TYPED];

	login_question_init(&q);
	pthread_barrier_init(&told, NULL, 2);
	assert_int_equal(login_question_take(&q, user, password), 0);
	struct asker alice = {.q = &q, .user = "alice", .told = NULL};
	ask(&alice);
	assert_false(alice.decided);
	assert_int_equal(login_question_take(&q, user, password), 0);
	assert_string_equal(password, "");

	struct asker root = {.q = &q, .user = "root", .wait_ms = 60000, .told = &told};
	assert_int_equal(pthread_create(&thread, NULL, ask, &root), 0);
	pthread_barrier_wait(&told);
	unsigned now = login_question_take(&q, user, password);
	assert_string_equal(user, "root");
	assert_string_equal(password, "secret");
	login_question_answer(&q, now - 1, "{\"ok\":true}\n");
	login_question_answer(&q, 0, "{\"ok\":true}\n");
	login_question_answer(&q, now, "{\"ok\":false}\n");
	pthread_join(thread, NULL);
	assert_true(root.decided);
	assert_string_equal(root.out, "{\"ok\":false}\n");
	pthread_barrier_destroy(&told);
}

static void
what_sudo_could_take_for_something_else_is_no_administrator(void **state)
{
	(void)state;
	static const char *const refused[] = {"", "%sudo", "#0", "+people", "!root", "a\"b", "a\nb",
		"a\\b", "ALL=x", "a:b", "a,b"};
	const char *line;
	struct error e;

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (sudoers_line(&arena, refused[i], &line, &e))
			fail_msg("%s: %s", refused[i], line);
	assert_true(sudoers_line(&arena, "alice.smith", &line, &e));
	assert_string_equal(line, "\"alice.smith\" ALL=(ALL:ALL) ALL\n");
	assert_true(sudoers_line(&arena, "alice smith", &line, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_question_is_refused),
		cmocka_unit_test(a_verdict_that_comes_too_late_is_nobodys),
		cmocka_unit_test(a_name_is_one_that_a_system_takes),
		cmocka_unit_test(what_sudo_could_take_for_something_else_is_no_administrator),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
