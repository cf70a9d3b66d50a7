// SPDX-License-Identifier: Apache-2.0
// How programs log: one line a message on standard error, with the priority prefix that journald
// understands.
//
// Library code never logs: it returns errors, and the program decides.
#pragma once

#include "base/error.h"

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

// Set the program name and the most verbose level that is written. FERRY_DEBUG=1 in the environment
// means debug.
void log_init(const char *program, enum log_level level);

// Write every line to a file besides, with its time; at 256 KiB the file becomes PATH.1 and a new
// one begins. A file that cannot be written is gone without: a log must stop nothing.
void log_tee(const char *path);

void log_write(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

// "context: message (hint)" at error level.
void log_failure(const char *context, const struct error *e);
