// SPDX-License-Identifier: Apache-2.0
#include "connector/work.h"

#include "base/failpoint.h"
#include "base/str.h"
#include "pki/hash.h"
#include "tpm/ek_cert.h"
#include "tpm/sealed.h"

static void
wipe(struct slice secret)
{
	secret_wipe((void *)(uintptr_t)secret.data, secret.len);
}

// What the directory may take for the changes of one job.
enum { LEASE_MARGIN_S = 15 };

static bool
lease_holds(time_us lease_until, struct error *e)
{
	return clock_now() + LEASE_MARGIN_S * US_PER_S < lease_until ||
		error_fault(e, ERR_TIMEOUT, "odj_timeout",
			"the domain controller was reached only after the job's time was over");
}

// An account of an earlier job of this device, which may get a new password: it is where we may
// work, still has the name that is asked for, and is ours by its mark.
static bool
find_earlier(struct arena *arena, const struct worker *worker, struct ad_session *session,
	const struct connector_job *job, bool *found, struct error *e)
{
	struct computer_account account;

	*found = false;
	if (str_empty(job->object_guid))
		return true;
	if (!computer_read(arena, session, job->object_guid, found, &account, e))
		return false;
	if (!*found)
		return true;
	*found = account.job && str_ieq(account.name, job->computer_name);
	return !*found ||
		allow_account(arena, &worker->config->allow, account.dn,
			ad_domain(session)->computers_dn, e);
}

// The account of this very job, left by a run that died, may have been moved since; and whoever
// words the jobs knows the marks of old ones. Nothing is changed where we may not work.
static bool
check_place(struct arena *arena, const struct worker *worker, struct ad_session *session,
	const struct connector_job *job, struct error *e)
{
	struct computer_account account;
	bool found;

	if (!computer_find_by_name(arena, session, job->computer_name, &found, &account, e))
		return false;
	if (!found || !str_ieq(account.job, job->job_id))
		return true;
	return allow_account(
		arena, &worker->config->allow, account.dn, ad_domain(session)->computers_dn, e);
}

static bool
provide_account(struct arena *arena, const struct worker *worker, struct ad_session *session,
	const struct connector_job *job, const char *password, const char **how,
	struct computer_account *out, struct error *e)
{
	const struct computer_request request = {
		.job = job->job_id,
		.name = job->computer_name,
		.ou = str_empty(job->ou) ? NULL : job->ou,
		.password = password,
	};
	bool earlier, adopted;

	// A name or unit that the directory could not have is refused like one that is not allowed.
	if (!computer_request_check(arena, ad_domain(session), &request, e)) {
		e->fault = "connector_refused";
		return false;
	}
	if (!find_earlier(arena, worker, session, job, &earlier, e))
		return false;
	*how = "renewed";
	if (earlier)
		return computer_readopt(arena, session, job->object_guid, &request, out, e);
	if (!check_place(arena, worker, session, job, e) ||
		!computer_provision(arena, session, &request, &adopted, out, e))
		return false;
	*how = adopted ? "adopted" : "created";
	return true;
}

static bool
seal_blob(struct arena *arena, const struct ad_session *session, const struct connector_job *job,
	const struct computer_account *account, const char *password, const struct tpm_ek *ek,
	struct slice *out, struct error *e)
{
	struct slice blob;

	if (!computer_blob(arena, session, account, password, &blob, e))
		return false;
	bool ok = tpm_seal(
		arena, ek, job->ak_public, blob, slice_str(job_sealing_text(arena, job)), out, e);
	wipe(blob);
	if (!ok && !e->fault)
		e->fault = "tpm_error";
	return ok;
}

static bool
do_odj(struct arena *arena, struct worker *worker, const struct connector_job *job,
	time_us lease_until, struct work_result *out, struct error *e)
{
	CLEANUP(ad_close_p) struct ad_session *session = NULL;
	struct computer_account account;
	struct slice sealed;
	autoek ek = {0};
	const char *how = "";

	// First everything that needs no directory: a TPM that is not trusted leaves no account.
	if (!tpm_ek_verify(arena, worker->trust, job->ek_certificate, clock_now(), &ek, e) ||
		!ad_connect(arena, &worker->config->ad, &session, e) ||
		!lease_holds(lease_until, e))
		return false;
	char *password = computer_password_new(arena);
	allow_count(worker->arena, &worker->config->allow, &worker->history, clock_now());
	failpoint("connector.before_add");
	bool ok = provide_account(arena, worker, session, job, password, &how, &account, e);
	failpoint("connector.after_add");
	ok = ok && seal_blob(arena, session, job, &account, password, &ek, &sealed, e);
	secret_wipe(password, strlen(password));
	if (!ok)
		return false;
	out->answer = job_done_odj(arena, job, &account, sealed);
	out->what = arena_printf(arena, "%s %s", how, account.dn);
	return true;
}

static bool
do_verify(struct arena *arena, const struct worker *worker, const struct connector_job *job,
	struct work_result *out, struct error *e)
{
	CLEANUP(ad_close_p) struct ad_session *session = NULL;
	struct computer_account account;
	bool found = false;

	if (!ad_connect(arena, &worker->config->ad, &session, e) ||
		!computer_read(arena, session, job->object_guid, &found, &account, e))
		return false;
	out->answer = job_done_verify(arena, job, found ? &account : NULL);
	out->what = found ? arena_printf(arena, "checked %s", account.dn)
			  : arena_printf(arena, "checked: no account %s", job->object_guid);
	return true;
}

void
work_do(struct arena *arena, struct worker *worker, const struct connector_job *job,
	time_us lease_until, struct work_result *out)
{
	struct error e = {0};

	out->ok = allow_check(
			  arena, &worker->config->allow, &worker->history, job, clock_now(), &e) &&
		(job->kind == JOB_ODJ ? do_odj(arena, worker, job, lease_until, out, &e)
				      : do_verify(arena, worker, job, out, &e));
	if (out->ok)
		return;
	out->answer = job_failed(arena, job, &e);
	out->what = arena_printf(arena, "%s: %s", e.fault ? e.fault : "ad_error", e.message);
}
