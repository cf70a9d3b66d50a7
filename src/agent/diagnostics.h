// SPDX-License-Identifier: Apache-2.0
// What somebody who helps needs to see of this device, and nothing that anybody could abuse.
#pragma once

#include "agent/agent.h"

enum { DIAGNOSTICS_MAX = 3 << 20, DIAGNOSTICS_FILE_MAX = 256 << 10 };

// Everything as one archive (.tar.gz): the failure (`why` may be NULL), the timeline, the log, TPM,
// network, join state, status page and configuration. Made of what is known to be no secret; what
// looks like one in a line is removed all the same.
bool diagnostics_bundle(struct agent *agent, const struct error *why, struct slice *out,
	struct error *e) MUST_CHECK;

// Write the bundle beside the journal, and send it when the device is enrolled: `log_id` was asked
// for by the service, NULL: by itself, once a day (behaviour L9). *path is where it lies.
bool diagnostics_keep(struct agent *agent, const struct error *why, const char **path,
	struct error *e) MUST_CHECK;
bool diagnostics_send(struct agent *agent, const struct error *why, const char *log_id,
	struct error *e) MUST_CHECK;

// After a failure, at most once a day (behaviour L9): sent, or kept where nobody can be reached.
void diagnostics_auto(struct agent *agent, const struct error *why);

// Note an event of the timeline on the device itself, for the time when the service is not reached.
void diagnostics_note(const struct agent *agent, const char *phase, const char *row,
	const char *state, const struct error *why);

// What a line may not say, overwritten: the value after words such as psk= or password:. `secrets`
// ends with NULL; texts of fewer than six bytes are no secrets.
const char *diagnostics_scrub(struct arena *arena, struct slice text, const char *const *secrets);

// The join state in the form administrators know from dsregcmd /status (behaviour O14).
void status_text(const struct journal *journal, struct buf *out);
void status_json(const struct journal *journal, struct buf *out);
