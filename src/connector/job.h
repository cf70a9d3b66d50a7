// SPDX-License-Identifier: Apache-2.0
// A job as the service words it, and the answer as it expects it (POST /connector/v1/lease and
// …/jobs/{id}/finish).
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"
#include "connector/computer_account.h"

enum job_kind {
	JOB_ODJ,     // make an account, seal its blob
	JOB_VERIFY,  // is the account in order?
	JOB_DISABLE, // an account that Ferry made …
	JOB_ENABLE,
	JOB_DELETE,
	JOB_CHECK, // the self-test
	JOB_KINDS
};

enum { JOB_MAX_ADOPTS = 16 };

struct connector_job {
	const char *job_id, *lease_id, *device_id; // UUIDs
	int lease_seconds;
	enum job_kind kind;
	const char *domain, *computer_name;
	const char *ou;				// DN, or "" for the default container
	const char *object_guid;		// of an account made earlier, or ""
	const char *made_by;			// the mark it must carry, "" for any of ours
	const char *const *adopts;		// earlier jobs of the device that left no report
	struct slice ek_certificate, ak_public; // DER and TPM2B_PUBLIC; may be empty
};

// "odj", "verify", …
const char *job_kind_name(enum job_kind kind);

// Read a job. ERR_PROTOCOL when it is not what the service promises.
bool job_parse(struct arena *arena, struct slice json, struct connector_job *out,
	struct error *e) MUST_CHECK;

// What the sealed blob is bound to: the device opens it with the same text.
char *job_sealing_text(struct arena *arena, const struct connector_job *job);

// The bodies of finish: the blob of an account, what a check found (NULL: no such account), or why
// neither came about. `fault` of an error without one is ad_error.
const char *job_done_odj(struct arena *arena, const struct connector_job *job,
	const struct computer_account *account, struct slice sealed_blob);
const char *job_done_verify(struct arena *arena, const struct connector_job *job,
	const struct computer_account *account);

// Of the other kinds: what came of it, the text of a JSON object.
const char *job_done_report(
	struct arena *arena, const struct connector_job *job, const char *report);
const char *job_refused(
	struct arena *arena, const char *lease_id, const char *device_id, const struct error *why);
const char *job_failed(
	struct arena *arena, const struct connector_job *job, const struct error *why);
