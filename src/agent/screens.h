// SPDX-License-Identifier: Apache-2.0
// Which screen a person sees: each function shows one, as a JSON object for whatever face is
// connected.
#pragma once

#include "agent/agent.h"
#include "domain/fault.h"

void screen_language(struct agent *agent);
void screen_region(struct agent *agent);
void screen_keyboard(struct agent *agent);
// A second layout: what is not the first one.
void screen_keyboard2(struct agent *agent);
// Why the page is there; NULL: nothing went wrong.
void screen_network(struct agent *agent, const struct error *why);
void screen_waiting(struct agent *agent, const char *text);
// `why` tells why there is no profile; without a code none is assigned.
void screen_welcome(struct agent *agent, const struct error *why);
void screen_menu(struct agent *agent);
void screen_config(struct agent *agent, const char *note);
void screen_esp(struct agent *agent);
void screen_success(struct agent *agent);
// The ring of device preparation (Z11); takes the place of the ESP while it runs.
void screen_preparation(struct agent *agent);
void screen_failure(struct agent *agent, const struct error *e);
void screen_diagnostics(struct agent *agent, const char *path);
void screen_sign_in(struct agent *agent, const char *error);
void screen_eula(struct agent *agent);
void screen_privacy(struct agent *agent);
// The directory's sign-in; `step` "" asks for user and password, "code" for the second factor.
// `why` without a code: no attempt was made yet.
void screen_person(struct agent *agent, const char *step, const struct error *why);
void screen_done(struct agent *agent);
void screen_signed_out(struct agent *agent);
void screen_powering_off(struct agent *agent);
// Autopilot Reset at the device; why: what was wrong with the last attempt.
void screen_reset(struct agent *agent, const struct error *why);
// how: wiped, retired, deleted, freshStart, reset, locked, blocked; fault: a catalogue name or
// NULL.
void screen_ended(struct agent *agent, const char *how, const char *fault);
// An app asked for a restart (behaviour X35).
void screen_restarting(struct agent *agent);

// Seconds since the flow began.
int64_t screen_elapsed(const struct agent *agent);
