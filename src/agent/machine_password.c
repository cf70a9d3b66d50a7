// SPDX-License-Identifier: Apache-2.0
#include "agent/machine_password.h"

#include "agent/domain_join.h"
#include "agent/krb_session.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "codec/base64.h"
#include "pki/hash.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

// 120 characters, as Windows and Samba give their own accounts.
enum { RANDOM_BYTES = 90, FIRST_KVNO = 1 };

static char *
new_path(struct arena *arena, const char *keytab)
{
	return arena_printf(arena, "%s.new", keytab);
}

static char *
secret_path(struct arena *arena, const char *keytab)
{
	return arena_printf(arena, "%s.secret", keytab);
}

// The new keys take the place of the old ones, durably.
static bool
put_in_place(struct arena *arena, const struct krb_machine *m, struct error *e)
{
	const char *slash = strrchr(m->keytab, '/');
	const char *dir =
		slash ? arena_strndup(arena, m->keytab, (size_t)(slash - m->keytab) + 1) : ".";

	if (rename(new_path(arena, m->keytab), m->keytab) < 0)
		return error_errno(e, "%s", m->keytab);
	failpoint("agent.password_renamed");
	autoclose fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return (fd >= 0 && fsync(fd) == 0) || error_errno(e, "%s", dir);
}

static bool
prove_new(struct arena *arena, const struct krb_machine *m, struct error *e)
{
	struct krb_machine with_new = *m;

	with_new.keytab = new_path(arena, m->keytab);
	return machine_prove(&with_new, NULL, e);
}

bool
machine_password_settle(const struct krb_machine *m, bool *settled, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	struct error ignored;

	*settled = false;
	if (!fs_exists(new_path(&arena, m->keytab)) || !prove_new(&arena, m, &ignored))
		return true;
	*settled = true;
	return put_in_place(&arena, m, e) && fs_remove(secret_path(&arena, m->keytab), e);
}

// The password that is being set: that of a run that was cut off, because a controller may know it
// already, and another may not have heard of it; to set it again does no harm.
static bool
pending_password(struct arena *arena, const struct krb_machine *m, char **out, struct error *e)
{
	uint8_t random[RANDOM_BYTES];

	if (fs_exists(secret_path(arena, m->keytab)))
		return fs_read_line(arena, secret_path(arena, m->keytab), out, e);
	random_bytes(random, sizeof random);
	*out = base64url_encode(arena, slice_of(random, sizeof random));
	secret_wipe(random, sizeof random);
	return fs_write(secret_path(arena, m->keytab), slice_str(*out), 0600, e);
}

static bool
write_keys(struct arena *arena, const struct krb_machine *m, const char *password, struct error *e)
{
	const struct odj_info info = {
		.machine_name = m->name,
		.dns_domain = m->domain,
		.password_kerberos = password,
	};

	return domain_join_write_keytab(&info, new_path(arena, m->keytab), FIRST_KVNO, e);
}

static bool
refused(struct arena *arena, const krb5_data *code, const krb5_data *text, struct error *e)
{
	return error_fault(e, ERR_DENIED, "machine_password_refused",
		"the domain controller refused the new password of this computer: %s%s%s",
		arena_strndup(arena, code->data ? code->data : "", code->length),
		text->length ? ": " : "",
		arena_strndup(arena, text->data ? text->data : "", text->length));
}

static bool
set_password(struct arena *arena, struct krb_session *s, const char *password, struct error *e)
{
	krb5_creds creds = {0};
	krb5_data code = {0}, text = {0};
	int result = 0;

	krb5_error_code rc = krb5_get_init_creds_keytab(
		s->krb5, &creds, s->self, s->keytab, 0, "kadmin/changepw", NULL);
	if (rc == 0)
		rc = krb5_change_password(
			s->krb5, &creds, (char *)(uintptr_t)password, &result, &code, &text);
	krb5_free_cred_contents(s->krb5, &creds);
	bool ok = rc ? krb_session_fault(s, KRB_MACHINE, rc, "a new password for this computer", e)
		     : result == 0 || refused(arena, &code, &text, e);
	krb5_free_data_contents(s->krb5, &code);
	krb5_free_data_contents(s->krb5, &text);
	return ok;
}

static bool
change(struct arena *arena, const struct krb_machine *m, const char *password, struct error *e)
{
	struct krb_session s = {0};

	if (!write_keys(arena, m, password, e))
		return false;
	failpoint("agent.password_prepared");
	if (!krb_session_open(arena, m, &s, e))
		return false;
	bool ok = set_password(arena, &s, password, e);
	krb_session_close(&s);
	failpoint("agent.password_changed");
	if (!ok)
		return false;
	ok = prove_new(arena, m, e);
	failpoint("agent.password_proven");
	return ok && put_in_place(arena, m, e);
}

bool
machine_password_change(const struct krb_machine *m, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	char *password = NULL;
	bool settled;

	if (!machine_password_settle(m, &settled, e))
		return false;
	if (settled)
		return true;
	bool ok = pending_password(&arena, m, &password, e) && change(&arena, m, password, e);
	if (password)
		secret_wipe(password, strlen(password));
	return ok && fs_remove(secret_path(&arena, m->keytab), e);
}

bool
machine_password_forget(const char *keytab, struct error *e)
{
	autoarena(arena, ARENA_SMALL);

	return fs_remove(new_path(&arena, keytab), e) && fs_remove(secret_path(&arena, keytab), e);
}
