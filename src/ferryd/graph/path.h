// SPDX-License-Identifier: Apache-2.0
// How the addresses of Graph, with keys in parentheses and qualified names, become those of the
// route table.
#pragma once

#include "base/arena.h"

// "/beta/devices(deviceId='7')/microsoft.graph.x/" -> "/beta/devices/deviceId=7/x". `path` is
// percent-decoded. A path that is not of this form, or not Graph's, stays as it is.
const char *graph_plain_path(struct arena *arena, const char *path);
