// SPDX-License-Identifier: Apache-2.0
// What stands around the bytes of a single file in a ZIP archive (PKWARE APPNOTE 6.3, sections 4.3
// and 4.4), stored as they are.
#pragma once

#include "base/buf.h"
#include <stdint.h>

// CRC-32 of what came before (0 at the beginning) followed by `data`.
uint32_t zip_crc32(uint32_t crc, struct slice data);

// Before the file's bytes: zip_head_size() bytes, whatever checksum and size turn out to be. `name`
// is UTF-8 of at most 255 bytes.
size_t zip_head_size(const char *name);
void zip_head(struct buf *out, const char *name, uint32_t crc, uint32_t size);

// After them: the archive's directory.
void zip_tail(struct buf *out, const char *name, uint32_t crc, uint32_t size);
