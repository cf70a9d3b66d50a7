// SPDX-License-Identifier: Apache-2.0
#include "agent/login_question.h"

#include "base/wait.h"
#include "pki/hash.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

void
login_question_init(struct login_question *q)
{
	*q = (struct login_question){0};
	pthread_mutex_init(&q->lock, NULL);
	wait_condition(&q->decided);
}

bool
login_question_ask(struct login_question *q, const char *user, const char *password, int wait_ms,
	void (*tell)(void *agent), void *agent, char *out)
{
	struct timespec until = wait_until(wait_ms);

	pthread_mutex_lock(&q->lock);
	snprintf(q->user, sizeof q->user, "%s", user);
	snprintf(q->password, sizeof q->password, "%s", password);
	q->answer[0] = '\0';
	if (++q->count == 0)
		q->count = 1;
	q->open = q->count;
	tell(agent);
	while (!q->answer[0] && pthread_cond_timedwait(&q->decided, &q->lock, &until) != ETIMEDOUT)
		;
	bool decided = q->answer[0] != '\0';
	snprintf(out, LOGIN_LINE, "%s", q->answer);
	secret_wipe(q->password, sizeof q->password);
	q->user[0] = '\0';
	q->open = 0;
	pthread_mutex_unlock(&q->lock);
	return decided;
}

unsigned
login_question_take(struct login_question *q, char *user, char *password)
{
	pthread_mutex_lock(&q->lock);
	unsigned number = q->open;
	memcpy(user, q->user, sizeof q->user);
	memcpy(password, q->password, sizeof q->password);
	pthread_mutex_unlock(&q->lock);
	return number;
}

static void
put(struct login_question *q, const char *answer)
{
	snprintf(q->answer, sizeof q->answer, "%s", answer);
	pthread_cond_signal(&q->decided);
}

void
login_question_answer(struct login_question *q, unsigned number, const char *answer)
{
	pthread_mutex_lock(&q->lock);
	if (number && number == q->open)
		put(q, answer);
	pthread_mutex_unlock(&q->lock);
}

void
login_question_end(struct login_question *q, const char *answer)
{
	pthread_mutex_lock(&q->lock);
	if (q->open)
		put(q, answer);
	pthread_mutex_unlock(&q->lock);
}
