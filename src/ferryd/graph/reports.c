// SPDX-License-Identifier: Apache-2.0
// reports/exportJobs (graph-api.md section 10): a list as a file. Lists are always up to date, so a
// job is completed when it is made, and its file is written while it is fetched. As at Microsoft
// the file is in a ZIP archive, and its address is a secret that needs no token, for a day.
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/fs.h"
#include "base/str.h"
#include "codec/csv.h"
#include "codec/zip.h"
#include "ferryd/sign_in.h"
#include <fcntl.h>
#include <unistd.h>

enum { JOBS_MAX = 500, PAGE_BYTES = 16 << 20, HEAD_BYTES = 64 << 10 };

static const time_us keep_us = US_PER_DAY;

#define PATH "deviceManagement/reports/exportJobs"

static const struct report {
	const char *name;
	const struct view *view;
} reports[] = {
	{"AutopilotV1DeploymentStatus", &view_autopilot_events},
	{"AutopilotV2DeploymentStatus", &view_preparation_deployments},
	{"AutopilotV2DeploymentStatusDetailedAppInfo", &view_preparation_apps},
	{"AutopilotV2DeploymentStatusDetailedScriptInfo", &view_preparation_scripts},
	{"Devices", &view_managed_devices},
};

static const struct report *
find_report(const char *name, struct error *e)
{
	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
		if (str_ieq(name, reports[i].name))
			return &reports[i];
	error_set(e, ERR_INVALID, "there is no report with the name '%.60s'", name ? name : "");
	error_hint(e,
		"AutopilotV1DeploymentStatus, AutopilotV2DeploymentStatus (with DetailedAppInfo "
		"and DetailedScriptInfo after it) and Devices are offered");
	return NULL;
}

static bool
is_name(const struct json *text)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	return text->type == JSON_STRING && text->len && strspn(text->text, letters) == text->len;
}

// Filter and columns of a job, bound to what the report consists of.
static bool
make_query(struct call *c, const struct report *report, const struct json *job,
	struct odata_query **out, struct error *e)
{
	const struct json *select = json_get(job, "select");
	const char *filter = json_str(job, "filter");
	struct buf text;

	buf_init(&text, c->arena, ODATA_MAX_QUERY);
	buf_puts(&text, "$select=");
	for (const struct json *s = select ? select->first : NULL; s; s = s->next) {
		if (!is_name(s))
			return error_set(
				e, ERR_INVALID, "select: a column's name has only letters");
		buf_printf(&text, "%s%s", s == select->first ? "" : ",", s->text);
	}
	if (!buf_ok(&text, e) ||
		!odata_query_parse(c->arena,
			select && select->first ? buf_slice(&text) : slice_str(""), out, e) ||
		(!str_empty(filter) && !odata_filter_parse(c->arena, filter, &(*out)->filter, e)))
		return false;
	return odata_bind(c->arena, *out, report->view->type, ODATA_BETA, e);
}

// Jobs whose time is over go when another is made.
static bool
remove_old(struct call *c, struct error *e)
{
	struct object *jobs;
	size_t count, left = 0;

	if (!store_objects(&c->work, PATH, &jobs, &count, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (jobs[i].created_at + keep_us > c->work.now)
			left++;
		else if (!store_object_delete(&c->work, PATH, jobs[i].id, NULL, e))
			return false;
	}
	return left < JOBS_MAX ||
		error_set(e, ERR_LIMIT, "there are %d exports of the last day already", JOBS_MAX);
}

static const struct json *
new_key(struct call *c)
{
	struct json_maker m = json_make(c->arena, JSON_ARRAY);

	json_put_str(&m, NULL, secret_new(c->arena));
	return m.whole->first;
}

static bool
check_job(struct call *c, struct graph_change *change, struct error *e)
{
	const struct json *job = change->object.document;
	const struct report *report = find_report(json_str(job, "reportName"), e);
	const char *format = json_str(job, "format");
	struct odata_query *query;

	if (!report || !make_query(c, report, job, &query, e))
		return false;
	if (format && !str_eq(format, "csv") && !str_eq(format, "json"))
		return error_fault(e, ERR_UNSUPPORTED, "not_offered_yet",
			"reports are offered as csv and json, not as %.10s", format);
	if (!str_empty(json_str(job, "search")))
		return error_fault(e, ERR_UNSUPPORTED, "not_offered_yet",
			"reports are narrowed by a filter, not by a search");
	change->object.document = graph_with(c, job, "ferryKey", new_key(c));
	return remove_old(c, e);
}

static void
decorate_job(struct call *c, const struct object *job, struct json_maker *m)
{
	json_put_str(m, "status", "completed");
	json_put_str(m, "url",
		arena_printf(c->arena, "%s/reports/%s/%s?key=%s", graph_origin(c),
			c->work.tenant_id, job->id, json_str(job->document, "ferryKey")));
	json_put_str(m, "requestDateTime", view_time(c->arena, job->created_at));
	json_put_str(m, "expirationDateTime", view_time(c->arena, job->created_at + keep_us));
}

const struct graph_collection graph_export_jobs = {
	.path = PATH,
	.type = &graph_export_job,
	.noun = "DeviceManagementExportJob",
	.category = "Other",
	.decorate = decorate_job,
	.check = check_job,
};

// --- the file ---

struct file {
	struct call *c;
	const struct report *report;
	struct odata_query *query;
	bool json;
	int fd;
	const char *name;
	uint64_t size; // of what is inside
	uint32_t crc;
	int64_t rows;
};

static bool
put_bytes(struct file *f, struct slice bytes, uint64_t at, struct error *e)
{
	while (bytes.len) {
		ssize_t n = pwrite(f->fd, bytes.data, bytes.len, (off_t)at);
		if (n < 0)
			return error_fault(e, ERR_UNAVAILABLE, "store_full",
				"the content folder cannot be written");
		bytes = slice_of(bytes.data + n, bytes.len - (size_t)n);
		at += (uint64_t)n;
	}
	return true;
}

static bool
append(struct file *f, const struct buf *text, struct error *e)
{
	struct slice bytes = buf_slice(text);

	if (!buf_ok(text, e) || !put_bytes(f, bytes, zip_head_size(f->name) + f->size, e))
		return false;
	f->crc = zip_crc32(f->crc, bytes);
	f->size += bytes.len;
	return f->size < UINT32_MAX - HEAD_BYTES ||
		error_set(e, ERR_LIMIT, "the report is too long: narrow it by a filter");
}

static bool
is_column(const struct odata_property *p)
{
	return !(p->flags & (OD_NAV | OD_SECRET));
}

// Columns as they were asked for, else all.
static const struct odata_property *
column(const struct file *f, size_t i)
{
	if (!f->query->select_count)
		return odata_property_at(f->report->view->type, i);
	if (i >= f->query->select_count)
		return NULL;
	const struct odata_path *path = &f->query->select[i];
	return path->properties[path->count - 1];
}

static void
put_header(struct file *f, struct csvw *w)
{
	const struct odata_property *p;

	for (size_t i = 0; (p = column(f, i)); i++)
		if (is_column(p))
			csvw_field(w, p->name);
	csvw_end_row(w);
}

static const char *
cell(struct arena *arena, const struct json *value)
{
	const char *text = "";
	struct error ignored;

	if (!value || value->type == JSON_NULL)
		return "";
	if (value->type == JSON_STRING)
		return value->text;
	return json_text(arena, value, PAGE_BYTES, &text, &ignored) ? text : "";
}

// An object as clients of the API see it.
static bool
put_object(struct file *f, struct arena *arena, const struct json *object, struct buf *out,
	struct csvw *csv, struct error *e)
{
	struct odata_view view = {.version = ODATA_BETA, .query = f->query};
	const struct odata_property *p;
	struct buf text;

	buf_init(&text, arena, PAGE_BYTES);
	struct jsonw w = jsonw_on(&text);
	odata_write(&w, NULL, f->report->view->type, object, &view);
	if (f->json) {
		buf_printf(out, "%s%s", f->rows++ ? ",\n" : "", buf_text(&text));
		return buf_ok(&text, e);
	}
	const struct json *seen =
		buf_ok(&text, e) ? json_parse(arena, buf_slice(&text), NULL, e) : NULL;
	for (size_t i = 0; seen && (p = column(f, i)); i++)
		if (is_column(p))
			csvw_field(csv, cell(arena, json_get(seen, p->name)));
	csvw_end_row(csv);
	f->rows++;
	return seen;
}

// One page, in memory of its own: a report costs the same memory whatever its length.
static bool
put_page(struct file *f, struct error *e)
{
	autoarena(arena, ARENA_REQUEST);
	struct work work = f->c->work;
	struct view_request request = {.view = f->report->view,
		.collection = PATH,
		.query = f->query,
		.page = GRAPH_MAX_PAGE};
	struct view_page page;
	struct buf out;

	work.arena = &arena;
	buf_init(&out, &arena, PAGE_BYTES);
	struct csvw csv = {.out = &out, .guard_formulas = true};
	if (!store_view_page(&work, &request, &page, e))
		return false;
	if (!f->json && !f->query->skiptoken)
		put_header(f, &csv);
	for (size_t i = 0; i < page.count; i++)
		if (!put_object(f, &arena, page.objects[i], &out, &csv, e))
			return false;
	f->query->skiptoken = page.skiptoken ? arena_strdup(f->c->arena, page.skiptoken) : NULL;
	return append(f, &out, e);
}

static bool
put_text(struct file *f, const char *text, struct error *e)
{
	struct buf out;

	buf_init(&out, f->c->arena, HEAD_BYTES);
	buf_puts(&out, text);
	return append(f, &out, e);
}

static bool
put_rows(struct file *f, struct error *e)
{
	if (f->json && !put_text(f, "{\"values\":[", e))
		return false;
	do
		if (!put_page(f, e))
			return false;
	while (f->query->skiptoken);
	return !f->json ||
		put_text(f,
			arena_printf(
				f->c->arena, "],\"totalRowCount\":%lld}\n", (long long)f->rows),
			e);
}

static bool
put_around(struct file *f, uint64_t *total, struct error *e)
{
	struct buf head, tail;

	buf_init(&head, f->c->arena, HEAD_BYTES);
	buf_init(&tail, f->c->arena, HEAD_BYTES);
	zip_head(&head, f->name, f->crc, (uint32_t)f->size);
	zip_tail(&tail, f->name, f->crc, (uint32_t)f->size);
	*total = head.len + f->size + tail.len;
	return put_bytes(f, buf_slice(&head), 0, e) &&
		put_bytes(f, buf_slice(&tail), head.len + f->size, e);
}

// By the whole of the link: a wrong key, another tenant and a job that is over look the same.
static bool
find_job(struct call *c, struct object *out, struct error *e)
{
	const char *key = http_query(c->req, "key");
	struct error why;

	c->work.tenant_id = str_lower(c->arena, http_param(c->req, "tenant"));
	bool found = store_object(
		&c->work, PATH, str_lower(c->arena, http_param(c->req, "id")), out, &why);
	if (!found && why.code != ERR_NOT_FOUND) {
		*e = why;
		return false;
	}
	if (found && key && out->created_at + keep_us > c->work.now &&
		str_eq(secret_sha256(c->arena, key),
			secret_sha256(c->arena, json_str(out->document, "ferryKey"))))
		return true;
	return error_set(e, ERR_NOT_FOUND, "there is no such report, or its time is over");
}

// GET /reports/{tenant}/{id}?key=…
bool
report_content(struct call *c, struct error *e)
{
	struct file f = {.c = c};
	struct object job;
	uint64_t total;

	if (!find_job(c, &job, e))
		return false;
	f.report = find_report(json_str(job.document, "reportName"), e);
	f.json = str_eq(json_str(job.document, "format"), "json");
	if (!f.report || !make_query(c, f.report, job.document, &f.query, e))
		return false;
	f.name =
		arena_printf(c->arena, "%s_%s.%s", f.report->name, job.id, f.json ? "json" : "csv");
	autoclose fd = open(c->service->content_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_errno(e, "a report in %s", c->service->content_dir);
	f.fd = fd;
	if (!put_rows(&f, e) || !put_around(&f, &total, e))
		return false;
	http_response_header(c->resp, "Cache-Control", "no-store");
	http_response_header(c->resp, "Content-Disposition",
		arena_printf(
			c->arena, "attachment; filename=\"%s_%s.zip\"", f.report->name, job.id));
	http_response_file(c->req, c->resp, take_fd(&fd), total,
		arena_printf(c->arena, "\"%08x\"", (unsigned)f.crc), "application/zip");
	return true;
}
