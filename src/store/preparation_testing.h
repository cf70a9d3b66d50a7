// SPDX-License-Identifier: Apache-2.0
// An organization that prepares devices, piece by piece, for the tests of device preparation.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "store/contract/fixture.h"
#include "store/deployments.h"
#include "store/groups.h"
#include "store/items.h"
#include "store/objects.h"
#include "store/people.h"
#include "store/policy_queries.h"
#include "store/preparation.h"
#include "store/registration.h"
#include "store/trust.h"
#include <stdlib.h>

#define POLICIES "deviceManagement/configurationPolicies"
#define SETTING(name, value)                                                                       \
	"{\"settingInstance\":{\"settingDefinitionId\":\"enrollment_autopilot_dpp_" name           \
	"\"," value "}}"

void run(struct fixture *f, int query, struct db_params params);
const char *device(struct fixture *f, const char *serial, const char *source);
void person(struct fixture *f, const char *upn, const char *in_group);
void member(struct fixture *f, const char *group_id, const char *device_id);
void assign(
	struct fixture *f, const char *kind, const char *id, const char *target, const char *to);
const char *policy_of(struct fixture *f, const char *name, int priority, const char *group_id,
	bool automatic, bool skip, const char *apps, const char *scripts);
const char *policy(struct fixture *f, const char *name, int priority, bool automatic);
const char *item(
	struct fixture *f, const char *name, const char *kind, const char *type, const char *to);

// With the test's own queries on the same database, for run().
int open_prepared(void **state);
int close_prepared(void **state);
