// SPDX-License-Identifier: Apache-2.0
#include "http/client_internal.h"

#include "base/fs.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define LARGEST_DOWNLOAD ((uint64_t)64 << 30)

struct fetch {
	const struct http_client_download *wish;
	struct arena *arena;
	const char *part, *etag_file;
	char *etag;	 // of the partial file, or NULL
	int fd;		 // of the partial file
	uint64_t have;	 // bytes of it that count
	uint64_t total;	 // 0: unknown
	bool start_over; // the partial file is of no use
};

static void
finish_fetch(struct fetch *f)
{
	if (f->fd >= 0)
		close(f->fd);
}

static bool
is_strong(const char *etag)
{
	return etag && etag[0] == '"';
}

static bool
open_part(struct fetch *f, struct error *e)
{
	struct stat st;
	struct error ignored;

	f->fd = open(f->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->fd < 0 || fstat(f->fd, &st) < 0)
		return error_errno(e, "%s", f->part);
	f->have = (uint64_t)st.st_size;
	if (!fs_read_line(f->arena, f->etag_file, &f->etag, &ignored) || !is_strong(f->etag))
		f->etag = NULL;
	// A part that nobody can vouch for, or that is too long, is worth nothing. One that is as
	// long as the whole is asked for without its last byte, so that the server confirms it.
	if (!f->etag || (f->wish->expected_size && f->have > f->wish->expected_size))
		f->have = 0;
	if (f->have > 0 && f->have == f->wish->expected_size)
		f->have--;
	return true;
}

// "bytes 10-99/100": does the answer continue what we have?
static bool
continues(struct fetch *f, const char *range)
{
	unsigned long long from, to, total;
	char end;

	if (!range || sscanf(range, "bytes %llu-%llu/%llu%c", &from, &to, &total, &end) != 3)
		return false;
	f->total = total;
	return from == f->have && to + 1 == total && to >= from;
}

static bool
begin_anew(struct fetch *f, const struct http_client_response *r, struct error *e)
{
	const char *etag = http_client_header(r, "ETag"), *len = NULL;

	if (ftruncate(f->fd, 0) < 0)
		return error_errno(e, "%s", f->part);
	f->have = 0;
	len = http_client_header(r, "Content-Length");
	f->total = 0;
	if (len)
		str_to_u64(len, INT64_MAX, &f->total);
	// The validator is durable before any byte that it vouches for.
	return is_strong(etag) ? fs_write(f->etag_file, slice_str(etag), 0600, e)
			       : fs_remove(f->etag_file, e);
}

static bool
check_total(struct fetch *f, struct error *e)
{
	uint64_t expected = f->wish->expected_size;
	uint64_t max = f->wish->max_size ? f->wish->max_size
		: expected		 ? expected
					 : LARGEST_DOWNLOAD;

	if (expected && f->total && f->total != expected)
		return error_fault(e, ERR_PROTOCOL, "download_size_mismatch",
			"the server has %llu bytes instead of %llu", (unsigned long long)f->total,
			(unsigned long long)expected);
	if (f->total > max || f->have > max)
		return error_fault(e, ERR_LIMIT, "service_answer_too_large",
			"the file exceeds %llu bytes", (unsigned long long)max);
	return true;
}

static bool
on_head(struct exchange *x, struct error *e)
{
	struct fetch *f = x->context;
	const struct http_client_response *r = &x->response;

	if (r->status == 200)
		return begin_anew(f, r, e) && check_total(f, e);
	if (r->status == 206) {
		if (continues(f, http_client_header(r, "Content-Range")))
			return check_total(f, e);
		f->start_over = true;
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the server sent another range than it was asked for");
	}
	f->start_over = r->status == 416;
	return error_fault(e,
		r->status == 404 || r->status == 410 ? ERR_NOT_FOUND : ERR_UNAVAILABLE,
		"download_refused", "the server answered %d", r->status);
}

static bool
on_data(struct exchange *x, const void *data, size_t len, struct error *e)
{
	struct fetch *f = x->context;

	while (len > 0) {
		ssize_t n = pwrite(f->fd, data, len, (off_t)f->have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(e, "%s", f->part);
		data = (const char *)data + n;
		len -= (size_t)n;
		f->have += (size_t)n;
	}
	if (f->wish->progress &&
		!f->wish->progress(
			f->wish->context, f->have, f->total ? f->total : f->wish->expected_size))
		return error_fault(e, ERR_UNAVAILABLE, "request_cancelled", "cancelled");
	return check_total(f, e);
}

static bool
fetch_rest(struct http_client *client, struct fetch *f, struct error *e)
{
	size_t count = f->wish->header_count;
	struct http_header *headers = arena_array(f->arena, count + 2, sizeof *headers);
	struct http_client_request request = {.path = f->wish->path, .headers = headers};
	struct exchange x = {.client = client,
		.arena = f->arena,
		.request = &request,
		.no_total_timeout = true,
		.on_head = on_head,
		.on_data = on_data,
		.context = f};

	if (count)
		memcpy(headers, f->wish->headers, count * sizeof *headers);
	if (f->have > 0) {
		headers[count++] = (struct http_header){"Range",
			arena_printf(f->arena, "bytes=%llu-", (unsigned long long)f->have)};
		headers[count++] = (struct http_header){"If-Range", f->etag};
	}
	request.header_count = count;
	return client_exchange(&x, e);
}

static bool
sync_folder(struct fetch *f, struct error *e)
{
	char *folder = arena_strdup(f->arena, f->wish->file), *slash = strrchr(folder, '/');

	if (slash)
		slash[slash == folder] = '\0';
	autoclose fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (fd >= 0 && fsync(fd) == 0) || error_errno(e, "%s", folder);
}

static bool
complete(struct fetch *f, struct error *e)
{
	uint64_t expected = f->wish->expected_size ? f->wish->expected_size : f->total;

	if (expected && f->have != expected)
		return error_fault(e, ERR_PROTOCOL, "download_size_mismatch",
			"%llu bytes arrived instead of %llu", (unsigned long long)f->have,
			(unsigned long long)expected);
	if (ftruncate(f->fd, (off_t)f->have) < 0 || fsync(f->fd) < 0)
		return error_errno(e, "%s", f->part);
	if (rename(f->part, f->wish->file) < 0)
		return error_errno(e, "%s", f->wish->file);
	return sync_folder(f, e) && fs_remove(f->etag_file, e);
}

bool
http_client_download(
	struct http_client *client, const struct http_client_download *wish, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	CLEANUP(finish_fetch)
	struct fetch f = {.wish = wish,
		.arena = &arena,
		.fd = -1,
		.part = arena_printf(&arena, "%s.part", wish->file),
		.etag_file = arena_printf(&arena, "%s.etag", wish->file)};

	if (!open_part(&f, e))
		return false;
	bool resumed = f.have > 0, ok = fetch_rest(client, &f, e);
	if (!ok && resumed && f.start_over) {
		f.have = 0;
		f.start_over = false;
		ok = fetch_rest(client, &f, e);
	}
	if (!ok)
		return error_wrap(e, "%s%s", client->options.base_url, wish->path);
	return complete(&f, e);
}
