// SPDX-License-Identifier: Apache-2.0
#include "connector/computer_account.h"

#include "base/failpoint.h"
#include "base/str.h"
#include "connector/ad_search.h"
#include "pki/hash.h"
#include "wire/odj/ad_id.h"
#include "wire/odj/odj.h"
#include "wire/odj/utf16.h"
#include <stdlib.h>

enum {
	WORKSTATION_TRUST = 0x1000, // userAccountControl (MS-ADTS 2.2.16)
	ACCOUNT_DISABLE = 0x2,
};

enum column { COL_GUID, COL_SID, COL_NAME, COL_UAC, COL_PWD_SET, COL_DNS, COL_MARK };

static const char *const COLUMNS[] = {"objectGUID", "objectSid", "sAMAccountName",
	"userAccountControl", "pwdLastSet", "dNSHostName", "description", NULL};

const char *
computer_mark_job(const char *description)
{
	const size_t len = sizeof COMPUTER_MARK - 1;

	if (!description || !str_starts(description, COMPUTER_MARK) ||
		!uuid_valid(description + len))
		return NULL;
	return description + len;
}

static bool
account_of(struct arena *arena, const struct ad_entry *entry, struct computer_account *out,
	struct error *e)
{
	const struct slice *v = entry->values;
	const char *name = ad_text(v[COL_NAME]), *uac = ad_text(v[COL_UAC]);
	struct sid sid;

	if (v[COL_GUID].len != 16 || !name || !uac || !sid_from_bytes(v[COL_SID], &sid, e) ||
		sid.count == 0)
		return error_fault(
			e, ERR_PROTOCOL, "ad_error", "cannot read the account %s", entry->dn);
	*out = (struct computer_account){
		.dn = entry->dn,
		.name = arena_strndup(arena, name, strcspn(name, "$")),
		.sid = sid_text(arena, &sid),
		.rid = sid_rid(&sid),
		.job = computer_mark_job(ad_text(v[COL_MARK])),
		.dns_host_name = ad_text(v[COL_DNS]),
		.enabled = (strtoul(uac, NULL, 10) & ACCOUNT_DISABLE) == 0,
	};
	guid_from_le(v[COL_GUID].data, out->guid);
	if (v[COL_PWD_SET].data)
		(void)str_to_u64(ad_text(v[COL_PWD_SET]), UINT64_MAX, &out->password_set);
	return true;
}

static bool
find_one(struct arena *arena, struct ad_session *s, const char *base, int scope, const char *filter,
	bool *found, struct computer_account *out, struct error *e)
{
	struct ad_entry entry = {0};
	int count;

	if (!ad_search(arena, s->ldap, base, scope, filter, COLUMNS, &entry, &count, e))
		return false;
	if (count > 1)
		return error_fault(
			e, ERR_CONFLICT, "ad_error", "more than one account matches %s", filter);
	if (count == 1 && !account_of(arena, &entry, out, e))
		return false;
	*found = count == 1;
	return true;
}

bool
computer_find_by_name(struct arena *arena, struct ad_session *s, const char *name, bool *found,
	struct computer_account *out, struct error *e)
{
	// Names were checked to need no escaping; whoever asks for another one gets nothing.
	if (strpbrk(name, "*()\\$"))
		return error_set(e, ERR_INVALID, "not a computer name");
	return find_one(arena, s, s->domain.base_dn, LDAP_SCOPE_SUBTREE,
		arena_printf(arena, "(sAMAccountName=%s$)", name), found, out, e);
}

bool
computer_find_by_mark(struct arena *arena, struct ad_session *s, const char *base, const char *job,
	bool *found, struct computer_account *out, struct error *e)
{
	if (!uuid_valid(job))
		return error_set(e, ERR_INVALID, "the job's identifier is no UUID");
	return find_one(arena, s, base ? base : s->domain.base_dn, LDAP_SCOPE_SUBTREE,
		arena_printf(
			arena, "(&(objectClass=computer)(description=%s%s))", COMPUTER_MARK, job),
		found, out, e);
}

static const char *
dn_of_guid(struct arena *arena, const char *guid)
{
	return arena_printf(arena, "<GUID=%s>", guid);
}

bool
computer_read(struct arena *arena, struct ad_session *s, const char *guid, bool *found,
	struct computer_account *out, struct error *e)
{
	if (!uuid_valid(guid))
		return error_set(e, ERR_INVALID, "not an objectGUID");
	return find_one(arena, s, dn_of_guid(arena, guid), LDAP_SCOPE_BASE,
		"(objectClass=computer)", found, out, e);
}

// unicodePwd takes the password in quotes, as UTF-16LE (MS-ADTS 3.1.1.3.1.5).
static bool
quoted_password(struct arena *arena, const char *password, struct berval *out, struct error *e)
{
	struct slice units;

	if (!utf16_from_utf8(arena, arena_printf(arena, "\"%s\"", password), &units))
		return error_set(e, ERR_INVALID, "the machine password is not UTF-8");
	*out = (struct berval){.bv_len = units.len, .bv_val = (char *)(uintptr_t)units.data};
	return true;
}

static LDAPMod *
attribute(struct arena *arena, const char *name, char **values)
{
	LDAPMod *mod = arena_new(arena, LDAPMod);

	mod->mod_op = LDAP_MOD_ADD;
	mod->mod_type = (char *)(uintptr_t)name;
	mod->mod_values = values;
	return mod;
}

static LDAPMod *
attribute_of(struct arena *arena, const char *name, const char *value)
{
	char **values = arena_array(arena, 2, sizeof *values);

	values[0] = arena_strdup(arena, value);
	return attribute(arena, name, values);
}

static LDAPMod *
password_attribute(struct arena *arena, const struct berval *password, int op)
{
	struct berval **values = arena_array(arena, 2, sizeof *values);
	LDAPMod *mod = attribute(arena, "unicodePwd", NULL);

	values[0] = arena_memdup(arena, password, sizeof *password);
	mod->mod_op = op | LDAP_MOD_BVALUES;
	mod->mod_bvalues = values;
	return mod;
}

// Everything a joined computer has, at once: there is no moment with half an account.
static LDAPMod **
new_account(struct arena *arena, const struct ad_session *s, const struct computer_request *r,
	const struct berval *password)
{
	static const char *const classes[] = {
		"top", "person", "organizationalPerson", "user", "computer", NULL};
	char **object_class = arena_memdup(arena, classes, sizeof classes);
	char **spn = arena_array(arena, 5, sizeof *spn);
	LDAPMod **mods = arena_array(arena, 9, sizeof *mods);
	const char *host =
		str_lower(arena, arena_printf(arena, "%s.%s", r->name, s->domain.dns_name));

	spn[0] = arena_printf(arena, "HOST/%s", host);
	spn[1] = arena_printf(arena, "HOST/%s", r->name);
	spn[2] = arena_printf(arena, "RestrictedKrbHost/%s", host);
	spn[3] = arena_printf(arena, "RestrictedKrbHost/%s", r->name);
	mods[0] = attribute(arena, "objectClass", object_class);
	mods[1] = attribute_of(arena, "sAMAccountName", arena_printf(arena, "%s$", r->name));
	mods[2] = attribute_of(
		arena, "userAccountControl", arena_printf(arena, "%d", WORKSTATION_TRUST));
	mods[3] = password_attribute(arena, password, LDAP_MOD_ADD);
	mods[4] = attribute_of(arena, "dNSHostName", host);
	mods[5] = attribute(arena, "servicePrincipalName", spn);
	// RC4, AES128, AES256 (MS-KILE 2.2.7).
	mods[6] = attribute_of(arena, "msDS-SupportedEncryptionTypes", "28");
	mods[7] = attribute_of(
		arena, "description", arena_printf(arena, "%s%s", COMPUTER_MARK, r->job));
	return mods;
}

static bool
name_taken(struct error *e, const char *name, const char *dn)
{
	error_fault(e, ERR_CONFLICT, "computer_name_taken",
		"a computer account %s exists already: %s", name, dn);
	return error_hint(e, "Delete that account if the computer is gone, or use another name.");
}

// The add says only that something is in the way; say where it is.
static bool
explain_conflict(struct arena *arena, struct ad_session *s, const char *name, const char *dn,
	struct error *e)
{
	struct computer_account other;
	struct error ignored;
	bool found = false;

	if (computer_find_by_name(arena, s, name, &found, &other, &ignored) && found)
		return name_taken(e, name, other.dn);
	return name_taken(e, name, dn);
}

bool
computer_create(struct arena *arena, struct ad_session *s, const struct computer_request *r,
	struct computer_account *out, struct error *e)
{
	const char *parent = r->ou ? r->ou : s->domain.computers_dn;
	struct berval password;
	bool found = false;

	if (!computer_request_check(arena, &s->domain, r, e) ||
		!quoted_password(arena, r->password, &password, e))
		return false;
	if (!parent)
		return error_fault(e, ERR_NOT_FOUND, "ou_missing",
			"the domain has no default container for computers");
	const char *dn = arena_printf(arena, "CN=%s,%s", r->name, parent);
	failpoint("odj_account_add");
	int rc = ldap_add_ext_s(s->ldap, dn, new_account(arena, s, r, &password), NULL, NULL);
	failpoint("odj_account_added");
	secret_wipe(password.bv_val, password.bv_len);
	if (rc == LDAP_ALREADY_EXISTS)
		return explain_conflict(arena, s, r->name, dn, e);
	if (rc != LDAP_SUCCESS)
		return ad_operation_failed(s->ldap, rc, dn, e);
	if (!find_one(arena, s, dn, LDAP_SCOPE_BASE, "(objectClass=computer)", &found, out, e))
		return false;
	return found || error_fault(e, ERR_PROTOCOL, "ad_error", "%s was created and is gone", dn);
}

static bool
has_mark(const struct computer_account *account, const char *job, struct error *e)
{
	if (account->job && str_ieq(account->job, job))
		return true;
	return error_fault(e, ERR_CONFLICT, "computer_name_taken",
		"%s was not made by this job and stays untouched", account->dn);
}

static bool
is_ours(const struct computer_account *account, const char *job, struct error *e)
{
	if (!str_empty(job))
		return has_mark(account, job, e);
	return account->job ||
		error_fault(e, ERR_CONFLICT, "account_not_ours",
			"%s was not made by Ferry and stays untouched", account->dn);
}

static LDAPMod *
account_control(struct arena *arena, bool enabled)
{
	LDAPMod *mod = attribute_of(arena, "userAccountControl",
		arena_printf(arena, "%d", WORKSTATION_TRUST | (enabled ? 0 : ACCOUNT_DISABLE)));

	mod->mod_op = LDAP_MOD_REPLACE;
	return mod;
}

// Give the account a new password, and the mark of the request's job if it carries an older one.
static bool
take_over(struct arena *arena, struct ad_session *s, const struct computer_request *r,
	struct computer_account *account, struct error *e)
{
	struct berval password;
	LDAPMod *mods[4] = {0};
	size_t count = 0;

	if (!quoted_password(arena, r->password, &password, e))
		return false;
	mods[count++] = password_attribute(arena, &password, LDAP_MOD_REPLACE);
	if (!str_ieq(account->job, r->job)) {
		mods[count] = attribute_of(
			arena, "description", arena_printf(arena, "%s%s", COMPUTER_MARK, r->job));
		mods[count++]->mod_op = LDAP_MOD_REPLACE;
	}
	// It was disabled while the device lay in a store, or retired.
	if (!account->enabled)
		mods[count++] = account_control(arena, true);
	int rc = ldap_modify_ext_s(s->ldap, dn_of_guid(arena, account->guid), mods, NULL, NULL);
	secret_wipe(password.bv_val, password.bv_len);
	if (rc != LDAP_SUCCESS)
		return ad_operation_failed(s->ldap, rc, account->dn, e);
	failpoint("odj_account_adopted");
	account->job = arena_strdup(arena, r->job);
	account->enabled = true;
	return true;
}

bool
computer_readopt(struct arena *arena, struct ad_session *s, const char *guid,
	const struct computer_request *r, struct computer_account *out, struct error *e)
{
	struct computer_account account;
	bool found = false;

	if (!computer_request_check(arena, &s->domain, r, e) ||
		!computer_read(arena, s, guid, &found, &account, e))
		return false;
	if (!found)
		return error_set(e, ERR_NOT_FOUND, "the account to adopt is gone");
	if (!account.job)
		return error_fault(e, ERR_CONFLICT, "computer_name_taken",
			"%s was not made by Ferry and stays untouched", account.dn);
	if (!take_over(arena, s, r, &account, e))
		return false;
	*out = account;
	return true;
}

// Made by this job, or by one of the same device that died before it could say so.
static bool
may_adopt(const struct computer_account *account, const struct computer_request *r)
{
	if (!account->job)
		return false;
	for (const char *const *job = r->adopts; job && *job; job++)
		if (str_ieq(account->job, *job))
			return true;
	return str_ieq(account->job, r->job);
}

bool
computer_provision(struct arena *arena, struct ad_session *s, const struct computer_request *r,
	bool *adopted, struct computer_account *out, struct error *e)
{
	struct computer_account existing;
	bool found = false;

	if (!computer_request_check(arena, &s->domain, r, e) ||
		!computer_find_by_name(arena, s, r->name, &found, &existing, e))
		return false;
	if (found && !may_adopt(&existing, r))
		return name_taken(e, r->name, existing.dn);
	*adopted = found;
	return found ? computer_readopt(arena, s, existing.guid, r, out, e)
		     : computer_create(arena, s, r, out, e);
}

// Another may own an account and may not let the connector change it.
static bool
change_failed(struct ad_session *s, int rc, const struct computer_account *account, struct error *e)
{
	ad_operation_failed(s->ldap, rc, account->dn, e);
	if (rc != LDAP_INSUFFICIENT_ACCESS)
		return false;
	error_fault(e, ERR_DENIED, "account_denied", "the connector's account may not change %s",
		account->dn);
	return error_hint(
		e, "Delegate deletion of computers and their account restrictions on the unit.");
}

bool
computer_delete(struct arena *arena, struct ad_session *s, const char *guid, const char *job,
	struct error *e)
{
	struct computer_account account;
	bool found = false;

	if (!computer_read(arena, s, guid, &found, &account, e))
		return false;
	if (!found)
		return true;
	if (!is_ours(&account, job, e))
		return false;
	failpoint("connector.before_delete");
	int rc = ldap_delete_ext_s(s->ldap, dn_of_guid(arena, guid), NULL, NULL);
	failpoint("connector.after_delete");
	if (rc == LDAP_NO_SUCH_OBJECT)
		return true;
	return rc == LDAP_SUCCESS || change_failed(s, rc, &account, e);
}

bool
computer_enable(struct arena *arena, struct ad_session *s, const struct computer_account *account,
	const char *job, bool enabled, struct error *e)
{
	LDAPMod *mods[2] = {0};

	if (!is_ours(account, job, e))
		return false;
	if (account->enabled == enabled)
		return true;
	mods[0] = account_control(arena, enabled);
	int rc = ldap_modify_ext_s(s->ldap, dn_of_guid(arena, account->guid), mods, NULL, NULL);
	return rc == LDAP_SUCCESS || change_failed(s, rc, account, e);
}

bool
computer_blob(struct arena *arena, const struct ad_session *s,
	const struct computer_account *account, const char *password, struct slice *out,
	struct error *e)
{
	const struct ad_domain *d = &s->domain;
	struct odj_info info = {
		.dns_domain = d->dns_name,
		.netbios_domain = d->netbios,
		.machine_name = account->name,
		.password = password,
		.domain_sid = d->sid,
		.machine_rid = account->rid,
		.dc_name = d->dc_name,
		.dc_address = d->dc_address,
		.site = d->site,
		.forest = d->forest,
	};

	memcpy(info.domain_guid, d->guid, sizeof info.domain_guid);
	return odj_encode(arena, &info, out, e);
}
