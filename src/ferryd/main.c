// SPDX-License-Identifier: Apache-2.0
// ferryd: the deployment service. It owns the network and the database, and no private key but its
// TLS key.
#include "base/conf.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/password.h"
#include "ferryd/first_steps.h"
#include "ferryd/rate_limit.h"
#include "ferryd/routes.h"
#include "ferryd/settle.h"
#include "ferryd/signer_client.h"
#include "ferryd/token_keys.h"
#include "ferryd/token_shelf.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include <argp.h>
#include <dirent.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

enum { MAPPED_FROM = 1 << 20 };
enum { DEFAULT_THREADS = 32, LEAST_TURNS = 2, DEFAULT_PER_ADDRESS = 2048 };

struct config {
	const char *file, *database, *listen_address, *port_file, *base_url, *organization, *domain;
	const char *signer, *tls_dir, *content, *trust_dir, *federation_ca;
	const char *mfa, *admin, *account_at_end;
	unsigned port, threads, max_per_address, max_per_client, min_password;
	const char *new_organization, *new_domain;
	bool check, bootstrap;
};

static struct config config = {
	.listen_address = "127.0.0.1",
	.organization = "Ferry",
	.domain = "example.com",
	.signer = "/run/ferry/signer.sock",
	.mfa = "administrators",
	.account_at_end = "disable",
	.threads = DEFAULT_THREADS,
	.max_per_address = DEFAULT_PER_ADDRESS,
};
static struct service service;

static const struct argp_option argp_options[] = {
	{"config", 'c', "FILE", 0, "Read this configuration (ferryd.conf(5))", 0},
	{"check-config", 'C', NULL, 0, "Check the configuration, then end", 0},
	{"bootstrap", 'B', NULL, 0,
		"Make the first tenant and an API client, print them as one JSON line, then end",
		0},
	{"add-organization", 'O', "NAME", 0,
		"Make another tenant, with the --domain, and an API client as --bootstrap does, "
		"then end",
		0},
	{"domain", 'D', "DOMAIN", 0, "With --add-organization: its domain", 0},
	{"admin", 'A', "UPN", 0,
		"With --bootstrap or --add-organization: make this user the first administrator "
		"and print a Temporary Access Pass",
		0},
	{"port-file", 'P', "FILE", 0, "Write the port in use to FILE once requests are served", 0},
	{0},
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'c':
		config.file = arg;
		return 0;
	case 'C':
		config.check = true;
		return 0;
	case 'B':
		config.bootstrap = true;
		return 0;
	case 'O':
		config.new_organization = arg;
		return 0;
	case 'D':
		config.new_domain = arg;
		return 0;
	case 'A':
		config.admin = arg;
		return 0;
	case 'P':
		config.port_file = arg;
		return 0;
	case ARGP_KEY_END:
		if (!config.file)
			argp_error(state, "--config is needed");
		if (!config.new_organization != !config.new_domain)
			argp_error(state, "--add-organization needs --domain");
		if (config.new_organization && config.bootstrap)
			argp_error(state, "--bootstrap makes the first organization");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct conf_row settings[] = {
	{"service", "base_url", offsetof(struct config, base_url)},
	{"service", "organization", offsetof(struct config, organization)},
	{"service", "domain", offsetof(struct config, domain)},
	{"service", "database", offsetof(struct config, database)},
	{"service", "content", offsetof(struct config, content)},
	{"service", "signer", offsetof(struct config, signer)},
	{"service", "trust_stores", offsetof(struct config, trust_dir)},
	{"service", "federation_ca", offsetof(struct config, federation_ca)},
	{"sign_in", "mfa", offsetof(struct config, mfa)},
	{"sign_in", "password_min", offsetof(struct config, min_password), PASSWORD_MIN_FLOOR,
		PASSWORD_MAX_BYTES},
	{"device", "account_at_end", offsetof(struct config, account_at_end)},
	{"listen", "address", offsetof(struct config, listen_address)},
	{"listen", "tls", offsetof(struct config, tls_dir)},
	{"listen", "port", offsetof(struct config, port), 0, 65535},
	{"listen", "threads", offsetof(struct config, threads), 1, 256},
	{"listen", "max_per_address", offsetof(struct config, max_per_address), 0, 1000000},
	{"listen", "max_per_client", offsetof(struct config, max_per_client), 0, 100000},
};

static bool
read_config(struct arena *arena, struct error *e)
{
	const struct conf conf = {
		.rows = settings, .count = sizeof settings / sizeof *settings, .target = &config};

	if (!conf_read(arena, &conf, config.file, e))
		return false;
	if (!config.base_url || !config.database || !config.tls_dir || !config.content)
		return error_set(e, ERR_INVALID,
			"%s: base_url, database, content and tls are needed", config.file);
	return true;
}

static bool
load_trust_store(const char *dir, const char *name, struct error *e)
{
	char path[512];

	if (service.trust_count == MAX_TRUST_STORES)
		return error_set(e, ERR_LIMIT, "more than %d trust stores", MAX_TRUST_STORES);
	snprintf(path, sizeof path, "%s/%s", dir, name);
	return tpm_trust_store_load(name, path, &service.trust[service.trust_count++], e);
}

// Every folder below trust_stores is a store of that name; there is no union of them (threats row
// 2).
static bool
load_trust_stores(const char *dir, struct error *e)
{
	DIR *folder = dir ? opendir(dir) : NULL;
	struct dirent *entry;
	bool ok = true;

	if (!folder)
		return !dir || error_errno(e, "%s", dir);
	while (ok && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			ok = load_trust_store(dir, entry->d_name, e);
	closedir(folder);
	return ok;
}

static bool
learn_signer(struct arena *arena, struct error *e)
{
	const struct json *info;
	autox509 *root = NULL;

	if (!signer_info(arena, config.signer, &info, e) ||
		!json_need_str(info, "root", 32 << 10, &service.root_pem, e) ||
		!cert_load_pem(slice_str(service.root_pem), &root, e) ||
		!cert_der(arena, root, &service.root_der, e))
		return false;
	service.shelf = token_shelf_new(config.signer);
	return token_keys_open(config.signer, &service.tokens, e);
}

// Clients send only their leaf: the issuing CA must be at hand beside the root.
static char *
client_ca(struct arena *arena, const struct json *info)
{
	return arena_printf(arena, "%s%s", json_str(info, "root"), json_str(info, "issuing"));
}

static bool
worker_open(void *context, void **out, struct error *e)
{
	struct worker *worker = calloc(1, sizeof *worker);

	if (!worker)
		abort();
	worker->service = context;
	worker->signer_fd = -1;
	if (!store_session_open(service.store, &worker->session, e)) {
		free(worker);
		return false;
	}
	*out = worker;
	return true;
}

static void
worker_close(void *context, void *arg)
{
	struct worker *worker = arg;

	(void)context;
	store_session_close(worker->session);
	if (worker->signer_fd >= 0)
		close(worker->signer_fd);
	free(worker);
}

static bool
announce(struct arena *arena, struct error *e)
{
	uint16_t port = http_server_port(service.server);

	log_info("serving %s on %s port %u", config.base_url, config.listen_address, port);
	sd_notifyf(0, "READY=1\nSTATUS=Serving on port %u", port);
	return !config.port_file ||
		fs_write(config.port_file, slice_str(arena_printf(arena, "%u\n", port)), 0644, e);
}

// As many threads as processors look for work; the rest stands in for those that wait for the disk.
static unsigned
turns(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned wanted = processors > LEAST_TURNS ? (unsigned)processors : LEAST_TURNS;

	return wanted < config.threads ? wanted : config.threads;
}

// As many descriptors as the administrator allows: the customary soft limit of 1024 is for programs
// that use select(2).
static void
raise_file_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == files.rlim_max)
		return;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		log_warn("the limit of open files stays as it is");
}

static bool
learn_end_point(struct arena *arena, struct error *e)
{
	autox509 *cert = NULL;
	struct slice pem;

	return fs_read(arena, arena_printf(arena, "%s/tls.pem", config.tls_dir), 256 << 10, &pem,
		       e) &&
		cert_load_pem(pem, &cert, e) &&
		cert_end_point(arena, cert, &service.tls_end_point, e);
}

static bool
serve(struct arena *arena, struct error *e)
{
	const struct json *info;
	sigset_t signals;
	int signal_number;

	if (!routes_compile(arena, e) || !load_trust_stores(config.trust_dir, e) ||
		!learn_signer(arena, e) || !learn_end_point(arena, e) ||
		!signer_info(arena, config.signer, &info, e))
		return false;
	struct http_server_config http = {
		.address = config.listen_address,
		.port = (uint16_t)config.port,
		.tls =
			{
				.certificate = arena_printf(arena, "%s/tls.pem", config.tls_dir),
				.key = arena_printf(arena, "%s/tls.key", config.tls_dir),
				.client_ca = client_ca(arena, info),
			},
		.threads = config.threads,
		.large_path = "/ferry/v1/imports/",
		.max_large = IMPORT_PART_MAX,
		.max_per_address = config.max_per_address,
		.turns = turns(),
		.handler = routes_serve,
		.context = &service,
		.worker_init = worker_open,
		.worker_finish = worker_close,
	};
	raise_file_limit();
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	if (!settle_start(&service, e))
		return false;
	if (!http_server_start(&http, &service.server, e) || !announce(arena, e))
		return false;
	sigwait(&signals, &signal_number);
	log_info("stopping");
	http_server_stop(service.server);
	settle_stop();
	token_shelf_free(service.shelf);
	token_keys_close(service.tokens);
	return true;
}

static bool
read_mfa(enum mfa_policy *out, struct error *e)
{
	static const char *const names[] = {[MFA_OPTIONAL] = "optional",
		[MFA_ADMINISTRATORS] = "administrators",
		[MFA_EVERYONE] = "everyone"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(names[i], config.mfa)) {
			*out = (enum mfa_policy)i;
			return true;
		}
	return error_set(e, ERR_INVALID,
		"%s: [sign_in] mfa must be optional, administrators or everyone", config.file);
}

// What becomes of the computer account of a device that was wiped or retired.
static bool
check_account_at_end(struct error *e)
{
	return str_eq(config.account_at_end, "disable") ||
		str_eq(config.account_at_end, "delete") || str_eq(config.account_at_end, "keep") ||
		error_set(e, ERR_INVALID,
			"%s: [device] account_at_end must be disable, delete or keep", config.file);
}

static bool
run(struct arena *arena, struct error *e)
{
	enum mfa_policy mfa;

	if (!read_config(arena, e) || !read_mfa(&mfa, e) || !check_account_at_end(e))
		return false;
	if (config.check)
		return true;
	service = (struct service){
		.base_url = config.base_url,
		.organization = config.organization,
		.signer_path = config.signer,
		.content_dir = config.content,
		.federation_ca = config.federation_ca,
		.account_at_end = config.account_at_end,
		.throttle = rate_limit_new(config.max_per_client),
		.started_at = clock_now(),
		.sign_in = {.min_password = config.min_password, .mfa = mfa},
	};
	struct store_options options = {.before_wait = http_server_waits};
	if (!fs_mkdirs(config.content, 0750, e) ||
		!store_open(config.database, &options, &service.store, e))
		return false;
	struct first_steps first = {
		.another = config.new_organization != NULL,
		.organization =
			config.new_organization ? config.new_organization : config.organization,
		.domain = config.new_domain ? config.new_domain : config.domain,
		.admin = config.admin,
	};
	bool ok = config.bootstrap || first.another
		? organization_make(service.store, &first, arena, e)
		: serve(arena, e);
	if (ok)
		store_close(service.store);
	return ok;
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {argp_options, parse_option, NULL,
		"The Ferry deployment service.", NULL, NULL, NULL};
	autoarena(arena, ARENA_REQUEST);
	struct error e = {0};

	argp_program_version = "ferryd " FERRY_VERSION;
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	log_init("ferryd", LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	// What a request borrowed goes back to the system with it: glibc would raise this limit to
	// the size of an import's parts and keep some for every thread.
	mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
	if (!run(&arena, &e)) {
		log_failure("ferryd", &e);
		return error_exit_code(e.code);
	}
	return 0;
}
