// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const month_names[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

time_us
clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (time_us)t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

int64_t
clock_monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct tm
broken_down(time_us t, long *fraction)
{
	time_t seconds = (time_t)(t / US_PER_S);
	struct tm tm;

	*fraction = (long)(t % US_PER_S);
	if (*fraction < 0) {
		*fraction += US_PER_S;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	return tm;
}

char *
clock_rfc3339(struct arena *arena, time_us t)
{
	long fraction;
	struct tm tm = broken_down(t, &fraction);

	return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

char *
clock_rfc3339_us(struct arena *arena, time_us t)
{
	long fraction;
	struct tm tm = broken_down(t, &fraction);

	return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction);
}

// Fraction ".123" at *p, in microseconds; digits past the sixth are dropped.
static time_us
parse_fraction(const char **p)
{
	time_us value = 0, unit = US_PER_S / 10;

	for ((*p)++; **p >= '0' && **p <= '9'; (*p)++, unit /= 10)
		value += (**p - '0') * unit;
	return value;
}

static bool
parse_offset(const char *p, time_us *offset)
{
	int hours, minutes, used = 0;

	*offset = 0;
	if (strcmp(p, "Z") == 0 || strcmp(p, "z") == 0)
		return true;
	if ((*p != '+' && *p != '-') || sscanf(p + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2)
		return false;
	if (used != 5 || p[6] || hours > 23 || minutes > 59)
		return false;
	*offset = (hours * 60 + minutes) * US_PER_MIN * (*p == '-' ? -1 : 1);
	return true;
}

static bool
in_range(const struct tm *tm)
{
	return tm->tm_mon >= 0 && tm->tm_mon <= 11 && tm->tm_mday >= 1 && tm->tm_mday <= 31 &&
		tm->tm_hour >= 0 && tm->tm_hour <= 23 && tm->tm_min >= 0 && tm->tm_min <= 59 &&
		tm->tm_sec >= 0 && tm->tm_sec <= 60;
}

bool
clock_parse_rfc3339(const char *text, time_us *out)
{
	struct tm tm = {0};
	int used = 0;
	time_us fraction = 0, offset;

	if (sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		    &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 6 ||
		used != 19)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	const char *rest = text + used;
	if (*rest == '.')
		fraction = parse_fraction(&rest);
	if (!in_range(&tm) || !parse_offset(rest, &offset))
		return false;
	*out = (time_us)timegm(&tm) * US_PER_S + fraction - offset;
	return true;
}

void
clock_http_date(time_us t, char out[30])
{
	long fraction;
	struct tm tm = broken_down(t, &fraction);

	snprintf(out, 30, "%s, %02d %s %04d %02d:%02d:%02d GMT", day_names[tm.tm_wday],
		tm.tm_mday % 100, month_names[tm.tm_mon], (tm.tm_year + 1900) % 10000,
		tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
}

bool
clock_parse_http_date(const char *text, time_us *out)
{
	struct tm tm = {0};
	char month[4];

	if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &tm.tm_mday, month, &tm.tm_year,
		    &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon = -1;
	for (int i = 0; i < 12; i++)
		if (strcmp(month, month_names[i]) == 0)
			tm.tm_mon = i;
	if (!in_range(&tm))
		return false;
	*out = (time_us)timegm(&tm) * US_PER_S;
	return true;
}
