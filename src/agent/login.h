// SPDX-License-Identifier: Apache-2.0
// Sign-in of people whose account is the directory's alone: PAM's helper on this machine asks, the
// service decides, and the account that stands for the person here is made and found.
//
// Whether anybody may sign in at all is the gate's business (gate.h). Nothing is remembered of a
// password, so these people need the network; users of the domain have sssd.
#pragma once

#include "agent/agent.h"
#include "agent/login_question.h"

#define LOGIN_SOCKET "/run/ferry/login.sock"

struct login;

// Listen for root's helper. What it asks comes to the agent as the action "login". NULL when the
// system refuses, which is logged.
struct login *login_open(struct agent *agent);
void login_close(struct login *login); // NULL is fine

// The action "login" came: ask the service and answer.
void login_decide(struct agent *agent, struct login *login);

// Make the person's account here if there is none. The full name of the account says whose it is.
bool login_account(struct agent *agent, const char *upn, struct error *e) MUST_CHECK;

// Remove the accounts that login_account() made; their folders are the business of others. One that
// stays is logged.
bool login_accounts_forget(struct agent *agent, struct error *e) MUST_CHECK;

// "alice.smith" of "Alice.Smith@contoso.com": what a system takes for a name. ERR_INVALID when
// nothing is left of it.
bool login_name(struct arena *arena, const char *upn, char **out, struct error *e) MUST_CHECK;

// Read one question. *user and *password live in the arena.
bool login_read(struct arena *arena, struct slice line, const char **user, const char **password,
	struct error *e) MUST_CHECK;
