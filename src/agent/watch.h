// SPDX-License-Identifier: Apache-2.0
// How a device that is its user's, or stands on a red page, hears of news without asking: a thread
// with a connection of its own waits on /device/v1/wait and pushes "news", or "ended" when the
// service does not know the device any more, into the screen's queue.
#pragma once

#include "agent/agent.h"

struct watch;

// NULL with a line in the log when it cannot be begun.
struct watch *watch_start(struct agent *agent);

// Ends at once, whatever it waits for. NULL is fine.
void watch_stop(struct watch *watch);
