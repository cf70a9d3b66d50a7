// SPDX-License-Identifier: Apache-2.0
// Test helper: one directory operation of the connector a run, its result as "key=value" lines.
//
//   connector_ad_tool [-d DOMAIN] [-p PRINCIPAL] [-k KEYTAB] COMMAND ARGUMENTS…
//   info | ou OU | provision NAME OU JOB BLOBFILE | find NAME | mark JOB | read GUID | delete GUID
//   JOB
//
// Exit 0, or 1 after "fault=… code=…" and "message=…".
#include "base/fs.h"
#include "base/str.h"
#include "connector/computer_account.h"
#include "wire/odj/odj.h"
#include <stdlib.h>

static void
print_account(const struct computer_account *a)
{
	printf("dn=%s\nname=%s\nguid=%s\nsid=%s\nrid=%u\njob=%s\nhost=%s\nenabled=%d\npassword_set="
	       "%d\n",
		a->dn, a->name, a->guid, a->sid, a->rid, a->job ? a->job : "",
		a->dns_host_name ? a->dns_host_name : "", a->enabled, a->password_set != 0);
}

static bool
info(struct ad_session *s)
{
	const struct ad_domain *d = ad_domain(s);

	printf("domain=%s\nnetbios=%s\nforest=%s\nguid=%s\nsid=%s\ndc=%s\naddress=%s\nsite=%s\n"
	       "computers=%s\nskew=%lld\n",
		d->dns_name, d->netbios, d->forest, d->guid, d->sid, d->dc_name, d->dc_address,
		d->site, d->computers_dn, (long long)d->clock_skew_s);
	return true;
}

static bool
provision(struct arena *arena, struct ad_session *s, char **argv, struct error *e)
{
	const struct computer_request r = {
		.name = argv[1],
		.ou = *argv[2] ? argv[2] : NULL,
		.job = argv[3],
		.password = computer_password_new(arena),
	};
	struct computer_account account;
	struct slice blob;
	bool adopted;

	if (!computer_provision(arena, s, &r, &adopted, &account, e) ||
		!computer_blob(arena, s, &account, r.password, &blob, e) ||
		!fs_write(argv[4], odj_to_file(arena, blob), 0600, e))
		return false;
	print_account(&account);
	printf("adopted=%d\n", adopted);
	return true;
}

static bool
print_found(bool ok, bool found, const struct computer_account *account)
{
	if (ok)
		printf("found=%d\n", found);
	if (ok && found)
		print_account(account);
	return ok;
}

static bool
run(struct arena *arena, struct ad_session *s, int argc, char **argv, struct error *e)
{
	struct computer_account account;
	bool found = false;

	if (str_eq(argv[0], "info"))
		return info(s);
	if (str_eq(argv[0], "ou") && argc == 2)
		return ad_check_ou(arena, s, *argv[1] ? argv[1] : NULL, e);
	if (str_eq(argv[0], "provision") && argc == 5)
		return provision(arena, s, argv, e);
	if (str_eq(argv[0], "delete") && argc == 3)
		return computer_delete(arena, s, argv[1], argv[2], e);
	bool ok = false;
	if (str_eq(argv[0], "find") && argc == 2)
		ok = computer_find_by_name(arena, s, argv[1], &found, &account, e);
	else if (str_eq(argv[0], "mark") && argc == 2)
		ok = computer_find_by_mark(arena, s, NULL, argv[1], &found, &account, e);
	else if (str_eq(argv[0], "read") && argc == 2)
		ok = computer_read(arena, s, argv[1], &found, &account, e);
	else
		return error_set(e, ERR_INVALID, "unknown command");
	return print_found(ok, found, &account);
}

int
main(int argc, char **argv)
{
	autoarena(arena, (size_t)16 << 20);
	CLEANUP(ad_close_p) struct ad_session *s = NULL;
	struct ad_config config = {.domain = "corp.example.com",
		.principal = "svc-odj",
		.krb5_conf = getenv("KRB5_CONFIG")};
	struct error e = {0};
	int option;

	while ((option = getopt(argc, argv, "+d:p:k:")) != -1) {
		if (option == 'd')
			config.domain = optarg;
		else if (option == 'p')
			config.principal = optarg;
		else if (option == 'k')
			config.keytab = optarg;
		else
			return 2;
	}
	if (optind == argc)
		return 2;
	if (ad_connect(&arena, &config, &s, &e) && run(&arena, s, argc - optind, argv + optind, &e))
		return 0;
	printf("fault=%s code=%s\nmessage=%s\n", e.fault ? e.fault : "-", error_code_name(e.code),
		e.message);
	return 1;
}
