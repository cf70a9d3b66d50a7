// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/str.h"
#include "http/client.h"
#include "http/test_support.h"

#include <sys/mman.h>
#include <sys/stat.h>

enum { FILE_SIZE = 3000000 };

static struct arena arena;
static struct test_ca ca;
static struct test_identity server_id;
static struct http_server *server;
static char *base_url, *folder;
static struct {
	int ranged, whole, cut_after; // requests for /file, and where to cut the next
	const char *etag;
	uint32_t content;
	bool wrong_range;
} files;

static uint32_t
word_at(uint32_t offset)
{
	return offset * 2654435761u + files.content;
}

static void
serve_file(struct http_request *req, struct http_response *resp)
{
	uint32_t *words = arena_alloc(req->arena, FILE_SIZE);
	int fd = memfd_create("file", MFD_CLOEXEC);

	for (uint32_t i = 0; i < FILE_SIZE / 4; i++)
		words[i] = word_at(i * 4);
	size_t len = files.cut_after ? (size_t)files.cut_after : FILE_SIZE;
	// A file that is shorter than promised cuts the connection.
	if (write(fd, words, len) != (ssize_t)len)
		abort();
	http_response_file(req, resp, fd, FILE_SIZE, files.etag, "application/octet-stream");
	*(resp->status == 206 ? &files.ranged : &files.whole) += 1;
	if (files.wrong_range && resp->status == 206)
		resp->headers[resp->header_count - 1].value = "bytes 5-9/10";
}

static void
serve(struct http_request *req, struct http_response *resp)
{
	if (str_eq(req->path, "/api/file"))
		serve_file(req, resp);
	else
		resp->status = 404;
}

static int
setup(void **state)
{
	char name[] = "/tmp/ferry-download-XXXXXX";
	struct error e;

	(void)state;
	arena_init(&arena, ARENA_REQUEST);
	test_ca_make(&arena, "CA", &ca);
	test_identity_make(&arena, &ca, "localhost", 10, &server_id);
	struct http_server_config config = {
		.tls = {.certificate = server_id.cert_pem, .key = server_id.key_pem},
		.threads = 2,
		.max_connections = 100,
		.drain_ms = 100,
		.handler = serve};
	if (!http_server_start(&config, &server, &e) || !mkdtemp(name)) {
		printf("# %s\n", e.message);
		return -1;
	}
	base_url = arena_printf(&arena, "https://127.0.0.1:%u/api/", http_server_port(server));
	folder = arena_strdup(&arena, name);
	return 0;
}

static char *
in_folder(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name);
}

static int
teardown(void **state)
{
	static const char *const names[] = {"f", "f.part", "f.etag"};
	struct error e;

	(void)state;
	http_server_stop(server);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!fs_remove(in_folder(names[i]), &e))
			return -1;
	rmdir(folder);
	test_identity_free(&server_id);
	test_ca_free(&ca);
	arena_finish(&arena);
	return 0;
}

static bool
fetch(uint64_t expected, struct error *e)
{
	struct http_client *client = test_client(test_options(base_url, ca.pem));
	struct http_client_download d = {
		.path = "/file", .file = in_folder("f"), .expected_size = expected};
	bool ok = http_client_download(client, &d, e);

	http_client_close(client);
	return ok;
}

static void
assert_whole_file(void)
{
	struct slice data;
	struct error e;

	assert_true(fs_read(&arena, in_folder("f"), 1 << 24, &data, &e));
	assert_int_equal(data.len, FILE_SIZE);
	for (uint32_t i = 0; i < FILE_SIZE; i += 4)
		if (memcmp(data.data + i, &(uint32_t){word_at(i)}, 4) != 0)
			fail_msg("byte %u differs", i);
	assert_false(fs_exists(in_folder("f.part")));
	assert_false(fs_exists(in_folder("f.etag")));
	assert_true(fs_remove(in_folder("f"), &e));
}

static off_t
part_size(void)
{
	struct stat st;

	return stat(in_folder("f.part"), &st) == 0 ? st.st_size : -1;
}

static void
cut_at(int bytes, const char *etag)
{
	struct error e;

	files.cut_after = bytes;
	files.etag = etag;
	files.ranged = files.whole = 0;
	assert_false(fetch(FILE_SIZE, &e));
	assert_string_equal(e.fault, "service_connection_lost");
	assert_false(fs_exists(in_folder("f")));
	files.cut_after = 0;
	files.ranged = files.whole = 0;
}

static void
a_download_goes_on_where_it_was_cut(void **state)
{
	(void)state;
	struct error e;

	cut_at(1000000, "\"a\"");
	assert_int_equal(part_size(), 1000000);
	assert_true(fetch(FILE_SIZE, &e));
	assert_int_equal(files.ranged, 1);
	assert_int_equal(files.whole, 0);
	assert_whole_file();
	files.etag = NULL;
	assert_true(fetch(0, &e));
	assert_whole_file();
}

static void
a_download_starts_over_when_the_content_changed_or_nobody_vouches(void **state)
{
	(void)state;
	struct error e;

	cut_at(1000000, "\"a\"");
	files.etag = "\"b\"";
	files.content = 77;
	assert_true(fetch(FILE_SIZE, &e));
	assert_int_equal(files.ranged, 0);
	assert_whole_file();
	static const char *const weak[] = {NULL, "W/\"a\""};
	for (int i = 0; i < 2; i++) {
		cut_at(1000000, weak[i]);
		files.content++;
		assert_true(fetch(FILE_SIZE, &e));
		assert_int_equal(files.ranged, 0);
		assert_whole_file();
	}
}

static void
a_partial_file_of_impossible_size_is_replaced(void **state)
{
	(void)state;
	struct error e;

	cut_at(1000000, "\"a\"");
	assert_int_equal(truncate(in_folder("f.part"), FILE_SIZE + 5), 0);
	assert_true(fetch(FILE_SIZE, &e));
	assert_whole_file();
	// Without an expected size the server says that there is nothing there: 416.
	cut_at(1000000, "\"a\"");
	assert_int_equal(truncate(in_folder("f.part"), FILE_SIZE + 5), 0);
	assert_true(fetch(0, &e));
	assert_int_equal(files.whole, 2);
	assert_whole_file();
	cut_at(1000000, "\"a\"");
	struct http_client *client = test_client(test_options(base_url, ca.pem));
	files.wrong_range = true;
	assert_true(http_client_download(client,
		&(struct http_client_download){.path = "/file", .file = in_folder("f")}, &e));
	files.wrong_range = false;
	http_client_close(client);
	assert_whole_file();
}

static void
a_complete_part_is_confirmed_by_its_last_byte(void **state)
{
	(void)state;
	struct error e;

	files.etag = "\"a\"";
	assert_true(fetch(FILE_SIZE, &e));
	assert_int_equal(rename(in_folder("f"), in_folder("f.part")), 0);
	assert_true(fs_write(in_folder("f.etag"), slice_str("\"a\""), 0600, &e));
	files.ranged = 0;
	assert_true(fetch(FILE_SIZE, &e));
	assert_int_equal(files.ranged, 1);
	assert_whole_file();
}

static void
a_download_of_another_size_or_status_fails(void **state)
{
	(void)state;
	struct error e;

	assert_false(fetch(FILE_SIZE - 1, &e));
	assert_string_equal(e.fault, "download_size_mismatch");
	assert_false(fs_exists(in_folder("f")));
	struct http_client *client = test_client(test_options(base_url, ca.pem));
	assert_false(http_client_download(client,
		&(struct http_client_download){.path = "/nothing", .file = in_folder("f")}, &e));
	assert_string_equal(e.fault, "download_refused");
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_false(http_client_download(client,
		&(struct http_client_download){
			.path = "/file", .file = in_folder("f"), .max_size = 1000},
		&e));
	assert_string_equal(e.fault, "service_answer_too_large");
	http_client_close(client);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_download_goes_on_where_it_was_cut),
		cmocka_unit_test(a_download_starts_over_when_the_content_changed_or_nobody_vouches),
		cmocka_unit_test(a_partial_file_of_impossible_size_is_replaced),
		cmocka_unit_test(a_complete_part_is_confirmed_by_its_last_byte),
		cmocka_unit_test(a_download_of_another_size_or_status_fails),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
