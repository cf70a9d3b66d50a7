// SPDX-License-Identifier: Apache-2.0
// One run of the synchronization: what changed in the domain since the cursor, or everything when
// the cursor does not fit.
#pragma once

#include "connector/config.h"
#include "http/client.h"

// Where a run ended: the update sequence number of one domain controller means nothing to another,
// nor to the same one after a restore (MS-ADTS 3.1.1.1.9).
struct sync_cursor {
	char invocation[UUID_TEXT]; // of the controller's database
	int64_t usn;		    // highest committed when the run began
	int64_t full_at;	    // when everything was compared last: seconds since 1970
	char scope[17];		    // of the configured bases: another scope is another cursor
};

// "1 INVOCATION USN TIME SCOPE". False for a text that is none: then nothing is known.
bool sync_cursor_parse(const char *text, struct sync_cursor *out);
char *sync_cursor_text(struct arena *arena, const struct sync_cursor *cursor);

// Why everything has to be compared; NULL when the changes suffice. `now` in seconds since 1970.
// "requested" and "moved" are decided by others.
const char *sync_full_reason(const struct sync_cursor *old, bool known,
	const struct sync_cursor *current, const struct sync_config *config, int64_t now);

// Is the DN below one of the bases, or one of them?
bool sync_in_scope(struct arena *arena, const struct sync_config *config, const char *dn);

struct sync_order {
	const char *run_id; // of the service
	const char *cursor; // of the last run that ended; "" when there was none
	bool full;	    // an administrator asked for everything
};

// Read and upload. Every batch that was uploaded counts, the cursor moves only at the end: a run
// that dies is repeated from where the last one ended. Faults: those of ad_connect and of the
// service; sync_base_missing.
bool sync_run(const struct connector_config *config, struct http_client *client,
	const struct sync_order *order, struct error *e) MUST_CHECK;
