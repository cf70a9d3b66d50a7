// SPDX-License-Identifier: Apache-2.0
// The face as plain lines: for screen readers, serial printers and pipes.
#pragma once

#include "oobe/app.h"

// Print every page and obey the commands on standard input, until a signal ends the program or
// nobody reads its output. The end of the input ends the commands only.
bool plain_run(struct app *app, struct error *e) MUST_CHECK;
