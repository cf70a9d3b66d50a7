// SPDX-License-Identifier: Apache-2.0
#include "domain/device_action.h"

#include "base/str.h"
#include "domain/fault.h"
#include "domain/naming.h"

static const struct device_action_row rows[] = {
#define ACTION(id_, name_, node_, command_, data_, effect_, hybrid_, fault_)                       \
	[DEVICE_ACTION_##id_] = {.name = (name_),                                                  \
		.node = (node_),                                                                   \
		.command = ACTION_##command_,                                                      \
		.data = (data_),                                                                   \
		.effect = ACTION_##effect_,                                                        \
		.hybrid_fault = (hybrid_),                                                         \
		.fault = (fault_)},
#include "domain/device_action.def"
#undef ACTION
};

const struct device_action_row *
device_action_row(enum device_action action)
{
	return &rows[action];
}

bool
device_action_find(const char *name, enum device_action *out)
{
	for (enum device_action a = 0; a < DEVICE_ACTION_COUNT; a++)
		if (str_eq(rows[a].name, name)) {
			*out = a;
			return true;
		}
	return false;
}

enum device_action
device_action_wipe(const struct wipe_options *options)
{
	if (options->keep_user_data)
		return DEVICE_ACTION_WIPE_KEEP_USER_DATA;
	if (options->keep_enrollment)
		return DEVICE_ACTION_AUTOPILOT_RESET;
	return options->protect ? DEVICE_ACTION_WIPE_PROTECTED : DEVICE_ACTION_WIPE;
}

static bool
refuse(const char *fault, const struct device_action_row *row, struct error *e)
{
	const struct fault *why = fault_find(fault);

	error_fault(e, ERR_UNSUPPORTED, fault, "%s cannot be done to this device", row->name);
	return why ? error_hint(e, "%s", why->fix) : false;
}

bool
device_action_check(
	enum device_action action, const char *join_type, const char *value, struct error *e)
{
	const struct device_action_row *row = &rows[action];
	struct error why;

	if (row->fault)
		return refuse(row->fault, row, e);
	if (row->hybrid_fault && str_eq(join_type, "hybrid"))
		return refuse(row->hybrid_fault, row, e);
	if (action != DEVICE_ACTION_RENAME || naming_valid(value ? value : "", &why))
		return true;
	return error_fault(e, ERR_INVALID, "device_name_invalid", "%s", why.message);
}

bool
device_action_destroys(enum device_action action)
{
	return rows[action].effect == ACTION_ENDS || rows[action].effect == ACTION_RESETS ||
		rows[action].effect == ACTION_RENEWS;
}
