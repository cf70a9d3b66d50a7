// SPDX-License-Identifier: Apache-2.0
#include "agent/local_admin.h"

#include "base/str.h"
#include "pki/hash.h"
#include <crypt.h>
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 16 << 10 };

static bool
in_group(const char *group, const char *user)
{
	char buffer[LINE_MAX_BYTES];
	struct group entry, *found = NULL;

	if (getgrnam_r(group, &entry, buffer, sizeof buffer, &found) != 0 || !found)
		return false;
	for (char **member = found->gr_mem; *member; member++)
		if (str_eq(*member, user))
			return true;
	return false;
}

static bool
is_administrator(const char *user)
{
	char buffer[LINE_MAX_BYTES];
	struct passwd entry, *found = NULL;

	if (getpwnam_r(user, &entry, buffer, sizeof buffer, &found) != 0 || !found)
		return false;
	return found->pw_uid == 0 || in_group("sudo", user) || in_group("admin", user);
}

// A locked or empty password matches nothing: what crypt(3) makes never begins with ! or *.
static bool
password_matches(const char *user, const char *password)
{
	char buffer[LINE_MAX_BYTES];
	struct spwd entry, *found = NULL;
	struct crypt_data *data;
	bool same = false;

	if (getspnam_r(user, &entry, buffer, sizeof buffer, &found) != 0 || !found ||
		found->sp_pwdp[0] != '$')
		return false;
	data = calloc(1, sizeof *data);
	if (data) {
		const char *hash = crypt_rn(password, found->sp_pwdp, data, (int)sizeof *data);
		same = hash && str_eq(hash, found->sp_pwdp);
		secret_wipe(data, sizeof *data);
		free(data);
	}
	secret_wipe(buffer, sizeof buffer);
	return same;
}

bool
local_admin_check(const char *user, const char *password, struct error *e)
{
	bool right = !str_empty(user) && !str_empty(password) && password_matches(user, password);

	return (right && is_administrator(user)) ||
		error_fault(e, ERR_DENIED, "reset_credentials_wrong",
			"not the name and password of a local administrator");
}
