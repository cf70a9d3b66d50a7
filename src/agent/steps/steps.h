// SPDX-License-Identifier: Apache-2.0
// The steps of the flows. Each can be run again after a power cut; each notes in the journal what
// it is about to do.
#pragma once

#include "agent/agent.h"

// identify.c: hardware and TPM; the profile from the service (design.md 2.2)
bool step_hardware(struct agent *agent, struct error *e) MUST_CHECK;
// Another try: a TPM that does not answer, or has just failed, is opened anew.
void step_hardware_again(struct agent *agent, const struct error *why);
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

// apps.c: download and install one of what the sessions queued, within `left_s` seconds. One that
// is not awaited may fail: that is noted for the service, and no error.
bool step_install_app(struct agent *agent, struct app *app, bool awaited, int64_t left_s,
	struct error *e) MUST_CHECK;

// scripts.c: fetch and run one, at most for left_s seconds. A failure is kept for the service too.
bool step_run_script(
	struct agent *agent, struct app *script, int64_t left_s, struct error *e) MUST_CHECK;
// What the journal knows it by once it is done.
const char *script_key(struct arena *arena, const struct app *script);

// wait.c: until the service has news for this device, or 25 seconds. ERR with the service's fault
// if the deployment failed there.
bool step_wait(struct agent *agent, struct error *e) MUST_CHECK;

// domain.c: is a domain controller there, and does it accept this machine?
bool step_prove_membership(struct agent *agent, struct error *e) MUST_CHECK;
bool step_sign_in(
	struct agent *agent, const char *user, const char *password, struct error *e) MUST_CHECK;

// release.c: the service's word that people may sign in (gate.h). Pin the keys of this enrolment;
// ask for the word and keep it, `anyway` when the person chose to continue after a failure; say
// after each start who this device is; forget it all.
bool release_pin(struct agent *agent, struct error *e) MUST_CHECK;
bool step_release(struct agent *agent, bool anyway, struct error *e) MUST_CHECK;
void release_announce(struct agent *agent);
bool release_forget(struct agent *agent, struct error *e) MUST_CHECK;

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
