// SPDX-License-Identifier: Apache-2.0
// What a membership rule is applied to: the properties of one device or user, or what is known of
// them when many devices are judged at once.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// RULE_DEVICE_MODEL …: the rows of rule_property.def.
enum rule_property {
#define RULE_PROPERTY(id, name, type, whom, loose) id,
#include "domain/rule_property.def"
#undef RULE_PROPERTY
	RULE_PROPERTY_COUNT
};
_Static_assert(RULE_PROPERTY_COUNT <= 64, "rule_properties() is a mask of 64 bits");

// One text in UTF-8. Open: the text begins so, and nobody knows what follows, if anything ("" open
// is any text at all).
struct rule_text {
	const char *data;
	uint32_t len;
	bool open;
};

enum rule_value_kind {
	RULE_VALUE_NULL,
	RULE_VALUE_TEXT,
	RULE_VALUE_BOOL,
	RULE_VALUE_LIST,
	RULE_VALUE_UNKNOWN, // anything, null included
};

// Made by the functions below. The value borrows its text and its list.
struct rule_value {
	uint8_t kind;	// enum rule_value_kind
	bool boolean;	// of RULE_VALUE_BOOL
	bool open;	// the text goes on, or the list has further elements that nobody knows
	uint32_t count; // bytes of the text, elements of the list
	union {
		const char *text;
		const struct rule_text *list;
	};
};

// All properties of one device or user; what is not set is null. An empty text is not null.
struct rule_values {
	struct rule_value of[RULE_PROPERTY_COUNT];
};

// NULL gives null.
static inline struct rule_value
rule_text_value(const char *text)
{
	return (struct rule_value){.kind = text ? RULE_VALUE_TEXT : RULE_VALUE_NULL,
		.count = text ? (uint32_t)strlen(text) : 0,
		.text = text};
}

// A text that is not null and begins with `prefix`.
static inline struct rule_value
rule_open_value(const char *prefix)
{
	return (struct rule_value){.kind = RULE_VALUE_TEXT,
		.open = true,
		.count = (uint32_t)strlen(prefix),
		.text = prefix};
}

static inline struct rule_value
rule_bool_value(bool boolean)
{
	return (struct rule_value){.kind = RULE_VALUE_BOOL, .boolean = boolean};
}

// An empty list is null as well. `open`: there may be further elements.
static inline struct rule_value
rule_list_value(const struct rule_text *list, size_t count, bool open)
{
	return (struct rule_value){
		.kind = RULE_VALUE_LIST, .open = open, .count = (uint32_t)count, .list = list};
}

static inline struct rule_value
rule_unknown_value(void)
{
	return (struct rule_value){.kind = RULE_VALUE_UNKNOWN};
}

// An element of a list.
static inline struct rule_text
rule_element(const char *text)
{
	return (struct rule_text){.data = text, .len = (uint32_t)strlen(text)};
}

static inline struct rule_text
rule_open_element(const char *prefix)
{
	return (struct rule_text){.data = prefix, .len = (uint32_t)strlen(prefix), .open = true};
}
