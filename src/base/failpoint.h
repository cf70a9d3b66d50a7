// SPDX-License-Identifier: Apache-2.0
// Named places at which a test can make a program die or fail, as a power cut or a full disk would.
#pragma once

#include <stdbool.h>

// FERRY_FP="name:kill" ends the process by SIGKILL when it reaches failpoint("name") for the first
// time; "name:kill@3" the third time; "name:stop" stops it there (SIGSTOP) until a test lets it go
// on, so that something else can be cut in that very moment; several are joined by ",".
// FERRY_FP_FILE names a file with the same text, read once a call so that a test can arm a running
// program; the entry that fires is written to "<file>.fired" first.
//
// A release build keeps them (the same binary that ships is the one that is tested); without the
// variables the cost is one comparison.
void failpoint(const char *name);
