// SPDX-License-Identifier: Apache-2.0
#include "domain/domain_join_profile.h"

#include "base/str.h"
#include "domain/naming.h"
#include <ctype.h>

enum { LABEL_MAX = 63, DOMAIN_MAX = 255, SUFFIX_USUAL = 10 };

static const char *
text(const struct json *document, const char *name)
{
	const char *found = json_str(document, name);

	return found ? found : "";
}

void
domain_join_read(struct arena *arena, const struct json *document, struct domain_join_settings *out)
{
	const char *full = text(document, "ferryNameTemplate");

	*out = (struct domain_join_settings){
		.name = text(document, "displayName"),
		.domain = text(document, "activeDirectoryDomainName"),
		.ou = text(document, "organizationalUnit"),
		.name_template = full,
	};
	if (!*full)
		out->name_template = arena_printf(arena, "%s%%RAND:%lld%%",
			text(document, "computerNameStaticPrefix"),
			(long long)json_int(
				document, "computerNameSuffixRandomCharCount", SUFFIX_USUAL));
}

// Labels of letters, digits and hyphens with a dot between them, at least two (RFC 1123 2.1).
static bool
is_fqdn(const char *name)
{
	size_t label = 0, labels = 1, len = strlen(name);

	if (len == 0 || len > DOMAIN_MAX)
		return false;
	for (const char *p = name; *p; p++) {
		if (*p == '.') {
			if (label == 0 || p[-1] == '-')
				return false;
			label = 0;
			labels++;
			continue;
		}
		bool hyphen = *p == '-' && label > 0;
		if ((!isalnum((unsigned char)*p) && !hyphen) || ++label > LABEL_MAX)
			return false;
	}
	return label > 0 && labels > 1 && name[len - 1] != '-';
}

// The next part of a distinguished name without the spaces around it; an escaped comma is part of
// the value (RFC 4514 section 2.4). NULL at the end.
static const char *
next_part(struct arena *arena, const char **rest)
{
	const char *begin = *rest, *p;

	if (!begin || !*begin)
		return NULL;
	for (p = begin; *p && *p != ','; p++)
		if (*p == '\\' && p[1])
			p++;
	*rest = *p ? p + 1 : p;
	while (begin < p && *begin == ' ')
		begin++;
	while (p > begin && p[-1] == ' ' && (p - begin < 2 || p[-2] != '\\'))
		p--;
	return arena_strndup(arena, begin, (size_t)(p - begin));
}

// Every part is "TYPE=value", the last ones DC; `domain` is what these say: "corp.example.com".
static bool
read_unit(struct arena *arena, const char *ou, const char **domain)
{
	const char *part, *rest = ou;

	*domain = "";
	while ((part = next_part(arena, &rest))) {
		const char *equals = strchr(part, '=');
		bool dc = str_istarts(part, "DC=");
		if (!equals || equals == part || !equals[1] || (**domain && !dc))
			return false;
		for (const char *p = part; p < equals; p++)
			if (!isalnum((unsigned char)*p) && *p != '-' && *p != '.')
				return false;
		if (dc)
			*domain = **domain ? arena_printf(arena, "%s.%s", *domain, equals + 1)
					   : equals + 1;
	}
	return **domain != '\0';
}

// J3.
static void
check_unit(const struct domain_join_settings *s, struct findings *out)
{
	const char *domain;

	if (!*s->ou)
		return;
	if (strpbrk(s->ou, "\"\n\r\t") || !read_unit(out->arena, s->ou, &domain))
		finding_add(out, SEVERITY_BLOCKING, "domain_join_ou_invalid",
			"the organizational unit of \"%s\" is no full distinguished name: %.120s",
			s->name, s->ou);
	else if (!str_ieq(domain, s->domain))
		finding_add(out, SEVERITY_WARNING, "domain_join_ou_elsewhere",
			"the organizational unit of \"%s\" lies in %.80s, the computers join %.80s",
			s->name, domain, s->domain);
	else if (str_istarts(s->ou, "CN=Computers,DC="))
		finding_add(out, SEVERITY_WARNING, "domain_join_ou_default",
			"\"%s\" names the default container as organizational unit", s->name);
}

void
domain_join_check(const struct json *document, struct findings *out)
{
	struct domain_join_settings s;
	struct error why;

	domain_join_read(out->arena, document, &s);
	if (!is_fqdn(s.domain))
		finding_add(out, SEVERITY_BLOCKING, "domain_join_domain_invalid",
			"\"%.80s\" of \"%s\" is not a fully qualified domain name", s.domain,
			s.name);
	check_unit(&s, out);
	if (!naming_check(s.name_template, &why))
		finding_add(out, SEVERITY_BLOCKING, "name_template_invalid",
			"computer names of \"%s\": %s", s.name, why.message);
}
