// SPDX-License-Identifier: Apache-2.0
// ferry profile export-json: the file that a device reads which nobody has registered (behaviour
// section 11).
#include "base/fs.h"
#include "base/str.h"
#include "cli/api.h"
#include "cli/resource.h"
#include "domain/deployment_profile.h"
#include "wire/offline/offline.h"

enum { VERSION = 2049 };

static bool
is_default(const struct json *domain)
{
	return json_bool(domain, "isDefault", false) || !domain->next;
}

static bool
read_tenant(struct cli *cli, struct offline_profile *out, struct error *e)
{
	const struct json *answer;

	if (!api_send(cli, "GET", "/v1.0/organization", NULL, &answer, e))
		return false;
	const struct json *value = json_get(answer, "value");
	const struct json *tenant = value ? value->first : NULL;
	const struct json *domains = json_get(tenant, "verifiedDomains");

	out->tenant_id = json_str(tenant, "id");
	for (const struct json *d = domains ? domains->first : NULL; d; d = d->next)
		if (!out->tenant_domain && is_default(d))
			out->tenant_domain = json_str(d, "name");
	return (out->tenant_id && out->tenant_domain) ||
		error_set(e, ERR_PROTOCOL, "the service does not say who the organization is");
}

// A device that is not registered can only be user-driven (M5): whatever else the profile allows is
// for registered ones.
static bool
read_profile(struct cli *cli, struct offline_profile *out, struct error *e)
{
	const struct json *profile, *document;
	struct profile_settings s;

	if (!resource_find(cli, &resource_profile, cli->operands[0], &profile, e) ||
		!api_send(cli, "GET",
			arena_printf(cli->arena,
				"/beta/deviceManagement/windowsAutopilotDeploymentProfiles/%s",
				json_str(profile, "id")),
			NULL, &document, e))
		return false;
	profile_settings_read(cli->arena, document, &s);
	if (s.mode == PROFILE_SELF_DEPLOYING)
		return error_fault(e, ERR_CONFLICT, "offline_self_deploying",
			"\"%s\" is self-deploying", s.name);
	out->version = VERSION;
	out->comment = arena_printf(cli->arena, "Profile %s", s.name);
	out->correlation_id = json_str(document, "id");
	out->oobe = profile_oobe_config(&s) & ~(unsigned)OOBE_WHITE_GLOVE;
	out->hybrid = s.hybrid;
	out->forced_enrollment = true;
	out->device_name = str_empty(s.name_template) ? NULL : s.name_template;
	out->language = str_empty(s.locale) || str_eq(s.locale, "os-default") ? NULL : s.locale;
	out->skip_dc_check = s.skip_dc_check;
	if (s.preprovisioning)
		fprintf(stderr,
			"note: the profile allows pre-provisioning; a device with this file is "
			"user-driven only\n");
	return true;
}

bool
profile_export(struct cli *cli, struct error *e)
{
	const char *file = cli_option(cli, "file");
	struct offline_profile profile = {0};
	struct buf text;

	if (!read_tenant(cli, &profile, e) || !read_profile(cli, &profile, e))
		return false;
	buf_init(&text, cli->arena, OFFLINE_MAX);
	offline_profile_write(cli->arena, &profile, &text);
	if (!buf_ok(&text, e))
		return false;
	if (file)
		return fs_write(file, buf_slice(&text), 0644, e);
	printf("%s\n", buf_text(&text));
	return fflush(stdout) == 0 || error_errno(e, "standard output");
}
