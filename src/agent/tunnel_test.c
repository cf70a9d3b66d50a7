// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/csp/csp.h"
#include "agent/tunnel.h"
#include "base/fs.h"
#include "base/str.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG "./Device/" VPN_NODE "corp/Config"
#define PUBLIC "./Device/" VPN_NODE "corp/PublicKey"
#define KEY "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
#define TOLD                                                                                       \
	"{\"endpoint\":\"vpn.example.com:51820\",\"gatewayKey\":\"" KEY                            \
	"\",\"allowed\":\"10.66.0.0/24\",\"dns\":\"10.66.0.10\",\"search\":\"corp.example.com\","  \
	"\"address\":\"10.99.0.7\"}"

static struct arena arena = {.cap = ARENA_REQUEST};
static struct agent agent;
static char dir[32];

static int
setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/ferry-tunnel-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	agent = (struct agent){.arena = &arena, .step = &arena};
	agent.config.state_dir = arena_printf(&arena, "%s/state", dir);
	agent.config.vpn_dir = arena_printf(&arena, "%s/wg", dir);
	agent.config.vpn_up = agent.config.vpn_down = "true";
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	struct error e;

	assert_true(tunnels_remove(&agent, &e));
	rmdir(agent.config.vpn_dir);
	rmdir(arena_printf(&arena, "%s/state/wireguard", dir));
	rmdir(agent.config.state_dir);
	assert_int_equal(rmdir(dir), 0);
	return 0;
}

static int
run(enum syncml_type type, const char *loc_uri, const char *data, struct csp_call *out)
{
	*out = (struct csp_call){
		.agent = &agent, .arena = &arena, .type = type, .loc_uri = loc_uri, .data = data};
	return csp_run(out);
}

static const char *
file(const char *path, unsigned mode)
{
	struct slice text;
	struct stat info;
	struct error e;

	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, mode);
	assert_true(fs_read(&arena, path, 1 << 16, &text, &e));
	return arena_strndup(&arena, (const char *)text.data, text.len);
}

static const char *
public_key(void)
{
	struct csp_call call;

	assert_int_equal(run(SYNCML_GET, PUBLIC, NULL, &call), 200);
	assert_true(vpn_key_usable(call.result));
	return call.result;
}

static void
nothing_but_a_tunnel_is_written(void **state)
{
	(void)state;
	struct csp_call call;

	assert_int_equal(run(SYNCML_GET, PUBLIC, NULL, &call), 404);
	assert_int_equal(run(SYNCML_REPLACE, CONFIG, "{}", &call), 500);
	assert_string_equal(call.why.fault, "network_profile_failed");
	assert_int_equal(run(SYNCML_REPLACE, CONFIG, NULL, &call), 405);
	assert_int_equal(run(SYNCML_GET, CONFIG, NULL, &call), 405);
	assert_int_equal(run(SYNCML_REPLACE, PUBLIC, TOLD, &call), 405);
	assert_int_equal(run(SYNCML_REPLACE, "./User/" VPN_NODE "corp/Config", TOLD, &call), 404);
	assert_int_equal(run(SYNCML_REPLACE, "./Device/" VPN_NODE "a;b/Config", TOLD, &call), 404);
	assert_int_equal(run(SYNCML_GET, "./Device/" VPN_NODE "corp/PrivateKey", NULL, &call), 404);
	assert_false(fs_exists(agent.config.vpn_dir));
}

static void
the_private_key_is_made_here_and_stays(void **state)
{
	(void)state;
	struct csp_call call;

	assert_int_equal(run(SYNCML_REPLACE, CONFIG, TOLD, &call), 200);
	const char *first = public_key();
	const char *key = file(arena_printf(&arena, "%s/state/wireguard/corp.key", dir), 0600);
	const char *conf = file(arena_printf(&arena, "%s/wg/corp.conf", dir), 0600);
	assert_null(strstr(conf, arena_strndup(&arena, key, VPN_KEY_TEXT)));
	assert_non_null(
		strstr(conf, "Address = 10.99.0.7/32\nDNS = 10.66.0.10, corp.example.com\n"));
	assert_non_null(
		strstr(conf, "Endpoint = vpn.example.com:51820\nAllowedIPs = 10.66.0.0/24\n"));
	assert_int_equal(run(SYNCML_REPLACE, CONFIG, TOLD, &call), 200);
	assert_string_equal(public_key(), first);
}

static void
a_command_that_fails_is_named(void **state)
{
	(void)state;
	struct csp_call call;
	struct error e;

	assert_true(tunnels_open(&agent, 1, &e)); // none
	assert_int_equal(run(SYNCML_REPLACE, CONFIG, TOLD, &call), 200);
	agent.config.vpn_up = "echo no %s here; false";
	assert_false(tunnels_open(&agent, 1, &e));
	assert_string_equal(e.fault, "vpn_not_started");
	assert_non_null(strstr(e.message, "no corp here"));
}

static void
a_gateway_that_does_not_answer_is_named(void **state)
{
	(void)state;
	struct csp_call call;
	struct error e;

	assert_int_equal(run(SYNCML_REPLACE, CONFIG, TOLD, &call), 200);
	assert_true(tunnels_open(&agent, 0, &e));
	assert_false(tunnels_open(&agent, 1, &e));
	assert_string_equal(e.fault, "vpn_no_handshake");
}

static void
somebody_elses_tunnel_stays(void **state)
{
	(void)state;
	const char *other = arena_printf(&arena, "%s/wg/home.conf", dir);
	struct csp_call call;
	struct error e;

	assert_int_equal(run(SYNCML_REPLACE, CONFIG, TOLD, &call), 200);
	assert_true(fs_write(other, slice_str("[Interface]\n"), 0600, &e));
	assert_true(tunnels_remove(&agent, &e));
	assert_true(fs_exists(other));
	assert_false(fs_exists(arena_printf(&arena, "%s/wg/corp.conf", dir)));
	assert_false(fs_exists(arena_printf(&arena, "%s/state/wireguard/corp.key", dir)));
	assert_true(fs_remove(other, &e));
}

int
main(void)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ON(nothing_but_a_tunnel_is_written),
		ON(the_private_key_is_made_here_and_stays),
		ON(a_command_that_fails_is_named),
		ON(a_gateway_that_does_not_answer_is_named),
		ON(somebody_elses_tunnel_stays),
	};
#undef ON

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
