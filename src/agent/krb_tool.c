// SPDX-License-Identifier: Apache-2.0
// Test helper: one step of the device's domain membership a run.
//
//   agent_krb_tool apply BLOBFILE KEYTAB KRB5CONF KVNO   write both from a blob
//   agent_krb_tool reach DOMAIN                          is a domain controller reachable?
//   agent_krb_tool prove NAME KEYTAB KRB5CONF            machine ticket and own service ticket
//   agent_krb_tool change NAME KEYTAB KRB5CONF           another password for the machine
//   agent_krb_tool user NAME KEYTAB KRB5CONF USER        sign-in; the password is one line on stdin
//
// Exit 0, or 1 after "fault=… code=…" and "message=…".
#include "agent/domain_join.h"
#include "agent/kerberos.h"
#include "agent/machine_password.h"
#include "base/fs.h"
#include "base/str.h"
#include <stdlib.h>

static bool
apply(struct arena *arena, char **argv, struct error *e)
{
	struct odj_info info;
	struct slice blob;

	if (!fs_read(arena, argv[1], ODJ_MAX_FORM, &blob, e) ||
		!odj_decode(arena, blob, &info, e) ||
		!domain_join_write_keytab(
			&info, argv[2], (uint32_t)strtoul(argv[4], NULL, 10), e) ||
		!fs_write(
			argv[3], slice_str(domain_join_krb5_conf(arena, &info, argv[2])), 0644, e))
		return false;
	printf("name=%s\nfqdn=%s\nrealm=%s\n", info.machine_name, domain_join_fqdn(arena, &info),
		domain_join_realm(arena, &info));
	return true;
}

static bool
user(struct arena *arena, const struct krb_machine *m, const char *name, struct error *e)
{
	struct signed_in_user who;
	char password[512];

	if (!fgets(password, sizeof password, stdin))
		return error_set(e, ERR_INVALID, "no password on stdin");
	password[strcspn(password, "\n")] = '\0';
	if (!user_sign_in(arena, m, name, password, &who, e))
		return false;
	printf("principal=%s\narmoured=%d\n", who.principal, who.armoured);
	return true;
}

static bool
run(struct arena *arena, int argc, char **argv, struct error *e)
{
	struct dc_target dc;
	uint32_t kvno = 0;

	if (argc == 5 && str_eq(argv[0], "apply"))
		return apply(arena, argv, e);
	if (argc == 2 && str_eq(argv[0], "reach")) {
		if (!dc_reachable(arena, argv[1], 5000, &dc, e))
			return false;
		printf("host=%s\naddress=%s\n", dc.host, dc.address);
		return true;
	}
	if (argc < 4)
		return error_set(e, ERR_INVALID, "unknown command");
	const struct krb_machine m = {.config = argv[3],
		.domain = "corp.example.com",
		.netbios = "CORP",
		.name = argv[1],
		.keytab = argv[2]};
	if (argc == 5 && str_eq(argv[0], "user"))
		return user(arena, &m, argv[4], e);
	if (str_eq(argv[0], "change"))
		return machine_password_change(&m, e);
	if (!str_eq(argv[0], "prove"))
		return error_set(e, ERR_INVALID, "unknown command");
	if (!machine_prove(&m, &kvno, e))
		return false;
	printf("kvno=%u\n", kvno);
	return true;
}

int
main(int argc, char **argv)
{
	autoarena(arena, (size_t)16 << 20);
	struct error e = {0};

	if (argc < 2)
		return 2;
	if (run(&arena, argc - 1, argv + 1, &e))
		return 0;
	printf("fault=%s code=%s\nmessage=%s\n", e.fault ? e.fault : "-", error_code_name(e.code),
		e.message);
	return 1;
}
