// SPDX-License-Identifier: Apache-2.0
// Files for devices, named by their SHA-256: put by administrators, fetched by managed devices with
// resume.
#include "base/fs.h"
#include "base/str.h"
#include "codec/base64.h"
#include "ferryd/handlers.h"
#include "pki/hash.h"
#include "store/profiles.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define CONTENT_MAX ((int64_t)8 << 30)

static bool
valid_name(const char *sha256)
{
	if (str_empty(sha256) || strlen(sha256) != 64)
		return false;
	return strspn(sha256, "0123456789abcdef") == 64;
}

// GET /content/{sha256}
bool
content_get(struct call *c, struct error *e)
{
	const char *sha256 = http_param(c->req, "sha256"), *name;
	int64_t size;

	if (!valid_name(sha256) || !store_content(&c->work, sha256, &size, &name, e))
		return error_set(e, ERR_NOT_FOUND, "no such content");
	autoclose fd = open(arena_printf(c->arena, "%s/%s", c->service->content_dir, sha256),
		O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(e, "content %s", sha256);
	http_response_file(c->req, c->resp, take_fd(&fd), (uint64_t)size,
		arena_printf(c->arena, "\"%s\"", sha256), "application/octet-stream");
	return true;
}

// Append a piece to the upload; *have is how much is there afterwards.
static bool
append(int fd, uint64_t offset, struct slice piece, uint64_t *have, struct error *e)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return error_set(e, ERR_CONFLICT, "somebody else is uploading this content");
	if (fstat(fd, &st) < 0)
		return error_errno(e, "upload");
	*have = (uint64_t)st.st_size;
	if (*have != offset)
		return true; // the answer tells where to go on
	if (pwrite(fd, piece.data, piece.len, (off_t)offset) != (ssize_t)piece.len) {
		// Half a piece would keep a full disk full.
		if (ftruncate(fd, (off_t)offset) < 0)
			return error_errno(e, "upload");
		return error_fault(
			e, ERR_UNAVAILABLE, "store_full", "the content folder cannot be written");
	}
	*have = offset + piece.len;
	return true;
}

// All bytes are there: they must be what the name says, and they appear under it in one step.
static bool
complete(struct call *c, int fd, const char *part, const char *path, const char *sha256,
	struct error *e)
{
	const char *actual;

	if (fsync(fd) < 0)
		return error_errno(e, "upload");
	if (!sha256_file(c->arena, part, &actual, NULL, e))
		return false;
	if (!str_eq(actual, sha256)) {
		unlink(part);
		return error_set(
			e, ERR_INVALID, "the content does not have the SHA-256 of its name");
	}
	return rename(part, path) == 0 || error_errno(e, "upload");
}

static bool
read_range(struct call *c, uint64_t *offset, uint64_t *size, struct error *e)
{
	const char *from = http_query(c->req, "offset"), *of = http_query(c->req, "size");

	*offset = 0;
	*size = c->req->body.len;
	if ((from && !str_to_u64(from, CONTENT_MAX, offset)) ||
		(of && !str_to_u64(of, CONTENT_MAX, size)))
		return error_set(e, ERR_INVALID, "offset and size must be numbers up to %lld",
			(long long)CONTENT_MAX);
	if (*offset + c->req->body.len > *size || *size == 0)
		return error_set(e, ERR_INVALID, "the piece lies outside of the content");
	return true;
}

// PUT /ferry/v1/content/{sha256}?offset=O&size=N with one piece: {"have"} tells how much is there,
// so that a broken upload goes on where it stopped. Without parameters the body is the whole.
bool
content_put(struct call *c, struct error *e)
{
	const char *sha256 = http_param(c->req, "sha256");
	uint64_t offset, size, have;
	struct buf body;

	if (!valid_name(sha256))
		return error_set(e, ERR_INVALID, "content is named by its SHA-256");
	if (!read_range(c, &offset, &size, e))
		return false;
	char *path = arena_printf(c->arena, "%s/%s", c->service->content_dir, sha256);
	char *part = arena_printf(c->arena, "%s.part", path);
	have = size;
	http_server_waits();
	if (!fs_exists(path)) {
		autoclose fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
		if (fd < 0)
			return error_errno(e, "upload");
		bool added = append(fd, offset, c->req->body, &have, e);
		if (!added && offset == 0 && e->code == ERR_UNAVAILABLE)
			unlink(part);
		if (!added || (have == size && !complete(c, fd, part, path, sha256, e)))
			return false;
	}
	struct jsonw w = call_object(c, &body);
	jsonw_int(&w, "have", (int64_t)have);
	return call_send(c, 200, &w, &body, e);
}
