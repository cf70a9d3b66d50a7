// SPDX-License-Identifier: Apache-2.0
// What the tests of policies share: documents from their text, findings as one line, and the arena
// that holds both until the program ends.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/json.h"
#include "domain/fault.h"
#include "domain/finding.h"

static struct arena arena = {.cap = ARENA_REQUEST};

static inline const struct json *
parse(const char *text)
{
	struct error e;
	const struct json *json = json_parse(&arena, slice_str(text), NULL, &e);

	if (!json)
		fail_msg("%s: %s", text, e.message);
	return json;
}

// Each finding as "severity fault", in order, with "; " between; every fault is in the catalogue.
static inline const char *
said(const struct findings *list)
{
	const char *all = "";

	for (size_t i = 0; i < list->count; i++) {
		assert_non_null(fault_find(list->items[i].fault));
		all = arena_printf(&arena, "%s%s%s %s", all, i ? "; " : "",
			severity_name(list->items[i].severity), list->items[i].fault);
	}
	return all;
}

static inline int
teardown(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}
