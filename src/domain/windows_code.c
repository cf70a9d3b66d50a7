// SPDX-License-Identifier: Apache-2.0
#include "domain/windows_code.h"

#include "base/str.h"

#define WINDOWS_CODE(code_, meaning_, also_, note_) {code_, meaning_, also_, note_},
const struct windows_code windows_codes[] = {
#include "domain/windows_code.def"
};
#undef WINDOWS_CODE

const int windows_code_count = sizeof windows_codes / sizeof *windows_codes;

const struct windows_code *
windows_code_find(const char *code)
{
	for (int i = 0; code && i < windows_code_count; i++) {
		const char *known = windows_codes[i].code;
		if (str_ieq(known, code) || (str_starts(known, "0x") && str_ieq(known + 2, code)))
			return &windows_codes[i];
	}
	return NULL;
}

int
windows_code_faults(struct arena *arena, const struct windows_code *code, const struct fault ***out)
{
	int count = 0;

	*out = arena_array(arena, (size_t)fault_count + 16, sizeof **out);
	for (int i = 0; i < fault_count; i++)
		if (str_ieq(fault_catalogue[i].code, code->code))
			(*out)[count++] = &fault_catalogue[i];
	for (const char *at = code->also; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		const struct fault *fault = fault_find(arena_strndup(arena, at, len));
		if (fault)
			(*out)[count++] = fault;
		at += len;
	}
	return count;
}
