// SPDX-License-Identifier: Apache-2.0
#include "cli/import_file.h"

#include "base/str.h"
#include "domain/registration.h"
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { RAW = 64 << 10, HEADER_MAX = 8 << 10 };

struct import_file {
	struct arena *arena;
	FILE *file;
	const char *path;
	uint64_t size, read; // bytes of the file
	iconv_t decoder;     // (iconv_t)-1: the file is read as it is
	char raw[RAW];
	size_t raw_len;
	// What was read and not cut off yet.
	char *held;
	size_t held_len, line;
	size_t header_len, header_lines; // what the header takes at the beginning of `held`
};

// UTF-16 with a mark, as spreadsheets and PowerShell write it.
static bool
choose_decoder(struct import_file *f, struct error *e)
{
	const char *from = f->raw_len < 2	     ? NULL
		: memcmp(f->raw, "\xff\xfe", 2) == 0 ? "UTF-16LE"
		: memcmp(f->raw, "\xfe\xff", 2) == 0 ? "UTF-16BE"
						     : NULL;

	f->decoder = (iconv_t)-1;
	if (!from)
		return true;
	f->decoder = iconv_open("UTF-8", from);
	return f->decoder != (iconv_t)-1 || error_errno(e, "%s: %s", f->path, from);
}

bool
import_file_open(struct arena *arena, const char *path, struct import_file **out, struct error *e)
{
	struct import_file *f = calloc(1, sizeof *f);
	struct stat status;

	if (!f)
		abort();
	f->arena = arena;
	f->path = path;
	f->line = 1;
	f->decoder = (iconv_t)-1;
	f->file = fopen(path, "re");
	f->held = malloc(IMPORT_PART_BYTES);
	if (!f->held)
		abort();
	if (!f->file || fstat(fileno(f->file), &status) != 0) {
		error_errno(e, "%s", path);
		import_file_close(f);
		return false;
	}
	f->size = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
	f->raw_len = fread(f->raw, 1, sizeof f->raw, f->file);
	f->read = f->raw_len;
	if (ferror(f->file) ? error_errno(e, "%s", path) : choose_decoder(f, e)) {
		*out = f;
		return true;
	}
	import_file_close(f);
	return false;
}

void
import_file_close(struct import_file *f)
{
	if (!f)
		return;
	if (f->file)
		fclose(f->file);
	if (f->decoder != (iconv_t)-1)
		iconv_close(f->decoder);
	free(f->held);
	free(f);
}

uint64_t
import_file_size(const struct import_file *f)
{
	return f->size;
}

// Decode what is in `raw`. Half a unit waits for the rest; what is no UTF-16 becomes a byte that is
// no UTF-8, so that its line is refused and no other.
static void
decode_raw(struct import_file *f)
{
	char *in = f->raw, *out = f->held + f->held_len;
	size_t in_left = f->raw_len, room = IMPORT_PART_BYTES - f->held_len;

	while (in_left && iconv(f->decoder, &in, &in_left, &out, &room) == (size_t)-1) {
		if (errno == E2BIG || errno == EINVAL || room == 0 || in_left < 2)
			break;
		*out++ = (char)0xff;
		room--;
		in += 2;
		in_left -= 2;
	}
	f->held_len = IMPORT_PART_BYTES - room;
	memmove(f->raw, in, in_left);
	f->raw_len = in_left;
}

static void
copy_raw(struct import_file *f)
{
	size_t room = IMPORT_PART_BYTES - f->held_len;
	size_t n = f->raw_len < room ? f->raw_len : room;

	memcpy(f->held + f->held_len, f->raw, n);
	f->held_len += n;
	memmove(f->raw, f->raw + n, f->raw_len - n);
	f->raw_len -= n;
}

// Fill `held` as far as it goes.
static bool
fill(struct import_file *f, struct error *e)
{
	for (;;) {
		size_t before = f->held_len;
		if (f->decoder == (iconv_t)-1)
			copy_raw(f);
		else
			decode_raw(f);
		if (f->raw_len == sizeof f->raw || (f->raw_len > 3 && f->held_len == before))
			return true;
		if (f->held_len == IMPORT_PART_BYTES)
			return true;
		bool direct = f->decoder == (iconv_t)-1 && f->raw_len == 0;
		char *to = direct ? f->held + f->held_len : f->raw + f->raw_len;
		size_t room = direct ? IMPORT_PART_BYTES - f->held_len : sizeof f->raw - f->raw_len;
		size_t got = fread(to, 1, room, f->file);
		f->read += got;
		if (direct)
			f->held_len += got;
		else
			f->raw_len += got;
		if (!got)
			return !ferror(f->file) || error_errno(e, "%s", f->path);
	}
}

// Where the first `len` bytes end their last line; 0 when they hold no end of a line. A CR at the
// very end may be half of CR LF.
static size_t
last_line_end(const char *bytes, size_t len)
{
	if (!bytes)
		return 0;
	const char *lf = memrchr(bytes, '\n', len);
	const char *cr = len > 1 ? memrchr(bytes, '\r', len - 1) : NULL;

	if (lf)
		return (size_t)(lf - bytes) + 1;
	return cr ? (size_t)(cr - bytes) + 1 : 0;
}

static size_t
count_lines(const char *bytes, size_t len)
{
	const char *end = bytes + len, *at;
	size_t lines = 0;

	for (at = bytes; at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++)
		lines++;
	for (at = bytes; at < end && (at = memchr(at, '\r', (size_t)(end - at))); at++)
		lines += at + 1 == end || at[1] != '\n';
	return lines;
}

bool
import_file_header(struct import_file *f, const char **out, struct error *e)
{
	size_t at = 0;

	if (!fill(f, e))
		return false;
	while (at < f->held_len && strchr("\r\n\t ,", f->held[at]))
		at++;
	if (at == f->held_len)
		return error_set(e, ERR_INVALID, "%s: the file is empty", f->path);
	while (at > 0 && f->held[at - 1] != '\n' && f->held[at - 1] != '\r')
		at--;
	size_t len = strcspn(arena_strndup(f->arena, f->held + at, // bounded and terminated
				     f->held_len - at < HEADER_MAX ? f->held_len - at : HEADER_MAX),
		"\r\n");
	*out = arena_strndup(f->arena, f->held + at, len);
	f->header_len = at + len;
	while (f->header_len < f->held_len && strchr("\r\n", f->held[f->header_len]))
		f->header_len++;
	f->header_lines = count_lines(f->held, f->header_len);
	return true;
}

void
import_file_keep_header(struct import_file *f)
{
	f->header_len = f->header_lines = 0;
}

static void
drop(struct import_file *f, size_t len)
{
	memmove(f->held, f->held + len, f->held_len - len);
	f->held_len -= len;
}

// The length of the first `max` lines.
static size_t
at_most(const char *text, size_t len, size_t max)
{
	size_t lines = 0;

	for (size_t i = 0; i < len; i++) {
		bool cr = text[i] == '\r' && i + 1 < len && text[i + 1] != '\n';
		if ((text[i] == '\n' || cr) && ++lines == max)
			return i + 1;
	}
	return len;
}

bool
import_file_next(struct import_file *f, struct import_cut *cut, bool *more, struct error *e)
{
	if (f->header_len) {
		drop(f, f->header_len);
		f->line += f->header_lines;
		f->header_len = 0;
	}
	if (!fill(f, e))
		return false;
	bool full = f->held_len == IMPORT_PART_BYTES;
	size_t len = full ? last_line_end(f->held, f->held_len) : f->held_len;
	if (full && !len)
		return error_set(e, ERR_LIMIT, "%s:%zu: the line has more than %d bytes", f->path,
			f->line, IMPORT_PART_BYTES);
	len = at_most(f->held, len, REGISTRATION_PART_ROWS);
	memcpy(cut->bytes, f->held, len);
	cut->len = len;
	cut->first_line = f->line;
	f->line += count_lines(cut->bytes, len);
	drop(f, len);
	cut->end = f->read - f->raw_len - (f->decoder == (iconv_t)-1 ? f->held_len : 0);
	*more = len > 0;
	return true;
}
