// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// Small parts of the device's program: running tools, reading the hardware, the configuration file.
#include "agent/agent.h"
#include "agent/command.h"
#include "agent/hardware.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/testing.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena = {.cap = ARENA_REQUEST};
static char dir[] = "/tmp/ferry-agent-XXXXXX";
static struct error e;

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int
teardown(void **state)
{
	const char *const argv[] = {"rm", "-rf", dir, NULL}, *output;

	(void)state;
	bool ok = command_run(&arena, argv, 10, &output, &e);
	arena_finish(&arena);
	return ok ? 0 : -1;
}

static bool
sh(const char *script, int timeout_s, const char **output)
{
	const char *const argv[] = {"sh", "-c", script, NULL};

	return command_run(&arena, argv, timeout_s, output, &e);
}

static void
a_tool_that_fails_or_is_not_there_is_an_error_with_its_words(void **state)
{
	(void)state;
	const char *const argv[] = {"/nonexistent/tool", NULL}, *output;

	assert_false(command_run(&arena, argv, 5, &output, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_false(sh("echo no such package >&2; exit 3", 5, &output));
	assert_int_equal(e.code, ERR_IO);
	assert_non_null(strstr(e.message, "status 3"));
	assert_non_null(strstr(e.message, "no such package"));
	assert_false(sh("kill -9 $$", 5, &output));
	assert_non_null(strstr(e.message, "status 137"));
}

static void
a_tool_that_hangs_is_ended_with_everything_it_started(void **state)
{
	(void)state;
	const char *output;
	char *file = arena_printf(&arena, "%s/pid", dir);
	int64_t begin = clock_monotonic_ms();
	struct slice text;

	assert_false(
		sh(arena_printf(&arena, "sleep 60 & echo $! > %s; sleep 60", file), 1, &output));
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_true(clock_monotonic_ms() - begin < 10000);
	assert_works(fs_read(&arena, file, 100, &text, &e));
	char *stat =
		arena_printf(&arena, "/proc/%ld/stat", strtol((const char *)text.data, NULL, 10));
	// It is gone, or dead and not yet collected by its new parent.
	for (int i = 0; i < 50 && fs_exists(stat); i++)
		usleep(100000);
	if (fs_exists(stat) && fs_read(&arena, stat, 4096, &text, &e))
		assert_non_null(strstr((const char *)text.data, ") Z "));
}

static void
the_end_of_what_a_tool_says_is_kept_and_no_shell_reads_it(void **state)
{
	(void)state;
	const char *const argv[] = {"printf", "%s", "$(id) ; `x`", NULL}, *output;

	assert_works(command_run(&arena, argv, 5, &output, &e));
	assert_string_equal(output, "$(id) ; `x`");
	assert_works(
		sh("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done", 20, &output));
	assert_int_equal(strlen(output), 2048);
	assert_true(str_ends(output, "line 2999\n"));
	assert_works(sh("cat", 5, &output)); // its input is empty, not ours
	assert_string_equal(output, "");
}

static void
sysfs(const char *path, const char *text)
{
	char *file = arena_printf(&arena, "%s/sys/%s", dir, path), *slash = strrchr(file, '/');

	*slash = '\0';
	assert_works(fs_mkdirs(file, 0755, &e));
	*slash = '/';
	assert_works(fs_write(file, slice_str(text), 0644, &e));
}

static void
a_machine_without_a_serial_number_cannot_be_registered(void **state)
{
	(void)state;
	struct hwhash hash = {.ram_gib = 7};

	assert_false(hardware_collect(&arena, "/nonexistent", NULL, &hash, &e));
	assert_string_equal(e.fault, "ztd_hash_invalid");
	sysfs("class/dmi/id/product_serial", "\n");
	sysfs("class/dmi/id/sys_vendor", "Contoso\n");
	assert_false(
		hardware_collect(&arena, arena_printf(&arena, "%s/sys", dir), NULL, &hash, &e));
	assert_int_equal(hash.ram_gib, 7);
}

static void
the_machine_is_read_from_sysfs(void **state)
{
	(void)state;
	struct hwhash hash, again;
	struct slice csv, bytes;

	sysfs("class/dmi/id/product_serial", "CN-0007  \n");
	sysfs("class/dmi/id/sys_vendor", "Contoso\n");
	sysfs("class/dmi/id/product_name", "LabPC\n");
	sysfs("class/dmi/id/product_uuid", "6F1A2B3C-0000-4000-8000-000000000001\n");
	sysfs("class/dmi/id/chassis_type", "10\n");
	sysfs("block/nvme0n1/size", "1000215216\n");
	sysfs("block/nvme0n1/device/serial", "S1\n");
	sysfs("block/loop0/size", "8\n");
	sysfs("class/net/lo/address", "00:00:00:00:00:00\n");
	sysfs("class/net/eth0/address", "52:54:00:12:34:56\n");
	sysfs("class/net/wlan0/address", "not a mac\n");
	assert_works(
		hardware_collect(&arena, arena_printf(&arena, "%s/sys", dir), NULL, &hash, &e));
	assert_string_equal(hash.serial, "CN-0007");
	assert_string_equal(hash.product, "LabPC");
	assert_string_equal(hash.uuid, "6f1a2b3c-0000-4000-8000-000000000001");
	assert_int_equal(hash.chassis, 10);
	assert_int_equal(hash.disk_count, 1);
	assert_int_equal(hash.disks[0].gib, 476);
	assert_int_equal(hash.disks[0].bus, 17);
	assert_int_equal(hash.nic_count, 1);
	assert_int_equal(hash.nics[0].mac[5], 0x56);
	assert_works(hardware_csv(&arena, &hash, &csv, &e));
	char *text = arena_strndup(&arena, (const char *)csv.data, csv.len);
	assert_true(str_starts(
		text, "Device Serial Number,Windows Product ID,Hardware Hash\r\nCN-0007,,"));
	const char *encoded = strrchr(text, ',') + 1;
	assert_works(hwhash_from_text(&arena, slice_str(encoded), &bytes, &e));
	assert_works(hwhash_decode(&arena, bytes, &again, &e));
	assert_string_equal(again.serial, "CN-0007");
	assert_true(again.checksum_ok);
}

static void
a_configuration_that_says_nonsense_is_refused_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"", "url and ca"},
		{"[service]\nurl=https://f\n", "url and ca"},
		{"[service]\nca=/x\n", "url and ca"},
		{"[service]\nurl=https://f\nurls=x\n", ":3: "},
		{"[Service]\nurl=https://f\n", ":2: "},
		{"[service\n", ":1: "},
		{"[device]\ninsecure=true\n", "unknown setting"},
	};
	char *file = arena_printf(&arena, "%s/agent.conf", dir);

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct agent_config config = {.url = "untouched"};
		assert_works(fs_write(file, slice_str(cases[i].text), 0644, &e));
		assert_false(agent_config_read(&arena, file, &config, &e));
		if (!strstr(e.message, cases[i].says))
			fail_msg("%s: %s", cases[i].text, e.message);
		assert_string_equal(config.url, "untouched");
	}
	struct agent_config config;
	assert_false(agent_config_read(&arena, "/nonexistent", &config, &e));
	assert_works(
		fs_write(file, slice_str("[service]\nurl = https://f\nca = /x.pem\n"), 0644, &e));
	assert_works(agent_config_read(&arena, file, &config, &e));
	assert_string_equal(config.socket, "/run/ferry/oobe.sock");
	assert_null(config.tcti);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tool_that_fails_or_is_not_there_is_an_error_with_its_words),
		cmocka_unit_test(a_tool_that_hangs_is_ended_with_everything_it_started),
		cmocka_unit_test(the_end_of_what_a_tool_says_is_kept_and_no_shell_reads_it),
		cmocka_unit_test(a_machine_without_a_serial_number_cannot_be_registered),
		cmocka_unit_test(the_machine_is_read_from_sysfs),
		cmocka_unit_test(a_configuration_that_says_nonsense_is_refused_with_its_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
