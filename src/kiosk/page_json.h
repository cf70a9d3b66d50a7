// SPDX-License-Identifier: Apache-2.0
// How a page of the faces looks as JSON for the browser.
#pragma once

#include "codec/json.h"
#include "oobe/page.h"
#include "oobe/ui.h"

// Members of an object that has been begun. What a person typed is never among them.
void page_json(struct jsonw *w, struct arena *arena, const struct page *page, const struct ui *ui,
	bool busy);
