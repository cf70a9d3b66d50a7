// SPDX-License-Identifier: Apache-2.0
// The fingerprint of RSA keys made by the flawed generator of CVE-2017-15361 (ROCA).
#pragma once

#include "base/slice.h"
#include <stdbool.h>

// Does the big-endian modulus have the form k * M + (65537^a mod M)? Then its residue lies in the
// subgroup that 65537 generates modulo every small prime; a healthy key passes for one with a
// probability of about 2^-27 (Nemec et al., CCS 2017, section 2.3).
bool roca_vulnerable(struct slice modulus);
