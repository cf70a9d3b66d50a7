// SPDX-License-Identifier: Apache-2.0
// Load over TLS with client certificates: what the benchmarks send, how fast, and what it cost the
// server's processes.
//
//   bench_load -a PORT -C ca.pem -s SCRIPT -m keep|fresh|resume|idle [-i IDENTITIES] [-t THREADS]
//   [-c CONNECTIONS]
//              [-n COUNT] [-p PID,PID…]
//
// keep: each thread sends the script's sessions, which are of one length, COUNT times in turn over
// its CONNECTIONS, which stay open. fresh: every session on a connection of its own. resume: the
// same, each resuming the TLS session of the one before. idle: open CONNECTIONS, say "ready", hold
// them until standard input ends. Prints one JSON line; cpuUs is what the processes -p used per
// session, from /proc/PID/task/*/schedstat, without the connections that keep and resume begin
// with.
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_IDENTITIES = 256, MAX_PIDS = 16, ANSWER_MAX = 128 << 10, NAME_MAX_LEN = 300 };

// "session N\n", then N times "request LENGTH\n", the bytes and "\n".
struct request {
	const char *bytes;
	size_t len;
};

struct session {
	struct request *requests;
	size_t count;
};

struct thread {
	pthread_t id;
	unsigned number;
	long done, errors, resumed, bytes;
	SSL_SESSION *last; // newest session the server gave
};

static struct session *sessions;
static size_t session_count;
static SSL_CTX *context;
static X509 *certificates[MAX_IDENTITIES];
static EVP_PKEY *keys[MAX_IDENTITIES];
static unsigned identity_count, threads = 1, connections = 1, port;
static long count = 1000;
static const char *mode = "keep";
static pid_t pids[MAX_PIDS];
static unsigned pid_count;
static pthread_barrier_t barrier;
static long next_session; // fresh sessions are never sent twice while there are others
static int thread_index;

static void
die(const char *what)
{
	fprintf(stderr, "bench_load: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

static void *
check(void *pointer)
{
	if (!pointer)
		die("out of memory");
	return pointer;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *
read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t len = 0, cap = 1 << 20;
	char *text = check(malloc(cap));

	if (!file)
		die(path);
	for (size_t n; (n = fread(text + len, 1, cap - len - 1, file)) > 0;) {
		len += n;
		if (cap - len < 2)
			text = check(realloc(text, cap *= 2));
	}
	fclose(file);
	text[len] = '\0';
	return text;
}

static void
read_script(const char *path)
{
	char *at = read_file(path);

	while (strncmp(at, "session ", 8) == 0) {
		sessions = check(realloc(sessions, (session_count + 1) * sizeof *sessions));
		struct session *s = &sessions[session_count++];
		s->count = strtoul(at + 8, &at, 10);
		s->requests = check(calloc(s->count, sizeof *s->requests));
		at++;
		for (size_t i = 0; i < s->count; i++) {
			if (strncmp(at, "request ", 8) != 0)
				die("malformed script");
			s->requests[i].len = strtoul(at + 8, &at, 10);
			s->requests[i].bytes = at + 1;
			at += s->requests[i].len + 2;
		}
	}
	if (!session_count)
		die("an empty script");
}

// DIR/0.pem, DIR/1.pem …: a certificate and its key. Connections use them in turn.
static void
read_identities(const char *dir)
{
	char path[NAME_MAX_LEN];

	for (; identity_count < MAX_IDENTITIES; identity_count++) {
		snprintf(path, sizeof path, "%s/%u.pem", dir, identity_count);
		FILE *file = fopen(path, "r");
		if (!file)
			break;
		certificates[identity_count] = PEM_read_X509(file, NULL, NULL, NULL);
		keys[identity_count] = PEM_read_PrivateKey(file, NULL, NULL, NULL);
		fclose(file);
		if (!certificates[identity_count] || !keys[identity_count])
			die(path);
	}
}

static double
cpu_seconds(void)
{
	double total = 0;

	for (unsigned i = 0; i < pid_count; i++) {
		char path[NAME_MAX_LEN + 80];
		snprintf(path, sizeof path, "/proc/%d/task", (int)pids[i]);
		DIR *dir = opendir(path);
		for (struct dirent *entry; dir && (entry = readdir(dir));) {
			unsigned long long ns = 0;
			snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", (int)pids[i],
				entry->d_name);
			FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
			if (file && fscanf(file, "%llu", &ns) == 1)
				total += (double)ns / 1e9;
			if (file)
				fclose(file);
		}
		if (dir)
			closedir(dir);
	}
	return total;
}

// --- one connection ---

static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct thread *t = SSL_get_ex_data(ssl, thread_index);

	SSL_SESSION_free(t->last);
	t->last = session;
	return 1;
}

static SSL *
open_connection(struct thread *t, unsigned number, bool resume)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	SSL *ssl = check(SSL_new(context));

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("cannot connect");
	if (identity_count &&
		(SSL_use_certificate(ssl, certificates[number % identity_count]) != 1 ||
			SSL_use_PrivateKey(ssl, keys[number % identity_count]) != 1))
		die("identity");
	SSL_set_ex_data(ssl, thread_index, t);
	SSL_set_fd(ssl, fd);
	if (resume && t->last)
		SSL_set_session(ssl, t->last);
	if (SSL_connect(ssl) != 1)
		die("handshake");
	return ssl;
}

static void
close_connection(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
}

static void
send_request(SSL *ssl, const struct request *request)
{
	if (SSL_write(ssl, request->bytes, (int)request->len) != (int)request->len)
		die("cannot send");
}

// Head and body of one answer; anything but 2xx is an error.
static void
read_answer(struct thread *t, SSL *ssl)
{
	static __thread char text[ANSWER_MAX];
	size_t len = 0, need = 0;

	while (!need || len < need) {
		int n = SSL_read(ssl, text + len, (int)(sizeof text - 1 - len));
		if (n <= 0)
			die("the server hung up");
		len += (size_t)n;
		text[len] = '\0';
		const char *end = need ? NULL : strstr(text, "\r\n\r\n");
		const char *length = end ? strcasestr(text, "\r\nContent-Length:") : NULL;
		if (end)
			need = (size_t)(end - text) + 4 +
				(length ? strtoul(length + 17, NULL, 10) : 0);
	}
	t->bytes += (long)len;
	if (strncmp(text, "HTTP/1.1 2", 10) != 0 && t->errors++ == 0)
		fprintf(stderr, "bench_load: %.600s\n", text);
}

static void
run_session(struct thread *t, SSL *ssl, const struct session *session)
{
	for (size_t i = 0; i < session->count; i++) {
		send_request(ssl, &session->requests[i]);
		read_answer(t, ssl);
	}
	t->done++;
}

// --- modes ---

// All connections of the thread have a request under way all the time.
static void
run_kept(struct thread *t, SSL **open)
{
	long left = count / threads;

	for (long round = 0; left > 0; round++, left -= connections)
		for (size_t i = 0; i < sessions[0].count; i++)
			for (unsigned c = 0; c < connections; c++) {
				size_t which = ((size_t)round * connections + c) % session_count;
				if (round || i)
					read_answer(t, open[c]);
				send_request(open[c], &sessions[which].requests[i]);
				t->done += i == 0;
			}
	for (unsigned c = 0; c < connections; c++)
		read_answer(t, open[c]);
}

static void
run_fresh(struct thread *t, bool resume)
{
	for (;;) {
		long number = __atomic_fetch_add(&next_session, 1, __ATOMIC_RELAXED);
		if (number >= count)
			return;
		SSL *ssl = open_connection(t, (unsigned)number, resume);
		t->resumed += SSL_session_reused(ssl);
		run_session(t, ssl, &sessions[(size_t)number % session_count]);
		close_connection(ssl);
	}
}

static void *
run_thread(void *arg)
{
	struct thread *t = arg;
	bool keep = strcmp(mode, "keep") == 0, resume = strcmp(mode, "resume") == 0;
	SSL **open = keep ? check(calloc(connections, sizeof *open)) : NULL;

	for (unsigned i = 0; keep && i < connections; i++) {
		open[i] = open_connection(t, t->number * connections + i, false);
		run_session(t, open[i], &sessions[0]);
	}
	if (resume) {
		SSL *ssl = open_connection(t, 0, false);
		run_session(t, ssl, &sessions[0]);
		close_connection(ssl);
	}
	t->done = t->bytes = 0;
	pthread_barrier_wait(&barrier); // begun
	pthread_barrier_wait(&barrier); // go
	if (keep)
		run_kept(t, open);
	else
		run_fresh(t, resume);
	pthread_barrier_wait(&barrier); // done
	for (unsigned i = 0; keep && i < connections; i++)
		close_connection(open[i]);
	free(open);
	return NULL;
}

static int
measure(void)
{
	struct thread *all = check(calloc(threads, sizeof *all)), sum = {0};

	pthread_barrier_init(&barrier, NULL, threads + 1);
	for (unsigned i = 0; i < threads; i++) {
		all[i].number = i;
		if (pthread_create(&all[i].id, NULL, run_thread, &all[i]) != 0)
			die("cannot start a thread");
	}
	pthread_barrier_wait(&barrier);
	double cpu = cpu_seconds(), begun = now();
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	double seconds = now() - begun;
	usleep(20000); // what the server still does after its last answer is part of the cost
	cpu = cpu_seconds() - cpu;
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(all[i].id, NULL);
		sum.done += all[i].done;
		sum.errors += all[i].errors;
		sum.resumed += all[i].resumed;
		sum.bytes += all[i].bytes;
		SSL_SESSION_free(all[i].last);
	}
	double done = (double)(sum.done ? sum.done : 1);
	printf("{\"sessions\":%ld,\"errors\":%ld,\"resumed\":%ld,\"seconds\":%.4f,\"perSecond\":%."
	       "1f,\"cpuUs\":%.3f,"
	       "\"bytes\":%.0f}\n",
		sum.done, sum.errors, sum.resumed, seconds, (double)sum.done / seconds,
		cpu * 1e6 / done, (double)sum.bytes / done);
	free(all);
	return sum.errors ? 1 : 0;
}

static void *
open_share(void *arg)
{
	struct thread *t = arg;

	for (unsigned i = t->number; i < connections; i += threads) {
		SSL *ssl = open_connection(t, i, false);
		run_session(t, ssl, &sessions[0]);
	}
	return NULL;
}

static int
hold(void)
{
	struct thread *all = check(calloc(threads, sizeof *all));
	char end;

	for (unsigned i = 0; i < threads; i++) {
		all[i].number = i;
		if (pthread_create(&all[i].id, NULL, open_share, &all[i]) != 0)
			die("cannot start a thread");
	}
	for (unsigned i = 0; i < threads; i++)
		pthread_join(all[i].id, NULL);
	puts("ready");
	fflush(stdout);
	while (read(0, &end, 1) > 0)
		;
	return 0; // the kernel closes them
}

static void
read_pids(char *list)
{
	for (char *end; pid_count < MAX_PIDS && *list; list = *end ? end + 1 : end)
		pids[pid_count++] = (pid_t)strtol(list, &end, 10);
}

static void
open_context(const char *ca)
{
	context = check(SSL_CTX_new(TLS_client_method()));
	if (!ca || SSL_CTX_load_verify_locations(context, ca, NULL) != 1)
		die("the CA file");
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, keep_session);
	thread_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

int
main(int argc, char **argv)
{
	const char *ca = NULL;

	for (int option; (option = getopt(argc, argv, "a:C:s:m:i:t:c:n:p:")) > 0;)
		switch (option) {
		case 'a':
			port = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'C':
			ca = optarg;
			break;
		case 's':
			read_script(optarg);
			break;
		case 'm':
			mode = optarg;
			break;
		case 'i':
			read_identities(optarg);
			break;
		case 't':
			threads = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'c':
			connections = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'n':
			count = strtol(optarg, NULL, 10);
			break;
		case 'p':
			read_pids(optarg);
			break;
		default:
			die("usage: see the head of bench/load.c");
		}
	if (!port || !session_count || !threads || !connections)
		die("usage: see the head of bench/load.c");
	signal(SIGPIPE, SIG_IGN);
	open_context(ca);
	return strcmp(mode, "idle") == 0 ? hold() : measure();
}
