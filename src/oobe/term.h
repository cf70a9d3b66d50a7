// SPDX-License-Identifier: Apache-2.0
// The face on a terminal: curses in, curses out.
#pragma once

#include "oobe/app.h"

// Run until a signal ends the program or the terminal is gone. ERR_UNSUPPORTED at once when this
// is no terminal that curses can use.
bool term_run(struct app *app, struct error *e) MUST_CHECK;
