// SPDX-License-Identifier: Apache-2.0
// How a refused enrolment is told: SOAP fault, its subcode or ErrorType, and the code that Windows
// shows for it.
#pragma once

#include "wire/enroll/soap.h"

enum enroll_fault_kind {
	ENROLL_FAULT_MESSAGE_FORMAT,
	ENROLL_FAULT_AUTHENTICATION,
	ENROLL_FAULT_AUTHORIZATION,
	ENROLL_FAULT_CERTIFICATE_REQUEST,
	ENROLL_FAULT_ENROLLMENT_SERVER,
	ENROLL_FAULT_INTERNAL_SERVICE,
	ENROLL_FAULT_INVALID_SECURITY,
	ENROLL_FAULT_DEVICE_CAP_REACHED,
	ENROLL_FAULT_DEVICE_NOT_SUPPORTED,
	ENROLL_FAULT_NOT_SUPPORTED,
	ENROLL_FAULT_NOT_ELIGIBLE_TO_RENEW,
	ENROLL_FAULT_IN_MAINTENANCE,
	ENROLL_FAULT_USER_LICENSE,
	ENROLL_FAULT_INVALID_ENROLLMENT_DATA,
	ENROLL_FAULT_CUSTOM_SERVER_ERROR, // the client shows the reason
	ENROLL_FAULT_UNKNOWN,		  // read only: neither subcode nor ErrorType is known
	ENROLL_FAULT_COUNT
};

struct enroll_fault {
	enum enroll_fault_kind kind;
	const char *reason;   // one sentence for people
	const char *message;  // detail; NULL: the reason again
	const char *trace_id; // what an administrator searches the log for; may be NULL
	const char *relates_to;
};

// 0x801800xx as Windows shows it (mdm-wire.md 7).
uint32_t enroll_fault_hresult(enum enroll_fault_kind kind);

// "DeviceCapReached" or, for kinds without ErrorType, the subcode ("Authentication").
const char *enroll_fault_name(enum enroll_fault_kind kind);

// The SOAP edge's table from an error to a fault.
enum enroll_fault_kind enroll_fault_of(enum error_code code);

// Write a whole envelope in answer to a request; `action` is that of its reply (soap.h). Sent with
// HTTP 200 or 500: any other status hides the fault from the client (mdm-wire.md 12, point 2).
void enroll_fault_write(struct buf *out, const char *action, const struct enroll_fault *fault);

// Read a fault, in proper or lower case. ERR_PROTOCOL when the text is none.
bool enroll_fault_parse(struct arena *arena, struct slice text, struct enroll_fault *out,
	struct error *e) MUST_CHECK;
