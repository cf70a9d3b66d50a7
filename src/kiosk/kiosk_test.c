// SPDX-License-Identifier: Apache-2.0
// cmocka needs these three before its own header.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"
#include "kiosk/kiosk.h"
#include "oobe/words.h"
#include <cmocka.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

static char folder[] = "/tmp/ferry-kiosk-XXXXXX";
static char path[sizeof folder + 8];
static int listener = -1, agent = -1;
static struct kiosk kiosk;

static int
setup(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct error e = {0};
	(void)state;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/s", folder);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1))
		return 1;
	if (!app_init(&kiosk.app, path, NULL, false, &e) || !kiosk_init(&kiosk, &e))
		return 1;
	snprintf(kiosk.host, sizeof kiosk.host, "127.0.0.1:1");
	app_pump(&kiosk.app, 0);
	agent = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	kiosk_publish(&kiosk);
	return agent < 0;
}

static int
teardown(void **state)
{
	(void)state;
	app_finish(&kiosk.app);
	kiosk_finish(&kiosk);
	close(agent);
	close(listener);
	unlink(path);
	return rmdir(folder);
}

// The agent shows a screen, and the kiosk has it.
static void
screen(const char *line)
{
	char text[2048];
	int len = snprintf(text, sizeof text, "%s\n", line);

	assert_int_equal(write(agent, text, (size_t)len), len);
	app_pump(&kiosk.app, 1); // POLLIN
	kiosk_publish(&kiosk);
}

static const char *
sent(void)
{
	static char text[4096];
	ssize_t n = recv(agent, text, sizeof text - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

// Members beside the number of the page.
static bool
take(const char *members)
{
	struct error e = {0};
	char text[1024];
	int len = snprintf(
		text, sizeof text, "{\"page\":%lld%s", (long long)kiosk.page_number, members);

	kiosk.app.busy_until_ms = 0;
	return kiosk_take(&kiosk, slice_of(text, (size_t)len), &e);
}

static int
answer(const char *method, const char *where, const char *host, const char *origin,
	const char *token, const char *body)
{
	autoarena(arena, ARENA_REQUEST);
	struct http_header headers[2] = {{"Origin", origin}, {"X-Ferry-Kiosk", token}};
	struct http_request req = {.method = method,
		.path = where,
		.raw_query = "",
		.host = host,
		.headers = origin ? headers : headers + 1,
		.header_count = (origin ? 1 : 0) + (token ? 1 : 0),
		.body = slice_of(arena_strdup(&arena, body), strlen(body)),
		.arena = &arena,
		.context = &kiosk};
	struct http_response resp = {.arena = &arena, .file_fd = -1};

	kiosk_serve(&req, &resp);
	return resp.status;
}

static void
nobody_without_the_token_sees_or_does_anything(void **state)
{
	static const char ours[] = "127.0.0.1:1";
	(void)state;

	assert_int_equal(answer("GET", "/api/page", ours, NULL, NULL, ""), 401);
	assert_int_equal(answer("GET", "/api/page", ours, NULL, "", ""), 401);
	assert_int_equal(answer("GET", "/api/page", ours, NULL, "0123", ""), 401);
	assert_int_equal(answer("POST", "/api/act", ours, NULL, NULL, "{}"), 401);
	assert_int_equal(answer("GET", "/api/page", ours, NULL, kiosk.token, ""), 200);
}

static void
another_site_is_refused_even_with_the_token(void **state)
{
	static const char ours[] = "127.0.0.1:1";
	(void)state;

	assert_int_equal(answer("GET", "/", "evil.example:1", NULL, kiosk.token, ""), 403);
	assert_int_equal(answer("GET", "/", "localhost:1", NULL, kiosk.token, ""), 403);
	assert_int_equal(
		answer("GET", "/api/page", ours, "http://evil.example", kiosk.token, ""), 403);
	assert_int_equal(answer("GET", "/api/page", ours, "null", kiosk.token, ""), 403);
	assert_int_equal(
		answer("GET", "/api/page", ours, "http://127.0.0.1:1", kiosk.token, ""), 200);
	assert_int_equal(answer("GET", "/", ours, NULL, NULL, ""), 200);
	assert_int_equal(answer("GET", "/nothing", ours, NULL, NULL, ""), 404);
	assert_int_equal(answer("PUT", "/api/act", ours, NULL, kiosk.token, ""), 405);
	assert_int_equal(answer("GET", "/../etc/passwd", ours, NULL, NULL, ""), 404);
}

static void
only_what_the_page_offers_goes_to_the_agent(void **state)
{
	(void)state;

	screen("{\"screen\":\"config\",\"actions\":[\"refresh\",\"back\"]}");
	assert_false(take(",\"action\":\"provision\"}"));
	assert_false(take(",\"action\":\"reset\"}"));
	assert_false(take("]"));
	assert_false(take(""));
	assert_string_equal(sent(), "");
	assert_true(take(",\"action\":\"refresh\"}"));
	assert_string_equal(sent(), "{\"action\":\"refresh\"}\n");
	assert_true(take(",\"action\":\"winkey\"}"));
	assert_string_equal(sent(), "{\"action\":\"winkey\"}\n");
}

static void
what_was_meant_for_the_page_before_does_not_count(void **state)
{
	struct error e = {0};
	char old[100];
	(void)state;

	screen("{\"screen\":\"failure\",\"actions\":[\"reset\"]}");
	int len = snprintf(old, sizeof old, "{\"page\":%lld,\"action\":\"reset\"}",
		(long long)kiosk.page_number);
	screen("{\"screen\":\"reset\"}");
	assert_false(kiosk_take(&kiosk, slice_of(old, (size_t)len), &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_string_equal(sent(), "");
}

static void
a_password_goes_to_the_agent_and_is_forgotten(void **state)
{
	(void)state;

	screen("{\"screen\":\"signin\",\"user\":\"alice@corp.example.com\"}");
	assert_non_null(strstr(kiosk.json, "alice@corp.example.com"));
	assert_true(take(",\"action\":\"signin\",\"fields\":{\"password\":\"\"}}"));
	assert_string_equal(sent(), "");
	assert_true(take(",\"action\":\"signin\",\"fields\":{\"user\":\"bob\","
			 "\"password\":\"canary\"}}"));
	assert_string_equal(
		sent(), "{\"action\":\"signin\",\"user\":\"bob\",\"password\":\"canary\"}\n");
	assert_null(strstr(kiosk.json, "canary"));
	for (size_t i = 0; i < FIELD_BYTES; i++)
		assert_int_equal(kiosk.app.ui.fields[FIELD_PASSWORD][i], 0);
}

static void
a_code_is_asked_for_alone(void **state)
{
	(void)state;

	screen("{\"screen\":\"signin\",\"step\":\"code\",\"user\":\"alice@corp.example.com\"}");
	assert_true(take(",\"action\":\"signin\",\"fields\":{\"code\":\"123456\"}}"));
	assert_string_equal(sent(), "{\"action\":\"signin\",\"code\":\"123456\"}\n");
	assert_true(take(",\"action\":\"otheruser\"}"));
	assert_string_equal(sent(), "{\"action\":\"otheruser\"}\n");
}

static void
switches_and_choices_are_sent_by_their_identifiers(void **state)
{
	(void)state;

	screen("{\"screen\":\"privacy\",\"switches\":[{\"id\":\"location\",\"on\":true},"
	       "{\"id\":\"diagnostics\"},{\"id\":\"inking\"}]}");
	assert_true(take(",\"action\":\"accept\",\"on\":[1,2,7,99]}"));
	assert_string_equal(sent(), "{\"action\":\"accept\",\"value\":\"diagnostics,inking\"}\n");
	screen("{\"screen\":\"network\",\"networks\":[{\"id\":\"Open\"},"
	       "{\"id\":\"Corp\",\"secured\":true}]}");
	assert_true(take(",\"choice\":1}"));
	assert_non_null(strstr(kiosk.json, "\"password\""));
	assert_true(take(",\"action\":\"connect\",\"choice\":1,\"fields\":"
			 "{\"password\":\"secret\"}}"));
	assert_string_equal(
		sent(), "{\"action\":\"connect\",\"value\":\"Corp\",\"password\":\"secret\"}\n");
	assert_true(take(",\"action\":\"connect\",\"choice\":0}"));
	assert_string_equal(sent(), "{\"action\":\"connect\",\"value\":\"Open\"}\n");
}

static void
the_same_page_again_wakes_nobody(void **state)
{
	(void)state;

	screen("{\"screen\":\"waiting\",\"text\":\"a b\"}");
	int64_t number = kiosk.number;
	screen("{\"screen\":\"waiting\",\"text\":\"a b\",\"unknown\":1}");
	assert_int_equal(kiosk.number, number);
	screen("{\"screen\":\"waiting\",\"text\":\"a c\"}");
	assert_int_equal(kiosk.number, number + 1);
}

static void
a_label_loses_its_brackets(void **state)
{
	(void)state;

	screen("{\"screen\":\"config\",\"language\":\"ja-JP\"}");
	assert_non_null(strstr(kiosk.json, "\"label\":\"プロビジョニング\",\"key\":\"p\""));
	screen("{\"screen\":\"success\",\"language\":\"en-US\"}");
	assert_non_null(strstr(kiosk.json, "\"label\":\"Reseal\",\"key\":\"s\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_without_the_token_sees_or_does_anything),
		cmocka_unit_test(another_site_is_refused_even_with_the_token),
		cmocka_unit_test(only_what_the_page_offers_goes_to_the_agent),
		cmocka_unit_test(what_was_meant_for_the_page_before_does_not_count),
		cmocka_unit_test(a_password_goes_to_the_agent_and_is_forgotten),
		cmocka_unit_test(a_code_is_asked_for_alone),
		cmocka_unit_test(switches_and_choices_are_sent_by_their_identifiers),
		cmocka_unit_test(the_same_page_again_wakes_nobody),
		cmocka_unit_test(a_label_loses_its_brackets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
