// SPDX-License-Identifier: Apache-2.0
#include "wire/odata/lex.h"

#include <stdlib.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

// `shape`: '0' stands for a digit. Bytes of text that match it all, or 0.
static size_t
shaped(const char *text, const char *shape)
{
	size_t i = 0;

	for (; shape[i]; i++)
		if (shape[i] == '0' ? !is_digit(text[i]) : text[i] != shape[i])
			return 0;
	return i;
}

static int
two(const char *text)
{
	return (text[0] - '0') * 10 + text[1] - '0';
}

// clock_parse_rfc3339 is more generous than the grammar, and turns 31 February into March.
static bool
day_exists(const char *text)
{
	static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = two(text) * 100 + two(text + 2), month = two(text + 5), day = two(text + 8);
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (month == 2 && leap);
}

// 0000-01-01T00:00:00Z and the last microsecond of the year 9999.
static const time_us first_time = -62167219200 * US_PER_S, last_time = 253402300800 * US_PER_S - 1;

bool
odata_date_parse(const char *text, time_us *out)
{
	char full[48], fraction[8] = ".0";
	const char *p = text + 10, *seconds = "00";

	if (!shaped(text, "0000-00-00") || !day_exists(text))
		return false;
	if (!*p)
		p = "T00:00Z";
	if ((*p != 'T' && *p != 't') || !shaped(p + 1, "00:00"))
		return false;
	const char *minutes = p + 1;
	p += 6;
	if (shaped(p, ":00")) {
		seconds = p + 1;
		p += 3;
		if (*p == '.') {
			size_t digits = strspn(p + 1, "0123456789");
			if (digits == 0 || digits > 12)
				return false;
			snprintf(fraction, sizeof fraction, ".%.*s", digits < 6 ? (int)digits : 6,
				p + 1);
			p += 1 + digits;
		}
	}
	if (!((*p == 'Z' || *p == 'z') && !p[1]) &&
		!((*p == '+' || *p == '-') && shaped(p + 1, "00:00") && !p[6]))
		return false;
	snprintf(full, sizeof full, "%.10sT%.5s:%.2s%s%s", text, minutes, seconds, fraction, p);
	return two(seconds) < 60 && clock_parse_rfc3339(full, out) && *out >= first_time &&
		*out <= last_time;
}

// One "12H": adds it to *us; false when the number is missing or too large.
static bool
duration_part(const char **p, char *unit, int64_t *us)
{
	static const struct {
		char unit;
		int64_t us;
	} units[] = {{'D', US_PER_DAY}, {'H', 60 * US_PER_MIN}, {'M', US_PER_MIN}, {'S', US_PER_S}};
	size_t digits = strspn(*p, "0123456789");
	int64_t fraction = 0, scale = US_PER_S / 10;

	if (digits == 0 || digits > 9)
		return false;
	int64_t value = strtoll(*p, NULL, 10);
	*p += digits;
	bool fractional = **p == '.';
	if (fractional)
		for ((*p)++; is_digit(**p); (*p)++, scale /= 10)
			fraction += (**p - '0') * scale;
	*unit = **p;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (units[i].unit == *unit && (!fractional || *unit == 'S')) {
			(*p)++;
			return !__builtin_mul_overflow(value, units[i].us, &value) &&
				!__builtin_add_overflow(*us, value + fraction, us);
		}
	return false;
}

bool
odata_duration_parse(const char *text, int64_t *us)
{
	static const char order[] = "DHMS";
	const char *last = order;
	bool negative = *text == '-', time = false;
	int64_t sum = 0;
	char unit;

	text += negative;
	if (*text++ != 'P' || !*text)
		return false;
	while (*text) {
		if (*text == 'T' && !time) {
			time = true;
			text++;
		}
		if (!duration_part(&text, &unit, &sum))
			return false;
		const char *found = strchr(last, unit);
		if (!found || (unit == 'D') == time)
			return false;
		last = found + 1;
	}
	*us = negative ? -sum : sum;
	return true;
}
