// SPDX-License-Identifier: Apache-2.0
// Which application asks at the token and device endpoints, and how it proves that.
#pragma once

#include "store/clients.h"

struct call;

// By client_id in the form, or HTTP Basic (RFC 6749 section 2.3.1). `proven`: a secret was given
// and is right; a wrong one is always an error. Sets the call's tenant. Faults:
// oauth_request_invalid, oauth_client_unknown, oauth_client_secret.
bool oauth_client(struct call *c, struct client *out, bool *proven, struct error *e) MUST_CHECK;

// Let pages of registered origins read the answer (rule of Fetch), and nobody else.
bool oauth_allow_origin(struct call *c, const struct client *client, struct error *e) MUST_CHECK;
