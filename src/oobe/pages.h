// SPDX-License-Identifier: Apache-2.0
// The builders of all pages, one file each: what the table in page.c points to.
#pragma once

#include "oobe/page.h"

typedef void page_builder(struct page *page, const struct screen *screen, const struct view *view);

// page_choose.c
page_builder page_language, page_region, page_keyboard, page_keyboard2, page_menu;
page_builder page_eula, page_privacy, page_staysignedin; // page_consent.c
page_builder page_network, page_welcome, page_config, page_esp, page_success, page_failure;
page_builder page_diagnostics, page_signin, page_done, page_reset, page_preparation;
// page_notice.c
page_builder page_waiting, page_signedout, page_poweringoff, page_reboot, page_ended, page_gate;
page_builder page_unknown;

// The name of a phase or row of the status page by its key, else as it was sent.
const char *page_row_name(const char *key, const char *name);
