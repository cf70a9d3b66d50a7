// SPDX-License-Identifier: Apache-2.0
// How a deployment profile is assigned to single devices.
#pragma once

#include "ferryd/graph/edge.h"

// POST …/{id}/assign {"deviceIds":[…]}: exactly these registrations, besides the profile's other
// assignments, which stay. Once more with the same changes nothing.
bool graph_assign_devices(struct call *c, const struct json *ids, struct error *e) MUST_CHECK;

// The profile goes: so does the group that it had for its devices, if any.
bool graph_chosen_forget(struct call *c, const char *profile_id, struct error *e) MUST_CHECK;
