// SPDX-License-Identifier: Apache-2.0
// Who changed what, as a chain of hashes in which a missing or altered link shows.
#pragma once

#include "store/work.h"

// One change. Texts may be NULL for "". Secrets have no place here: whoever makes the JSON leaves
// them out.
struct audit_event {
	const char *name;	    // "Patch WindowsAutopilotDeploymentProfile"
	const char *component;	    // "Enrollment", "Directory", "SignIn" …
	const char *category;	    // as Graph's: "Enrollment", "Device", "Role" …
	const char *activity;	    // "Patch WindowsAutopilotDeploymentProfile"
	const char *activity_type;  // "Patch WindowsAutopilotDeploymentProfile" or an action's name
	const char *operation;	    // "Create", "Patch", "Delete", "Action"
	const char *result;	    // "Success", "Failure"; NULL: success
	const char *correlation_id; // client-request-id, or the request's own
	const char *actor_name;	    // UPN or name of the program
	const char *actor;	    // JSON object: auditActor
	const char *resource_id;
	const char *resources; // JSON list: auditResource
};

// Add it to the tenant's chain, inside the transaction that makes the change.
bool store_audit(struct db *db, const struct work *w, const struct audit_event *event,
	struct error *e) MUST_CHECK;

// The same from outside of a transaction function, or inside store_together().
bool store_audit_note(
	const struct work *w, const struct audit_event *event, struct error *e) MUST_CHECK;

// A link as it is stored, for whoever wants to verify the chain without us: sha256 is the SHA-256,
// in hexadecimal, of the hash before it (64 zeros before the first), a newline, and the text.
struct audit_link {
	int64_t seq;
	const char *text, *sha256;
};

// At most `limit` links after `seq`.
bool store_audit_links(const struct work *w, int64_t seq, int64_t limit, struct audit_link **out,
	size_t *count, struct error *e) MUST_CHECK;

// Where the chain ends; 0 and 64 zeros for an empty one.
bool store_audit_head(
	const struct work *w, int64_t *seq, const char **sha256, struct error *e) MUST_CHECK;

struct audit_verdict {
	int64_t events; // verified without a finding
	bool intact;
	int64_t broken_seq;  // the first link that does not hold
	const char *finding; // what is wrong with it, for people
};

// Verify the tenant's whole chain.
bool store_audit_verify(
	const struct work *w, struct audit_verdict *out, struct error *e) MUST_CHECK;
