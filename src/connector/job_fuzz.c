// SPDX-License-Identifier: Apache-2.0
// Whatever the service says, a job that is accepted can be judged and answered.
#include "connector/allow.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const ous[] = {"OU=A,DC=corp,DC=example,DC=com", "default"};
	const struct allow_list list = {
		.domain = "corp.example.com", .ous = ous, .ou_count = 2, .max_per_hour = 1};
	const struct allow_history history = {0};
	autoarena(arena, ARENA_REQUEST);
	struct connector_job job;
	struct error e = {0};

	if (!job_parse(&arena, slice_of(data, size), &job, &e)) {
		if (e.code != ERR_PROTOCOL)
			abort();
		return 0;
	}
	if (!allow_check(&arena, &list, &history, &job, 0, &e) && e.code != ERR_DENIED)
		abort();
	if (!allow_account(&arena, &list, job.ou, job.object_guid, &e) && e.code != ERR_DENIED)
		abort();
	if (!job_failed(&arena, &job, &e) || !job_sealing_text(&arena, &job))
		abort();
	return 0;
}
