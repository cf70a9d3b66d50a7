// SPDX-License-Identifier: Apache-2.0
// What a simulated fleet is asked to do, what one of its devices carries through the Technician
// flow, and what came of it.
//
// The protocol is the real one, on real connections; only the TPM is software (tpm/soft.h), so a
// service lets these devices in only where a profile names a trust store that was made for them.
#pragma once

#include "base/buf.h"
#include "codec/json.h"
#include "http/client.h"
#include "tpm/soft.h"

enum { FLEET_MAX_DEVICES = 100000, FLEET_MAX_PARALLEL = 2048, FLEET_MAX_WATCHED = 8 };

struct fleet_options {
	const char *url, *ca, *tenant, *client_id, *client_secret;
	const char *dir, *store, *prefix, *group_tag;
	unsigned devices, first, parallel, rate, timeout_s, retry;
	bool init, enlist, run, json, quiet;
	int watched[FLEET_MAX_WATCHED];
	size_t watched_count;
};

enum fleet_step {
	FLEET_PROFILE,
	FLEET_BEGIN,
	FLEET_ATTEST,
	FLEET_ENROLL,
	FLEET_MANAGE,
	FLEET_RESEAL,
	FLEET_STEPS
};
extern const char *const fleet_step_names[FLEET_STEPS];

// What the status page of a device goes through in FLEET_MANAGE.
enum fleet_phase { FLEET_PREPARE, FLEET_JOIN, FLEET_SETUP, FLEET_PHASES };
extern const char *const fleet_phase_names[FLEET_PHASES];

// The simulation's own TPM maker, from its folder.
struct fleet {
	const struct fleet_options *options;
	EVP_PKEY *ca_key; // owned
	X509 *ca;	  // owned
};

struct fleet_result {
	bool done;
	char fault[64]; // named cause of the failure
	char message[200];
	enum fleet_step step; // in which it failed
	unsigned retries;     // calls that were made again because the service asked for it
	unsigned pages;	      // with Retry that a real device would have shown
	int64_t ms[FLEET_STEPS], phase_ms[FLEET_PHASES], total_ms;
};

struct fleet_device {
	struct fleet *fleet;
	struct arena own, *arena; // of the whole flow
	struct fleet_result *result;
	int64_t deadline_ms; // monotonic
	const char *serial, *hash;
	struct tpm_soft soft;
	struct slice ek_certificate;
	struct http_client *open, *managed;
	const char *ztd_id, *deployment, *mdm_url, *enrollment_id;
	bool hybrid, joined, told_bootstrap, done;
	int64_t seq;
	const char **apps; // LocURIs that were sent and are not reported yet
	size_t app_count, app_room;
};

// identity.c: make the folder with CA and trust store; open it; the n-th device's EK (made and kept
// when it is new) and what follows from it.
bool fleet_init(const struct fleet_options *options, struct error *e) MUST_CHECK;
bool fleet_open(const struct fleet_options *options, struct fleet *out, struct error *e) MUST_CHECK;
void fleet_close(struct fleet *fleet);
bool fleet_identity(struct fleet_device *d, unsigned number, struct error *e) MUST_CHECK;

// primes.c: the n-th device's RSA key, of two primes in files whose names begin with `path`; those
// that are missing are made.
bool fleet_rsa_key(struct arena *arena, const char *path, unsigned number, EVP_PKEY **out,
	struct error *e) MUST_CHECK;

// enlist.c: register all by Graph's import, with the profile's program.
bool fleet_enlist(struct fleet *fleet, struct error *e) MUST_CHECK;

// call.c: a request with its answer; what passes by itself is tried again for a while. Failures are
// named as the device's own agent names them.
bool fleet_send(struct fleet_device *d, bool managed, const struct http_client_request *request,
	struct http_client_response *out, struct error *e) MUST_CHECK;
bool fleet_post(struct fleet_device *d, bool managed, const char *path, const struct buf *body,
	const struct json **out, struct error *e) MUST_CHECK;
bool fleet_get(struct fleet_device *d, const char *path, const struct json **out,
	struct error *e) MUST_CHECK;
bool fleet_answer(struct arena *arena, const struct http_client_response *response,
	const struct json **out, struct error *e) MUST_CHECK;

// enroll.c, session.c: MS-MDE2 and OMA-DM.
bool fleet_enroll(struct fleet_device *d, const char *device_token, struct error *e) MUST_CHECK;
bool fleet_session(struct fleet_device *d, struct error *e) MUST_CHECK;

// device.c: a device with its keys, and its Technician flow from the first page to Reseal. Keys are
// made before, so that the flow's time is the protocol's.
bool fleet_device_make(
	struct fleet *fleet, unsigned number, struct fleet_device *out, struct error *e) MUST_CHECK;
void fleet_device_run(struct fleet_device *d, struct fleet_result *out);
void fleet_device_finish(struct fleet_device *d);

// run.c: one call of `each` for every device of the options, on as many threads; the first error
// ends it.
bool fleet_each(struct fleet *fleet, unsigned threads,
	bool (*each)(void *context, unsigned index, struct error *e), void *context,
	struct error *e) MUST_CHECK;

// All of them. `results` has a place for each. Seconds that it took.
bool fleet_run(struct fleet *fleet, struct fleet_result *results, double *seconds,
	struct error *e) MUST_CHECK;

// report.c
struct fleet_cpu {
	double own_s, watched_s;
};
void fleet_cpu_read(const struct fleet_options *options, struct fleet_cpu *out);
bool fleet_report(const struct fleet *fleet, const struct fleet_result *results, double seconds,
	const struct fleet_cpu *cpu, struct error *e) MUST_CHECK;
