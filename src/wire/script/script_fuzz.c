// SPDX-License-Identifier: Apache-2.0
// What is read survives being written and read again; whatever a program wrote can be sent.
#include "base/str.h"
#include "wire/script/script.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, (size_t)16 << 20);
	struct slice text = slice_of(data, size);
	struct script_job job, job2;
	struct script_result result, again;
	struct error e;

	if (script_job_read(&arena, text, &job, &e) && strlen(job.url) + strlen(job.name) < 4000 &&
		(!script_job_read(&arena, slice_str(script_job_write(&arena, &job)), &job2, &e) ||
			!str_eq(job.url, job2.url) || job.seconds != job2.seconds))
		abort();
	if (script_result_read(&arena, text, &result, &e) &&
		(!result.fault || strlen(result.fault) < 100) &&
		(!script_result_read(
			 &arena, slice_str(script_result_write(&arena, &result)), &again, &e) ||
			!str_eq(result.output, again.output) || result.ended != again.ended))
		abort();
	if (size > SCRIPT_OUTPUT_MAX)
		return 0;
	struct script_result said = {
		.fault = "script_failed", .output = script_output_text(&arena, text)};
	if (!script_result_read(
		    &arena, slice_str(script_result_write(&arena, &said)), &again, &e) ||
		!str_eq(said.output, again.output))
		abort();
	return 0;
}
