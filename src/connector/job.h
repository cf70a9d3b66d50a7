// SPDX-License-Identifier: Apache-2.0
// A job as the service words it, and the answer as it expects it (POST /connector/v1/lease and
// …/jobs/{id}/finish).
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"
#include "connector/computer_account.h"

enum job_kind { JOB_ODJ, JOB_VERIFY };

struct connector_job {
	const char *job_id, *lease_id, *device_id; // UUIDs
	int lease_seconds;
	enum job_kind kind;
	const char *domain, *computer_name;
	const char *ou;				// DN, or "" for the default container
	const char *object_guid;		// of an account made earlier, or ""
	struct slice ek_certificate, ak_public; // DER and TPM2B_PUBLIC; may be empty
};

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
const char *job_failed(
	struct arena *arena, const struct connector_job *job, const struct error *why);
