// SPDX-License-Identifier: Apache-2.0
// Whether this very device, here and now, would get through: what the technician reads before
// Provision (pains row 22), and `ferry-agentd preflight` prints.
#pragma once

#include "codec/json.h"
#include "http/way.h"

struct agent;

// Try the network, the service and its clock, and have the service judge registration, profile,
// status page, domain join, connector and TPM. Of a hybrid profile the domain too; without a
// controller that is yellow, because only the user flow needs one (behaviour T14). Takes up to
// about 15 seconds where nothing answers.
void preflight_run(struct agent *agent, struct way_report *out);

// The members "preflight" [{"check","state","fault","detail"}], one row a group, and "verdict" of
// the configuration page.
void preflight_page(const struct way_report *report, struct jsonw *w);
