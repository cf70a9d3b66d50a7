// SPDX-License-Identifier: Apache-2.0
#include "domain/password.h"

#include "base/str.h"
#include <ctype.h>

enum { LEAST_DISTINCT = 5, NAME_PART_MIN = 4 };

// What remains of the commonest passwords when case, digits and signs around them are taken off:
// "Password1234!" is as common as "password".
static const char *const common[] = {"aaaaaaaa", "abcabcabc", "administrator", "admin", "autopilot",
	"asdfghjkl", "baseball", "basketball", "batman", "bitchbitch", "changeit", "changeme",
	"charlie", "chocolate", "computer", "correcthorsebatterystaple", "company", "default",
	"dragon", "enterprise", "ferry", "football", "freedom", "fuckyou", "hallohallo", "hello",
	"helloworld", "iloveyou", "internet", "jordan", "letmein", "liverpool", "login", "loveme",
	"lovely", "manager", "master", "michael", "microsoft", "monkey", "mustang", "mypassword",
	"newpassword", "ninja", "nothing", "opensesame", "passphrase", "pass", "passpass", "passw",
	"password", "passwordpassword", "passwort", "passwortpasswort", "princess", "qazwsx",
	"qazwsxedc", "qwerty", "qwertyqwerty", "qwertyuiop", "qwertz", "samsung", "secret",
	"secretsecret", "service", "shadow", "sommer", "sunshine", "spring", "summer", "autumn",
	"winter", "superman", "support", "system", "temporary", "testing", "test",
	"thisismypassword", "trustno", "welcome", "welcomewelcome", "whatever", "windows",
	"zaqwsx"};

static const char *const rows[] = {"01234567890123456789012345678901",
	"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
	"qwertyuiopasdfghjklzxcvbnmqwertyuiop", "qwertzuiopasdfghjklyxcvbnmqwertzuiop",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik", "1q2w3e4r5t6y7u8i9o0p"};

// Letters that people write as digits or signs.
static char
plain_letter(char c)
{
	static const char map[][2] = {{'@', 'a'}, {'4', 'a'}, {'3', 'e'}, {'1', 'i'}, {'0', 'o'},
		{'$', 's'}, {'5', 's'}, {'!', 'i'}, {'7', 't'}};

	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (map[i][0] == c)
			return map[i][1];
	return c;
}

static bool
is_in_list(const char *word)
{
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		if (str_eq(common[i], word))
			return true;
	return false;
}

// Without the digits and signs at its end, and perhaps at its beginning, with look-alikes as
// letters.
static bool
is_common_word(struct arena *arena, const char *lower)
{
	size_t first = 0, len = strlen(lower);

	while (lower[first] && !isalpha((unsigned char)lower[first]))
		first++;
	while (len && !isalpha((unsigned char)lower[len - 1]))
		len--;
	char *word = arena_strndup(arena, lower, len);
	for (char *p = word; *p; p++)
		*p = plain_letter(*p);
	return is_in_list(word) || (first < len && is_in_list(word + first));
}

static bool
is_row(struct arena *arena, const char *lower)
{
	size_t len = strlen(lower);
	char *backwards = arena_strdup(arena, lower);

	for (size_t i = 0; i < len; i++)
		backwards[i] = lower[len - 1 - i];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strstr(rows[i], lower) || strstr(rows[i], backwards))
			return true;
	return false;
}

static size_t
distinct_bytes(const char *text)
{
	bool seen[256] = {false};
	size_t count = 0;

	for (; *text; text++)
		if (!seen[(unsigned char)*text]) {
			seen[(unsigned char)*text] = true;
			count++;
		}
	return count;
}

// True if a part of the name, cut at signs, stands in the password.
static bool
contains_name(struct arena *arena, const char *lower, const char *name)
{
	const char *text = name ? str_lower(arena, name) : "";

	while (*text) {
		size_t len = strcspn(text, " .,_-@\t");
		if (len >= NAME_PART_MIN && strstr(lower, arena_strndup(arena, text, len)))
			return true;
		text += len;
		text += strspn(text, " .,_-@\t");
	}
	return false;
}

static size_t
characters(struct slice text)
{
	size_t pos = 0, count = 0;
	uint32_t cp;

	while (pos < text.len && utf8_next(text, &pos, &cp))
		count++;
	return count;
}

bool
password_check(struct arena *arena, const struct password_rules *rules, const char *password,
	const char *upn, const char *display_name, struct error *e)
{
	struct slice text = slice_str(password);
	size_t least = rules && rules->min_length ? rules->min_length : PASSWORD_MIN_DEFAULT;

	if (!utf8_valid(text))
		return error_fault(e, ERR_INVALID, "password_common",
			"the password is not made of characters");
	if (text.len > PASSWORD_MAX_BYTES)
		return error_fault(e, ERR_INVALID, "password_too_long",
			"the password has more than %d bytes", PASSWORD_MAX_BYTES);
	if (characters(text) < least)
		return error_fault(e, ERR_INVALID, "password_too_short",
			"the password must have at least %zu characters", least);
	const char *lower = str_lower(arena, password);
	if (distinct_bytes(lower) < LEAST_DISTINCT || is_row(arena, lower) ||
		is_common_word(arena, lower))
		return error_fault(e, ERR_INVALID, "password_common",
			"the password is one of those that are tried first");
	// Of the UPN only what stands before the @: the domain is everybody's.
	char *local = arena_strdup(arena, upn ? upn : "");
	local[strcspn(local, "@")] = '\0';
	if (contains_name(arena, lower, local) || contains_name(arena, lower, display_name))
		return error_fault(e, ERR_INVALID, "password_contains_name",
			"the password contains a part of the user's name");
	return true;
}
