// SPDX-License-Identifier: Apache-2.0
#include "ferryd/organization.h"

#include "base/log.h"
#include "base/str.h"
#include "store/clients.h"
#include <pthread.h>

enum { NAMES = 64, ID_SIZE = 40, NAME_SIZE = 256 };

// Organizations are never renamed, so a name that was read once is right for ever.
static struct known {
	char id[ID_SIZE], name[NAME_SIZE];
} names[NAMES];
static size_t count, oldest;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *
find(struct arena *arena, const char *id)
{
	const char *found = NULL;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < count && !found; i++)
		if (str_eq(names[i].id, id))
			found = arena_strdup(arena, names[i].name);
	pthread_mutex_unlock(&lock);
	return found;
}

// What is too long to be kept is read again each time.
static void
keep(const char *id, const char *name)
{
	if (strlen(id) >= ID_SIZE || strlen(name) >= NAME_SIZE)
		return;
	pthread_mutex_lock(&lock);
	struct known *place = count < NAMES ? &names[count++] : &names[oldest++ % NAMES];
	snprintf(place->id, sizeof place->id, "%s", id);
	snprintf(place->name, sizeof place->name, "%s", name);
	pthread_mutex_unlock(&lock);
}

const char *
organization_name(struct call *c)
{
	struct tenant tenant;
	struct error e;

	if (!c->work.tenant_id)
		return c->service->organization;
	const char *known = find(c->arena, c->work.tenant_id);
	if (known)
		return known;
	if (!store_tenant(&c->work, c->work.tenant_id, &tenant, &e)) {
		log_failure("the organization's name", &e);
		return c->service->organization;
	}
	keep(c->work.tenant_id, tenant.name);
	return tenant.name;
}
