// SPDX-License-Identifier: Apache-2.0
// WiFi/Profile/<SSID>/WlanXml: a WLAN profile becomes a connection of NetworkManager
// (nm-settings-keyfile(5)).
#include "agent/csp/csp.h"
#include "agent/wireless.h"
#include "base/str.h"
#include "codec/xml.h"

#define NS_WLAN "http://www.microsoft.com/networking/WLAN/profile/v1"

struct wlan {
	const char *ssid, *authentication, *key;
};

static bool
read_profile(struct arena *arena, const char *text, struct wlan *out, struct error *e)
{
	const struct xml *root = xml_parse(arena, slice_str(text), NULL, e);

	if (!root)
		return false;
	const struct xml *config = xml_child(root, NS_WLAN, "SSIDConfig");
	const struct xml *ssid = xml_child(config, NS_WLAN, "SSID");
	const struct xml *msm = xml_child(root, NS_WLAN, "MSM");
	const struct xml *security = xml_child(msm, NS_WLAN, "security");
	const struct xml *encryption = xml_child(security, NS_WLAN, "authEncryption");
	const struct xml *shared = xml_child(security, NS_WLAN, "sharedKey");
	out->ssid = xml_child_text(arena, ssid, NS_WLAN, "name");
	out->authentication = xml_child_text(arena, encryption, NS_WLAN, "authentication");
	out->key = xml_child_text(arena, shared, NS_WLAN, "keyMaterial");
	// It names a file, and a line break would begin a setting of its own.
	if (!wireless_name_usable(out->ssid))
		return error_set(e, ERR_INVALID, "the profile names no usable SSID");
	return true;
}

static bool
key_management(const struct wlan *wlan, const char **out, struct error *e)
{
	if (str_eq(wlan->authentication, "open"))
		*out = NULL;
	else if (str_eq(wlan->authentication, "WPA2PSK") || str_eq(wlan->authentication, "WPAPSK"))
		*out = "wpa-psk";
	else if (str_eq(wlan->authentication, "WPA3SAE"))
		*out = "sae";
	else
		return error_set(e, ERR_UNSUPPORTED, "authentication \"%.40s\" is not offered",
			wlan->authentication ? wlan->authentication : "");
	if (*out && (str_empty(wlan->key) || strpbrk(wlan->key, "\r\n")))
		return error_set(e, ERR_INVALID, "the profile has no key");
	return true;
}

static bool
install(struct csp_call *call, struct error *e)
{
	struct wlan wlan;
	const char *management;

	if (!read_profile(call->arena, call->data, &wlan, e) ||
		!key_management(&wlan, &management, e))
		return false;
	return wireless_save(call->arena, WIFI_MARK, wlan.ssid, management, wlan.key, e);
}

int
csp_wifi(struct csp_call *call)
{
	if (!str_ends(call->path, "/WlanXml"))
		return 404;
	if ((call->type != SYNCML_ADD && call->type != SYNCML_REPLACE) || !call->data)
		return 405;
	return install(call, &call->why) ? 200 : csp_failed(call, "network_profile_failed");
}
