// SPDX-License-Identifier: Apache-2.0
#include "agent/offline_file.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/str.h"
#include "pki/hash.h"

enum { TOKEN_MAX = 16 << 10 };

static struct jsonw
begin(struct agent *agent, struct buf *body)
{
	buf_init(body, agent->step, 64 << 10);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "hardwareHash", agent->hardware_hash);
	offline_file_write(agent, &w);
	return w;
}

// A guess is never repeated by itself: it would count twice.
static bool
ask(struct agent *agent, struct buf *body, const struct json **answer, struct error *e)
{
	return service_open(agent, e) &&
		service_post_once(agent, "/device/v1/signin", body, answer, e);
}

static bool
keep(struct agent *agent, const struct json *answer, struct error *e)
{
	const char *token, *upn;

	if (!json_need_str(answer, "userToken", TOKEN_MAX, &token, e) ||
		!json_need_str(answer, "upn", 320, &upn, e))
		return false;
	agent->journal.user_token = arena_strdup(agent->arena, token);
	agent->journal.user = str_lower(agent->arena, upn);
	agent->from_domain = str_eq(json_str(answer, "source"), "domain");
	return journal_step(&agent->journal, "person", e);
}

bool
step_person(struct agent *agent, const char *user, const char *password, const char **next,
	struct error *e)
{
	struct buf body;
	struct jsonw w = begin(agent, &body);
	const struct json *answer;
	const char *session;

	jsonw_str(&w, "user", user);
	jsonw_str(&w, "password", password);
	jsonw_end_object(&w);
	bool ok = ask(agent, &body, &answer, e);
	secret_wipe((void *)(uintptr_t)buf_slice(&body).data, body.len);
	if (!ok)
		return false;
	*next = "";
	if (!str_eq(json_str(answer, "step"), "code"))
		return keep(agent, answer, e);
	if (!json_need_str(answer, "session", TOKEN_MAX, &session, e))
		return false;
	*next = "code";
	agent->sign_in_session = arena_strdup(agent->arena, session);
	return true;
}

bool
step_person_code(struct agent *agent, const char *code, struct error *e)
{
	struct buf body;
	struct jsonw w = begin(agent, &body);
	const struct json *answer;

	jsonw_str(&w, "session", agent->sign_in_session);
	jsonw_str(&w, "code", code);
	// A recovery code has hyphens, that of an app digits only.
	jsonw_bool(&w, "recovery", strspn(code, "0123456789 ") != strlen(code));
	jsonw_end_object(&w);
	return ask(agent, &body, &answer, e) && keep(agent, answer, e);
}
