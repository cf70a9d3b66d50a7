// SPDX-License-Identifier: Apache-2.0
// Which documents and assignments are refused, and what is said about the others: hooks of the
// collection tables.
#pragma once

#include "ferryd/graph/collection.h"

// Documents as they are going to be stored (`check` of a collection). ERR_INVALID with the named
// cause; what is only doubtful stands in the answer (ferryd/findings.h).
bool judge_profile(struct call *c, const struct graph_change *change, struct error *e) MUST_CHECK;
bool judge_enrollment(
	struct call *c, const struct graph_change *change, struct error *e) MUST_CHECK;
bool judge_domain_join(
	struct call *c, const struct graph_change *change, struct error *e) MUST_CHECK;
bool judge_preparation(struct call *c, struct graph_change *change, struct error *e) MUST_CHECK;

// Whether devices can be deployed with a profile, domain-join profile or page (`assigned` of a
// collection). What a later step of the administrator can still mend is only said, because the
// domain-join profile usually comes after the profile that needs it (behaviour K20); a strict
// client is refused with ERR_CONFLICT.
bool judge_assigned(struct call *c, const struct object *object, struct error *e) MUST_CHECK;

// Which settings an assigned configuration item contradicts: said, and refused for a strict client.
bool judge_item(struct call *c, const struct object *object, struct error *e) MUST_CHECK;

// A preparation policy whose device group is missing or takes nobody in (`may_assign`; Z8): said
// aloud, because the group may come later, and refused for a strict client.
bool judge_preparation_assigned(struct call *c, const struct object *object,
	const struct new_assignment *targets, size_t count, struct error *e) MUST_CHECK;
