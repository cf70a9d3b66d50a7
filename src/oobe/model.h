// SPDX-License-Identifier: Apache-2.0
// What one line of the agent means: the screen it describes, as a struct of clean, printable text.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include <stdint.h>

enum screen_kind {
	SCREEN_UNKNOWN, // a name we do not know: its text is shown
	SCREEN_LANGUAGE,
	SCREEN_KEYBOARD,
	SCREEN_NETWORK,
	SCREEN_WAITING,
	SCREEN_WELCOME,
	SCREEN_MENU,
	SCREEN_CONFIG,
	SCREEN_ESP,
	SCREEN_SUCCESS,
	SCREEN_FAILURE,
	SCREEN_DIAGNOSTICS,
	SCREEN_SIGNIN,
	SCREEN_DONE,
	SCREEN_SIGNEDOUT,
	SCREEN_POWERINGOFF,
	SCREEN_REGION,
	SCREEN_KEYBOARD2,
	SCREEN_EULA,
	SCREEN_PRIVACY,
	SCREEN_REBOOT,
	SCREEN_STAYSIGNEDIN,
	SCREEN_RESET,
	SCREEN_PREPARATION,
	SCREEN_ENDED,
	SCREEN_GATE,
	SCREEN_KINDS
};

enum { SCREEN_SWITCHES = 32 };

// An answer to choose, a wireless network, or a switch.
struct choice {
	const char *id;	   // what goes back to the agent
	const char *label; // never NULL; the identifier when the agent sent none
	const char *state; // of a network: "connected", …, or NULL
	int signal;	   // per cent; -1: not known
	bool labelled, secured, known, on;
};

struct interface {
	const char *label, *kind, *state, *detail; // NULL when absent
};

// Behaviour X33; "skipped" is a row that will not run.
enum row_state { ROW_WAITING, ROW_IDENTIFYING, ROW_WORKING, ROW_COMPLETE, ROW_ERROR, ROW_SKIPPED };

struct texts {
	const char **items;
	size_t count;
};

struct item {
	const char *name, *detail;
	enum row_state state;
};

struct row {
	const char *key, *name, *detail, *say, *fault;
	struct texts args; // of `say`
	enum row_state state;
	int64_t done, total; // total 0: nothing to count
	int64_t since;	     // seconds for which it has waited; -1: not known
	struct item *items;
	size_t item_count;
};

enum phase_state { PHASE_PENDING, PHASE_WORKING, PHASE_DONE, PHASE_ERROR };

struct phase {
	const char *key, *name;
	enum phase_state state;
	struct row *rows;
	size_t row_count;
};

enum check_state { CHECK_GREY, CHECK_GREEN, CHECK_YELLOW, CHECK_RED }; // worse is more

struct check {
	const char *name, *fault, *detail;
	enum check_state state;
};

// Every text is valid UTF-8 without control characters (line ends remain in texts of several
// lines), and NULL when absent, null or empty.
struct screen {
	enum screen_kind kind;
	const char *name;
	const char *text, *note, *message, *title, *cause, *fix, *detail, *error;
	const char *organization, *profile, *user, *serial, *model, *join_type, *computer_name;
	const char *qr, *flow, *fault, *code, *who, *path, *domain;
	const char *language, *say, *account, *step, *style, *mode, *group_tag;
	const char *device_name, *verdict, *why, *how, *item, *state, *phase_key, *row_key;
	const char *diagnostics_path, *portal, *support;
	const char *color, *logo; // "#rrggbb", "data:image/png;base64,…": nothing else
	struct texts lines, warnings, actions, args, facts, keeps, drops, pending;
	struct choice *choices; // options, networks or switches
	size_t choice_count, selected;
	struct check *checks;
	size_t check_count;
	struct interface *interfaces;
	size_t interface_count;
	struct phase *phases;
	size_t phase_count;
	int64_t elapsed;			// seconds; -1: not known
	int64_t remaining, in_seconds, percent; // -1: not known
	bool fixed_account;			// changeAccount is false (behaviour P10)
	bool refreshed, no_recovery;
};

enum { SCREEN_LINE_MAX = 64 * 1024 }; // bytes of one line

// Read one line of the agent (UTF-8 JSON object with the member "screen"). Members of an unexpected
// type count as absent: a page with a gap helps more than no page. ERR_INVALID: not JSON, or no
// screen name; ERR_LIMIT: longer or deeper than we read.
bool screen_parse(
	struct arena *arena, struct slice line, struct screen *out, struct error *e) MUST_CHECK;
