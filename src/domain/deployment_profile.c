// SPDX-License-Identifier: Apache-2.0
#include "domain/deployment_profile.h"

#include "base/str.h"
#include "domain/naming.h"
#include <ctype.h>

// A member under its new or its old name.
static const struct json *
member(const struct json *object, const char *name, const char *old)
{
	const struct json *found = json_get(object, name);

	return found ? found : json_get(object, old);
}

static bool
yes(const struct json *object, const char *name, const char *old)
{
	const struct json *found = member(object, name, old);

	return found && found->type == JSON_BOOL && found->boolean;
}

static const char *
text(const struct json *object, const char *name, const char *old, const char *otherwise)
{
	const struct json *found = member(object, name, old);

	return found && found->type == JSON_STRING ? found->text : otherwise;
}

// Graph writes enumerations by name; old clients send the number.
static bool
enum_is(const struct json *object, const char *name, const char *value, const char *number)
{
	const struct json *found = json_get(object, name);

	return found && (str_ieq(found->text, value) || str_eq(found->text, number));
}

static bool
is_hybrid(const struct json *document)
{
	return str_ends(json_str(document, "@odata.type"),
		"activeDirectoryWindowsAutopilotDeploymentProfile");
}

// What the document says, before a mode forces anything.
static struct profile_settings
as_written(const struct json *document)
{
	const struct json *oobe =
		member(document, "outOfBoxExperienceSetting", "outOfBoxExperienceSettings");

	return (struct profile_settings){
		.name = text(document, "displayName", "displayName", ""),
		.description = text(document, "description", "description", ""),
		.hybrid = is_hybrid(document),
		.mode = enum_is(oobe, "deviceUsageType", "shared", "1") ? PROFILE_SELF_DEPLOYING
									: PROFILE_USER_DRIVEN,
		.convert_targeted =
			yes(document, "hardwareHashExtractionEnabled", "extractHardwareHash"),
		.skip_dc_check = yes(document, "hybridAzureADJoinSkipConnectivityCheck",
			"hybridAzureADJoinSkipConnectivityCheck"),
		.eula_hidden = yes(oobe, "eulaHidden", "hideEULA"),
		.privacy_hidden = yes(oobe, "privacySettingsHidden", "hidePrivacySettings"),
		.change_account_hidden = yes(oobe, "escapeLinkHidden", "hideEscapeLink"),
		.standard_user = enum_is(oobe, "userType", "standard", "1"),
		.preprovisioning = yes(document, "preprovisioningAllowed", "enableWhiteGlove"),
		.locale = text(document, "locale", "language", "os-default"),
		.keyboard_skipped =
			yes(oobe, "keyboardSelectionPageSkipped", "skipKeyboardSelectionPage"),
		.name_template = text(document, "deviceNameTemplate", "deviceNameTemplate", ""),
		.device_type = text(document, "deviceType", "deviceType", "windowsPc"),
		.trust_store = text(document, "ferryTrustStore", "ferryTrustStore", "hardware"),
	};
}

void
profile_settings_read(
	struct arena *arena, const struct json *document, struct profile_settings *out)
{
	struct profile_settings s = as_written(document);

	(void)arena;
	if (s.mode == PROFILE_SELF_DEPLOYING) { // P16
		s.eula_hidden = s.privacy_hidden = s.change_account_hidden = true;
		s.standard_user = true;
		s.preprovisioning = false;
	}
	if (s.hybrid)
		s.name_template = ""; // P15: the domain-join profile names the computer
	else
		s.skip_dc_check = false;		      // P7
	s.keyboard_skipped = s.keyboard_skipped && *s.locale; // P14
	*out = s;
}

// "en", "en-US", "sr-Latn-RS": parts of 2 to 8 letters and digits (RFC 5646 section 2.1).
static bool
is_language_tag(const char *tag)
{
	size_t part = 0;

	for (const char *p = tag;; p++) {
		if (isalnum((unsigned char)*p)) {
			part++;
			continue;
		}
		if (part < (p - tag == (long)part ? 2u : 1u) || part > 8 || (*p && *p != '-'))
			return false;
		if (!*p)
			return true;
		part = 0;
	}
}

// P16: what a document asks for and a self-deploying profile does not give.
static void
check_self_deploying(
	const struct profile_settings *s, const struct json *oobe, struct findings *out)
{
	if (s->hybrid)
		finding_add(out, SEVERITY_BLOCKING, "profile_self_deploying_hybrid",
			"\"%s\" is self-deploying and hybrid", s->name);
	if (s->preprovisioning)
		finding_add(out, SEVERITY_WARNING, "profile_value_forced",
			"\"%s\" is self-deploying: pre-provisioning is not allowed whatever it "
			"says",
			s->name);
	if (json_get(oobe, "userType") && !s->standard_user)
		finding_add(out, SEVERITY_WARNING, "profile_value_forced",
			"\"%s\" is self-deploying: users are standard users whatever it says",
			s->name);
	const struct {
		const char *name, *old, *what;
	} hidden[] = {{"eulaHidden", "hideEULA", "the licence terms are"},
		{"privacySettingsHidden", "hidePrivacySettings", "the privacy settings are"},
		{"escapeLinkHidden", "hideEscapeLink", "the link to change the account is"}};
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (member(oobe, hidden[i].name, hidden[i].old) &&
			!yes(oobe, hidden[i].name, hidden[i].old))
			finding_add(out, SEVERITY_NOTE, "profile_value_forced",
				"\"%s\" is self-deploying: %s hidden whatever it says", s->name,
				hidden[i].what);
}

// P15, P20, P23.
static void
check_name(const struct profile_settings *s, struct findings *out)
{
	struct error why;

	if (!*s->name_template)
		return;
	if (s->hybrid)
		finding_add(out, SEVERITY_WARNING, "profile_name_ignored",
			"\"%s\" is hybrid: its naming template %s is not used", s->name,
			s->name_template);
	else if (!naming_check(s->name_template, &why))
		finding_add(out, SEVERITY_BLOCKING, "name_template_invalid",
			"naming template of \"%s\": %s", s->name, why.message);
}

static void
check_language(const struct profile_settings *s, struct findings *out)
{
	if (*s->locale && !str_ieq(s->locale, "os-default") && !is_language_tag(s->locale))
		finding_add(out, SEVERITY_BLOCKING, "profile_language_invalid",
			"\"%.40s\" of \"%s\" is not a language", s->locale, s->name);
	if (!*s->locale && s->keyboard_skipped)
		finding_add(out, SEVERITY_WARNING, "profile_keyboard_needs_language",
			"\"%s\" sets the keyboard, but leaves the language to the user", s->name);
}

static void
check_device_type(const struct profile_settings *s, struct findings *out)
{
	bool holo = str_ieq(s->device_type, "holoLens");

	if (!holo && !str_ieq(s->device_type, "windowsPc"))
		finding_add(out, SEVERITY_BLOCKING, "profile_device_type",
			"\"%s\" is for the device type %.40s", s->name, s->device_type);
	if (holo && (s->hybrid || s->mode != PROFILE_SELF_DEPLOYING))
		finding_add(out, SEVERITY_BLOCKING, "profile_device_type",
			"\"%s\" is for HoloLens, which can only be self-deploying", s->name);
}

void
profile_settings_check(const struct json *document, bool branded, struct findings *out)
{
	struct profile_settings s = as_written(document);
	const struct json *oobe =
		member(document, "outOfBoxExperienceSetting", "outOfBoxExperienceSettings");

	if (!*s.name)
		finding_add(out, SEVERITY_BLOCKING, "profile_name_missing",
			"a deployment profile has no displayName");
	if (str_istarts(s.name, "OfflineAutopilotprofile-")) // G4
		finding_add(out, SEVERITY_WARNING, "profile_name_reserved",
			"\"%s\" is named like the profile of an existing device", s.name);
	if (s.mode == PROFILE_SELF_DEPLOYING)
		check_self_deploying(&s, oobe, out);
	if (s.skip_dc_check && !s.hybrid)
		finding_add(out, SEVERITY_NOTE, "profile_value_forced",
			"\"%s\" joins no domain: skipping the domain controller has no effect",
			s.name);
	if (s.change_account_hidden && !branded)
		finding_add(out, SEVERITY_WARNING, "profile_needs_branding",
			"\"%s\" hides the link to change the account, which needs branding",
			s.name);
	check_name(&s, out);
	check_language(&s, out);
	check_device_type(&s, out);
}

unsigned
profile_oobe_config(const struct profile_settings *s)
{
	unsigned bits = OOBE_SKIP_CORTANA | OOBE_SKIP_OEM;

	bits |= s->standard_user ? OOBE_STANDARD_USER : 0;
	bits |= s->privacy_hidden ? OOBE_SKIP_EXPRESS : 0;
	bits |= s->eula_hidden ? OOBE_SKIP_EULA : 0;
	bits |= s->mode == PROFILE_SELF_DEPLOYING ? OOBE_TPM_ATTEST | OOBE_DEVICE_AUTH : 0;
	bits |= s->preprovisioning ? OOBE_WHITE_GLOVE : 0;
	bits |= s->keyboard_skipped ? OOBE_SKIP_KEYBOARD : 0;
	return bits;
}

void
oobe_config_check(unsigned bits, struct findings *out)
{
	bool attest = bits & OOBE_TPM_ATTEST, device = bits & OOBE_DEVICE_AUTH;

	if (bits & ~(unsigned)OOBE_ALL_BITS)
		finding_add(out, SEVERITY_WARNING, "oobe_config_odd",
			"CloudAssignedOobeConfig %u has bits that nobody documents", bits);
	if (attest != device)
		finding_add(out, SEVERITY_WARNING, "oobe_config_odd",
			"CloudAssignedOobeConfig %u has the bit of TPM attestation %s that of "
			"device authentication",
			bits, attest ? "without" : "missing beside");
	if (attest && device && (bits & OOBE_WHITE_GLOVE))
		finding_add(out, SEVERITY_WARNING, "oobe_config_odd",
			"CloudAssignedOobeConfig %u is self-deploying and pre-provisioned at once",
			bits);
}
