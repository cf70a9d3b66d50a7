// SPDX-License-Identifier: Apache-2.0
// Scoped release of handles: a handle declared with one of these attributes is closed when its
// block ends.
#pragma once

#include <stdio.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

// Define `name_p(type *)`, which calls `fn` on a non-NULL handle, for use as CLEANUP(name_p).
#define CLEANUP_FN(type, fn, name)                                                                 \
	__attribute__((unused)) static inline void name(type *handle)                              \
	{                                                                                          \
		if (*handle)                                                                       \
			fn(*handle);                                                               \
	}

static inline void
autoclose_p(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void
autofclose_p(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define autoclose CLEANUP(autoclose_p) int
#define autofclose CLEANUP(autofclose_p) FILE

// Hand a descriptor over to the caller: the local variable forgets it.
static inline int
take_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}
