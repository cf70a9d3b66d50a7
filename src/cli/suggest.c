// SPDX-License-Identifier: Apache-2.0
#include "cli/suggest.h"

#include "base/str.h"
#include <string.h>

enum { LONGEST = 64 };

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
suggest_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	// Rows i-2, i-1 and i of the table.
	size_t rows[3][LONGEST + 1];

	if (a_len > LONGEST || b_len > LONGEST)
		return a_len > b_len ? a_len : b_len;
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			bool same = a[i - 1] == b[j - 1];
			now[j] = least(last[j - 1] + !same, least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

void
suggest_offer(struct suggestion *s, const char *name, size_t len)
{
	size_t typed = strlen(s->word);
	size_t distance = suggest_distance(s->word, typed, name, len);
	// A beginning of three letters is as good as a typing mistake.
	bool begins = typed >= 3 && len > typed && strncmp(name, s->word, typed) == 0;

	if (begins)
		distance = 1;
	if (distance > (typed < 4 ? 1 : typed / 3) || (s->best && distance >= s->distance))
		return;
	s->best = name;
	s->distance = distance;
}
