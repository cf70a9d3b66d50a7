// SPDX-License-Identifier: Apache-2.0
#include "connector/computer_account.h"

#include "base/str.h"
#include "connector/dn.h"
#include <ctype.h>

enum { MIN_PASSWORD = 32 };

char *
computer_password_new(struct arena *arena)
{
	// 64 characters, so that 6 random bits choose one without bias; none needs quoting.
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char *out = arena_alloc(arena, COMPUTER_PASSWORD_CHARS + 1);

	random_bytes(out, COMPUTER_PASSWORD_CHARS);
	for (int i = 0; i < COMPUTER_PASSWORD_CHARS; i++)
		out[i] = alphabet[out[i] & 63];
	return out;
}

static bool
check_name(const char *name, struct error *e)
{
	size_t len = name ? strlen(name) : 0;
	size_t digits = 0;

	if (len == 0 || len > COMPUTER_NAME_MAX)
		return error_set(e, ERR_INVALID, "a computer name has 1 to %d characters",
			COMPUTER_NAME_MAX);
	for (size_t i = 0; i < len; i++) {
		if (!isascii((unsigned char)name[i]) ||
			(!isalnum((unsigned char)name[i]) && name[i] != '-'))
			return error_set(e, ERR_INVALID,
				"computer name: only letters, digits and hyphens are allowed");
		digits += isdigit((unsigned char)name[i]) != 0;
	}
	if (digits == len)
		return error_set(e, ERR_INVALID, "computer name %s: not digits only", name);
	if (name[0] == '-' || name[len - 1] == '-')
		return error_set(e, ERR_INVALID,
			"computer name %s: no hyphen at the beginning or end", name);
	return true;
}

static bool
check_ou(struct arena *arena, const struct ad_domain *domain, const char *ou, struct error *e)
{
	const char *base = dn_normal(arena, domain->base_dn);
	const char *dn = dn_normal(arena, ou);

	if (!dn || str_empty(ou))
		return error_set(
			e, ERR_INVALID, "organizational unit: %s is no distinguished name", ou);
	size_t len = strlen(dn), tail = strlen(base);
	if (len <= tail || dn[len - tail - 1] != ',' || !str_ieq(dn + len - tail, base))
		return error_set(e, ERR_INVALID, "organizational unit: %s is not in the domain %s",
			ou, domain->dns_name);
	return true;
}

bool
computer_request_check(struct arena *arena, const struct ad_domain *domain,
	const struct computer_request *r, struct error *e)
{
	if (!r->job || !uuid_valid(r->job))
		return error_set(e, ERR_INVALID, "the job's identifier is no UUID");
	if (!check_name(r->name, e))
		return false;
	if (r->ou && !check_ou(arena, domain, r->ou, e))
		return false;
	if (!r->password || strlen(r->password) < MIN_PASSWORD || strchr(r->password, '"'))
		return error_set(
			e, ERR_INVALID, "the machine password is too short or has a quote");
	return true;
}
