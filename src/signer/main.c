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
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

enum { MAX_CLIENTS = 64, MAX_NAMES = 32 };

struct options {
	const char *keys, *socket, *organization, *tls_out;
	const char *tls_names[MAX_NAMES + 1];
	size_t tls_name_count;
	uid_t allow_uid;
	bool init;
};

static struct keyring keyring;
static struct options options = {.socket = "/run/ferry/signer.sock", .organization = "Ferry"};
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
	{0},
};

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
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
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

// One thread per client connection: ferryd's workers keep theirs open.
static void *
serve_client(void *arg)
{
	autoclose fd = (int)(intptr_t)arg;
	autoarena(arena, ARENA_REQUEST);
	static __thread uint8_t message[SIGNER_MESSAGE_MAX];
	struct buf out;
	ssize_t len;

	while ((len = recv(fd, message, sizeof message, 0)) > 0) {
		arena_reset(&arena);
		buf_init(&out, &arena, SIGNER_MESSAGE_MAX);
		failpoint("signer.before_answer");
		signer_answer(&arena, &keyring, clock_now(), slice_of(message, (size_t)len), &out);
		failpoint("signer.after_answer");
		if (send(fd, out.data, out.len, MSG_NOSIGNAL) < 0)
			break;
	}
	atomic_fetch_sub(&clients, 1);
	return NULL;
}

static bool
listen_on(const char *path, int *out, struct error *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	autoclose fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof address.sun_path)
		return error_set(e, ERR_INVALID, "%s: too long for a socket", path);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd < 0 || (unlink(path) < 0 && errno != ENOENT))
		return error_errno(e, "%s", path);
	mode_t old = umask(options.allow_uid ? 0 : 077);
	int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
	umask(old);
	if (bound < 0 || listen(fd, 128) < 0)
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

static bool
serve(struct error *e)
{
	int listener;

	if (!listen_on(options.socket, &listener, e))
		return false;
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

static bool
run(struct error *e)
{
	autoarena(arena, ARENA_SMALL);

	if (options.init && !keyring_create(options.keys, options.organization, clock_now(), e) &&
		e->code != ERR_CONFLICT)
		return false;
	if (!keyring_open(&arena, options.keys, &keyring, e))
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
