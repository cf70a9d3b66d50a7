// SPDX-License-Identifier: Apache-2.0
// Which requests wait for which channel, and that no wake between looking and waiting is lost.
#pragma once

#include "base/error.h"
#include <pthread.h>
#include <stdint.h>

enum park_state { PARK_NONE, PARK_WAITING, PARK_WOKEN, PARK_EXPIRED };

// Embedded in whatever waits. Belongs to the lot's lock while it waits.
struct park_entry {
	struct park_entry *next, **link;
	char *channel;
	int64_t deadline_ms; // monotonic
	enum park_state state;
};

enum { PARK_BUCKETS = 1024 };

struct park_lot {
	pthread_mutex_t lock;
	struct park_entry *buckets[PARK_BUCKETS];
	uint64_t last_wake[PARK_BUCKETS]; // number of the latest wake of any channel in the bucket
	uint64_t wakes;			  // number of wakes so far
	bool closed;			  // nothing waits any more
	// Called under the lock: the entry begins to wait, and: it has been woken or has expired.
	void (*waiting)(struct park_entry *entry);
	void (*ready)(struct park_entry *entry);
};

void park_init(struct park_lot *lot, void (*waiting)(struct park_entry *entry),
	void (*ready)(struct park_entry *entry));
void park_finish(struct park_lot *lot);

// To be taken before the handler looks whether it needs to wait.
uint64_t park_ticket(struct park_lot *lot);

// Begin to wait. PARK_WOKEN or PARK_EXPIRED (the lot is closed) instead, when there is no need to:
// a wake of this channel came after the ticket. Once it returned PARK_WAITING the entry is no
// longer the caller's.
enum park_state park_enter(struct park_lot *lot, struct park_entry *entry, const char *channel,
	int64_t deadline_ms, uint64_t ticket);

// Stop waiting; says what had become of the entry.
enum park_state park_leave(struct park_lot *lot, struct park_entry *entry);

void park_wake(struct park_lot *lot, const char *channel);

// Make ready every entry whose time is up.
void park_expire(struct park_lot *lot, int64_t now_ms);

// Make all ready as expired, and let nobody wait from now on.
void park_close(struct park_lot *lot);
