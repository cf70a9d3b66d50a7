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

// flow_person.c: terms, privacy, sign-in. False when the technician's menu was asked for; otherwise
// the journal has the person, unless *back: the person wants the page before.
bool flow_person(struct agent *agent, bool *back) MUST_CHECK;
// The sign-in alone, on a device that a technician has prepared (U2).
void flow_person_alone(struct agent *agent);
// Everything is done: the journal and account.json say what the person is on this device (P11).
bool flow_account_ready(struct agent *agent, struct error *e) MUST_CHECK;

// flow_setup.c: the two flows themselves; an error is what the red page shows.
bool flow_technician(struct agent *agent, struct error *e) MUST_CHECK;
bool flow_user(struct agent *agent, struct error *e) MUST_CHECK;

// flow_user_driven.c: a person signed in on the first pages (M1, and M5 with a configuration file).
bool flow_user_driven(struct agent *agent, struct error *e) MUST_CHECK;
// flow_self_deploying.c, flow_preparation.c, flow_reset.c
bool flow_self_deploying(struct agent *agent, struct error *e) MUST_CHECK;
bool flow_preparation(struct agent *agent, struct error *e) MUST_CHECK;
// Does its page offer "retry", "continue" or "diagnostics"?
bool flow_preparation_offers(const struct agent *agent, const char *action);
// "Continue anyway" (Z4): the next run of the flow goes on without what failed. False when the
// policy does not allow it, or the service cannot be told.
bool flow_preparation_continue(struct agent *agent, struct error *e) MUST_CHECK;
bool flow_reset(struct agent *agent, struct error *e) MUST_CHECK;

// What flows are made of, in flow_setup.c. Rows and faults go to the page and to the timeline.
void flow_begin(struct agent *agent);
void flow_row(struct agent *agent, enum esp_row which, enum esp_state state, const char *detail);
bool flow_failed(struct agent *agent, enum esp_row which, const struct error *e); // always false
// Device preparation: the profile again, proof, the join or the wait for it, enrolment (X20-X23).
bool flow_prepare(struct agent *agent, struct error *e) MUST_CHECK;
// Sessions until the service has finished with the device, or with the person on it.
bool flow_set_up(struct agent *agent, bool user, struct error *e) MUST_CHECK;
// The join is done and nothing is lost: what is missing is the way to a domain controller.
bool flow_domain_is_far(const struct error *e);
// Open the tunnels, then let a domain controller prove the membership; when neither works the
// tunnel's fault is the cause.
bool flow_reach_domain(struct agent *agent, struct error *e) MUST_CHECK;
// The same once more with the settings of now: over the internet, where the service is, may come a
// tunnel that nobody had assigned before. What the settings lack is the cause if it is the tunnel.
bool flow_reach_domain_anew(struct agent *agent, struct error *e) MUST_CHECK;
// The person signs in to Active Directory.
bool flow_domain_sign_in(struct agent *agent, struct error *e) MUST_CHECK;
// Registration of a hybrid device, the person's items, and the checked end.
bool flow_account_setup(struct agent *agent, struct error *e) MUST_CHECK;

// The last page; the next leg is FLOW_DONE.
bool flow_release(struct agent *agent, struct error *e) MUST_CHECK;
// resident.c: the device is its user's, or nobody's any more. Goes on when the service or the
// person wants something of it.
// One try of a person on the page of screen_person(); `action` is wiped. False with the reason.
bool flow_person_try(struct agent *agent, struct face_action *action, struct error *why) MUST_CHECK;
bool flow_stay(struct agent *agent, struct error *e) MUST_CHECK;
bool flow_retired(struct agent *agent, struct error *e) MUST_CHECK;

// Wait for what the person does. Five presses of the Windows key within three seconds are the
// action "technician".
void flow_wait(struct agent *agent, struct face_action *out);

// Forget the enrolment, so that the next try proves and enrols anew.
bool flow_forget_enrollment(struct agent *agent, struct error *e) MUST_CHECK;
