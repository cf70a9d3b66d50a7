// SPDX-License-Identifier: Apache-2.0
// The service's key set beside a real ferry-signer whose keys change. Also worth running with
// -Db_sanitize=thread.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/str.h"
#include "base/uuid.h"
#include "ferryd/signer_client.h"
#include "ferryd/token_keys.h"
#include "ferryd/token_shelf.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>

#define AUDIENCE "urn:test"
#define ISSUER "https://ferry.example"

static struct service service = {.base_url = ISSUER};
static char dir[64], program[512], keys_dir[128], socket_path[128], tenant[UUID_TEXT];
static pid_t signer;

static pid_t
spawn(const char *const *argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	return pid;
}

static int
run(const char *option, const char *more)
{
	const char *argv[] = {program, "--keys", keys_dir, option, more, NULL};
	int status;

	if (!freopen("/dev/null", "r", stdin))
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		// The list that it prints is no TAP.
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
start_signer(void)
{
	const char *argv[] = {program, "--keys", keys_dir, "--socket", socket_path, NULL};

	unlink(socket_path);
	signer = spawn(argv);
	for (int i = 0; i < 300 && !fs_exists(socket_path); i++)
		usleep(20000);
	usleep(50000);
	return fs_exists(socket_path) ? 0 : -1;
}

static void
stop_signer(void)
{
	if (signer <= 0)
		return; // 0 would be ourselves
	kill(signer, SIGKILL);
	waitpid(signer, NULL, 0);
	signer = 0;
}

static int
setup(void **state)
{
	const char *root = getenv("FERRY_BUILD_ROOT");
	struct error e;

	(void)state;
	snprintf(dir, sizeof dir, "/tmp/ferry-tk-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(program, sizeof program, "%s/src/signer/ferry-signer", root ? root : ".");
	snprintf(keys_dir, sizeof keys_dir, "%s/keys", dir);
	snprintf(socket_path, sizeof socket_path, "%s/socket", dir);
	uint8_t bytes[16];
	random_bytes(bytes, sizeof bytes);
	uuid_format(bytes, tenant);
	if (run("--init", NULL) != 0 || start_signer() != 0)
		return -1;
	service.signer_path = socket_path;
	return token_keys_open(socket_path, &service.tokens, &e) ? 0 : -1;
}

static int
teardown(void **state)
{
	const char *argv[] = {"/bin/rm", "-rf", dir, NULL};
	int status;

	(void)state;
	stop_signer();
	token_keys_close(service.tokens);
	return waitpid(spawn(argv), &status, 0) > 0 ? status : -1;
}

// A caller as one thread of the service has it.
struct caller {
	struct arena arena;
	struct worker worker;
	struct call call;
};

static void
begin(struct caller *c)
{
	*c = (struct caller){
		.arena = {.cap = ARENA_REQUEST}, .worker = {.service = &service, .signer_fd = -1}};
	c->call = (struct call){.service = &service,
		.worker = &c->worker,
		.arena = &c->arena,
		.work = {.arena = &c->arena, .now = clock_now()}};
}

static void
end(struct caller *c)
{
	if (c->worker.signer_fd >= 0)
		close(c->worker.signer_fd);
	arena_finish(&c->arena);
}

static bool
sign(struct caller *c, const char **token, struct error *e)
{
	long long now = c->call.work.now / US_PER_S;

	return signer_token(&c->call,
		arena_printf(&c->arena,
			"{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE
			"\",\"tid\":\"%s\",\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld}",
			tenant, now, now, now + 600),
		token, e);
}

static atomic_bool stop;
static atomic_int verified;

static void *
sign_and_verify(void *arg)
{
	static char problems[8][300];
	char *problem = problems[(intptr_t)arg];
	struct error e;

	while (!atomic_load(&stop) && !*problem) {
		struct caller c;
		const struct json *claims;
		const char *token, *jwks;
		int64_t age;
		begin(&c);
		if (!sign(&c, &token, &e) || !token_verify(&c.call, token, AUDIENCE, &claims, &e) ||
			!token_keys_json(&c.call, &jwks, &age, &e))
			snprintf(problem, sizeof problems[0], "%s", e.message);
		end(&c);
		atomic_fetch_add(&verified, 1);
	}
	return problem;
}

static void
threads_verify_while_keys_change(void **state)
{
	pthread_t threads[6];
	void *problem;

	(void)state;
	atomic_store(&stop, false);
	for (intptr_t i = 0; i < 6; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_and_verify, (void *)i), 0);
	for (int i = 0; i < 12; i++) {
		assert_int_equal(run("--rotate", "--now"), 0);
		usleep(50000);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(pthread_join(threads[i], &problem), 0);
		assert_string_equal(problem, "");
	}
	assert_true(atomic_load(&verified) > 12);
}

static void
a_token_names_one_tenant_in_one_spelling(void **state)
{
	static const char *const tenants[] = {"\"\"", "null", "1", "\"common\"",
		"[\"6f1a2b3c-0000-4000-8000-000000000001\"]",
		"\"6F1A2B3C-0000-4000-8000-000000000001\"",
		"\"{6f1a2b3c-0000-4000-8000-000000000001}\""};
	struct caller c;
	const struct json *claims;
	const char *token;
	struct error e;

	(void)state;
	begin(&c);
	long long now = c.call.work.now / US_PER_S;
	for (size_t i = 0; i < sizeof tenants / sizeof *tenants; i++) {
		assert_true(signer_token(&c.call,
			arena_printf(&c.arena,
				"{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE
				"\",\"tid\":%s,\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld}",
				tenants[i], now, now, now + 600),
			&token, &e));
		assert_false(token_verify(&c.call, token, AUDIENCE, &claims, &e));
		assert_string_equal(e.fault, "token_invalid");
	}
	assert_true(sign(&c, &token, &e));
	assert_false(token_verify_within(&c.call, slice_str(token), AUDIENCE, 599, &claims, &e));
	assert_true(token_verify_within(&c.call, slice_str(token), AUDIENCE, 600, &claims, &e));
	end(&c);
}

static const struct shelf_token kept = {.token = "a.b.c", .signed_at = 1000};

static bool
lies(struct token_shelf *shelf, struct arena *arena, const char *label, int64_t now_s,
	uint64_t *moment)
{
	struct shelf_token found = {0};
	bool yes = token_shelf_find(shelf, arena, slice_str(label), now_s, &found, moment);

	if (yes) {
		assert_string_equal(found.token, kept.token);
		assert_int_equal(found.signed_at, kept.signed_at);
	}
	return yes;
}

static void
a_token_is_given_again_under_its_label_only_and_for_minutes(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct token_shelf *shelf = token_shelf_new(socket_path);
	uint64_t moment;

	(void)state;
	assert_false(lies(NULL, &arena, "x", 1000, &moment));
	assert_false(lies(shelf, &arena, "x", 1000, &moment));
	assert_true(moment != 0);
	token_shelf_put(shelf, slice_str("x"), 0, &kept);
	assert_false(lies(shelf, &arena, "x", 1000, &moment));
	token_shelf_put(shelf, slice_str("x"), moment, &kept);
	assert_true(lies(shelf, &arena, "x", 1000, &moment));
	assert_true(lies(shelf, &arena, "x", 1000 + SHELF_SECONDS - 1, &moment));
	assert_false(lies(shelf, &arena, "x", 1000 + SHELF_SECONDS, &moment));
	assert_false(lies(shelf, &arena, "x", 999, &moment));
	assert_false(lies(shelf, &arena, "", 1000, &moment));
	assert_false(lies(shelf, &arena, "xa", 1000, &moment));
	char *large = arena_alloc(&arena, (16 << 10) + 1);
	memset(large, 'y', 16 << 10);
	token_shelf_put(shelf, slice_str(large), moment, &kept);
	assert_false(lies(shelf, &arena, large, 1000, &moment));
	// Many labels on few places: what is found is always the one that was asked for.
	for (int i = 0; i < 1000; i++)
		token_shelf_put(shelf, slice_str(arena_printf(&arena, "%d", i)), moment, &kept);
	assert_true(lies(shelf, &arena, "999", 1000, &moment));
	token_shelf_free(shelf);
}

static void
what_an_older_key_signed_is_not_given_again(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct token_shelf *shelf = token_shelf_new(socket_path);
	uint64_t before, moment;

	(void)state;
	assert_false(lies(shelf, &arena, "x", 1000, &before));
	assert_int_equal(run("--rotate", "--now"), 0);
	token_shelf_put(shelf, slice_str("x"), before, &kept);
	assert_false(lies(shelf, &arena, "x", 1000, &moment));
	assert_true(moment != before && moment != 0);
	token_shelf_put(shelf, slice_str("x"), before, &kept);
	assert_false(lies(shelf, &arena, "x", 1000, &moment));
	token_shelf_put(shelf, slice_str("x"), moment, &kept);
	assert_true(lies(shelf, &arena, "x", 1000, &moment));
	assert_int_equal(run("--rotate", "--now"), 0);
	assert_false(lies(shelf, &arena, "x", 1000, &moment));
	token_shelf_free(shelf);
}

static void
the_end_of_the_signer_empties_the_shelf(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct token_shelf *shelf = token_shelf_new(socket_path);
	uint64_t moment;

	(void)state;
	assert_false(lies(shelf, &arena, "x", 1000, &moment));
	token_shelf_put(shelf, slice_str("x"), moment, &kept);
	assert_true(lies(shelf, &arena, "x", 1000, &moment));
	stop_signer();
	assert_false(lies(shelf, &arena, "x", 1000, &moment));
	assert_int_equal(moment, 0);
	assert_int_equal(start_signer(), 0);
	token_shelf_free(shelf);
}

static void
a_signer_that_does_not_answer_is_outlived(void **state)
{
	struct caller c;
	const struct json *claims;
	const char *token, *unknown;
	struct error e;

	(void)state;
	begin(&c);
	assert_true(sign(&c, &token, &e));
	stop_signer();
	assert_true(token_verify(&c.call, token, AUDIENCE, &claims, &e));
	// A name of our form that nobody knows: refused for what it is, not for the signer's sake.
	unknown = arena_printf(&c.arena, "%s.%s",
		"eyJhbGciOiJFUzI1NiIsImtpZCI6IkFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
		"FBQU"
		"EifQ",
		strchr(token, '.') + 1);
	int64_t begin_ms = clock_monotonic_ms();
	for (int i = 0; i < 50; i++) {
		assert_false(token_verify(&c.call, unknown, AUDIENCE, &claims, &e));
		assert_string_equal(e.fault, "token_invalid");
	}
	assert_true(clock_monotonic_ms() - begin_ms < 5000);
	assert_int_equal(start_signer(), 0);
	assert_int_equal(run("--rotate", "--now"), 0);
	assert_true(sign(&c, &token, &e));
	assert_true(token_verify(&c.call, token, AUDIENCE, &claims, &e));
	end(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_verify_while_keys_change),
		cmocka_unit_test(a_token_names_one_tenant_in_one_spelling),
		cmocka_unit_test(a_token_is_given_again_under_its_label_only_and_for_minutes),
		cmocka_unit_test(what_an_older_key_signed_is_not_given_again),
		cmocka_unit_test(the_end_of_the_signer_empties_the_shelf),
		cmocka_unit_test(a_signer_that_does_not_answer_is_outlived),
	};

	signal(SIGPIPE, SIG_IGN);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
