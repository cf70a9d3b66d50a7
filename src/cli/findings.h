// SPDX-License-Identifier: Apache-2.0
// How findings of the service (severity, text, fix) are shown to people.
#pragma once

#include "cli/output.h"

// "BLOCK", "WARN", "note", in red and yellow on a terminal.
const char *finding_light(const char *severity);

// What the service found but did not refuse, on standard error.
void findings_warn(struct cli *cli, const struct json *findings);

// Each finding with how many devices it concerns, examples and the fix; nothing when there are
// none.
void findings_print(struct cli *cli, const struct json *findings);
