// SPDX-License-Identifier: Apache-2.0
#include "http/server_internal.h"

#include <stdlib.h>

struct peer {
	struct peer *next;
	unsigned bucket, count;
	uint8_t key[8];
};

enum { BUCKETS = sizeof((struct http_server *)0)->peers / sizeof(struct peer *) };

// IPv4 as it is, also when mapped; of IPv6 the /64, which one customer gets as a whole.
static void
key_of(const struct sockaddr_storage *address, uint8_t key[8])
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	memset(key, 0, 8);
	if (address->ss_family == AF_INET)
		memcpy(key, &v4->sin_addr, 4);
	else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		memcpy(key, &v6->sin6_addr.s6_addr[12], 4);
	else
		memcpy(key, &v6->sin6_addr, 8);
}

struct peer *
peer_enter(struct http_server *server, const struct sockaddr_storage *address)
{
	uint8_t key[8];
	uint32_t hash = 2166136261u;

	key_of(address, key);
	for (size_t i = 0; i < sizeof key; i++)
		hash = (hash ^ key[i]) * 16777619u;
	unsigned bucket = (hash ^ hash >> 16) % BUCKETS;
	struct peer *peer = server->peers[bucket];
	while (peer && memcmp(peer->key, key, sizeof key) != 0)
		peer = peer->next;
	if (!peer) {
		peer = calloc(1, sizeof *peer);
		if (!peer)
			return NULL;
		peer->bucket = bucket;
		peer->next = server->peers[bucket];
		memcpy(peer->key, key, sizeof key);
		server->peers[bucket] = peer;
	}
	if (server->config.max_per_address && peer->count >= server->config.max_per_address)
		return NULL;
	peer->count++;
	return peer;
}

void
peer_leave(struct http_server *server, struct peer *peer)
{
	struct peer **link = &server->peers[peer->bucket];

	if (--peer->count > 0)
		return;
	while (*link != peer)
		link = &(*link)->next;
	*link = peer->next;
	free(peer);
}
