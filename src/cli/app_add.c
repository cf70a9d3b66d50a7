// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/api.h"
#include "cli/assignment.h"
#include "cli/progress.h"
#include "cli/resource.h"
#include "pki/hash.h"

#include <fcntl.h>
#include <string.h>

enum { PIECE = 2 << 20 };

// A Debian package is an ar archive (deb(5)).
static bool
is_package(int fd)
{
	char magic[8];

	return pread(fd, magic, sizeof magic, 0) == sizeof magic &&
		memcmp(magic, "!<arch>\n", sizeof magic) == 0;
}

// Piece by piece; the service says where to go on, also after an upload that broke off.
static bool
upload(struct cli *cli, int fd, const char *sha256, uint64_t size, struct error *e)
{
	char *piece = arena_alloc(cli->arena, PIECE);
	uint64_t have = 0;
	const struct json *answer;
	struct progress progress;

	// The file was read and hashed: that is as much as a dry run can say of it.
	if (cli->plan)
		return api_put(cli,
			arena_printf(cli->arena, "/ferry/v1/content/%s?size=%llu", sha256,
				(unsigned long long)size),
			slice_of("", 0), NULL, e);
	progress_begin(&progress, "upload", "bytes", size, cli->format != OUTPUT_TABLE);
	while (have < size) {
		ssize_t n = pread(fd, piece, PIECE, (off_t)have);
		if (n <= 0)
			return error_errno(e, "read");
		char *path = arena_printf(cli->arena, "/ferry/v1/content/%s?offset=%llu&size=%llu",
			sha256, (unsigned long long)have, (unsigned long long)size);
		if (!api_put(cli, path, slice_of(piece, (size_t)n), &answer, e))
			return false;
		uint64_t now = (uint64_t)json_int(answer, "have", -1);
		if (now == have || now > size)
			return error_set(e, ERR_PROTOCOL, "the upload does not go on");
		have = now;
		progress_set(&progress, have);
	}
	progress_end(&progress);
	return true;
}

// behaviour Z7
static const char *
app_type(const char *word)
{
	static const char *const types[][2] = {{"lob", "#microsoft.graph.windowsMobileMSI"},
		{"office", "#microsoft.graph.officeSuiteApp"},
		{"store", "#microsoft.graph.winGetApp"},
		{"catalog", "#microsoft.graph.win32CatalogApp"}};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (str_eq(word, types[i][0]))
			return types[i][1];
	return "#microsoft.graph.win32LobApp";
}

// The content goes first: an app whose content is missing must not reach a device.
bool
app_add(struct cli *cli, struct error *e)
{
	const char *file = cli->operands[0], *name = cli_option(cli, "name"), *sha256;
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
	autoclose fd = open(file, O_RDONLY | O_CLOEXEC);
	uint64_t size;
	struct buf body;

	if (fd < 0)
		return error_errno(e, "%s", file);
	if (!is_package(fd))
		return error_set(e, ERR_INVALID, "%s: not a Debian package", file);
	if (!sha256_file(cli->arena, file, &sha256, &size, e) || !upload(cli, fd, sha256, size, e))
		return error_wrap(e, "%s", file);
	if (!name)
		name = str_ends(base, ".deb") ? arena_strndup(cli->arena, base, strlen(base) - 4)
					      : base;
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.type", app_type(cli_option(cli, "type")));
	jsonw_str(&w, "displayName", name);
	jsonw_str(&w, "fileName", base);
	jsonw_str(&w, "ferrySha256", sha256);
	jsonw_int(&w, "size", (int64_t)size);
	if (cli_switch(cli, "restart"))
		jsonw_bool(&w, "ferryRestart", true);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		create_and_assign(cli, resource_app.path, "assign", buf_text(&body), e);
}
