// SPDX-License-Identifier: Apache-2.0
// Whatever an administrator types: a mistake has a message, and a rule can be applied.
#include "domain/membership_rule.h"

#include "base/slice.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const ids[] = {"[ZTDId]:1", "[OrderID]:Sales", NULL};
	const struct rule_device devices[] = {
		{.display_name = "PC-1",
			.manufacturer = "Contoso",
			.model = "",
			.physical_ids = ids},
		{0},
	};
	autoarena(arena, ARENA_REQUEST);
	struct error e = {0};
	const struct rule *rule =
		rule_compile(&arena, arena_strndup(&arena, (const char *)data, size), &e);

	if (!rule && (e.code == ERR_NONE || !*e.message))
		abort();
	for (size_t i = 0; rule && i < 2; i++)
		// The same rule gives the same answer.
		if (rule_matches(rule, &devices[i]) != rule_matches(rule, &devices[i]))
			abort();
	return 0;
}
