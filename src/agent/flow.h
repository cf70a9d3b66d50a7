// SPDX-License-Identifier: Apache-2.0
// The order of everything: from the first screen over the Technician flow and Reseal to the User
// flow's end.
#pragma once

#include "agent/agent.h"
#include "agent/face.h"

// Go on where the journal says, until the machine is powered off (Reseal) or the device is released
// and its person has signed out. False only for errors that no screen can show.
bool flow_run(struct agent *agent, struct error *e) MUST_CHECK;

// flow_oobe.c: first screens up to Provision.
bool flow_oobe(struct agent *agent, struct error *e) MUST_CHECK;

// flow_setup.c: the two flows themselves; an error is what the red page shows.
bool flow_technician(struct agent *agent, struct error *e) MUST_CHECK;
bool flow_user(struct agent *agent, struct error *e) MUST_CHECK;

// resident.c: the device is its user's, or nobody's any more. Goes on when the service or the person
// wants something of it.
bool flow_stay(struct agent *agent, struct error *e) MUST_CHECK;
bool flow_retired(struct agent *agent, struct error *e) MUST_CHECK;

// Wait for what the person does. Five presses of the Windows key within three seconds are the
// action "technician".
void flow_wait(struct agent *agent, struct face_action *out);

// Forget the enrolment, so that the next try proves and enrols anew.
bool flow_forget_enrollment(struct agent *agent, struct error *e) MUST_CHECK;
