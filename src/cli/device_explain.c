// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/findings.h"

static const char *
text(struct cli *cli, const struct json *object, const char *name)
{
	return output_text(cli->arena, json_get(object, name));
}

// One node of a rule's evaluation and those below it.
static void
print_tree(struct cli *cli, const struct json *node, int level)
{
	const struct json *children = json_get(node, "children");
	const char *saw = text(cli, node, "saw"), *failure = text(cli, node, "error");

	printf("%*s%-7s %s%s%s%s%s%s\n", 4 + 2 * level, "", text(cli, node, "result"),
		text(cli, node, "expression"), *saw ? "  (" : "", saw, *saw ? ")" : "",
		*failure ? ": " : "", failure);
	if (level < 20)
		for (const struct json *c = children ? children->first : NULL; c; c = c->next)
			print_tree(cli, c, level + 1);
}

static void
print_groups(struct cli *cli, const char *title, const struct json *groups)
{
	printf("\n%s:%s\n", title, groups && groups->count ? "" : " none");
	for (const struct json *g = groups ? groups->first : NULL; g; g = g->next) {
		printf("  %s: %s\n", text(cli, g, "name"), text(cli, g, "reason"));
		if (cli_switch(cli, "rules") && json_get(g, "tree"))
			print_tree(cli, json_get(g, "tree"), 0);
	}
}

static void
print_choice(struct cli *cli, const char *title, const struct json *choice)
{
	const struct json *losers = json_get(choice, "losers");
	const char *name = text(cli, choice, "name");

	printf("\n%s: %s\n  why: %s\n", title, *name ? name : "none", text(cli, choice, "reason"));
	for (const struct json *l = losers ? losers->first : NULL; l; l = l->next)
		printf("  \"%s\" lost: %s\n", text(cli, l, "name"), text(cli, l, "reason"));
}

static void
print_page(struct cli *cli, const char *title, const struct json *page)
{
	int64_t extra = json_int(page, "hybridExtraMinutes", 0);

	print_choice(cli, title, page);
	printf("  time limit: %s minutes", text(cli, page, "totalMinutes"));
	if (extra)
		printf(" (%s, and %lld for the domain join)", text(cli, page, "timeoutMinutes"),
			(long long)extra);
	printf("%s\n",
		json_bool(page, "showsProgress", false) ? ""
							: "; shows no progress, waits for nothing");
}

static void
print_items(struct cli *cli, const char *title, const struct json *items, const char *phase)
{
	bool any = false;

	printf("\n%s:", title);
	for (const struct json *i = items ? items->first : NULL; i; i = i->next) {
		const char *page = text(cli, i, "page"), *intent = text(cli, i, "intent");
		if (!str_eq(json_str(i, "phase"), phase))
			continue;
		printf("%s  %-11s %s%s%s%s\n    because: %s%s%s\n", any ? "" : "\n",
			text(cli, i, "kind"), text(cli, i, "name"), *intent ? " (" : "", intent,
			*intent ? ")" : "", text(cli, i, "because"), *page ? "; " : "", page);
		if (json_str(i, "conflict"))
			printf("    not sent: %s\n", text(cli, i, "conflict"));
		any = true;
	}
	if (!any)
		printf(" nothing\n");
}

static void
print_all(struct cli *cli, const struct json *all)
{
	const struct json *join = json_get(all, "domainJoin"), *name = json_get(all, "name");
	const struct json *profile = json_get(all, "profile"), *facts = json_get(all, "facts");
	const struct json *findings = json_get(all, "findings");

	printf("%s%s\n", cli->operands[0],
		json_bool(all, "hypothetical", false) ? ": what would be; nothing was changed"
						      : "");
	for (const struct json *f = facts ? facts->first : NULL; f; f = f->next)
		printf("  %s: %s\n", f->name, output_text(cli->arena, f));
	if (*text(cli, all, "user"))
		printf("  assigned user: %s\n", text(cli, all, "user"));
	print_groups(cli, "In the groups", json_get(all, "groups"));
	print_groups(cli, "Not in the dynamic groups", json_get(all, "notIn"));
	print_choice(cli, "Deployment profile", profile);
	if (json_str(profile, "joinType"))
		printf("  %s join, %s flow, trusts TPMs of \"%s\"\n",
			text(cli, profile, "joinType"), text(cli, all, "flow"),
			text(cli, profile, "trustStore"));
	print_page(cli, "Status page, device phase", json_get(all, "espDevice"));
	print_page(cli, "Status page, user phase", json_get(all, "espUser"));
	print_choice(cli, "Domain join", join);
	if (json_str(join, "domain"))
		printf("  %s %s\n  connector: %s (%s)\n", text(cli, join, "domain"),
			text(cli, join, "organizationalUnit"), text(cli, join, "connector"),
			text(cli, join, "connectorState"));
	printf("\nName: %s", text(cli, name, "current"));
	if (json_str(name, "example"))
		printf("; would be given %s by %s of the %s", text(cli, name, "example"),
			text(cli, name, "template"), text(cli, name, "from"));
	printf("\n");
	print_items(cli, "Device phase", json_get(all, "items"), "device");
	print_items(cli, "User phase", json_get(all, "items"), "user");
	const struct json *gate = json_get(all, "enrollment");
	printf("\nEnrolment: %s: %s\n",
		json_bool(gate, "allowed", true) ? "allowed" : "not allowed",
		text(cli, gate, "reason"));
	printf("\nFindings:%s\n", findings && findings->count ? "" : " none");
	findings_print(cli, findings);
}

bool
device_explain(struct cli *cli, struct error *e)
{
	const char *tag = cli_option(cli, "group-tag"), *user = cli_option(cli, "user");
	const struct json *answer;
	struct buf out;
	const char *path = arena_printf(cli->arena, "/ferry/v1/devices/%s/explain%s%s%s%s",
		url_encode(cli->arena, cli->operands[0]), tag ? "?groupTag=" : "",
		tag ? url_encode(cli->arena, tag) : "",
		!user	      ? ""
			: tag ? "&user="
			      : "?user=",
		user ? url_encode(cli->arena, user) : "");

	if (!api_send(cli, "GET", path, NULL, &answer, e))
		return false;
	if (cli->format == OUTPUT_TABLE) {
		print_all(cli, answer);
		return fflush(stdout) == 0 || error_errno(e, "standard output");
	}
	buf_init(&out, cli->arena, 16 << 20);
	struct jsonw w = jsonw_on(&out);
	jsonw_value(&w, NULL, answer);
	return output_json(&out, e);
}
