// SPDX-License-Identifier: Apache-2.0
// How clients read what is wrong with something: each finding with its cause and its fix.
//
// Graph's answers carry them in "@ferry.findings", an annotation that clients ignore if they do not
// know it; a client that sends "Prefer: handling=strict" (RFC 7240 section 4.4) is refused instead.
#pragma once

#include "ferryd/service.h"
#include "store/preflight.h"

// [{severity,fault,text,title,fix}]
const struct json *findings_json(struct arena *arena, const struct findings *list);

// The same with devices and examples.
const struct json *preflight_json(struct arena *arena, const struct preflight_report *report);

// Let the answer say them. ERR_INVALID with the first that blocks; for a strict client with the
// first that is more than a note.
bool findings_answer(struct call *c, const struct findings *list, struct error *e) MUST_CHECK;

// The client rather wants a refusal than something that cannot work: Prefer: handling=strict, or
// ?ferryStrict=true.
bool call_is_strict(const struct call *c);

// What the service knows of its trust stores, for a preflight.
void trust_facts(struct call *c, struct trust_fact facts[MAX_TRUST_STORES], size_t *count);
