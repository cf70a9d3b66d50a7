// SPDX-License-Identifier: Apache-2.0
// What administrators ask managed devices to do: requested, on its way, done or not, and what each
// does to the device's record in the transaction that says so (behaviour A1 to A12).
#pragma once

#include "domain/device_action.h"
#include "store/work.h"

struct device_action_entry {
	const char *action_id, *device_id, *enrollment_id;
	enum device_action action;
	const char *data;	    // as the schema says
	const char *state;	    // pending, sent, done, failed, cancelled
	const char *fault, *reason; // fault: a catalogue name or NULL
	const char *requested_by;
	time_us requested_at, sent_at, finished_at; // 0: not yet
};

struct action_request {
	const char *enrollment_id;
	enum device_action action;
	const char *data; // NULL: none
	const char *actor;
};

// Ask for it. A request that is open already is found, *created is false. What destroys something
// takes the place of what the device has not heard of; DELETE hides the managed device at once
// (A11). The timeline says so, which is what the device waits for. ERR_NOT_FOUND. The caller writes
// the audit log in the same store_together().
bool store_action_request(const struct work *w, const struct action_request *in,
	struct device_action_entry *out, bool *created, struct error *e) MUST_CHECK;

// Those that the device has to hear of, in the order of their requests.
bool store_actions_open(const struct work *w, const char *enrollment_id,
	struct device_action_entry **out, size_t *count, struct error *e) MUST_CHECK;

// It goes out with this answer.
bool store_action_sent(
	const struct work *w, const struct device_action_entry *action, struct error *e) MUST_CHECK;

// The device has accepted it (fault NULL) or not. Repeating it is no error. What it does to the
// record happens in the same transaction: ACTION_ENDS retires the enrolment, revokes the
// certificates and forgets what the device had; the registration and the directory's object stay.
struct action_end {
	const char *action_id, *fault, *reason;
	const char *enrollment_id; // who says so: ERR_NOT_FOUND for the action of another one
	// What a connector is to do to the account in Active Directory of a device whose management
	// ends: "disable", "delete", or "keep".
	const char *account;
};
// *domain is that whose connectors are to be woken after the transaction, or NULL.
bool store_action_finish(const struct work *w, const struct action_end *end, const char **domain,
	struct error *e) MUST_CHECK;

// Take it back before the device has heard of it. ERR_CONFLICT with "action_unknown" after that.
bool store_action_cancel(
	const struct work *w, const char *action_id, const char *actor, struct error *e) MUST_CHECK;

// Above DEREGISTER_ALONE (store/registration.h) a second person must agree, as with deletions: the
// same states, faults and times. Deciding only decides: who calls asks for the actions in the same
// store_together(). `items` are ids of managed devices.
struct deletion_request;
struct principal;
bool store_action_order(const struct work *w, const struct principal *who,
	const struct action_request *in, const char *const *ids, size_t count,
	struct deletion_request *out, struct error *e) MUST_CHECK;
bool store_action_orders(const struct work *w, struct deletion_request **out, size_t *count,
	struct error *e) MUST_CHECK;
bool store_action_order_get(const struct work *w, const char *request_id,
	struct deletion_request *out, struct error *e) MUST_CHECK;
bool store_action_order_decide(const struct work *w, const char *request_id,
	const struct principal *who, bool approve, struct deletion_request *out,
	struct error *e) MUST_CHECK;

// The newest first, at most 100.
bool store_actions_of_device(const struct work *w, const char *device_id,
	struct device_action_entry **out, size_t *count, struct error *e) MUST_CHECK;

// Autopilot Reset, remote or local, has begun on the device (behaviour A1 to A6): a deployment of
// mode "autopilotReset" to which the enrolment belongs from now on; apps and policies are sent
// again, networks and certificates stay. Repeating it gives the same deployment.
bool store_reset_begin(const struct work *w, const char *enrollment_id, const char **deployment_id,
	struct error *e) MUST_CHECK;
