// SPDX-License-Identifier: Apache-2.0
// Which answers are worth compressing, and who can read them compressed (RFC 9110 section 12.5.3).
#pragma once

#include "http/message.h"

// Give the answer's body gzip's form when the client takes it and the body is long text; says so in
// its headers. For answers that no page of another site can make a browser ask for: elsewhere the
// length of what is compressed with a secret tells about the secret (BREACH).
void http_response_compress(const struct http_request *req, struct http_response *resp);

// Does an Accept-Encoding header (NULL: none) allow gzip?
bool http_takes_gzip(const char *accept_encoding);
