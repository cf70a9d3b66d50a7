// SPDX-License-Identifier: Apache-2.0
#include "agent/windows_key.h"

#include "agent/face.h"
#include <dirent.h>
#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <poll.h>
#include <pthread.h>

enum { MAX_KEYBOARDS = 16 };

static struct watcher {
	struct face *face;
	struct libevdev *devices[MAX_KEYBOARDS];
	struct pollfd fds[MAX_KEYBOARDS];
	nfds_t count;
} watcher;

// Ctrl+Win+R is Autopilot Reset at the device (behaviour A5); the Windows key alone leads to the
// technician's menu.
static void
on_key(struct watcher *w, nfds_t i, const struct input_event *event)
{
	struct libevdev *device = w->devices[i];

	if (event->type != EV_KEY || event->value != 1)
		return;
	bool windows = libevdev_get_event_value(device, EV_KEY, KEY_LEFTMETA) ||
		libevdev_get_event_value(device, EV_KEY, KEY_RIGHTMETA);
	bool control = libevdev_get_event_value(device, EV_KEY, KEY_LEFTCTRL) ||
		libevdev_get_event_value(device, EV_KEY, KEY_RIGHTCTRL);
	if (event->code == KEY_R && windows && control)
		face_push(w->face, "reset");
	else if ((event->code == KEY_LEFTMETA || event->code == KEY_RIGHTMETA) && !control)
		face_push(w->face, "winkey");
}

static void
read_keys(struct watcher *w, nfds_t i)
{
	struct input_event event;

	while (libevdev_next_event(w->devices[i], LIBEVDEV_READ_FLAG_NORMAL, &event) ==
		LIBEVDEV_READ_STATUS_SUCCESS)
		on_key(w, i, &event);
}

static void *
watch(void *arg)
{
	struct watcher *w = arg;

	while (poll(w->fds, w->count, -1) >= 0)
		for (nfds_t i = 0; i < w->count; i++) {
			if (w->fds[i].revents & POLLIN)
				read_keys(w, i);
			else if (w->fds[i].revents)
				w->fds[i].fd = -1; // unplugged
		}
	return NULL;
}

static void
add_keyboard(struct watcher *w, const char *name)
{
	char path[300];
	struct libevdev *device = NULL;

	snprintf(path, sizeof path, "/dev/input/%s", name);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	if (libevdev_new_from_fd(fd, &device) != 0 ||
		!libevdev_has_event_code(device, EV_KEY, KEY_LEFTMETA)) {
		libevdev_free(device);
		close(fd);
		return;
	}
	w->devices[w->count] = device;
	w->fds[w->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

void
windows_key_watch(struct face *face)
{
	DIR *dir = opendir("/dev/input");
	struct dirent *entry;
	pthread_t thread;

	watcher.face = face;
	while (dir && watcher.count < MAX_KEYBOARDS && (entry = readdir(dir)))
		if (strncmp(entry->d_name, "event", 5) == 0)
			add_keyboard(&watcher, entry->d_name);
	if (dir)
		closedir(dir);
	if (watcher.count && pthread_create(&thread, NULL, watch, &watcher) == 0)
		pthread_detach(thread);
}
