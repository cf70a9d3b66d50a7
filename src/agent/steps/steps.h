// SPDX-License-Identifier: Apache-2.0
// The steps of the flows. Each can be run again after a power cut; each notes in the journal what
// it is about to do.
#pragma once

#include "agent/agent.h"

// identify.c: hardware and TPM; the profile from the service (design.md 2.2)
bool step_hardware(struct agent *agent, struct error *e) MUST_CHECK;
bool step_profile(struct agent *agent, struct error *e) MUST_CHECK;
// The same as a managed device.
bool step_known_profile(struct agent *agent, struct error *e) MUST_CHECK;

// deploy.c: the deployment on the service
bool step_begin_deployment(struct agent *agent, struct error *e) MUST_CHECK;
bool step_enter_phase(struct agent *agent, const char *phase, struct error *e) MUST_CHECK;
// The members of a request that say which way this device goes, and for whom.
void step_write_way(const struct agent *agent, struct jsonw *w);
bool step_retry(struct agent *agent, struct error *e) MUST_CHECK;
bool step_finish(struct agent *agent, struct error *e) MUST_CHECK;

// attest.c: "Securing your hardware"; gives the device token
bool step_attest(struct agent *agent, const char **device_token, struct error *e) MUST_CHECK;

// enroll.c: MS-MDE2 with the device token
bool step_enroll(struct agent *agent, const char *device_token, struct error *e) MUST_CHECK;

// manage.c: one OMA-DM session, to its end. `user`: somebody is signed in.
bool step_manage(struct agent *agent, bool user, struct error *e) MUST_CHECK;

// apps.c: download and install what the sessions queued
bool step_install_apps(struct agent *agent, struct error *e) MUST_CHECK;

// wait.c: until the service has news for this device, or 25 seconds. ERR with the service's fault
// if the deployment failed there.
bool step_wait(struct agent *agent, struct error *e) MUST_CHECK;

// domain.c: is a domain controller there, and does it accept this machine?
bool step_prove_membership(struct agent *agent, struct error *e) MUST_CHECK;
bool step_sign_in(
	struct agent *agent, const char *user, const char *password, struct error *e) MUST_CHECK;

// register.c: MS-DVRJ as a hybrid device
bool step_register(struct agent *agent, struct error *e) MUST_CHECK;
// The same as a device of the directory only; `token` is the person's, or that of the proof.
bool step_join_directory(struct agent *agent, const char *token, struct error *e) MUST_CHECK;

// person.c: the person who uses the device signs in with the directory's account. `next` is the
// step that is still missing, "code", or "" when the journal has the person and the token.
bool step_person(struct agent *agent, const char *user, const char *password, const char **next,
	struct error *e) MUST_CHECK;
bool step_person_code(struct agent *agent, const char *code, struct error *e) MUST_CHECK;

// rename.c: the name that the profile gives (P15, P24); none when it gives none.
bool step_rename(struct agent *agent, struct error *e) MUST_CHECK;
