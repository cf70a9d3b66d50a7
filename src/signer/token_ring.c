// SPDX-License-Identifier: Apache-2.0
#include "signer/token_ring.h"

#include "base/failpoint.h"
#include "base/fs.h"
#include "base/str.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include "signer/keys.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>

enum { MAX_LIST = 64 << 10 };

#define LIST "tokens.json"
#define OLD_KEY "token.key" // the only key, before there was a list

struct token_ring {
	pthread_mutex_t lock;
	char *dir, *path; // the folder, and the list in it
	struct token_view *now;
	struct stat list; // of the file that `now` was read from
};

static char *
in_dir(struct arena *arena, const char *dir, const char *name)
{
	return arena_printf(arena, "%s/%s", dir, name);
}

static char *
key_name(struct arena *arena, const char *kid)
{
	return arena_printf(arena, "token-%s.key", kid);
}

// Released when the descriptor is closed, also by a kill.
static bool
lock_dir(struct arena *arena, const char *dir, int *out, struct error *e)
{
	const char *path = in_dir(arena, dir, "tokens.lock");
	autoclose fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return error_errno(e, "%s", path);
	*out = take_fd(&fd);
	return true;
}

bool
token_ring_read(struct arena *arena, const char *dir, struct token_state *out, struct error *e)
{
	const char *path = in_dir(arena, dir, LIST);
	struct slice text;

	if (!fs_exists(path)) {
		error_set(e, ERR_NOT_FOUND, "%s is missing", path);
		return error_hint(e, "Restore it, or make new token keys: ferry-signer --rotate");
	}
	return fs_read(arena, path, MAX_LIST, &text, e) &&
		(token_state_read(arena, text, out, e) || error_wrap(e, "%s", path));
}

static bool
is_needed(struct arena *arena, const struct token_state *state, const char *file)
{
	for (size_t i = 0; i < state->count; i++)
		if (state->keys[i].state != TOKEN_RETIRED &&
			str_eq(file, key_name(arena, state->keys[i].kid)))
			return true;
	return false;
}

// Private halves that the list does not name are of no use but to a thief.
static bool
remove_strays(
	struct arena *arena, const char *dir, const struct token_state *state, struct error *e)
{
	DIR *folder = opendir(dir);
	struct dirent *entry;
	bool ok = true;

	if (!folder)
		return error_errno(e, "%s", dir);
	while (ok && (entry = readdir(folder))) {
		const char *name = entry->d_name;
		bool ours = str_eq(name, OLD_KEY) || str_eq(name, LIST ".new") ||
			(str_starts(name, "token-") &&
				(str_ends(name, ".key") || str_ends(name, ".key.new")));
		if (ours && !is_needed(arena, state, name))
			ok = fs_remove(in_dir(arena, dir, name), e);
	}
	closedir(folder);
	return ok;
}

static bool
save(struct arena *arena, const char *dir, const struct token_state *state, struct error *e)
{
	struct slice text;

	failpoint("signer.tokens_before");
	if (!token_state_text(arena, state, &text, e) ||
		!fs_write(in_dir(arena, dir, LIST), text, 0600, e))
		return false;
	failpoint("signer.tokens_saved");
	bool ok = remove_strays(arena, dir, state, e);
	failpoint("signer.tokens_cleaned");
	return ok;
}

// Write the private half and name it in the list, which is not saved yet.
static bool
add(struct arena *arena, const char *dir, struct token_state *state, enum token_key_state which,
	EVP_PKEY *key, int64_t since, struct error *e)
{
	struct slice pem;

	if (!token_state_add(state, which, key, since, e) || !key_save_pem(arena, key, &pem, e))
		return false;
	const char *name = key_name(arena, state->keys[state->count - 1].kid);
	if (!fs_write(in_dir(arena, dir, name), pem, 0600, e))
		return false;
	failpoint("signer.token_key_written");
	return true;
}

static bool
make(struct arena *arena, const char *dir, const struct token_policy *policy,
	struct token_state *state, enum token_key_state which, int64_t now, struct error *e)
{
	const struct token_key *current = token_state_find(state, TOKEN_CURRENT);
	const char *alg = policy->alg ? policy->alg : current ? jwk_alg(current->key) : "ES256";
	autopkey *key = NULL;

	return key_generate(str_eq(alg, "RS256") ? KEY_RSA2048 : KEY_P256, &key, e) &&
		add(arena, dir, state, which, key, now, e);
}

// The folder of an older version: its key goes on signing, and its age begins when it was made.
static bool
adopt(struct arena *arena, const char *dir, struct token_state *state, time_us now, struct error *e)
{
	autopkey *key = NULL;
	struct stat st;
	const char *path = in_dir(arena, dir, OLD_KEY);
	int64_t since = now / US_PER_S;

	if (stat(path, &st) == 0 && st.st_mtime > 0 && st.st_mtime < since)
		since = st.st_mtime;
	return keyring_load_key(arena, dir, OLD_KEY, &key, e) &&
		add(arena, dir, state, TOKEN_CURRENT, key, since, e) && save(arena, dir, state, e);
}

// The list, under the lock; `made` when there was none and `policy` allows to begin one.
static bool
load(struct arena *arena, const char *dir, const struct token_policy *policy, time_us now,
	struct token_state *out, struct error *e)
{
	if (fs_exists(in_dir(arena, dir, LIST)))
		return token_ring_read(arena, dir, out, e);
	if (fs_exists(in_dir(arena, dir, OLD_KEY)))
		return adopt(arena, dir, out, now, e);
	if (!policy)
		return token_ring_read(arena, dir, out, e);
	return make(arena, dir, policy, out, TOKEN_CURRENT, now / US_PER_S, e) &&
		save(arena, dir, out, e);
}

bool
token_ring_create(const char *dir, const struct token_policy *policy, time_us now, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	autoclose lock = -1;
	struct token_state state = {0};

	if (!lock_dir(&arena, dir, &lock, e))
		return false;
	if (fs_exists(in_dir(&arena, dir, LIST)))
		return error_set(e, ERR_CONFLICT, "%s holds token keys already", dir);
	bool ok = load(&arena, dir, policy, now, &state, e);
	token_state_free(&state);
	return ok;
}

// --- changes

typedef bool change_fn(
	struct arena *arena, struct token_state *state, void *ctx, bool *changed, struct error *e);

struct change {
	const char *dir, *kid;
	const struct token_policy *policy;
	bool at_once;
	int64_t now;
};

static bool
change(struct change *ctx, change_fn *run, time_us now, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	autoclose lock = -1;
	struct token_state state = {0};
	bool changed = false;

	ctx->now = now / US_PER_S;
	if (!lock_dir(&arena, ctx->dir, &lock, e))
		return false;
	bool ok = load(&arena, ctx->dir, ctx->policy, now, &state, e) &&
		run(&arena, &state, ctx, &changed, e) &&
		(!changed || save(&arena, ctx->dir, &state, e));
	token_state_free(&state);
	return ok;
}

static bool
tend(struct arena *arena, struct token_state *state, void *arg, bool *changed, struct error *e)
{
	struct change *c = arg;

	*changed = token_state_tend(state, c->policy, c->now);
	if (!token_state_wants_next(state, c->policy, c->now))
		return true;
	*changed = true;
	return make(arena, c->dir, c->policy, state, TOKEN_NEXT, c->now, e);
}

static bool
rotate(struct arena *arena, struct token_state *state, void *arg, bool *changed, struct error *e)
{
	struct change *c = arg;

	*changed = token_state_tend(state, c->policy, c->now);
	if (!token_state_find(state, TOKEN_NEXT)) {
		*changed = true;
		if (!make(arena, c->dir, c->policy, state, TOKEN_NEXT, c->now, e))
			return false;
	}
	if (c->at_once) {
		token_state_promote(state, c->now);
		*changed = true;
	}
	return true;
}

static bool
take_out(struct arena *arena, struct token_state *state, void *arg, bool *changed, struct error *e)
{
	struct change *c = arg;

	if (!token_state_remove(state, c->kid))
		return error_set(e, ERR_NOT_FOUND, "there is no token key %s", c->kid);
	*changed = true;
	if (token_state_find(state, TOKEN_CURRENT))
		return true;
	if (!token_state_find(state, TOKEN_NEXT))
		return make(arena, c->dir, c->policy, state, TOKEN_CURRENT, c->now, e);
	token_state_promote(state, c->now);
	return true;
}

bool
token_ring_tend(const char *dir, const struct token_policy *policy, time_us now, struct error *e)
{
	return change(&(struct change){.dir = dir, .policy = policy}, tend, now, e);
}

bool
token_ring_rotate(const char *dir, const struct token_policy *policy, bool at_once, time_us now,
	struct error *e)
{
	return change(
		&(struct change){.dir = dir, .policy = policy, .at_once = at_once}, rotate, now, e);
}

bool
token_ring_revoke(const char *dir, const struct token_policy *policy, const char *kid, time_us now,
	struct error *e)
{
	return change(&(struct change){.dir = dir, .policy = policy, .kid = kid}, take_out, now, e);
}

// --- views

static void
free_view(struct token_view *view)
{
	jwt_signer_finish(&view->signer);
	EVP_PKEY_free(view->key);
	arena_finish(&view->arena);
	free(view);
}

static bool
fill_view(const char *dir, struct token_view *view, struct error *e)
{
	struct token_state state = {0};
	struct arena *arena = &view->arena;

	if (!token_ring_read(arena, dir, &state, e))
		return false;
	const struct token_key *current = token_state_find(&state, TOKEN_CURRENT);
	view->kid = arena_strdup(arena, current->kid);
	bool ok = keyring_load_key(arena, dir, key_name(arena, current->kid), &view->key, e) &&
		(key_same(view->key, current->key) ||
			error_set(e, ERR_INVALID, "the token key %s is another", view->kid)) &&
		jwt_signer_init(arena, view->key, view->kid, &view->signer, e) &&
		token_state_jwks(arena, &state, &view->jwks, e);
	token_state_free(&state);
	return ok;
}

// Between reading the list and the key it names, another process may have changed both: then once
// more.
static bool
make_view(struct token_ring *ring, struct error *e)
{
	for (int attempt = 0; attempt < 3; attempt++) {
		struct token_view *view = calloc(1, sizeof *view);
		if (!view)
			abort();
		arena_init(&view->arena, ARENA_SMALL);
		if (stat(ring->path, &ring->list) < 0)
			ring->list = (struct stat){0};
		if (fill_view(ring->dir, view, e)) {
			view->users = 1;
			ring->now = view;
			return true;
		}
		free_view(view);
	}
	return false;
}

bool
token_ring_open(const char *dir, time_us now, struct token_ring **out, struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	autoclose lock = -1;
	struct token_state state = {0};

	if (!lock_dir(&arena, dir, &lock, e))
		return false;
	bool ok = load(&arena, dir, NULL, now, &state, e) && remove_strays(&arena, dir, &state, e);
	token_state_free(&state);
	if (!ok)
		return false;
	struct token_ring *ring = calloc(1, sizeof *ring);
	if (!ring || !(ring->dir = strdup(dir)) ||
		!(ring->path = strdup(in_dir(&arena, dir, LIST))))
		abort();
	pthread_mutex_init(&ring->lock, NULL);
	if (!make_view(ring, e)) {
		token_ring_close(ring);
		return false;
	}
	*out = ring;
	return true;
}

static void
drop(struct token_view *view)
{
	if (view && --view->users == 0)
		free_view(view);
}

void
token_ring_close(struct token_ring *ring)
{
	if (!ring)
		return;
	drop(ring->now);
	pthread_mutex_destroy(&ring->lock);
	free(ring->dir);
	free(ring->path);
	free(ring);
}

// A file that was replaced has another number, or at least another time.
static bool
has_changed(const struct token_ring *ring)
{
	struct stat st;

	return stat(ring->path, &st) < 0 || st.st_ino != ring->list.st_ino ||
		st.st_mtim.tv_sec != ring->list.st_mtim.tv_sec ||
		st.st_mtim.tv_nsec != ring->list.st_mtim.tv_nsec ||
		st.st_size != ring->list.st_size;
}

bool
token_ring_borrow(struct token_ring *ring, struct token_view **out, struct error *e)
{
	bool ok = true;

	pthread_mutex_lock(&ring->lock);
	if (!ring->now || has_changed(ring)) {
		drop(ring->now);
		ring->now = NULL;
		ok = make_view(ring, e);
	}
	if (ok) {
		ring->now->users++;
		*out = ring->now;
	}
	pthread_mutex_unlock(&ring->lock);
	return ok;
}

void
token_ring_return(struct token_ring *ring, struct token_view *view)
{
	pthread_mutex_lock(&ring->lock);
	drop(view);
	pthread_mutex_unlock(&ring->lock);
}

bool
token_ring_watch(const char *dir, int *out, struct error *e)
{
	const uint32_t changes = IN_CREATE | IN_MODIFY | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
		IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
	autoclose fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0 || inotify_add_watch(fd, dir, changes) < 0)
		return error_errno(e, "watching %s", dir);
	*out = take_fd(&fd);
	return true;
}
