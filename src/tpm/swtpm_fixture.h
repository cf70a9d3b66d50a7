// SPDX-License-Identifier: Apache-2.0
// A software TPM and its maker's CA for the tests of this folder, by way of test/lab/swtpm.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include <stdbool.h>

// Make a CA and a scratch folder. False when swtpm is not installed here.
bool swtpm_lab(struct arena *arena, char **dir);

// Manufacture and start TPM `name` in the lab; gives its TCTI. Ends the test program on failure.
char *swtpm_start(struct arena *arena, const char *dir, const char *name);
void swtpm_stop(const char *dir, const char *name);

// Stop nothing, remove everything.
void swtpm_remove_lab(const char *dir);
