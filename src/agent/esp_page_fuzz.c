// SPDX-License-Identifier: Apache-2.0
// The status page as it lies on the disk: whatever is read there is a page that can be shown, and
// is read again as it was written.
#include "agent/esp_page.h"

#include "base/fs.h"
#include "base/str.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	static char dir[] = "/tmp/ferry-page-fuzz-XXXXXX";
	static bool made;
	struct esp_page page, again;
	struct error e;

	made = made || mkdtemp(dir);
	char *file = arena_printf(&arena, "%s/esp.json", dir);
	if (!fs_write(file, slice_of(data, size), 0600, &e))
		return 0;
	esp_page_read(&arena, file, &page);
	if (page.app_count > ESP_PAGE_APPS || page.timeout_minutes < 0 || page.block < 0)
		abort();
	for (size_t i = 0; i < page.app_count; i++)
		if (!page.apps[i].name || page.apps[i].state < ESP_NOT_INSTALLED ||
			page.apps[i].state > ESP_FAILED || page.apps[i].reboot > ESP_REBOOT_HARD)
			abort();
	if (!esp_page_write(&page, file, 0, &e))
		return 0;
	esp_page_read(&arena, file, &again);
	if (again.app_count != page.app_count || again.told != page.told ||
		again.block != page.block)
		abort();
	return 0;
}
