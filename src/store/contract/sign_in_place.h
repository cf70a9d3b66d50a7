// SPDX-License-Identifier: Apache-2.0
// What the contract tests of sign-in share: a tenant with a client and a person, on either
// database.
#pragma once

#include "base/str.h"
#include "base/uuid.h"
#include "store/clients.h"
#include "store/contract/fixture.h"
#include "store/grants.h"
#include "store/identity.h"
#include "store/people.h"
#include "store/trust.h"
#include <stdlib.h>

__attribute__((unused)) static const char *
person(struct fixture *f, const char *upn, unsigned roles)
{
	struct error e;
	const char *id;
	struct new_person in = {.upn = upn,
		.display_name = "Ada",
		.given_name = "",
		.surname = "",
		.mail = "",
		.password_hash = "$argon2id$x",
		.roles = roles};

	check(store_person_create(&f->work, &in, &id, &e), &e);
	return id;
}

static int
open_with_person(void **state)
{
	struct fixture *f = fixture_begin();

	f->user_id = person(f, "Ada@Contoso.example", 0);
	*state = f;
	return 0;
}

static struct grant
grant_of(struct fixture *f)
{
	return (struct grant){.grant_id = uuid_new(&f->arena),
		.client_id = f->client_id,
		.user_id = f->user_id,
		.flow = "code",
		.scope = "openid",
		.amr = "pwd",
		.signed_in_at = f->work.now,
		.end_at = f->work.now + US_PER_DAY};
}

__attribute__((unused)) static void
put_code(struct fixture *f, const char *sha256, time_us end_at, struct grant *grant)
{
	struct error e;
	struct authorization_code code = {.redirect_uri = "https://app.example/cb",
		.redirect_kind = "web",
		.challenge = "x",
		.nonce = "n",
		.end_at = end_at};

	*grant = grant_of(f);
	check(store_code_put(&f->work, grant, sha256, &code, &e), &e);
}
