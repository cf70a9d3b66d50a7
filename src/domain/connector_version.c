// SPDX-License-Identifier: Apache-2.0
#include "domain/connector_version.h"

#include <ctype.h>

enum { PARTS = 3, MAX_DIGITS = 6 };

static bool
read_version(const char *text, long out[PARTS])
{
	for (int i = 0; i < PARTS; i++) {
		int digits = 0;
		for (out[i] = 0; isdigit((unsigned char)*text); text++) {
			if (++digits > MAX_DIGITS)
				return false;
			out[i] = out[i] * 10 + (*text - '0');
		}
		if (digits == 0 || (i < PARTS - 1 && *text++ != '.'))
			return false;
	}
	return true;
}

bool
connector_version_ok(const char *version, const char *minimum)
{
	long have[PARTS], need[PARTS];

	if (!version || !read_version(version, have) || !read_version(minimum, need))
		return false;
	for (int i = 0; i < PARTS; i++)
		if (have[i] != need[i])
			return have[i] > need[i];
	return true;
}
