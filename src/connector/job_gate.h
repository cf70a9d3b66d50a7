// SPDX-License-Identifier: Apache-2.0
// Whether a job was signed by the service's signer, for this connector, now, and is new
// (threats-and-faults.md row 5).
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/slice.h"
#include "connector/state.h"
#include "pki/jwk.h"

enum { JOB_GATE_KEYS = 16, JOB_GATE_SEEN = 512 };

struct job_gate {
	const char *dir; // of the state
	struct connector_identity *identity;
	struct jwk_set keys; // pinned: those of the enrolment, and what these have signed since
	struct arena arena;  // of the keys' names
	struct job_gate_seen {
		char lease[37];
		int64_t until; // seconds since 1970; 0: free
	} seen[JOB_GATE_SEEN];
};

// What can be said about a job before anything is believed: only good for telling the service.
struct job_envelope {
	const char *job_id, *lease_id, *device_id; // "" when missing
};

// Begin with the keys of the identity and what was seen before a restart. Both arguments live as
// long as the gate. ERR_INVALID with fault job_unsigned for an identity from before jobs were
// signed.
bool job_gate_open(struct job_gate *gate, const char *dir, struct connector_identity *identity,
	struct error *e) MUST_CHECK;
void job_gate_close(struct job_gate *gate);

// Read what the service sent ({"jobId","leaseId","deviceId","job":signed}) and give the job's text
// (JSON) if it may be done. It counts as seen from then on, also after a restart. ERR_DENIED with
// fault job_unsigned, job_signature_invalid, job_expired or job_replayed; ERR_PROTOCOL.
bool job_gate_check(struct arena *arena, struct job_gate *gate, struct slice envelope, time_us now,
	struct job_envelope *ids, const char **job, struct error *e) MUST_CHECK;

// Is the job signed with a key that is not known yet? Then the keys should be asked for first.
bool job_gate_needs_keys(struct arena *arena, const struct job_gate *gate, struct slice envelope);

// Believe a list of keys if one that is pinned has signed it and it is not older than the last one;
// it is saved with the identity. ERR_DENIED with fault job_signature_invalid or job_expired.
bool job_gate_learn(struct arena *arena, struct job_gate *gate, const char *statement, time_us now,
	struct error *e) MUST_CHECK;
