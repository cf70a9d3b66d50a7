// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/str.h"
#include "base/testing.h"
#include "codec/json.h"
#include "pki/jwt.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include "signer/token_ring.h"
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

static const time_us start = 1795000000LL * US_PER_S;
static const struct token_policy yearly = {.rotate_days = 365};
static const struct token_policy monthly = {.rotate_days = 30};
static const struct token_policy by_hand = {.alg = "RS256"};
static struct arena arena = {.cap = ARENA_REQUEST};
static char dir[64];

static int
setup(void **state)
{
	struct error e;

	(void)state;
	snprintf(dir, sizeof dir, "/tmp/ferry-ring-XXXXXX");
	return mkdtemp(dir) && token_ring_create(dir, &yearly, start, &e) ? 0 : -1;
}

static char *
path_of(const char *name)
{
	return arena_printf(&arena, "%s/%s", dir, name);
}

// How many private halves lie in the folder; removes all when asked.
static size_t
private_halves(bool clear)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;
	struct error e;
	size_t count = 0;

	while ((entry = readdir(folder))) {
		count += str_starts(entry->d_name, "token-") || str_eq(entry->d_name, "token.key");
		if (clear && *entry->d_name != '.')
			assert_works(fs_remove(path_of(entry->d_name), &e));
	}
	closedir(folder);
	return count;
}

static int
teardown(void **state)
{
	(void)state;
	private_halves(true);
	int status = rmdir(dir);
	arena_finish(&arena);
	arena_init(&arena, ARENA_REQUEST);
	return status;
}

// "current next retired" …, in the order of the list.
static const char *
states(void)
{
	struct token_state state;
	struct error e;
	struct buf out;

	assert_works(token_ring_read(&arena, dir, &state, &e));
	buf_init(&out, &arena, 1024);
	for (size_t i = 0; i < state.count; i++)
		buf_printf(&out, "%s%s", i ? " " : "", token_state_name(state.keys[i].state));
	token_state_free(&state);
	return buf_text(&out);
}

static const char *
kid_of(enum token_key_state which)
{
	struct token_state state;
	struct error e;

	assert_works(token_ring_read(&arena, dir, &state, &e));
	const struct token_key *key = token_state_find(&state, which);
	const char *kid = key ? arena_strdup(&arena, key->kid) : NULL;
	token_state_free(&state);
	return kid;
}

static void
tend_at(const struct token_policy *policy, int64_t seconds)
{
	struct error e;

	assert_works(token_ring_tend(dir, policy, start + seconds * US_PER_S, &e));
}

static void
damaged_lists_are_refused(void **state)
{
	static const char *const more[] = {"", "{}", "[]", "{\"version\":1,\"keys\":[]}",
		"{\"version\":2,\"keys\":[]}", "{\"version\":1,\"keys\":{}}",
		"{\"version\":1,\"keys\":[{}]}"};
	struct token_state read;
	struct slice good;
	struct error e;

	(void)state;
	assert_works(fs_read(&arena, path_of("tokens.json"), 4096, &good, &e));
	const char *text = (const char *)good.data;
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		assert_false(token_state_read(&arena, slice_str(more[i]), &read, &e));
	for (size_t len = 0; len + 2 < good.len; len++)
		assert_false(token_state_read(&arena, slice_of(text, len), &read, &e));
	const char *key = strchr(text, '[') + 1;
	int len = (int)(strrchr(text, ']') - key);
	const char *list[] = {
		// Twice the same key; another name, here that of a path; another state.
		arena_printf(&arena, "{\"version\":1,\"keys\":[%.*s,%.*s]}", len, key, len, key),
		arena_printf(&arena, "{\"version\":1,\"keys\":[{\"kid\":\"../root\",%s",
			strstr(key, "\"state\"")),
		arena_printf(&arena, "{\"version\":1,\"keys\":[%.*s\"state\":\"next\",%s",
			(int)(strstr(key, "\"state\"") - key), key, strstr(key, "\"since\"")),
		arena_printf(&arena, "{\"version\":1,\"keys\":[%.*s\"state\":\"gone\",%s",
			(int)(strstr(key, "\"state\"") - key), key, strstr(key, "\"since\"")),
		arena_printf(&arena, "{\"version\":1,\"keys\":[%.*s\"since\":-5,%s",
			(int)(strstr(key, "\"since\"") - key), key, strstr(key, "\"spki\"")),
	};
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		if (token_state_read(&arena, slice_str(list[i]), &read, &e))
			fail_msg("accepted: %s", list[i]);
		assert_int_equal(e.code, ERR_INVALID);
	}
}

static void
a_key_is_published_a_day_before_it_signs_and_a_day_after(void **state)
{
	const int64_t day = 86400, due = 29 * day;

	(void)state;
	const char *first = kid_of(TOKEN_CURRENT);
	tend_at(&monthly, due - 1);
	assert_string_equal(states(), "current");
	tend_at(&monthly, due);
	assert_string_equal(states(), "current next");
	const char *second = kid_of(TOKEN_NEXT);
	tend_at(&monthly, due + day - 1);
	assert_string_equal(kid_of(TOKEN_CURRENT), first);
	tend_at(&monthly, due + day);
	assert_string_equal(states(), "retired current");
	assert_string_equal(kid_of(TOKEN_CURRENT), second);
	assert_int_equal(private_halves(false), 1);
	tend_at(&monthly, due + day + TOKEN_RETAIN_SECONDS - 1);
	assert_string_equal(states(), "retired current");
	tend_at(&monthly, due + day + TOKEN_RETAIN_SECONDS);
	assert_string_equal(states(), "current");
	tend_at(&by_hand, 4000 * day);
	assert_string_equal(states(), "current next"); // another algorithm is wanted
	tend_at(&(struct token_policy){0}, 4000 * day);
	assert_string_equal(states(), "current next");
}

static void
a_clock_that_was_set_back_shortens_nothing(void **state)
{
	struct error e;

	(void)state;
	assert_works(token_ring_rotate(dir, &yearly, true, start + 1000 * US_PER_DAY, &e));
	assert_works(token_ring_rotate(dir, &yearly, false, start + 1000 * US_PER_DAY, &e));
	tend_at(&yearly, 0);
	assert_string_equal(states(), "retired current next");
	tend_at(&yearly, TOKEN_PUBLISH_SECONDS - 1);
	assert_string_equal(states(), "retired current next");
	tend_at(&yearly, TOKEN_RETAIN_SECONDS);
	assert_string_equal(states(), "retired current");
}

static void
a_rotation_by_hand_is_repeatable(void **state)
{
	struct error e;

	(void)state;
	assert_works(token_ring_rotate(dir, &by_hand, false, start, &e));
	const char *next = kid_of(TOKEN_NEXT);
	assert_works(token_ring_rotate(dir, &by_hand, false, start, &e));
	assert_string_equal(kid_of(TOKEN_NEXT), next);
	assert_works(token_ring_rotate(dir, &by_hand, true, start, &e));
	assert_string_equal(states(), "retired current");
	assert_string_equal(kid_of(TOKEN_CURRENT), next);
	for (int i = 0; i < TOKEN_KEYS_MAX - 2; i++)
		assert_works(token_ring_rotate(dir, &yearly, true, start, &e));
	assert_false(token_ring_rotate(dir, &yearly, true, start, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(private_halves(false), 1);
}

static void
a_revoked_key_is_gone_at_once_and_another_signs(void **state)
{
	struct token_ring *ring;
	struct token_view *view;
	struct error e;

	(void)state;
	assert_works(token_ring_open(dir, start, &ring, &e));
	const char *first = kid_of(TOKEN_CURRENT);
	assert_false(token_ring_revoke(dir, &yearly, "../root", start, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_works(token_ring_revoke(dir, &yearly, first, start, &e));
	assert_string_equal(states(), "current");
	assert_works(token_ring_borrow(ring, &view, &e));
	assert_null(strstr(view->jwks, first));
	assert_string_not_equal(view->kid, first);
	token_ring_return(ring, view);
	assert_works(token_ring_rotate(dir, &yearly, false, start, &e));
	const char *next = kid_of(TOKEN_NEXT);
	assert_works(token_ring_revoke(dir, &yearly, kid_of(TOKEN_CURRENT), start, &e));
	assert_string_equal(kid_of(TOKEN_CURRENT), next);
	assert_string_equal(states(), "current");
	assert_int_equal(private_halves(false), 1);
	token_ring_close(ring);
}

static void
the_key_of_an_older_folder_goes_on_signing(void **state)
{
	const struct token_policy hand = {0};
	struct token_ring *ring;
	struct token_view *view;
	struct slice pem;
	struct error e;

	(void)state;
	const char *kid = kid_of(TOKEN_CURRENT);
	const char *now_named = path_of(arena_printf(&arena, "token-%s.key", kid));
	assert_works(fs_read(&arena, now_named, 4096, &pem, &e));
	assert_works(fs_remove(now_named, &e));
	assert_works(fs_remove(path_of("tokens.json"), &e));
	assert_false(token_ring_open(dir, start, &ring, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_works(fs_write(path_of("token.key"), pem, 0644, &e));
	assert_false(token_ring_open(dir, start, &ring, &e));
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(chmod(path_of("token.key"), 0600), 0);
	for (int i = 0; i < 2; i++) {
		assert_works(token_ring_open(dir, start, &ring, &e));
		assert_works(token_ring_borrow(ring, &view, &e));
		assert_string_equal(view->kid, kid);
		token_ring_return(ring, view);
		token_ring_close(ring);
	}
	assert_int_equal(private_halves(false), 1);
	assert_false(fs_exists(path_of("token.key")));
	assert_works(token_ring_tend(dir, &hand, start, &e));
	assert_string_equal(states(), "current");
}

// Threads that sign while others rotate: each token verifies with the set of its own view.
static atomic_bool stop;

static void *
sign_and_verify(void *arg)
{
	struct token_ring *ring = arg;
	struct error e;

	while (!atomic_load(&stop)) {
		autoarena(own, ARENA_SMALL);
		struct jwt_expect expect = {.issuer = "i", .audience = "a", .now = start};
		struct token_view *view;
		struct jwk_set set;
		const struct json *claims;
		char *token;
		if (!token_ring_borrow(ring, &view, &e))
			return "borrow";
		bool ok = jwt_sign(&own, view->key, view->kid,
				  "{\"iss\":\"i\",\"aud\":\"a\",\"iat\":1795000000,"
				  "\"nbf\":1795000000,\"exp\":1795000100}",
				  &token, &e) &&
			jwk_set_read(&own, json_parse(&own, slice_str(view->jwks), NULL, &e),
				TOKEN_KEYS_MAX, &set, &e);
		if (ok) {
			ok = jwt_verify(&own, slice_str(token), &set, &expect, &claims, &e);
			jwk_set_free(&set);
		}
		token_ring_return(ring, view);
		if (!ok)
			return "verify";
	}
	return NULL;
}

static void
threads_sign_while_keys_change(void **state)
{
	struct token_ring *ring;
	pthread_t threads[4];
	struct error e;
	void *problem;

	(void)state;
	atomic_store(&stop, false);
	assert_works(token_ring_open(dir, start, &ring, &e));
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_and_verify, ring), 0);
	for (int i = 0; i < 40; i++) {
		assert_works(token_ring_rotate(dir, &yearly, true, start, &e));
		assert_works(token_ring_revoke(dir, &yearly, kid_of(TOKEN_RETIRED), start, &e));
		usleep(2000);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &problem), 0);
		assert_null(problem);
	}
	token_ring_close(ring);
}

int
main(void)
{
#define RING(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		RING(damaged_lists_are_refused),
		RING(a_key_is_published_a_day_before_it_signs_and_a_day_after),
		RING(a_clock_that_was_set_back_shortens_nothing),
		RING(a_rotation_by_hand_is_repeatable),
		RING(a_revoked_key_is_gone_at_once_and_another_signs),
		RING(the_key_of_an_older_folder_goes_on_signing),
		RING(threads_sign_while_keys_change),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
