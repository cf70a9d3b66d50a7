// SPDX-License-Identifier: Apache-2.0
#include "ferryd/device_settings.h"

#include "base/str.h"
#include "domain/naming.h"
#include "ferryd/default_page.h"
#include "ferryd/device_token.h"
#include "ferryd/graph/collection.h"
#include "ferryd/preparation.h"
#include "pki/hash.h"
#include "store/clients.h"
#include "store/gate.h"

static bool
read_profile(struct call *c, const struct device *d, struct profile_settings *out, struct error *e)
{
	struct object object;

	profile_settings_read(c->arena, NULL, out);
	if (!str_empty(d->profile_id) &&
		store_object(&c->work, graph_profiles.path, d->profile_id, &object, e))
		profile_settings_read(c->arena, object.document, out);
	else if (!str_empty(d->profile_id) && e->code != ERR_NOT_FOUND)
		return false;
	// What the device's row says is what its cohort was decided with.
	out->hybrid = str_eq(d->join_type, "hybrid");
	out->preprovisioning = d->preprovisioning;
	return true;
}

// The random part is the same each time the device asks: two names for one device help nobody.
static bool
read_name(struct call *c, const struct device *d, struct device_settings *s, struct error *e)
{
	unsigned char random[SHA256_LEN];
	struct error ignored;
	char *name;

	_Static_assert((int)SHA256_LEN >= (int)NAME_RANDOM_DIGITS, "enough digits");
	s->name = NULL;
	// What an administrator called this one device counts more than what all are called (R17);
	// a domain names its computers itself (P23).
	if (!s->profile.hybrid && !str_empty(d->friendly_name) &&
		naming_valid(d->friendly_name, &ignored)) {
		s->name = d->friendly_name;
		return true;
	}
	if (str_empty(s->profile.name_template))
		return true;
	sha256(slice_str(arena_printf(c->arena, "%s %s", d->device_id, s->profile.name_template)),
		random);
	if (!naming_expand(c->arena, s->profile.name_template, d->serial, random, &name, e))
		return false;
	s->name = name;
	return true;
}

static bool
read_organization(
	struct call *c, const struct device *d, struct device_settings *s, struct error *e)
{
	struct tenant tenant;
	struct object object;

	if (!store_tenant(&c->work, d->tenant_id, &tenant, e))
		return false;
	s->organization = str_empty(tenant.name) ? c->service->organization : tenant.name;
	s->branding = NULL;
	if (!store_object(&c->work, graph_brandings.path, "branding", &object, e))
		return e->code == ERR_NOT_FOUND;
	s->branding = object.document;
	return true;
}

bool
device_settings(struct call *c, struct device *device, struct device_settings *out, struct error *e)
{
	return read_profile(c, device, &out->profile, e) &&
		preparation_settings(c, device, out, e) && read_name(c, device, out, e) &&
		read_organization(c, device, out, e) &&
		default_page(c, device, &out->page, &out->default_shown, e);
}

// The device has not said yet what it runs; the enrolment asks again.
bool
device_gate(struct call *c, const struct device *d, const char *upn, struct error *e)
{
	struct gate_device says = {.os_version = "", .edition = "", .userless = !upn};
	struct device theirs = *d;
	struct gate_verdict verdict;

	if (upn)
		theirs.assigned_upn = upn;
	if (!store_gate(&c->work, &theirs, &says, &verdict, e))
		return false;
	return verdict.allowed || error_fault(e, ERR_CONFLICT, verdict.fault, "%s", verdict.reason);
}

bool
device_mode_may_begin(struct call *c, const struct device *d, const struct device_settings *s,
	const struct device_claim *claim, struct error *e)
{
	struct mode_facts facts = {
		.device = d->serial,
		.profile = str_empty(d->profile_id) ? NULL : d->profile_name,
		.profile_mode = s->profile.mode,
		.hybrid = s->profile.hybrid,
		.preprovisioning = s->profile.preprovisioning,
		.page = !str_empty(d->esp_id) || s->default_shown,
		.domain_join = !str_empty(d->domain_join_id),
		.reuse_blocked = d->reuse_blocked,
		.tpm_missing = claim->tpm_missing,
		.signed_in = claim->upn != NULL,
		.oobe = claim->oobe,
	};

	if (claim->mode == MODE_DEVICE_PREPARATION &&
		!preparation_may_begin(c, d, claim, &facts, e))
		return false;
	return mode_check(claim->mode, &facts, e) &&
		device_gate(c, d, mode_traits(claim->mode)->person ? claim->upn : NULL, e);
}

bool
device_claim_read(struct call *c, const struct json *body, const struct device *device,
	struct device_claim *out, struct error *e)
{
	const char *mode = json_str(body, "mode"), *token = json_str(body, "userToken");
	struct user_token user;

	*out = (struct device_claim){
		.mode = MODE_PREPROVISIONED,
		.oobe = (unsigned)json_int(body, "oobeConfig", 0),
		.tpm_missing = json_bool(body, "tpmMissing", false),
	};
	if (mode && !mode_from_name(mode, &out->mode))
		return error_set(e, ERR_INVALID, "\"%.40s\" is no way of deployment", mode);
	if (!token)
		return true;
	if (!user_token_verify(c, slice_str(token), device->device_id, &user, e))
		return false;
	out->upn = user.upn;
	return true;
}

static void
write_branding(const struct json *branding, struct jsonw *w)
{
	const char *color = json_str(branding, "backgroundColor");
	const char *support = json_str(branding, "signInPageText");

	if (!branding)
		return;
	jsonw_object(w, "branding");
	jsonw_str(w, "color", str_empty(color) ? NULL : color);
	jsonw_str(w, "support", str_empty(support) ? NULL : support);
	jsonw_end_object(w);
}

void
device_settings_write(const struct device_settings *s, struct jsonw *w)
{
	const struct profile_settings *p = &s->profile;

	jsonw_str(w, "organization", s->organization);
	jsonw_str(w, "mode", s->mode);
	jsonw_object(w, "oobe");
	jsonw_bool(w, "eulaHidden", p->eula_hidden);
	jsonw_bool(w, "privacyHidden", p->privacy_hidden);
	jsonw_bool(w, "changeAccountHidden", p->change_account_hidden && s->branding); // P10
	jsonw_bool(w, "standardUser", p->standard_user);
	jsonw_bool(w, "skipDomainCheck", p->skip_dc_check);
	jsonw_str(w, "locale", p->locale);
	jsonw_bool(w, "keyboardSkipped", p->keyboard_skipped);
	jsonw_end_object(w);
	jsonw_str(w, "deviceName", s->name);
	write_branding(s->branding, w);
	if (s->preparation)
		preparation_write(w, s->preparation);
}
