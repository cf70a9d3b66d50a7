// SPDX-License-Identifier: Apache-2.0
// What `ferry preflight --network` tries from this host.
#pragma once

#include "cli/cli.h"
#include "http/way.h"

// Try the service, then the domain of --domain or each domain of the domain-join profiles.
bool preflight_way(struct cli *cli, struct way_report *report, struct error *e) MUST_CHECK;

// What POST /ferry/v1/preflight answered, in the same lights.
void preflight_way_findings(struct way_report *report, const struct json *answer);

bool preflight_way_print(
	struct cli *cli, const struct way_report *report, struct error *e) MUST_CHECK;
