// SPDX-License-Identifier: Apache-2.0
// The thread that asks devices one by one after a rule changed which their cohort does not decide.
#pragma once

#include "ferryd/service.h"

// Start and stop the thread. It begins with what an earlier run left.
bool settle_start(struct service *service, struct error *e) MUST_CHECK;
void settle_stop(void);

// There may be work: called at the end of every request that left devices to be asked. Other nodes'
// changes are found within half a minute.
void settle_wake(void);
