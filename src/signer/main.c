// SPDX-License-Identifier: Apache-2.0
// ferry-signer: holds the CA and token keys behind a unix socket; has no network and no database
// (design.md section 1).
#include "base/failpoint.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "signer/ops.h"
#include <argp.h>
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

enum { MAX_CLIENTS = 64, MAX_NAMES = 32, MAX_ROTATE_DAYS = 3650, TEND_SECONDS = 60 };

// Options without a letter.
enum { OPT_ROTATE = 256, OPT_NOW, OPT_REVOKE, OPT_LIST, OPT_DAYS, OPT_ALG, OPT_JOBS };

struct options {
	const char *keys, *socket, *organization, *tls_out;
	const char *tls_names[MAX_NAMES + 1];
	size_t tls_name_count;
	uid_t allow_uid;
	bool init, rotate, now, list, jobs;
	const char *revoke;
	struct token_policy tokens;
};

static struct keyring keyring;
static struct options options = {
	.socket = "/run/ferry/signer.sock", .organization = "Ferry", .tokens = {.rotate_days = 90}};
static atomic_int clients;

static const struct argp_option argp_options[] = {
	{"keys", 'k', "DIR", 0, "Folder of the keys (mode 0700)", 0},
	{"socket", 's', "PATH", 0, "Listen here (default /run/ferry/signer.sock)", 0},
	{"allow-uid", 'u', "UID", 0, "Also serve this user, besides our own and root", 0},
	{"init", 'i', NULL, 0,
		"Make the keys if there are none, then end (or issue with --tls-out)", 0},
	{"organization", 'o', "NAME", 0, "Name in the CA certificates made by --init", 0},
	{"tls-out", 't', "DIR", 0, "Issue the service's TLS certificate into DIR, then end", 0},
	{"tls-name", 'n', "NAME", 0, "DNS name or address of the service; may be repeated", 0},
	{"rotate-days", OPT_DAYS, "N", 0,
		"Replace the token key at this age (default 90; 0: only by hand)", 0},
	{"token-alg", OPT_ALG, "ALG", 0,
		"ES256 or RS256 for new token keys (default: as the current one's)", 0},
	{"rotate", OPT_ROTATE, NULL, 0, "Publish the next token key, which signs after a day", 0},
	{"now", OPT_NOW, NULL, 0, "With --rotate: let it sign at once", 0},
	{"revoke", OPT_REVOKE, "KID", 0, "Publish this token key no longer: it was stolen", 0},
	{"jobs", OPT_JOBS, NULL, 0,
		"With --list, --rotate or --revoke: the keys that sign jobs of connectors", 0},
	{"list", OPT_LIST, NULL, 0, "Print the token keys: name, algorithm, state, since when", 0},
	{0},
};

static error_t
parse_token_option(int key, char *arg, struct argp_state *state)
{
	uint64_t days;

	switch (key) {
	case OPT_ROTATE:
		options.rotate = true;
		return 0;
	case OPT_NOW:
		options.now = true;
		return 0;
	case OPT_JOBS:
		options.jobs = true;
		return 0;
	case OPT_LIST:
		options.list = true;
		return 0;
	case OPT_REVOKE:
		options.revoke = arg;
		return 0;
	case OPT_DAYS:
		if (!str_to_u64(arg, MAX_ROTATE_DAYS, &days))
			argp_error(state, "--rotate-days needs a number up to %d", MAX_ROTATE_DAYS);
		options.tokens.rotate_days = (int64_t)days;
		return 0;
	case OPT_ALG:
		if (!str_eq(arg, "ES256") && !str_eq(arg, "RS256"))
			argp_error(state, "--token-alg is ES256 or RS256");
		options.tokens.alg = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	uint64_t uid;

	switch (key) {
	case 'k':
		options.keys = arg;
		return 0;
	case 's':
		options.socket = arg;
		return 0;
	case 'o':
		options.organization = arg;
		return 0;
	case 'i':
		options.init = true;
		return 0;
	case 't':
		options.tls_out = arg;
		return 0;
	case 'u':
		if (!str_to_u64(arg, UINT32_MAX - 1, &uid))
			argp_error(state, "--allow-uid needs a number");
		options.allow_uid = (uid_t)uid;
		return 0;
	case 'n':
		if (options.tls_name_count == MAX_NAMES)
			argp_error(state, "too many names");
		options.tls_names[options.tls_name_count++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (!options.keys)
			argp_error(state, "--keys is needed");
		if (options.tls_out && !options.tls_name_count)
			argp_error(state, "--tls-out needs --tls-name");
		if (options.jobs && !options.rotate && !options.revoke && !options.list)
			argp_error(state, "--jobs needs --list, --rotate or --revoke");
		if (options.now && !options.rotate)
			argp_error(state, "--now needs --rotate");
		return 0;
	default:
		return parse_token_option(key, arg, state);
	}
}

static bool
peer_allowed(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	return peer.uid == 0 || peer.uid == geteuid() ||
		(options.allow_uid && peer.uid == options.allow_uid);
}

// The answer to `watch` is a descriptor. It tells names of files in the folder of the keys and when
// they change, and lets nobody reach them. Without one ferryd has every token signed anew.
static bool
send_watch(int fd)
{
	char text[] = "{}";
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {.iov_base = text, .iov_len = sizeof text - 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	autoclose watch = -1;
	struct error e;

	if (token_ring_watch(options.keys, &watch, &e)) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control.bytes;
		control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof watch)};
		memcpy(CMSG_DATA(&control.header), &watch, sizeof watch);
	} else {
		log_warn("token keys: %s", e.message);
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) >= 0;
}

static bool
answer(struct arena *arena, int fd, struct slice request)
{
	struct buf out;

	if (slice_is(request, "{\"op\":\"watch\"}"))
		return send_watch(fd);
	buf_init(&out, arena, SIGNER_MESSAGE_MAX);
	failpoint("signer.before_answer");
	signer_answer(arena, &keyring, clock_now(), request, &out);
	failpoint("signer.after_answer");
	return send(fd, out.data, out.len, MSG_NOSIGNAL) >= 0;
}

// One thread per client connection: ferryd's workers keep theirs open.
static void *
serve_client(void *arg)
{
	autoclose fd = (int)(intptr_t)arg;
	autoarena(arena, ARENA_REQUEST);
	static __thread uint8_t message[SIGNER_MESSAGE_MAX];
	ssize_t len;

	while ((len = recv(fd, message, sizeof message, 0)) > 0) {
		arena_reset(&arena);
		if (!answer(&arena, fd, slice_of(message, (size_t)len)))
			break;
	}
	atomic_fetch_sub(&clients, 1);
	return NULL;
}

// The socket gets its name when it answers: whoever sees the name may connect.
static bool
listen_on(const char *path, int *out, struct error *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	autoclose fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int len = snprintf(address.sun_path, sizeof address.sun_path, "%s.new", path);

	if (len < 0 || (size_t)len >= sizeof address.sun_path)
		return error_set(e, ERR_INVALID, "%s: too long for a socket", path);
	if (fd < 0 || (unlink(address.sun_path) < 0 && errno != ENOENT))
		return error_errno(e, "%s", path);
	mode_t old = umask(options.allow_uid ? 0 : 077);
	int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
	umask(old);
	if (bound < 0 || listen(fd, 128) < 0 || rename(address.sun_path, path) < 0)
		return error_errno(e, "%s", path);
	*out = take_fd(&fd);
	return true;
}

static void
start_client(int fd)
{
	pthread_t thread;

	if (!peer_allowed(fd) || atomic_fetch_add(&clients, 1) >= MAX_CLIENTS) {
		close(fd);
		return;
	}
	if (pthread_create(&thread, NULL, serve_client, (void *)(intptr_t)fd) != 0) {
		atomic_fetch_sub(&clients, 1);
		close(fd);
		return;
	}
	pthread_detach(thread);
}

// What is due is done by whoever serves; a failure (a full disk) is tried again a minute later.
static void *
tend_tokens(void *arg)
{
	autoarena(arena, ARENA_SMALL);
	const char *jobs = keyring_job_dir(&arena, options.keys);
	struct token_policy policy = keyring_job_policy;
	struct error e = {0};

	(void)arg;
	// By hand is by hand for both.
	if (options.tokens.rotate_days == 0)
		policy.rotate_days = 0;
	for (;;) {
		if (!token_ring_tend(options.keys, &options.tokens, clock_now(), &e))
			log_warn("token keys: %s", e.message);
		if (!token_ring_tend(jobs, &policy, clock_now(), &e))
			log_warn("keys for jobs: %s", e.message);
		sleep(TEND_SECONDS);
	}
	return NULL;
}

static bool
serve(struct error *e)
{
	int listener;
	pthread_t tender;

	if (!listen_on(options.socket, &listener, e))
		return false;
	if (pthread_create(&tender, NULL, tend_tokens, NULL) != 0)
		return error_set(e, ERR_UNAVAILABLE, "no more threads");
	pthread_detach(tender);
	sd_notify(0, "READY=1");
	log_info("ready on %s", options.socket);
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			start_client(fd);
		else if (errno != EINTR && errno != ECONNABORTED && errno != EMFILE)
			return error_errno(e, "accept");
	}
}

// What root changes must stay readable to the user who serves: the owner of the folder does it.
static bool
become_owner(const char *dir, struct error *e)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return error_errno(e, "%s", dir);
	if (geteuid() != 0 || st.st_uid == 0)
		return true;
	if (setgroups(0, NULL) < 0 || setgid(st.st_gid) < 0 || setuid(st.st_uid) < 0)
		return error_errno(e, "becoming the owner of %s", dir);
	return true;
}

static bool
list_tokens(const char *dir, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	struct token_state state;

	if (!token_ring_read(&arena, dir, &state, e))
		return false;
	for (size_t i = 0; i < state.count; i++)
		printf("%s %s %s %s\n", state.keys[i].kid, jwk_alg(state.keys[i].key),
			token_state_name(state.keys[i].state),
			clock_rfc3339(&arena, state.keys[i].since * US_PER_S));
	token_state_free(&state);
	return true;
}

// Works beside a signer that serves: it reads the list again when it has changed.
static bool
change_tokens(struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	const char *dir = options.jobs ? keyring_job_dir(&arena, options.keys) : options.keys;
	const struct token_policy *policy = options.jobs ? &keyring_job_policy : &options.tokens;

	return become_owner(options.keys, e) &&
		(!options.revoke ||
			token_ring_revoke(dir, policy, options.revoke, clock_now(), e)) &&
		(!options.rotate || token_ring_rotate(dir, policy, options.now, clock_now(), e)) &&
		list_tokens(dir, e);
}

static bool
run(struct error *e)
{
	autoarena(arena, ARENA_SMALL);

	if (options.revoke || options.rotate || options.list)
		return change_tokens(e);
	if (options.init &&
		!keyring_create(
			options.keys, options.organization, &options.tokens, clock_now(), e) &&
		e->code != ERR_CONFLICT)
		return false;
	if (!keyring_open(&arena, options.keys, clock_now(), &keyring, e))
		return error_wrap(e, "keys");
	if (options.tls_out)
		return keyring_issue_tls(
			&keyring, options.tls_out, options.tls_names, clock_now(), e);
	return options.init || serve(e);
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {argp_options, parse_option, NULL,
		"Sign certificates and tokens for ferryd.", NULL, NULL, NULL};
	struct error e = {0};

	argp_program_version = "ferry-signer " FERRY_VERSION;
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	log_init("ferry-signer", LOG_LEVEL_INFO);
	// No core dump and no debugger of the same user may see the keys.
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGPIPE, SIG_IGN);
	if (!run(&e)) {
		log_failure("ferry-signer", &e);
		return error_exit_code(e.code);
	}
	return 0;
}
