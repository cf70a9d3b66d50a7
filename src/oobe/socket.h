// SPDX-License-Identifier: Apache-2.0
// The connection to the agent: lines in both directions, bounded, never blocking, made again when
// it breaks.
#pragma once

#include "base/error.h"
#include "base/slice.h"
#include "oobe/model.h"
#include <stdint.h>

enum { LINK_RETRY_MS = 500, LINK_OUT_MAX = 16 * 1024 };

struct link {
	const char *path;
	int fd;		  // -1: not connected
	int64_t retry_at; // monotonic milliseconds of the next attempt
	bool skipping;	  // inside a line that is too long
	size_t in_len, in_done;
	size_t out_len;
	char in[SCREEN_LINE_MAX + 1];
	char out[LINK_OUT_MAX];
};

// ERR_INVALID when the path is too long for a unix socket.
bool link_init(struct link *link, const char *path, struct error *e) MUST_CHECK;

// Connect if none is there and the time for it has come. ERR_UNAVAILABLE: not now; the next attempt
// is scheduled.
bool link_open(struct link *link, int64_t now_ms, struct error *e) MUST_CHECK;

// Forget the connection and everything in flight; typed secrets are wiped.
void link_close(struct link *link, int64_t now_ms);

// Read what has arrived. False: the agent has gone (or sent what cannot be); the link is closed.
bool link_fill(struct link *link, int64_t now_ms) MUST_CHECK;

enum link_event { LINK_NOTHING, LINK_LINE, LINK_TOO_LONG };

// The next complete line without its end, valid until the next link_fill. LINK_TOO_LONG: a line of
// more than SCREEN_LINE_MAX bytes was dropped.
enum link_event link_next(struct link *link, struct slice *line);

// Queue and send. ERR_UNAVAILABLE: not connected; ERR_LIMIT: the agent does not read. What has been
// sent is wiped.
bool link_send(struct link *link, struct slice bytes, int64_t now_ms, struct error *e) MUST_CHECK;

// Send what is queued; false when the connection broke.
bool link_flush(struct link *link, int64_t now_ms) MUST_CHECK;
