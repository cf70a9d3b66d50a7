// SPDX-License-Identifier: Apache-2.0
// Regular expressions that cannot be slow. PCRE2 searches by backtracking; every item of a pattern
// that it tries is counted by a callout, and the count is bounded over the whole evaluation of a
// rule, however many -match and elements there are. PCRE2's own limits stand behind it.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "domain/rule_run.h"

#include <pcre2.h>
#include <stdlib.h>

enum {
	MAX_GROUP_DEPTH = 32,
	MAX_HEAP_KIB = 4096,
};

struct rule_regex {
	pcre2_code *code;
};

static void *
arena_memory(PCRE2_SIZE size, void *arena)
{
	return arena_alloc(arena, size);
}

static void
arena_keeps(void *memory, void *arena)
{
	(void)memory;
	(void)arena;
}

static void
need(const void *memory)
{
	// As the arenas do: without memory there is no service.
	if (!memory)
		abort();
}

const struct rule_regex *
rule_regex_compile(struct arena *arena, const char *pattern, char *why, size_t size, size_t *at)
{
	pcre2_general_context *memory =
		pcre2_general_context_create(arena_memory, arena_keeps, arena);
	need(memory);
	pcre2_compile_context *context = pcre2_compile_context_create(memory);
	need(context);
	pcre2_set_max_pattern_length(context, RULE_MAX_BYTES);
	pcre2_set_parens_nest_limit(context, MAX_GROUP_DEPTH);
	int code = 0;
	PCRE2_SIZE offset = 0;
	struct rule_regex *regex = arena_new(arena, struct rule_regex);
	regex->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
		PCRE2_AUTO_CALLOUT | PCRE2_CASELESS | PCRE2_UTF | PCRE2_UCP |
			PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C,
		&code, &offset, context);
	if (regex->code)
		return regex;
	pcre2_get_error_message(code, (PCRE2_UCHAR *)why, size);
	*at = offset;
	return NULL;
}

size_t
rule_regex_size(const struct rule_regex *regex)
{
	size_t size = 0;

	pcre2_pattern_info(regex->code, PCRE2_INFO_SIZE, &size);
	return size;
}

// One item of the pattern looks at most at the whole text, once.
static int
count_step(pcre2_callout_block *block, void *steps)
{
	size_t *left = steps, cost = 1 + block->subject_length / 64;

	if (*left < cost)
		return PCRE2_ERROR_MATCHLIMIT;
	*left -= cost;
	return 0;
}

static void
prepare(struct rule_matcher *matcher)
{
	if (matcher->data)
		return;
	matcher->data = pcre2_match_data_create(1, NULL);
	matcher->context = pcre2_match_context_create(NULL);
	need(matcher->data);
	need(matcher->context);
	pcre2_set_heap_limit(matcher->context, MAX_HEAP_KIB);
}

enum rule_match
rule_regex_search(const struct rule_regex *regex, struct rule_matcher *matcher,
	struct rule_text text, size_t *steps)
{
	prepare(matcher);
	pcre2_set_callout(matcher->context, count_step, steps);
	pcre2_set_match_limit(matcher->context, (uint32_t)*steps);
	int found = pcre2_match(regex->code, (PCRE2_SPTR)text.data, text.len, 0, 0, matcher->data,
		matcher->context);
	if (found == PCRE2_ERROR_NOMATCH)
		return MATCH_NO;
	// Every other failure is one of the limits: steps, depth or memory.
	return found >= 0 ? MATCH_YES : MATCH_TOO_SLOW;
}

void
rule_matcher_finish(struct rule_matcher *matcher)
{
	pcre2_match_data_free(matcher->data);
	pcre2_match_context_free(matcher->context);
	*matcher = (struct rule_matcher){0};
}
