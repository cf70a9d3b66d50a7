// SPDX-License-Identifier: Apache-2.0
// How a job is done: judge what is asked, verify the device's TPM, make the account, seal the blob.
#pragma once

#include "connector/config.h"
#include "connector/job.h"
#include "tpm/trust_store.h"

struct worker {
	const struct connector_config *config;
	struct tpm_trust_store *trust; // our own: the service's word about a TPM does not count
	struct arena *arena;	       // as long as the program
	struct allow_history history, retired;
};

struct work_result {
	const char *answer; // body of finish, for success and failure alike
	const char *what;   // for the log: "created CN=…", "checked CN=…", "ou_denied: …"
	bool ok;
};

// Do the job. Never fails: what goes wrong is the answer. After `lease_until` the directory is not
// touched any more, because somebody else may have the job. Faults: connector_refused, odj_timeout,
// ad_error, those of allow.h, ad_fault.h, tpm_ek_verify and tpm_seal.
void work_do(struct arena *arena, struct worker *worker, const struct connector_job *job,
	time_us lease_until, struct work_result *out);
