// SPDX-License-Identifier: Apache-2.0
// routes_tool [--markdown]: the route table as lines for test/system/routes, or as docs/routes.md.
#include "base/str.h"
#include "ferryd/routes.h"

static const struct {
	const char *name, *who;
} auths[] = {
	[AUTH_NONE_IS_AN_ERROR] = {"NONE", "nobody"},
	[AUTH_PUBLIC] = {"PUBLIC", "anybody; only public text goes out"},
	[AUTH_DEVICE] = {"DEVICE", "a managed device, by its client certificate"},
	[AUTH_DEVICE_READ] = {"DEVICE", "a managed device, by its client certificate"},
	[AUTH_CONNECTOR] = {"CONNECTOR", "a connector, by its client certificate"},
	[AUTH_SCOPE] = {"SCOPE", NULL},
};

static void
print_markdown(void)
{
	puts("<!-- Made by src/ferryd/routes_tool.c from the table in src/ferryd/routes.c; "
	     "test/system/routes checks it. -->\n"
	     "# Every route of ferryd, and who may call it\n\n"
	     "A path that is not here is answered with 404, another method with 405. Without the "
	     "credentials that a row names\nthe answer is 401; with a token whose roles do not "
	     "suffice it is 403. Graph paths exist below `/v1.0` and `/beta`.\n\n"
	     "| Method | Path | Who may call |\n|---|---|---|");
	for (size_t i = 0; i < route_count; i++) {
		const struct route_row *row = &route_table[i];
		if (str_starts(row->pattern, "/beta/"))
			continue; // the same handler as the row before
		printf("| %s | `%s` | %s |\n", row->method, row->pattern,
			row->auth == AUTH_SCOPE ? scope_name(row->scope) : auths[row->auth].who);
	}
}

int
main(int argc, char **argv)
{
	if (argc == 2 && str_eq(argv[1], "--markdown")) {
		print_markdown();
		return 0;
	}
	for (size_t i = 0; i < route_count; i++)
		printf("%s\t%s\t%s\t%s\n", route_table[i].method, route_table[i].pattern,
			auths[route_table[i].auth].name,
			route_table[i].auth == AUTH_SCOPE ? scope_name(route_table[i].scope) : "");
	return 0;
}
