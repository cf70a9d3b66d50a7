// SPDX-License-Identifier: Apache-2.0
// What is read is written such that it is read again, and written the same again.
#include "wire/enroll/fault.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fault(struct slice text)
{
	autoarena(arena, ARENA_REQUEST);
	struct enroll_fault message, again;
	struct error e = {0};
	struct buf once, twice;

	if (!enroll_fault_parse(&arena, text, &message, &e)) {
		if (!e.fault)
			abort();
		return;
	}
	if (enroll_fault_hresult(message.kind) >> 8 != 0x801800)
		abort();
	if (message.kind == ENROLL_FAULT_UNKNOWN)
		return; // never written
	buf_init(&once, &arena, 16 << 20);
	enroll_fault_write(&once, SOAP_REQUEST_TOKEN_REPLY, &message);
	if (once.len > 1 << 20)
		return; // references may lengthen a text beyond what is read
	buf_init(&twice, &arena, 16 << 20);
	if (!enroll_fault_parse(&arena, buf_slice(&once), &again, &e))
		abort();
	enroll_fault_write(&twice, SOAP_REQUEST_TOKEN_REPLY, &again);
	if (!slice_eq(buf_slice(&once), buf_slice(&twice)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fault(slice_of(data, size));
	return 0;
}
