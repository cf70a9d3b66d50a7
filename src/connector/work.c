// SPDX-License-Identifier: Apache-2.0
#include "connector/work.h"

#include "base/failpoint.h"
#include "base/str.h"
#include "codec/json.h"
#include "connector/rate.h"
#include "connector/self_test.h"
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
	if (!found || !account.job)
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
		.adopts = job->adopts,
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

// Counted before the directory is touched, and kept: a restart gives nobody another hour's worth.
static bool
count(struct worker *worker, struct allow_history *history, struct error *e)
{
	const struct allow_list *allow = &worker->config->allow;

	allow_count(worker->arena, allow, history, clock_now());
	if (rate_save(worker->config->state_dir, allow, &worker->history, &worker->retired, e))
		return true;
	e->fault = "connector_refused";
	return error_wrap(e, "the accounts of this hour cannot be counted");
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
	if (!count(worker, &worker->history, e))
		return false;
	char *password = computer_password_new(arena);
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

static const char *
retired_report(struct arena *arena, bool found, const char *dn)
{
	struct buf text;

	buf_init(&text, arena, 4096);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "found", found);
	jsonw_str(&w, "dn", dn);
	jsonw_end_object(&w);
	return buf_text(&text);
}

// The account is judged as it is now, not as the job words it: by its name, where it lies, its
// mark.
static bool
retire(struct arena *arena, const struct worker *worker, struct ad_session *session,
	const struct connector_job *job, const struct computer_account *account, struct error *e)
{
	const struct allow_list *allow = &worker->config->allow;

	if (!allow_name(allow, account->name, e) ||
		!allow_account(arena, allow, account->dn, ad_domain(session)->computers_dn, e))
		return false;
	if (job->kind == JOB_DELETE)
		return computer_delete(arena, session, account->guid, job->made_by, e);
	return computer_enable(arena, session, account, job->made_by, job->kind == JOB_ENABLE, e);
}

static bool
do_retire(struct arena *arena, struct worker *worker, const struct connector_job *job,
	time_us lease_until, struct work_result *out, struct error *e)
{
	CLEANUP(ad_close_p) struct ad_session *session = NULL;
	struct computer_account account = {0};
	bool found = false;

	if (!ad_connect(arena, &worker->config->ad, &session, e) || !lease_holds(lease_until, e) ||
		!computer_read(arena, session, job->object_guid, &found, &account, e))
		return false;
	if (found &&
		(!count(worker, &worker->retired, e) ||
			!retire(arena, worker, session, job, &account, e)))
		return false;
	out->answer = job_done_report(arena, job, retired_report(arena, found, account.dn));
	out->what = found ? arena_printf(arena, "%sd %s", job_kind_name(job->kind), account.dn)
			  : arena_printf(arena, "no account %s", job->object_guid);
	return true;
}

static bool
do_check(struct arena *arena, const struct worker *worker, const struct connector_job *job,
	struct work_result *out)
{
	bool ok;
	const char *report = self_test_report(arena, worker->config, &ok);

	out->answer = job_done_report(arena, job, report);
	out->what = ok ? "self-test: everything in order" : "self-test: something is wrong";
	return true;
}

static bool
do_job(struct arena *arena, struct worker *worker, const struct connector_job *job,
	time_us lease_until, struct work_result *out, struct error *e)
{
	switch (job->kind) {
	case JOB_ODJ:
		return do_odj(arena, worker, job, lease_until, out, e);
	case JOB_VERIFY:
		return do_verify(arena, worker, job, out, e);
	case JOB_CHECK:
		return do_check(arena, worker, job, out);
	default:
		return do_retire(arena, worker, job, lease_until, out, e);
	}
}

void
work_do(struct arena *arena, struct worker *worker, const struct connector_job *job,
	time_us lease_until, struct work_result *out)
{
	struct error e = {0};

	out->ok = allow_check(arena, &worker->config->allow,
			  job->kind == JOB_ODJ ? &worker->history : &worker->retired, job,
			  clock_now(), &e) &&
		do_job(arena, worker, job, lease_until, out, &e);
	if (out->ok)
		return;
	out->answer = job_failed(arena, job, &e);
	out->what = arena_printf(arena, "%s: %s", e.fault ? e.fault : "ad_error", e.message);
}
