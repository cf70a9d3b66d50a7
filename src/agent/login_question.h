// SPDX-License-Identifier: Apache-2.0
// One question between the thread that a person waits on and the one that decides: which question a
// verdict is about, so that nobody gets another person's.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum { LOGIN_TYPED = 512, LOGIN_LINE = 4096 };

struct login_question {
	pthread_mutex_t lock;
	pthread_cond_t decided;
	unsigned count, open;			       // of the questions; 0: nobody waits
	char user[LOGIN_TYPED], password[LOGIN_TYPED]; // what is asked now
	char answer[LOGIN_LINE];		       // "": not decided yet
};

void login_question_init(struct login_question *q);

// Ask, tell `agent` that there is a question, and wait for the verdict, which goes to `out`
// (LOGIN_LINE bytes). False when none came within `wait_ms`; one that comes later is nobody's.
bool login_question_ask(struct login_question *q, const char *user, const char *password,
	int wait_ms, void (*tell)(void *agent), void *agent, char *out);

// What is asked now, into buffers of LOGIN_TYPED bytes: its number, or 0 when nobody waits.
unsigned login_question_take(struct login_question *q, char *user, char *password);

// The verdict of that question; of another one it is dropped.
void login_question_answer(struct login_question *q, unsigned number, const char *answer);

// Whoever waits now gets this.
void login_question_end(struct login_question *q, const char *answer);
