// SPDX-License-Identifier: Apache-2.0
#include "pki/ossl.h"

#include <limits.h>
#include <openssl/err.h>
#include <time.h>

bool
ossl_error(struct error *e, enum error_code code, const char *what)
{
	unsigned long top = ERR_peek_last_error();
	const char *reason = top ? ERR_reason_error_string(top) : NULL;

	error_set(e, code, "%s: %s", what, reason ? reason : "failed");
	ERR_clear_error();
	return false;
}

BIO *
ossl_bio(struct slice bytes)
{
	return BIO_new_mem_buf(bytes.len ? (const void *)bytes.data : "",
		bytes.len > INT_MAX ? INT_MAX : (int)bytes.len);
}

struct slice
ossl_bio_take(struct arena *arena, BIO *bio)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);

	if (len <= 0)
		return slice_of(arena_strdup(arena, ""), 0);
	return slice_of(arena_strndup(arena, data, (size_t)len), (size_t)len);
}

bool
ossl_time(const ASN1_TIME *time, time_us *out)
{
	struct tm tm;

	if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	*out = (time_us)timegm(&tm) * US_PER_S;
	return true;
}
