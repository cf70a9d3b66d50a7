// SPDX-License-Identifier: Apache-2.0
// Distinguished names as texts: one spelling for each, so that an allow-list can be compared
// without asking the directory.
#pragma once

#include "base/arena.h"
#include <stdbool.h>

// The DN in one spelling: no blanks round commas, no escapes that are not needed (RFC 4514). NULL
// when it is none.
char *dn_normal(struct arena *arena, const char *text);

// The same entry, whatever the case and the blanks? Text that is no DN is the same as nothing.
bool dn_same(struct arena *arena, const char *a, const char *b);

// The container of an entry in normal spelling; NULL when the text is no DN or has no container.
char *dn_parent(struct arena *arena, const char *text);
