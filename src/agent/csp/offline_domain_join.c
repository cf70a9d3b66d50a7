// SPDX-License-Identifier: Apache-2.0
// OfflineDomainJoin/Blob: open the sealed blob with this TPM and become a member of the domain,
// without reaching it.
#include "agent/csp/csp.h"
#include "agent/domain_join.h"
#include "agent/machine_password.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "base/str.h"
#include "codec/base64.h"
#include "pki/hash.h"
#include "wire/odj/odj.h"

enum { BLOB_MAX = 128 << 10, FIRST_KVNO = 1 };

// What the connector bound the seal to. The command's Correlator is "<job>/<computer name>".
static bool
seal_context(struct csp_call *call, struct slice *out, struct error *e)
{
	const char *slash = call->correlator ? strchr(call->correlator, '/') : NULL;

	if (!slash)
		return error_fault(e, ERR_INVALID, "odj_blob_invalid", "the blob names no job");
	*out = slice_str(arena_printf(call->arena, "ferry-odj\n%.*s\n%s\n%s",
		(int)(slash - call->correlator), call->correlator, call->agent->profile.ztd_id,
		slash + 1));
	return true;
}

static bool
write_hostname(struct arena *arena, const struct odj_info *info, struct error *e)
{
	const char *name = str_lower(arena, info->machine_name);

	return fs_write("/etc/hostname", slice_str(arena_printf(arena, "%s\n", name)), 0644, e);
}

// sssd refuses a configuration that others can read, or that is not root's; the agent's own group
// is that of the screen.
static bool
write_new(struct arena *arena, const char *path, const char *text, struct error *e)
{
	const char *slash = strrchr(path, '/');

	return (!slash || slash == path ||
		       fs_mkdirs(arena_strndup(arena, path, (size_t)(slash - path)), 0711, e)) &&
		fs_write(path, slice_str(text), 0600, e) &&
		(geteuid() != 0 || chown(path, 0, 0) == 0 || error_errno(e, "%s", path));
}

// Keytab, Kerberos and sssd configuration, host name; then the journal says that the join is on
// disk.
static bool
apply(struct csp_call *call, const struct odj_info *info, struct error *e)
{
	struct agent *agent = call->agent;
	struct journal *journal = &agent->journal;
	const char *krb5 = domain_join_krb5_conf(call->arena, info, agent->config.keytab);
	const char *sssd = domain_join_sssd_conf(call->arena, info, agent->config.keytab);

	if (!journal_step(journal, "odj_apply", e) ||
		!machine_password_forget(agent->config.keytab, e) ||
		!domain_join_write_keytab(info, agent->config.keytab, FIRST_KVNO, e) ||
		!fs_write(agent->config.krb5_conf, slice_str(krb5), 0644, e) ||
		!write_new(call->arena, agent->config.sssd_conf, sssd, e) ||
		!write_hostname(call->arena, info, e))
		return false;
	failpoint("agent.odj_written");
	journal->domain = arena_strdup(agent->arena, info->dns_domain);
	journal->netbios = arena_strdup(agent->arena, info->netbios_domain);
	journal->computer_name = arena_strdup(agent->arena, info->machine_name);
	journal->machine_sid =
		arena_printf(agent->arena, "%s-%u", info->domain_sid, info->machine_rid);
	journal->dc = arena_strdup(agent->arena, info->dc_name);
	journal->joined = true;
	journal->password_changed = false;
	return journal_step(journal, "odj_applied", e);
}

// What the TPM says of the blob is the blob's fault; a TPM that does not answer is its own.
static bool
is_about_the_blob(const struct error *e)
{
	static const char *const faults[] = {
		"tpm_sealed_refused", "tpm_sealed_malformed", "tpm_credential_refused"};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		if (str_eq(e->fault, faults[i]))
			return true;
	}
	return false;
}

static bool
open_blob(struct csp_call *call, struct slice sealed, struct slice context, struct slice *out,
	struct error *e)
{
	if (tpm_device_unseal(call->arena, call->agent->tpm, sealed, context, out, e))
		return true;
	if (!is_about_the_blob(e))
		return false;
	struct error why = *e;
	return error_fault(e, why.code, "odj_blob_invalid", "%s", why.message);
}

static bool
join(struct csp_call *call, struct error *e)
{
	struct slice container, context, plain;
	struct odj_info info;

	if (!base64_decode(
		    call->arena, slice_str(call->data), BASE64_STRICT, BLOB_MAX, &container, e) ||
		!seal_context(call, &context, e) || !open_blob(call, container, context, &plain, e))
		return false;
	bool ok = odj_decode(call->arena, plain, &info, e) && apply(call, &info, e);
	secret_wipe((void *)(uintptr_t)plain.data, plain.len);
	return ok;
}

int
csp_offline_domain_join(struct csp_call *call)
{
	if (!str_ends(call->path, "/Blob"))
		return 404;
	if (call->type != SYNCML_EXEC || !call->data)
		return 405;
	return join(call, &call->why) ? 200 : csp_failed(call, "domain_join_failed");
}
