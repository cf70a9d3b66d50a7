// SPDX-License-Identifier: Apache-2.0
// How a face begins: the options that every face has, its language, and what ends it.
#pragma once

#include "oobe/app.h"
#include <argp.h>

struct start_options {
	const char *socket, *log, *language; // log, language: NULL for none, the environment's
	bool no_clock;
};

#define START_OPTIONS                                                                              \
	{                                                                                          \
		.socket = "/run/ferry/oobe.sock"                                                   \
	}

// --socket, --language, --log, --no-clock: for `children` of a face's own parser, which gives
// the struct start_options as the child's input.
extern const struct argp start_argp;

// Before anything is typed: locale and language, signals that end the face, no core dumps.
void start_face(const char *name, const struct start_options *options);

// Connect the face's state to the agent's socket.
bool start_app(struct app *app, const struct start_options *options, struct error *e) MUST_CHECK;
