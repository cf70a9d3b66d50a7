// SPDX-License-Identifier: Apache-2.0
#include "agent/login.h"

#include "agent/command.h"
#include "agent/face.h"
#include "agent/service.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/fault.h"
#include "pki/hash.h"
#include <ctype.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum {
	READ_MS = 5000,
	DECIDE_MS = 40000,
	NAME_MAX_BYTES = 32,
	COMMAND_S = 30,
	MAX_ACCOUNTS = 1000
};

#define UNDECIDED "{\"ok\":false,\"title\":\"The service does not answer\"}\n"

struct login {
	struct face *face;
	int fd, stop[2];
	pthread_t thread;
	struct login_question question;
};

bool
login_read(struct arena *arena, struct slice line, const char **user, const char **password,
	struct error *e)
{
	const struct json_limits limits = {.max_bytes = LOGIN_LINE, .max_depth = 2, .max_nodes = 8};
	const struct json *json = json_parse(arena, line, &limits, e);

	return json && json_need_str(json, "user", LOGIN_TYPED - 1, user, e) &&
		json_need_str(json, "password", LOGIN_TYPED - 1, password, e);
}

bool
login_name(struct arena *arena, const char *upn, char **out, struct error *e)
{
	size_t len = strcspn(upn, "@"), kept = 0;
	char *name = arena_alloc(arena, NAME_MAX_BYTES + 1);

	for (size_t i = 0; i < len && kept < NAME_MAX_BYTES; i++) {
		char ch = (char)tolower((unsigned char)upn[i]);
		bool letter = ch >= 'a' && ch <= 'z';
		bool other = (ch >= '0' && ch <= '9') || ch == '-' || ch == '_' || ch == '.';
		if (letter || (other && kept))
			name[kept++] = ch;
	}
	name[kept] = '\0';
	*out = name;
	return kept > 0 || error_set(e, ERR_INVALID, "\"%.60s\" gives no account name", upn);
}

// Whose account it is stands in its full name.
static bool
is_account_of(const struct passwd *entry, const char *upn)
{
	size_t len = strcspn(entry->pw_gecos, ",");

	return strlen(upn) == len && strncasecmp(entry->pw_gecos, upn, len) == 0;
}

static bool
command(struct agent *agent, const char *const *argv, struct error *e)
{
	const char *output;

	return command_run(agent->step, argv, COMMAND_S, &output, e);
}

bool
login_account(struct agent *agent, const char *upn, struct error *e)
{
	char *name;

	if (!login_name(agent->step, upn, &name, e))
		return false;
	const char *const add[] = {"useradd", "--create-home", "--user-group", "--shell",
		"/bin/bash", "--comment", upn, name, NULL};
	struct passwd *entry = getpwnam(name);
	if (entry && !is_account_of(entry, upn))
		return error_set(e, ERR_CONFLICT, "the account %s is another person's", name);
	return (!strpbrk(upn, ":,\n") && (entry || command(agent, add, e))) ||
		error_wrap(e, "account of %s", upn);
}

// An account that has the name that its full name gives, and that is a person of a directory.
static bool
is_made_here(struct agent *agent, const struct passwd *entry)
{
	char *name;
	struct error ignored;

	return strchr(entry->pw_gecos, '@') &&
		login_name(agent->step, entry->pw_gecos, &name, &ignored) &&
		str_eq(name, entry->pw_name);
}

// Of this machine's own accounts: what sssd knows is the domain's.
bool
login_accounts_forget(struct agent *agent, struct error *e)
{
	const char *names[MAX_ACCOUNTS];
	size_t count = 0;
	FILE *file = fopen("/etc/passwd", "re");

	if (!file)
		return error_errno(e, "/etc/passwd");
	for (struct passwd *entry; count < MAX_ACCOUNTS && (entry = fgetpwent(file));)
		if (is_made_here(agent, entry))
			names[count++] = arena_strdup(agent->step, entry->pw_name);
	fclose(file);
	for (size_t i = 0; i < count; i++) {
		const char *const argv[] = {"userdel", "--force", names[i], NULL};
		struct error why;
		if (!command(agent, argv, &why))
			log_warn("the account %s stays: %s", names[i], why.message);
	}
	return true;
}

// --- questions ---

// Only root's programs: a password that anybody could try here would be tried.
static bool
is_root(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == 0;
}

static size_t
read_line(int fd, char *line)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t len = 0;

	while (len < LOGIN_LINE && poll(&p, 1, READ_MS) == 1) {
		ssize_t n = read(fd, line + len, LOGIN_LINE - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		if (line[len - 1] == '\n')
			break;
	}
	return len;
}

static void
tell(void *face)
{
	face_push(face, "login");
}

static void
serve(struct login *l, int fd)
{
	autoarena(arena, ARENA_SMALL);
	char line[LOGIN_LINE], out[LOGIN_LINE];
	const char *user, *password;
	struct error e;
	size_t len = is_root(fd) ? read_line(fd, line) : 0;

	if (login_read(&arena, slice_of(line, len), &user, &password, &e)) {
		// The main thread owns TPM and connection: it decides, this one waits.
		if (!login_question_ask(
			    &l->question, user, password, DECIDE_MS, tell, l->face, out))
			snprintf(out, sizeof out, "%s", UNDECIDED);
		if (write(fd, out, strlen(out)) < 0)
			log_warn("login: nobody waits for the answer");
		secret_wipe((void *)(uintptr_t)password, strlen(password));
	}
	secret_wipe(line, sizeof line);
}

static void *
run(void *arg)
{
	struct login *l = arg;
	struct pollfd fds[] = {
		{.fd = l->fd, .events = POLLIN}, {.fd = l->stop[0], .events = POLLIN}};

	while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		serve(l, fd);
		close(fd);
	}
	return NULL;
}

static bool
listen_for(struct login *l)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = LOGIN_SOCKET};

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(LOGIN_SOCKET);
	mode_t mask = umask(0177);
	bool bound = l->fd >= 0 && bind(l->fd, (struct sockaddr *)&name, sizeof name) == 0;
	umask(mask);
	return bound && listen(l->fd, 8) == 0 && pipe2(l->stop, O_CLOEXEC) == 0;
}

struct login *
login_open(struct agent *agent)
{
	struct login *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	l->face = agent->face;
	l->stop[0] = l->stop[1] = -1;
	login_question_init(&l->question);
	if (listen_for(l) && pthread_create(&l->thread, NULL, run, l) == 0)
		return l;
	log_warn("login: %s cannot be served", LOGIN_SOCKET);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
	return NULL;
}

void
login_close(struct login *l)
{
	if (!l)
		return;
	close(l->stop[1]);
	login_question_end(&l->question, UNDECIDED);
	pthread_join(l->thread, NULL);
	close(l->stop[0]);
	close(l->fd);
	unlink(LOGIN_SOCKET);
	free(l);
}

// --- the answer ---

// The account that is typed stands for a person by its full name.
static const char *
upn_of(struct agent *agent, const char *typed)
{
	struct passwd *entry = strchr(typed, '@') ? NULL : getpwnam(typed);

	if (strchr(typed, '@'))
		return typed;
	return entry && strchr(entry->pw_gecos, '@')
		? arena_strndup(agent->step, entry->pw_gecos, strcspn(entry->pw_gecos, ","))
		: NULL;
}

static bool
ask(struct agent *agent, const char *typed, const char *password, struct error *e)
{
	const char *upn = upn_of(agent, typed);
	const struct json *answer;
	struct buf body;

	if (!upn)
		return error_fault(e, ERR_UNAUTHENTICATED, "signin_unknown_user",
			"%s is no account of the directory", typed);
	buf_init(&body, agent->step, 8 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "user", upn);
	jsonw_str(&w, "password", password);
	jsonw_end_object(&w);
	bool ok = service_open_managed(agent, e) &&
		service_post(agent, true, "/device/v1/login", &body, &answer, e) &&
		json_need_str(answer, "upn", LOGIN_TYPED, &upn, e) && login_account(agent, upn, e);
	secret_wipe(body.data, body.len);
	return ok;
}

void
login_decide(struct agent *agent, struct login *l)
{
	char user[LOGIN_TYPED], password[LOGIN_TYPED];
	struct error e = {0};
	struct buf text;

	if (!l)
		return;
	unsigned number = login_question_take(&l->question, user, password);
	if (!number)
		return;
	arena_reset(agent->step);
	bool ok = ask(agent, user, password, &e);
	secret_wipe(password, sizeof password);
	if (!ok)
		log_info("login of %s: %s", user, e.message);
	buf_init(&text, agent->step, LOGIN_LINE - 1);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "ok", ok);
	const struct fault *fault = fault_of(&e, "agent_error");
	jsonw_str(&w, "title",
		ok ? "" : arena_printf(agent->step, "%s. %s", fault->title, fault->fix));
	jsonw_end_object(&w);
	buf_putc(&text, '\n');
	login_question_answer(&l->question, number, buf_text(&text));
}
