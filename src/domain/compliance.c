// SPDX-License-Identifier: Apache-2.0
#include "domain/compliance.h"

#include "base/buf.h"
#include "base/str.h"

static void
missing(struct buf *out, const char *what)
{
	buf_printf(out, "%s%s", out->len ? "; " : "", what);
}

bool
compliance_evaluate(struct arena *arena, const struct compliance_facts *f, const char **reasons)
{
	struct buf out;

	buf_init(&out, arena, 2000);
	if (f->attested_at < f->deployment_started_at)
		missing(&out, "the TPM was not proven in this deployment");
	if (!str_starts(f->tpm_version, "2.0"))
		missing(&out, "the device reports no TPM 2.0");
	if (f->expected_domain && !(f->domain_name && str_ends(f->domain_name, f->expected_domain)))
		missing(&out, "the device does not report the domain it should have joined");
	if (f->items_done < f->items_assigned)
		missing(&out,
			arena_printf(arena, "%zu of %zu assigned items are not in place",
				f->items_assigned - f->items_done, f->items_assigned));
	*reasons = buf_text(&out);
	return out.len == 0;
}
