// SPDX-License-Identifier: Apache-2.0
// Test helper: `odj_tool binary|base64|file` writes a blob with fixed facts and the password of the
// environment variable ODJ_PASSWORD to stdout.
#include "wire/odj/odj.h"

#include "base/str.h"
#include <stdlib.h>

int
main(int argc, char **argv)
{
	autoarena(arena, ARENA_SMALL);
	const struct odj_info info = {
		.dns_domain = "corp.example.com",
		.netbios_domain = "CORP",
		.machine_name = "PC-0777",
		.password = getenv("ODJ_PASSWORD"),
		.domain_guid = "2de56e4e-94be-4843-a903-3d74b2de3970",
		.domain_sid = "S-1-5-21-1760403545-3446481863-3192138470",
		.machine_rid = 1106,
		.dc_name = "dc1.corp.example.com",
		.dc_address = "10.66.0.10",
		.site = "Default-First-Site-Name",
		.forest = "corp.example.com",
	};
	struct slice out;
	struct error e;

	if (argc != 2 || !odj_encode(&arena, &info, &out, &e))
		return 2;
	if (str_eq(argv[1], "base64"))
		out = slice_str(odj_to_base64(&arena, out));
	else if (str_eq(argv[1], "file"))
		out = odj_to_file(&arena, out);
	return fwrite(out.data, 1, out.len, stdout) == out.len ? 0 : 1;
}
