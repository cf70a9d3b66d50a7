// SPDX-License-Identifier: Apache-2.0
// The Windows key of a real keyboard, which no terminal program can see: read from the kernel's
// input devices.
#pragma once

struct face;

// Watch every keyboard there is now; each press becomes the action "winkey". Without input devices
// nothing happens: a terminal's substitute key does the same (ferry-oobe(8)).
void windows_key_watch(struct face *face);
