// SPDX-License-Identifier: Apache-2.0
// That the program was told to end: whoever waits for the service or for time is woken at once.
#pragma once

#include "base/error.h"
#include "http/client.h"

// Who may wait for the service at the same time.
enum stop_who { STOP_JOBS, STOP_SYNC, STOP_REPORTS, STOP_CHECKS, STOP_WHO = STOP_CHECKS + 2 };

// Block SIGTERM and SIGINT and watch for them. To be called before other threads begin.
bool stop_watch(struct error *e) MUST_CHECK;

bool stop_requested(void);

// From here on a signal breaks off the client's request (NULL: not any more); false when it came
// already.
bool stop_polling(enum stop_who who, struct http_client *client);

void stop_pause_ms(int ms);

// End the whole program from a thread that cannot go on.
void stop_request(void);
