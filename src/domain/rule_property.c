// SPDX-License-Identifier: Apache-2.0
// The properties of devices and users by name, and what was meant by a name that is none.
#include "domain/rule_internal.h"

#include "base/str.h"
#include <ctype.h>

enum { OF_DEVICE = 1 << RULE_DEVICE, OF_USER = 1 << RULE_USER, OF_BOTH = OF_DEVICE | OF_USER };
enum { IS_STRICT = false, IS_LOOSE = true };

static const struct rule_property_row rows[] = {
#define RULE_PROPERTY(id, name, type, whom, loose)                                                 \
	[id] = {name, RULE_TYPE_##type, OF_##whom, IS_##loose},
#include "domain/rule_property.def"
#undef RULE_PROPERTY
};

// Other spellings in Entra ID's own pages.
static const struct {
	const char *name;
	enum rule_property property;
} spellings[] = {
	{"devicePhysicalIDs", RULE_DEVICE_PHYSICAL_IDS},
	{"mailNickName", RULE_MAIL_NICKNAME},
	{"memberof", RULE_MEMBER_OF},
};

// What Entra ID has and Ferry refuses, by the beginning of the name.
static const struct {
	const char *name, *why, *hint;
} refused[] = {
	{"user.assignedPlans", "service plans are not known here",
		"Plans belong to Microsoft's licences; select by user.memberOf or "
		"user.department."},
	{"user.employeeHireDate", "rules that change with the clock are not supported",
		"Select by user.extensionAttribute1 to 15, or by user.memberOf."},
	{"user.extension_", "custom extension properties are not kept here",
		"Use user.extensionAttribute1 to 15."},
	{"device.extension_", "custom extension properties are not kept here",
		"Use device.extensionAttribute1 to 15."},
	{"device.organizationalUnit", "this property was withdrawn; no device has it",
		"Select by device.devicePhysicalIds -any (_ -eq \"[OrderID]:tag\")."},
	{"user.facsimileTelephoneNumber", "this property is not kept here",
		"Use user.telephoneNumber or user.extensionAttribute1 to 15."},
	{"user.onPremisesDistinguishedName", "this property is not kept here",
		"Use user.onPremisesSecurityIdentifier or user.memberOf."},
	{"user.passwordPolicies", "this property is not kept here", "Select by user.memberOf."},
	{"Direct", "rules about direct reports are not supported",
		"Select by user.memberOf, user.department or user.extensionAttribute1 to 15."},
};

static const char *const prefixes[] = {[RULE_DEVICE] = "device.", [RULE_USER] = "user."};

const struct rule_property_row *
rule_property_row(enum rule_property property)
{
	return &rows[property];
}

const char *
rule_property_name(enum rule_property property)
{
	return property < RULE_PROPERTY_COUNT ? rows[property].name : NULL;
}

bool
rule_property_find(enum rule_subject subject, const char *name, enum rule_property *out)
{
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
		if (strcmp(name, spellings[i].name) == 0)
			name = rows[spellings[i].property].name;
	for (size_t i = 0; i < RULE_PROPERTY_COUNT; i++) {
		if (!(rows[i].subjects & 1 << subject) || strcmp(name, rows[i].name) != 0)
			continue;
		*out = (enum rule_property)i;
		return true;
	}
	return false;
}

static int
least(int a, int b)
{
	return a < b ? a : b;
}

int
rule_distance(const char *a, const char *b, int most)
{
	enum { LONGEST = 48 };
	size_t alen = strlen(a), blen = strlen(b);
	int row[LONGEST + 1];

	if (alen > LONGEST || blen > LONGEST)
		return most + 1;
	for (size_t j = 0; j <= blen; j++)
		row[j] = (int)j;
	for (size_t i = 1; i <= alen; i++) {
		int diagonal = row[0];
		row[0] = (int)i;
		for (size_t j = 1; j <= blen; j++) {
			bool same = tolower((unsigned char)a[i - 1]) ==
				tolower((unsigned char)b[j - 1]);
			int changed = diagonal + !same;
			diagonal = row[j];
			row[j] = least(changed, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[blen] > most ? most + 1 : row[blen];
}

// The property of this subject that looks most like the name.
static const char *
nearest(enum rule_subject subject, const char *name, int *distance)
{
	const char *best = NULL;

	for (size_t i = 0; i < RULE_PROPERTY_COUNT; i++) {
		if (!(rows[i].subjects & 1 << subject))
			continue;
		int d = rule_distance(name, rows[i].name, *distance - 1);
		if (d < *distance) {
			*distance = d;
			best = rows[i].name;
		}
	}
	return best;
}

static bool
suggest(struct rule_parser *p, const char *name, enum rule_subject first)
{
	int distance = 4;
	enum rule_subject other = first == RULE_DEVICE ? RULE_USER : RULE_DEVICE;
	const char *best = nearest(first, name, &distance), *prefix = prefixes[first];
	const char *elsewhere = nearest(other, name, &distance);

	if (elsewhere) {
		best = elsewhere;
		prefix = prefixes[other];
	}
	if (!best)
		return false;
	error_hint(
		p->e, "Did you mean %s%s? Names of properties are case-sensitive.", prefix, best);
	return true;
}

bool
rule_property_unknown(struct rule_parser *p, const struct rule_token *t)
{
	const char *name = t->text;
	enum rule_subject subject = p->subject_known ? p->rule->subject : RULE_DEVICE;

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		if (!str_istarts(name, refused[i].name))
			continue;
		rule_fail(p, t->from, t->len, "%s", refused[i].why);
		return error_hint(p->e, "%s", refused[i].hint);
	}
	for (int i = RULE_DEVICE; i <= RULE_USER; i++) {
		if (!str_istarts(name, prefixes[i]))
			continue;
		rule_fail(p, t->from, t->len, "%s is no property of a %.*s", name,
			(int)strlen(prefixes[i]) - 1, prefixes[i]);
		if (!suggest(p, name + strlen(prefixes[i]), (enum rule_subject)i))
			error_hint(p->e, "docs/membership-rules.md lists the properties.");
		return false;
	}
	rule_fail(p, t->from, t->len, "a property such as device.displayName is expected, not %s",
		name);
	suggest(p, name, subject);
	return false;
}
