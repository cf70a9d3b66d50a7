// SPDX-License-Identifier: Apache-2.0
// maq: a module for Samba's directory that enforces ms-DS-MachineAccountQuota, as a Windows domain
// controller does; Samba stores the attribute and never looks at it (behaviour K10).
//
// Who is no administrator and adds a computer directly below CN=Computers more often than the quota
// says gets LDAP 53 with 0000216D. One file for each SID in $MAQ_DIR counts. Loaded by `dc quota`.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>
#include <time.h>

#include <talloc.h>

#include <ldb.h>
#include <ldb_module.h>

#include <util/data_blob.h>
#include <util/time.h>

#include <core/werror.h>

#include <gen_ndr/auth.h>
#include <gen_ndr/security.h>

enum { BUILTIN = 32, ADMINISTRATORS = 544, LOCAL_SYSTEM = 18, MAX_PATH = 512, DEFAULT_QUOTA = 10 };

int ldb_init_module(const char *version);

static bool
is_administrator(const struct security_token *token)
{
	for (uint32_t i = 0; i < token->num_sids; i++) {
		const struct dom_sid *s = &token->sids[i];
		if (s->num_auths == 2 && s->sub_auths[0] == BUILTIN &&
			s->sub_auths[1] == ADMINISTRATORS)
			return true;
		if (s->num_auths == 1 && s->sub_auths[0] == LOCAL_SYSTEM)
			return true;
	}
	return false;
}

static bool
is_computer(const struct ldb_message *message)
{
	struct ldb_message_element *classes = ldb_msg_find_element(message, "objectClass");

	for (unsigned i = 0; classes && i < classes->num_values; i++)
		if (classes->values[i].length == strlen("computer") &&
			strncasecmp((const char *)classes->values[i].data, "computer",
				strlen("computer")) == 0)
			return true;
	return false;
}

static bool
in_default_container(const struct ldb_message *message)
{
	const char *parent = strchr(ldb_dn_get_linearized(message->dn), ',');

	return parent && strncasecmp(parent, ",CN=Computers,DC=", strlen(",CN=Computers,DC=")) == 0;
}

static void
counter_path(const struct dom_sid *sid, char path[MAX_PATH])
{
	const char *dir = getenv("MAQ_DIR");
	int len = snprintf(path, MAX_PATH, "%s/S-1-5", dir ? dir : "/nonexistent");

	for (int i = 0; i < sid->num_auths && len < MAX_PATH; i++)
		len += snprintf(
			path + len, (size_t)(MAX_PATH - len), "-%u", (unsigned)sid->sub_auths[i]);
}

static int
read_count(const char *path)
{
	FILE *file = fopen(path, "r");
	int count = 0;

	if (file && fscanf(file, "%d", &count) != 1)
		count = 0;
	if (file)
		fclose(file);
	return count;
}

static void
write_count(const char *path, int count)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return;
	fprintf(file, "%d\n", count);
	fclose(file);
}

static int
quota_of(struct ldb_context *ldb, struct ldb_request *request)
{
	static const char *const names[] = {"ms-DS-MachineAccountQuota", NULL};
	struct ldb_result *found = NULL;

	if (ldb_search(ldb, request, &found, ldb_get_default_basedn(ldb), LDB_SCOPE_BASE, names,
		    NULL) != LDB_SUCCESS ||
		found->count != 1)
		return DEFAULT_QUOTA;
	return ldb_msg_find_attr_as_int(found->msgs[0], names[0], DEFAULT_QUOTA);
}

static int
add(struct ldb_module *module, struct ldb_request *request)
{
	struct ldb_context *ldb = ldb_module_get_ctx(module);
	const struct auth_session_info *session = ldb_get_opaque(ldb, "sessionInfo");
	const struct security_token *token = session ? session->security_token : NULL;
	char path[MAX_PATH];

	if (!token || token->num_sids == 0 || is_administrator(token) ||
		!is_computer(request->op.add.message) ||
		!in_default_container(request->op.add.message))
		return ldb_next_request(module, request);
	counter_path(&token->sids[0], path);
	int used = read_count(path);
	if (used >= quota_of(ldb, request)) {
		ldb_asprintf_errstring(ldb,
			"0000216D: SvcErr: DSID-031A124C, problem 5003 (WILL_NOT_PERFORM), data "
			"0\n");
		return LDB_ERR_UNWILLING_TO_PERFORM;
	}
	write_count(path, used + 1);
	return ldb_next_request(module, request);
}

static const struct ldb_module_ops ops = {.name = "maq", .add = add};

int
ldb_init_module(const char *version)
{
	LDB_MODULE_CHECK_VERSION(version);
	return ldb_register_module(&ops);
}
