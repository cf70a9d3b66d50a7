// SPDX-License-Identifier: Apache-2.0
// What the device configurations have in common on the command line: the collection, and one
// OMA-URI setting as a body.
#pragma once

#include "cli/output.h"

#define CONFIGURATIONS DM "/deviceConfigurations"
#define DOMAIN_JOIN_TYPE "#microsoft.graph.windowsDomainJoinConfiguration"

// Make a configuration with one setting and assign it as the options say; prints id and name.
bool configuration_add(struct cli *cli, const char *name, const char *loc_uri, const char *format,
	const char *value, struct error *e) MUST_CHECK;

// The elements of a collection for which `keep` is true, printed.
bool configuration_print(struct cli *cli, const char *path, bool (*keep)(const struct json *item),
	const struct column *columns, struct error *e) MUST_CHECK;

// A text file of at most 1 MiB without NUL. ERR_INVALID.
bool configuration_read_text(
	struct cli *cli, const char *file, const char **out, struct error *e) MUST_CHECK;
