// SPDX-License-Identifier: Apache-2.0
// routes_tool [--markdown | --permissions | --roles]: the route table as lines for
// test/system/routes, or as docs/routes.md; what permissions and roles let their holders do.
#include "base/str.h"
#include "ferryd/routes.h"

static const struct {
	const char *name, *who;
} auths[] = {
	[AUTH_NONE_IS_AN_ERROR] = {"NONE", "nobody"},
	[AUTH_PUBLIC] = {"PUBLIC", "anybody; only public text goes out"},
	[AUTH_DEVICE] = {"DEVICE", "a managed device, by its client certificate"},
	[AUTH_DEVICE_READ] = {"DEVICE", "a managed device, by its client certificate"},
	[AUTH_DEVICE_OR_TOKEN] = {"DEVICE",
		"a managed device, by its client certificate, or who has a token of a deployment"},
	[AUTH_CONNECTOR] = {"CONNECTOR", "a connector, by its client certificate"},
	[AUTH_TOKEN] = {"TOKEN", "a token of any permission"},
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
	puts("\n## Which roles of people have which permission\n\n"
	     "A permission to change includes the one to read. Programs have the permissions they "
	     "were given.\n");
	printf("| Permission | Lets its holder |");
	for (enum role role = 0; role < ROLE_COUNT; role++)
		printf(" %s |", role_name(role));
	printf("\n|---|---|");
	for (enum role role = 0; role < ROLE_COUNT; role++)
		printf("---|");
	putchar('\n');
	for (enum scope scope = 0; scope < SCOPE_COUNT; scope++) {
		printf("| %s | %s |", scope_name(scope), scope_what(scope));
		for (enum role role = 0; role < ROLE_COUNT; role++)
			printf(" %s |", role_scopes(role) & SCOPE_BIT(scope) ? "yes" : "");
		putchar('\n');
	}
}

static void
print_scopes(const char *name, scope_set set)
{
	const char *blank = "";

	printf("%s\t", name);
	for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
		if (set & SCOPE_BIT(scope)) {
			printf("%s%s", blank, scope_name(scope));
			blank = " ";
		}
	putchar('\n');
}

static void
print_lines(void)
{
	for (size_t i = 0; i < route_count; i++) {
		const struct route_row *row = &route_table[i];
		printf("%s\t%s\t%s\t%s\n", row->method, row->pattern, auths[row->auth].name,
			row->auth == AUTH_SCOPE ? scope_name(row->scope) : "");
	}
}

int
main(int argc, char **argv)
{
	const char *option = argc == 2 ? argv[1] : "";

	if (str_eq(option, "--markdown"))
		print_markdown();
	else if (str_eq(option, "--permissions"))
		for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
			print_scopes(scope_name(scope), scope_closure(SCOPE_BIT(scope)));
	else if (str_eq(option, "--roles"))
		for (enum role role = 0; role < ROLE_COUNT; role++)
			print_scopes(role_name(role), role_scopes(role));
	else
		print_lines();
	return 0;
}
