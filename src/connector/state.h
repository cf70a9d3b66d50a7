// SPDX-License-Identifier: Apache-2.0
// What the connector remembers over a restart: who it is to the service, and the job in hand. Every
// write is atomic and durable.
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/slice.h"
#include <openssl/types.h>

struct connector_identity {
	const char *connector_id, *name, *domain;
	const char *certificate; // PEM
	EVP_PKEY *key;		 // owned; release with identity_finish
	time_us not_after;
	const char *job_keys; // key set (JSON) that verifies jobs; NULL in one from before
	int64_t job_keys_at;  // when it was signed, seconds since 1970; 0: it came with the
			      // enrolment
};

// Only one program at a time works with this identity and its job: two would give one account two
// passwords. Held until *fd is closed, also by a kill. ERR_CONFLICT with fault connector_running;
// ERR_IO.
bool state_claim(const char *dir, int *fd, struct error *e) MUST_CHECK;

// Certificate, key and name are one file of mode 0600 (identity.json), so that they always belong
// together, also when a power cut comes while another identity replaces them.
bool identity_save(
	const char *dir, const struct connector_identity *identity, struct error *e) MUST_CHECK;

// ERR_NOT_FOUND with a hint when the connector was not enrolled; ERR_INVALID.
bool identity_load(struct arena *arena, const char *dir, struct connector_identity *out,
	struct error *e) MUST_CHECK;
void identity_finish(struct connector_identity *identity);

#define autoidentity CLEANUP(identity_finish) struct connector_identity

// A job taken and not answered. It holds no secret: the blob in an answer is sealed to the device.
struct job_in_hand {
	const char *job;     // JSON as the service sent it
	time_us lease_until; // by our clock
	const char *answer;  // body of finish once there is one, else NULL
};

// Written before the directory is touched, and again with the answer before it is sent: a run that
// died is continued, and an answer that may have arrived is repeated instead of being made anew (a
// new password would break the account of a device that has its blob already).
bool job_in_hand_save(const char *dir, const struct job_in_hand *in, struct error *e) MUST_CHECK;
bool job_in_hand_load(struct arena *arena, const char *dir, bool *found, struct job_in_hand *out,
	struct error *e) MUST_CHECK;
bool job_in_hand_drop(const char *dir, struct error *e) MUST_CHECK;
