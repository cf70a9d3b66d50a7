// SPDX-License-Identifier: Apache-2.0
// The builders of all pages, one file each: what the table in page.c points to.
#pragma once

#include "oobe/page.h"

typedef void page_builder(struct page *page, const struct screen *screen, const struct view *view);

page_builder page_language, page_keyboard, page_menu; // page_choose.c
page_builder page_network, page_welcome, page_config, page_esp, page_success, page_failure,
	page_diagnostics, page_signin, page_done;
page_builder page_waiting, page_signedout, page_poweringoff, page_unknown; // page_notice.c
