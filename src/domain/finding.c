// SPDX-License-Identifier: Apache-2.0
#include "domain/finding.h"

#include "base/buf.h"
#include "base/str.h"
#include <stdarg.h>
#include <stdio.h>

const char *
severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_NOTE] = "note",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_BLOCKING] = "blocking",
	};

	return names[severity];
}

void
finding_add(struct findings *list, enum severity severity, const char *fault, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	list->items =
		arena_more(list->arena, list->items, list->count, &list->room, sizeof *list->items);
	list->items[list->count++] = (struct finding){
		.severity = severity, .fault = fault, .text = arena_strdup(list->arena, text)};
}

const struct finding *
finding_named(const struct findings *list, const char *fault)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->items[i].fault, fault))
			return &list->items[i];
	return NULL;
}

static const struct finding *
first_blocking(const struct findings *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].severity == SEVERITY_BLOCKING)
			return &list->items[i];
	return NULL;
}

bool
findings_block(const struct findings *list)
{
	return first_blocking(list) != NULL;
}

bool
findings_check(const struct findings *list, struct error *e)
{
	const struct finding *f = first_blocking(list);

	return !f || error_fault(e, ERR_INVALID, f->fault, "%s", f->text);
}
