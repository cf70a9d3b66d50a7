// SPDX-License-Identifier: Apache-2.0
#include "tpm/roca.h"

// The primes of the smallest primorial that the flawed generator uses (for 512-bit keys), but 2;
// larger keys use these and more.
static const uint8_t primes[] = {3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61,
	67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163,
	167};

static unsigned
residue(struct slice modulus, unsigned prime)
{
	unsigned rest = 0;

	for (size_t i = 0; i < modulus.len; i++)
		rest = (rest * 256 + modulus.data[i]) % prime;
	return rest;
}

static bool
generated_by_65537(unsigned value, unsigned prime)
{
	unsigned power = 1;

	do {
		if (power == value)
			return true;
		power = power * (65537 % prime) % prime;
	} while (power != 1);
	return false;
}

bool
roca_vulnerable(struct slice modulus)
{
	for (size_t i = 0; i < sizeof primes; i++)
		if (!generated_by_65537(residue(modulus, primes[i]), primes[i]))
			return false;
	return modulus.len > 0;
}
