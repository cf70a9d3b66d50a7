// SPDX-License-Identifier: Apache-2.0
#include "base/srv.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

// A listening socket on loopback; its port in *port.
static int
listener(uint16_t *port)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void
a_closed_port_is_unavailable(void **state)
{
	(void)state;
	struct error e;
	uint16_t port;

	close(listener(&port));
	assert_false(tcp_probe("127.0.0.1", port, 1000, NULL, &e));
	assert_int_equal(e.code, ERR_UNAVAILABLE);
}

static void
a_name_without_address_is_not_found(void **state)
{
	(void)state;
	struct error e;

	assert_false(tcp_probe("no address", 389, 1000, NULL, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
an_open_port_gives_the_address_that_answered(void **state)
{
	(void)state;
	char address[SRV_ADDRESS];
	struct error e;
	uint16_t port;
	autoclose fd = listener(&port);

	assert_true(fd >= 0);
	assert_true(tcp_probe("127.0.0.1", port, 1000, address, &e));
	assert_string_equal(address, "127.0.0.1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_port_is_unavailable),
		cmocka_unit_test(a_name_without_address_is_not_found),
		cmocka_unit_test(an_open_port_gives_the_address_that_answered),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
