// SPDX-License-Identifier: Apache-2.0
// One remote action on its way into the store, for those who ask for one and for those who ask for
// many.
#pragma once

#include "domain/device_action.h"
#include "ferryd/service.h"

struct asked {
	struct call *c;
	const char *managed_id, *value;
	const char *actor; // NULL: who calls
	enum device_action action;
	const char *device_id; // out: of the registration
	bool created;	       // out: it was not asked for before
};

// Inside store_together(). What is refused has written nothing: ERR_NOT_FOUND, ERR_UNSUPPORTED,
// ERR_INVALID, ERR_CONFLICT with their faults.
bool managed_ask_in(struct asked *x, struct error *e) MUST_CHECK;

// In a transaction of its own; the device is woken and the deletion counted.
bool managed_ask(struct call *c, const char *id, enum device_action action, const char *value,
	struct error *e) MUST_CHECK;

// The action that the last segment of the path and the body mean together.
bool managed_read_action(const char *name, const struct json *body, enum device_action *action,
	const char **value, struct error *e) MUST_CHECK;
