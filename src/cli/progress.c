// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include "base/clock.h"
#include "base/str.h"
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DRAW_MS = 100, BAR = 24, TEXT = 256, UNKNOWN_RATE_MS = 500 };

void
progress_begin(struct progress *p, const char *what, const char *unit, uint64_t total, bool quiet)
{
	*p = (struct progress){.what = what,
		.unit = unit,
		.total = total,
		.begun_ms = clock_monotonic_ms(),
		.quiet = quiet || !isatty(STDERR_FILENO)};
	p->shown_ms = p->begun_ms;
}

static void
amount(const struct progress *p, double n, char *out, uint64_t size)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	size_t unit = 0;

	if (!str_eq(p->unit, "bytes")) {
		snprintf(out, size, "%.0f", n);
		return;
	}
	for (; n >= 1024 && unit < 4; unit++)
		n /= 1024;
	snprintf(out, size, unit ? "%.1f %s" : "%.0f %s", n, units[unit]);
}

static void
put_time(double seconds, char *out, uint64_t size)
{
	long long s = (long long)(seconds + 0.5);

	if (s >= 3600)
		snprintf(out, size, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
	else
		snprintf(out, size, "%lld:%02lld", s / 60, s % 60);
}

static void
put_bar(const struct progress *p, int width, char out[BAR + 3])
{
	size_t full = p->total ? (size_t)((double)p->done / (double)p->total * BAR) : 0;

	*out = '\0';
	if (!p->total || width < 80)
		return;
	full = full > BAR ? BAR : full;
	*out++ = '[';
	for (size_t i = 0; i < BAR; i++)
		*out++ = i < full ? '=' : i == full ? '>' : ' ';
	*out++ = ']';
	*out = '\0';
}

void
progress_text(const struct progress *p, int64_t now_ms, int width, char *out, uint64_t size)
{
	double seconds = (double)(now_ms - p->begun_ms) / 1000;
	double rate = seconds > 0 ? (double)p->done / seconds : 0;
	char bar[BAR + 3], done[32], total[32], speed[32], left[32];
	bool bytes = str_eq(p->unit, "bytes"), known = now_ms - p->begun_ms > UNKNOWN_RATE_MS;
	int used;

	put_bar(p, width, bar);
	amount(p, (double)p->done, done, sizeof done);
	amount(p, (double)p->total, total, sizeof total);
	amount(p, rate, speed, sizeof speed);
	used = snprintf(out, size, "%s %s%s%s%s%s%s%s", p->what, bar, *bar ? " " : "", done,
		p->total ? " of " : "", p->total ? total : "", bytes ? "" : " ",
		bytes ? "" : p->unit);
	if (p->total && (uint64_t)used < size)
		used += snprintf(out + used, size - (uint64_t)used, ", %.0f %%",
			(double)p->done * 100 / (double)p->total);
	if (known && (uint64_t)used < size)
		used += snprintf(out + used, size - (uint64_t)used, ", %s/s", speed);
	if (known && rate > 0 && p->total > p->done && (uint64_t)used < size) {
		put_time((double)(p->total - p->done) / rate, left, sizeof left);
		snprintf(out + used, size - (uint64_t)used, ", %s left", left);
	}
}

static int
terminal_width(void)
{
	struct winsize size = {0};

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

void
progress_set(struct progress *p, uint64_t done)
{
	int64_t now = clock_monotonic_ms();
	char text[TEXT];

	p->done = done;
	if (p->quiet || now - p->shown_ms < DRAW_MS)
		return;
	p->shown_ms = now;
	int width = terminal_width();
	progress_text(p, now, width, text, sizeof text);
	fprintf(stderr, "\r\033[K%.*s", width - 1, text);
	fflush(stderr);
}

void
progress_hide(struct progress *p)
{
	if (!p->quiet && p->shown_ms != p->begun_ms)
		fputs("\r\033[K", stderr);
	p->shown_ms = p->begun_ms;
}

void
progress_end(struct progress *p)
{
	progress_hide(p);
}
