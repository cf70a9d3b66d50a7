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

// PUT /ferry/v1/content/{sha256}: the body must have that hash.
bool
content_put(struct call *c, struct error *e)
{
	const char *sha256 = http_param(c->req, "sha256");

	if (!valid_name(sha256) || !str_eq(sha256, sha256_hex(c->arena, c->req->body)))
		return error_set(
			e, ERR_INVALID, "the content does not have the SHA-256 of its name");
	http_server_waits();
	return fs_write(arena_printf(c->arena, "%s/%s", c->service->content_dir, sha256),
		       c->req->body, 0640, e) &&
		call_done(c);
}
