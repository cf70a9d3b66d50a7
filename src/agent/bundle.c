// SPDX-License-Identifier: Apache-2.0
// What a bundle of diagnostics consists of, and where it goes.
#include "agent/command.h"
#include "agent/diagnostics.h"
#include "agent/service.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "codec/tar.h"
#include "domain/fault.h"
#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

enum { TEXT_MAX = 1 << 20, COMMAND_S = 10, SECRET_MIN = 6 };

#define REMOVED "[removed]"

static const char *
text(const char *value)
{
	return value ? value : "";
}

// --- what may not be in it ---

// The value after one of these words goes, up to the end of the line.
static const char *
secret_word(const char *line, size_t len, size_t *word_end)
{
	static const char *const words[] = {"psk", "password", "passphrase", "passwd", "secret",
		"keymaterial", "authorization", "private key"};

	for (size_t at = 0; at < len; at++)
		for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
			size_t n = strlen(words[i]);
			if (n > len - at || strncasecmp(line + at, words[i], n) != 0)
				continue;
			size_t end = at + n;
			while (end < len && (line[end] == ' ' || line[end] == '"'))
				end++;
			if (end == len || !strchr("=:>", line[end]))
				continue;
			*word_end = end + 1;
			return line + at;
		}
	return NULL;
}

static void
replace_all(char *line, const char *secret)
{
	size_t len = strlen(secret);

	for (char *at = line; (at = strstr(at, secret)) != NULL; at += len)
		memset(at, '*', len);
}

const char *
diagnostics_scrub(struct arena *arena, struct slice in, const char *const *secrets)
{
	struct buf out;
	const char *p = (const char *)in.data, *end = p + in.len;

	buf_init(&out, arena, in.len * 2 + TEXT_MAX);
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = nl ? (size_t)(nl - p) : (size_t)(end - p), keep;
		char *line = arena_strndup(arena, p, len);
		for (size_t i = 0; secrets[i]; i++)
			if (strlen(secrets[i]) >= SECRET_MIN)
				replace_all(line, secrets[i]);
		if (secret_word(line, strlen(line), &keep))
			buf_printf(&out, "%.*s%s\n", (int)keep, line, REMOVED);
		else
			buf_printf(&out, "%s\n", line);
		p += len + (nl != NULL);
	}
	return buf_text(&out);
}

// --- its parts ---

// An address without the user and password that it may have.
static const char *
plain_address(struct arena *arena, const char *url)
{
	const char *at = url ? strrchr(url, '@') : NULL;

	return at ? arena_printf(arena, REMOVED "@%s", at + 1) : text(url);
}

static void
summary(struct agent *agent, const struct error *why, struct buf *out)
{
	const struct journal *j = &agent->journal;

	buf_printf(out, "Ferry diagnostics, %s, agent %s\n\n",
		clock_rfc3339(agent->step, clock_now()), FERRY_VERSION);
	if (why) {
		const struct fault *fault = fault_of(why, "agent_error");
		buf_printf(out,
			"Failure  : %s (%s)\nCause    : %s\nFix      : %s\nWho      : %s\n"
			"Detail   : %s\n\n",
			fault->title, fault->code ? fault->code : fault->name, fault->cause,
			fault->fix, fault_who_name(fault->who), why->message);
	}
	buf_printf(out,
		"Device   : %s %s, serial number %s\nService  : %s\nTPM      : %s\nFlow     : %s\n"
		"Step     : %s\nDeployment: %s\n\n",
		text(agent->manufacturer), text(agent->model), text(agent->serial),
		plain_address(agent->step, agent->config.url), agent->tpm ? "present" : "none",
		flow_name(j->flow), text(j->step), text(j->deployment_id));
	status_text(j, out);
	buf_puts(out, "\nItems in place:\n");
	for (size_t i = 0; i < j->done_count; i++)
		buf_printf(out, "  %s\n", j->done[i]);
}

static void
tpm_facts(struct agent *agent, struct buf *out)
{
	struct tpm_device_identity id;
	struct error e = {0};

	if (!agent->tpm || !tpm_device_identity(agent->step, agent->tpm, &id, &e)) {
		buf_printf(out, "No TPM: %s\n", e.message);
		return;
	}
	buf_printf(out,
		"Vendor     : %s\nFirmware   : %016llx\nEK (SHA-256): %s\nDescription: %s\n",
		text(id.vendor), (unsigned long long)id.firmware, text(id.ek_id),
		text(id.description));
}

static void
command_output(struct agent *agent, const char *const *argv, struct buf *out)
{
	const char *output = "";
	struct error e;

	buf_printf(out, "$ %s %s\n", argv[0], text(argv[1]));
	if (!command_run(agent->step, argv, COMMAND_S, &output, &e))
		buf_printf(out, "(%s)\n", e.message);
	buf_printf(out, "%s\n", text(output));
}

static void
network_facts(struct agent *agent, struct buf *out)
{
	static const char *const address[] = {"ip", "-brief", "address", NULL};
	static const char *const route[] = {"ip", "route", NULL};
	static const char *const files[] = {"/etc/resolv.conf", "/etc/krb5.conf"};
	struct slice content;
	struct error e;

	command_output(agent, address, out);
	command_output(agent, route, out);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (fs_read(agent->step, files[i], DIAGNOSTICS_FILE_MAX, &content, &e))
			buf_printf(out, "%s:\n%.*s\n", files[i], (int)content.len,
				(const char *)content.data);
}

static void
configuration(struct agent *agent, struct buf *out)
{
	const struct agent_config *c = &agent->config;

	buf_printf(out, "url = %s\n", plain_address(agent->step, c->url));
	buf_printf(out, "ca = %s\nstate = %s\nsocket = %s\ntcti = %s\nkeytab = %s\n", text(c->ca),
		text(c->state_dir), text(c->socket), text(c->tcti), text(c->keytab));
}

static void
put(struct agent *agent, struct buf *tar, const char *name, struct slice content)
{
	const char *const secrets[] = {agent->password[0] ? agent->password : "-",
		agent->journal.user_token ? agent->journal.user_token : "-", NULL};
	const char *clean = diagnostics_scrub(agent->step, content, secrets);

	tar_put(tar, arena_printf(agent->step, "diagnostics/%s", name), slice_str(clean),
		clock_now() / US_PER_S);
}

// The end of a file of ours; nothing when there is none.
static void
put_file(struct agent *agent, struct buf *tar, const char *name)
{
	autoclose fd = open(agent_path(agent, agent->step, name), O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	off_t from = st.st_size > DIAGNOSTICS_FILE_MAX ? st.st_size - DIAGNOSTICS_FILE_MAX : 0;
	char *content = arena_alloc(agent->step, DIAGNOSTICS_FILE_MAX);
	ssize_t n = pread(fd, content, DIAGNOSTICS_FILE_MAX, from);
	if (n > 0)
		put(agent, tar, name, slice_of(content, (size_t)n));
}

bool
diagnostics_bundle(struct agent *agent, const struct error *why, struct slice *out, struct error *e)
{
	static const char *const files[] = {
		"timeline.jsonl", "agent.log.1", "agent.log", "esp.json"};
	const struct {
		const char *name;
		void (*write)(struct agent *agent, struct buf *out);
	} parts[] = {{"tpm.txt", tpm_facts}, {"network.txt", network_facts},
		{"agent.conf", configuration}};
	struct buf tar, part;

	buf_init(&tar, agent->step, (size_t)8 << 20);
	buf_init(&part, agent->step, TEXT_MAX);
	summary(agent, why, &part);
	put(agent, &tar, "summary.txt", buf_slice(&part));
	buf_init(&part, agent->step, TEXT_MAX);
	status_json(&agent->journal, &part);
	put(agent, &tar, "join.json", buf_slice(&part));
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		buf_init(&part, agent->step, TEXT_MAX);
		parts[i].write(agent, &part);
		put(agent, &tar, parts[i].name, buf_slice(&part));
	}
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		put_file(agent, &tar, files[i]);
	tar_end(&tar);
	return buf_ok(&tar, e) && gzip(agent->step, buf_slice(&tar), DIAGNOSTICS_MAX, out, e);
}

// --- where it goes ---

bool
diagnostics_keep(struct agent *agent, const struct error *why, const char **path, struct error *e)
{
	struct slice bundle;

	*path = agent_path(agent, agent->arena, "diagnostics.tar.gz");
	return diagnostics_bundle(agent, why, &bundle, e) && fs_write(*path, bundle, 0600, e);
}

bool
diagnostics_send(struct agent *agent, const struct error *why, const char *log_id, struct error *e)
{
	struct slice bundle;
	const char *fault = why ? fault_of(why, "agent_error")->name : "agent_error";

	return diagnostics_bundle(agent, why, &bundle, e) &&
		service_send_log(agent,
			log_id ? arena_printf(agent->step, "/device/v1/logs/%s", log_id)
			       : arena_printf(agent->step, "/device/v1/logs?fault=%s", fault),
			log_id ? "PUT" : "POST", bundle, e);
}

static bool
is_today(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && time(NULL) - st.st_mtime < 24 * 3600;
}

static bool
is_offline(const struct error *why)
{
	return str_starts(why->fault, "service_");
}

void
diagnostics_auto(struct agent *agent, const struct error *why)
{
	const char *sent = agent_path(agent, agent->step, "log.sent");
	struct error e;

	if (is_today(sent))
		return;
	if (agent->journal.enrollment_id && !is_offline(why)) {
		if (diagnostics_send(agent, why, NULL, &e) || e.code == ERR_CONFLICT) {
			if (!fs_write(sent, slice_str(""), 0600, &e))
				log_failure("diagnostics", &e);
			return;
		}
		log_failure("diagnostics", &e);
	}
	if (!diagnostics_keep(agent, why, &agent->bundle_path, &e))
		log_failure("diagnostics", &e);
}

void
diagnostics_note(const struct agent *agent, const char *phase, const char *row, const char *state,
	const struct error *why)
{
	autoarena(arena, ARENA_SMALL);
	struct buf line;
	autoclose fd = open(agent_path(agent, &arena, "timeline.jsonl"),
		O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct stat st;
	struct error e;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (st.st_size > DIAGNOSTICS_FILE_MAX && ftruncate(fd, 0) < 0)
		return;
	buf_init(&line, &arena, 8 << 10);
	struct jsonw w = jsonw_on(&line);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "at", clock_rfc3339(&arena, clock_now()));
	jsonw_str(&w, "phase", phase);
	jsonw_str(&w, "row", row);
	jsonw_str(&w, "state", state);
	jsonw_str(&w, "fault", why ? fault_of(why, "agent_error")->name : NULL);
	jsonw_str(&w, "reason", why ? why->message : NULL);
	jsonw_end_object(&w);
	buf_putc(&line, '\n');
	if (buf_ok(&line, &e) && write(fd, line.data, line.len) < 0)
		log_warn("timeline: %s", strerror(errno));
}
