// SPDX-License-Identifier: Apache-2.0
// Linked into bench/ferryd_single only: every write gets a transaction of its own.
#include "store/store.h"

bool __real_store_open(
	const char *url, const struct store_options *options, struct store **out, struct error *e);
bool __wrap_store_open(
	const char *url, const struct store_options *options, struct store **out, struct error *e);

bool
__wrap_store_open(
	const char *url, const struct store_options *options, struct store **out, struct error *e)
{
	struct store_options one = options ? *options : (struct store_options){0};

	one.max_batch = 1;
	return __real_store_open(url, &one, out, e);
}
