// SPDX-License-Identifier: Apache-2.0
// What the store knows about names that a template would give: how many devices want one, and who
// has the name already.
#pragma once

#include "store/work.h"

struct naming_view {
	const char *template_text;
	const char *serial; // of the device to preview; NULL: none
	const char *
		object_id; // deployment or domain-join profile whose devices are counted; NULL: all
	int64_t devices;   // set: how many would get a name of this template
	const char *name;  // set: that device's name, NULL when it is random or impossible
	const char *holder; // set: serial number of another device with that name, or NULL
};

// Fill in what is set. ERR_NOT_FOUND when there is no device with that serial number.
bool store_naming_view(const struct work *w, struct naming_view *view, struct error *e) MUST_CHECK;
