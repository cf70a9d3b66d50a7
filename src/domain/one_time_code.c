// SPDX-License-Identifier: Apache-2.0
#include "domain/one_time_code.h"

#include "base/str.h"

static const char alphabet[] = "BCDFGHJKLMNPQRSTVWXZ";
enum { LETTERS = 20, UNBIASED = 240, MAX_START_DAYS = 30 };

static const struct {
	size_t groups, group;
} shapes[CODE_KINDS] = {
	[CODE_USER] = {2, 5},
	[CODE_RECOVERY] = {3, 5},
	[CODE_PASS] = {3, 4},
};

// Put the hyphens in.
static char *
shape(struct arena *arena, enum code_kind kind, const char *letters)
{
	size_t group = shapes[kind].group, groups = shapes[kind].groups, len = 0;
	char *out = arena_alloc(arena, group * groups + groups);

	for (size_t i = 0; i < group * groups; i++) {
		if (i && i % group == 0)
			out[len++] = '-';
		out[len++] = letters[i];
	}
	return out;
}

bool
code_make(struct arena *arena, enum code_kind kind, const uint8_t random[CODE_RANDOM], char **out)
{
	size_t wanted = shapes[kind].group * shapes[kind].groups, have = 0;
	char letters[CODE_RANDOM];

	for (size_t i = 0; i < CODE_RANDOM && have < wanted; i++)
		if (random[i] < UNBIASED)
			letters[have++] = alphabet[random[i] % LETTERS];
	if (have < wanted)
		return false;
	*out = shape(arena, kind, letters);
	return true;
}

char *
code_read(struct arena *arena, enum code_kind kind, const char *typed)
{
	size_t wanted = shapes[kind].group * shapes[kind].groups, have = 0;
	char letters[CODE_RANDOM];

	for (const char *p = typed ? str_upper(arena, typed) : ""; *p; p++) {
		if (*p == ' ' || *p == '-')
			continue;
		if (!strchr(alphabet, *p) || have == wanted)
			return NULL;
		letters[have++] = *p;
	}
	return have == wanted ? shape(arena, kind, letters) : NULL;
}

bool
access_pass_settle(struct access_pass *pass, time_us now, struct error *e)
{
	if (!pass->minutes)
		pass->minutes = PASS_DEFAULT_MINUTES;
	if (!pass->start_at)
		pass->start_at = now;
	if (pass->minutes < PASS_MIN_MINUTES || pass->minutes > PASS_MAX_MINUTES)
		return error_fault(e, ERR_INVALID, "access_pass_lifetime",
			"a pass lives for %d to %d minutes", PASS_MIN_MINUTES, PASS_MAX_MINUTES);
	if (pass->start_at > now + MAX_START_DAYS * US_PER_DAY)
		return error_fault(e, ERR_INVALID, "access_pass_lifetime",
			"a pass begins within %d days", MAX_START_DAYS);
	if (pass->start_at + pass->minutes * US_PER_MIN <= now)
		return error_fault(e, ERR_INVALID, "access_pass_lifetime",
			"the pass would have ended already");
	return true;
}
