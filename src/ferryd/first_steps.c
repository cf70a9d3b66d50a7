// SPDX-License-Identifier: Apache-2.0
#include "ferryd/first_steps.h"

#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "domain/one_time_code.h"
#include "domain/scope.h"
#include "pki/hash.h"
#include "pki/key.h"
#include "store/people.h"
#include "store/trust.h"

enum { NAME_MAX_BYTES = 200 };

// The first client may everything, so that it can make all others.
static const char *
all_permissions(struct arena *arena)
{
	struct buf text;

	buf_init(&text, arena, 8 << 10);
	struct jsonw w = jsonw_on(&text);
	jsonw_array(&w, NULL);
	for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
		jsonw_str(&w, NULL, scope_name(scope));
	jsonw_end_array(&w);
	return buf_text(&text);
}

// The first person who may give roles. The pass is printed once; it lets him choose a password.
static bool
make_admin(struct work *work, const char *upn, const char **pass, struct error *e)
{
	struct new_person in = {.upn = upn,
		.display_name = upn,
		.given_name = "",
		.surname = "",
		.mail = "",
		.roles = ROLE_BIT(ROLE_GLOBAL_ADMINISTRATOR)};
	uint8_t random[CODE_RANDOM];
	const char *user_id;
	char *code;

	if (!upn)
		return true;
	do
		random_bytes(random, sizeof random);
	while (!code_make(work->arena, CODE_PASS, random, &code));
	*pass = code;
	return store_person_create(work, &in, &user_id, e) &&
		store_pass_put(work, user_id, sha256_hex(work->arena, slice_str(code)), work->now,
			work->now + PASS_MAX_MINUTES * US_PER_MIN, true, e);
}

static bool
print_line(struct arena *arena, const struct api_client *client, const char *secret,
	const char *admin, const char *pass, struct error *e)
{
	struct buf line;

	buf_init(&line, arena, 4096);
	struct jsonw w = jsonw_on(&line);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "tenant", client->tenant_id);
	jsonw_str(&w, "clientId", client->client_id);
	jsonw_str(&w, "clientSecret", secret);
	if (pass) {
		jsonw_str(&w, "admin", admin);
		jsonw_str(&w, "temporaryAccessPass", pass);
	}
	jsonw_end_object(&w);
	return buf_ok(&line, e) && (puts(buf_text(&line)) >= 0 || error_errno(e, "output"));
}

static bool
check(const struct first_steps *in, struct error *e)
{
	if (in->admin && (!strchr(in->admin, '@') || strpbrk(in->admin, "\"\\ ")))
		return error_fault(e, ERR_INVALID, "user_name_invalid",
			"--admin: the user name must look like name@domain");
	if (str_empty(in->organization) || strlen(in->organization) > NAME_MAX_BYTES)
		return error_set(
			e, ERR_INVALID, "an organization's name has 1 to %d bytes", NAME_MAX_BYTES);
	if (!in->another)
		return true;
	if (!strchr(in->domain, '.') || strlen(in->domain) > NAME_MAX_BYTES ||
		strpbrk(in->domain, "\"\\ @/"))
		return error_set(
			e, ERR_INVALID, "the domain must look like example.com: %s", in->domain);
	return true;
}

bool
organization_make(
	struct store *store, const struct first_steps *in, struct arena *arena, struct error *e)
{
	autosession session = NULL;
	const char *pass = NULL;
	uint8_t random[32];

	if (!check(in, e) || !store_session_open(store, &session, e))
		return false;
	struct work work = {.arena = arena, .session = session, .now = clock_now()};
	random_bytes(random, sizeof random);
	char *secret = base64url_encode(arena, slice_of(random, sizeof random));
	struct api_client client = {
		.client_id = uuid_new(arena),
		.tenant_id = uuid_new(arena),
		.name = "administrator",
		.secret_sha256 = sha256_hex(arena, slice_str(secret)),
		.roles = all_permissions(arena),
	};
	work.tenant_id = client.tenant_id;
	bool made = in->another
		? store_organization_add(&work, in->organization, in->domain, &client, e)
		: store_bootstrap(&work, in->organization, in->domain, &client, e);
	return made && make_admin(&work, in->admin, &pass, e) &&
		print_line(arena, &client, secret, in->admin, pass, e);
}
