// SPDX-License-Identifier: Apache-2.0
#include "domain/fault.h"

#include <assert.h>
#include <string.h>

#define FAULT(name_, code_, who_, title_, cause_, fix_)                                            \
	{#name_, code_, WHO_##who_, title_, cause_, fix_},
const struct fault fault_catalogue[] = {
#include "domain/fault.def"
};
#undef FAULT

const int fault_count = sizeof fault_catalogue / sizeof *fault_catalogue;

const struct fault *
fault_find(const char *name)
{
	for (int i = 0; name && i < fault_count; i++)
		if (strcmp(fault_catalogue[i].name, name) == 0)
			return &fault_catalogue[i];
	return NULL;
}

const struct fault *
fault_of(const struct error *e, const char *otherwise)
{
	const struct fault *found = fault_find(e->fault);

	if (!found)
		found = fault_find(otherwise);
	assert(found);
	return found;
}

const char *
fault_who_name(enum fault_who who)
{
	static const char *const names[] = {
		[WHO_USER] = "user",
		[WHO_TECHNICIAN] = "technician",
		[WHO_ADMINISTRATOR] = "administrator",
		[WHO_NETWORK] = "network administrator",
		[WHO_SUPPORT] = "support",
	};

	return names[who];
}
