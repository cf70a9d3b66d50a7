// SPDX-License-Identifier: Apache-2.0
// Which answers are worth compressing, who can read them compressed (RFC 9110 section 12.5.3), and
// how far a compressed request may grow.
#pragma once

#include "base/error.h"
#include "http/message.h"

// Give the answer's body gzip's form when the client takes it and the body is long text; says so in
// its headers. For answers that no page of another site can make a browser ask for: elsewhere the
// length of what is compressed with a secret tells about the secret (BREACH).
void http_response_compress(const struct http_request *req, struct http_response *resp);

// Unpack a body that came with Content-Encoding: gzip (RFC 9110 section 8.4), as the SDKs that are
// generated from Graph's description send them; at most `max` bytes come out. ERR_UNSUPPORTED:
// another coding; ERR_LIMIT; ERR_INVALID: no gzip, or not all of it.
bool http_request_expand(struct http_request *req, size_t max, struct error *e) MUST_CHECK;

// Does an Accept-Encoding header (NULL: none) allow gzip?
bool http_takes_gzip(const char *accept_encoding);
