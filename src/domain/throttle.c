// SPDX-License-Identifier: Apache-2.0
#include "domain/throttle.h"

#include "base/str.h"
#include <arpa/inet.h>

enum { MAX_DOUBLINGS = 20, V6_PREFIX = 8 };

// Failures that cost nothing, and the longest delay in seconds.
static const struct {
	int64_t free, longest;
} limits[THROTTLE_KINDS] = {
	[THROTTLE_DEVICE] = {10, 900},
	[THROTTLE_PAIR] = {5, 3600},
	[THROTTLE_ACCOUNT] = {20, 900},
	[THROTTLE_SOURCE] = {50, 300},
};

unsigned
throttle_needed(bool known_device, bool known_source)
{
	if (known_device)
		return THROTTLE_BIT(THROTTLE_DEVICE);
	unsigned set = THROTTLE_BIT(THROTTLE_PAIR) | THROTTLE_BIT(THROTTLE_SOURCE);
	return known_source ? set : set | THROTTLE_BIT(THROTTLE_ACCOUNT);
}

time_us
throttle_delay(enum throttle_kind kind, int64_t failures)
{
	int64_t over = failures - limits[kind].free;

	if (over <= 0)
		return 0;
	int64_t seconds = (int64_t)1 << (over > MAX_DOUBLINGS ? MAX_DOUBLINGS : over - 1);
	return (seconds > limits[kind].longest ? limits[kind].longest : seconds) * US_PER_S;
}

bool
throttle_take(enum throttle_kind kind, struct throttle_counter *c, time_us now, time_us *wait)
{
	// A clock that was set back must not hold anybody up for longer than the longest delay.
	if (now < c->until && c->until - now <= limits[kind].longest * US_PER_S) {
		*wait = c->until - now;
		return false;
	}
	if (now - c->last_at > THROTTLE_MEMORY)
		c->failures = 0;
	c->failures++;
	c->last_at = now;
	c->until = now + throttle_delay(kind, c->failures);
	*wait = 0;
	return true;
}

void
throttle_give_back(enum throttle_kind kind, struct throttle_counter *c, time_us now)
{
	// One's own success says nothing about the others who are counted here.
	bool shared = kind == THROTTLE_ACCOUNT || kind == THROTTLE_SOURCE;

	c->failures = shared && c->failures > 0 ? c->failures - 1 : 0;
	c->until = now;
}

void
throttle_void(struct throttle_counter *c, time_us now)
{
	if (c->failures > 0)
		c->failures--;
	c->until = now;
}

char *
throttle_source(struct arena *arena, const char *address)
{
	struct in6_addr six;
	char text[INET6_ADDRSTRLEN];

	if (!address || inet_pton(AF_INET6, address, &six) != 1)
		return arena_strdup(arena, address ? address : "");
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return arena_printf(arena, "%u.%u.%u.%u", six.s6_addr[12], six.s6_addr[13],
			six.s6_addr[14], six.s6_addr[15]);
	memset(six.s6_addr + V6_PREFIX, 0, sizeof six.s6_addr - V6_PREFIX);
	return arena_printf(arena, "%s/64", inet_ntop(AF_INET6, &six, text, sizeof text));
}
