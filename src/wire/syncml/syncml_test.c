// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "wire/syncml/syncml.h"
#include "wire/syncml/test_samples.h"

#define HEADER                                                                                     \
	"<SyncML "                                                                                 \
	"xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"        \
	"<SessionID>1</SessionID><MsgID>2</MsgID><Target><LocURI>t</LocURI></Target>"              \
	"<Source><LocURI>s</LocURI></Source></SyncHdr>"
#define MESSAGE(body) HEADER "<SyncBody>" body "</SyncBody></SyncML>"

static struct arena arena;
static struct error e;

static struct syncml_message *
parse_slice(struct slice text)
{
	struct syncml_message *m = NULL;

	e = (struct error){0};
	return syncml_parse(&arena, text, &m, &e) ? m : NULL;
}

static struct syncml_message *
parse(const char *text)
{
	struct syncml_message *m = parse_slice(slice_str(text));

	if (!m)
		fail_msg("%s: %s", e.message, text);
	return m;
}

static const char *
written(const struct syncml_message *m)
{
	struct buf out;

	buf_init(&out, &arena, 1 << 20);
	syncml_write(&out, m);
	assert_true(buf_ok(&out, &e));
	return buf_text(&out);
}

static void
refused(const char *text, enum error_code code, const char *fault)
{
	if (parse_slice(slice_str(text)))
		fail_msg("accepted: %s", text);
	if (e.code != code || !str_eq(e.fault, fault))
		fail_msg("%s: %s %s", text, e.fault, e.message);
}

static void
what_is_no_message_breaks_the_protocol(void **state)
{
	(void)state;
	refused("", ERR_PROTOCOL, "syncml_not_xml");
	refused("<SyncML", ERR_PROTOCOL, "syncml_not_xml");
	refused("<!DOCTYPE SyncML><SyncML/>", ERR_PROTOCOL, "syncml_not_xml");
	refused("<a/>", ERR_PROTOCOL, "syncml_not_a_message");
	refused("<SyncML><SyncHdr/><SyncBody/></SyncML>", ERR_PROTOCOL, "syncml_not_a_message");
	refused("<SyncML xmlns='SYNCML:SYNCML1.1'><SyncHdr/><SyncBody/></SyncML>", ERR_PROTOCOL,
		"syncml_not_a_message");
	refused("<SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody/></SyncML>", ERR_PROTOCOL,
		"syncml_not_a_message");
	refused(HEADER "</SyncML>", ERR_PROTOCOL, "syncml_not_a_message");
}

static void
an_incomplete_header_is_refused(void **state)
{
	(void)state;
	static const char *const cut[] = {"<SessionID>1</SessionID>", "<MsgID>2</MsgID>",
		"<Target><LocURI>t</LocURI></Target>", "<LocURI>s</LocURI>"};

	for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
		const char *whole = MESSAGE("<Final/>"), *at = strstr(whole, cut[i]);
		refused(arena_printf(
				&arena, "%.*s%s", (int)(at - whole), whole, at + strlen(cut[i])),
			ERR_INVALID, "syncml_header_incomplete");
	}
}

static void
unknown_and_unsupported_elements_are_told_apart(void **state)
{
	(void)state;
	refused(MESSAGE("<Frobnicate><CmdID>1</CmdID></Frobnicate>"), ERR_INVALID,
		"syncml_unknown_element");
	refused(MESSAGE("{Command}"), ERR_INVALID, "syncml_unknown_element");
	refused(MESSAGE("<Atomic><CmdID>1</CmdID><Item/></Atomic>"), ERR_INVALID,
		"syncml_unknown_element");
	refused(MESSAGE("<Put><CmdID>1</CmdID></Put>"), ERR_UNSUPPORTED,
		"syncml_unsupported_command");
	refused(MESSAGE("<Sync><CmdID>1</CmdID></Sync>"), ERR_UNSUPPORTED,
		"syncml_unsupported_command");
	refused(MESSAGE("<Get><Item/></Get>"), ERR_INVALID, "syncml_missing_cmdid");
	refused(MESSAGE("<Get><CmdID> </CmdID><Item/></Get>"), ERR_INVALID, "syncml_missing_cmdid");
	refused(MESSAGE("<Atomic><CmdID>1</CmdID><Get/></Atomic>"), ERR_INVALID,
		"syncml_missing_cmdid");
	refused(MESSAGE("<Exec><CmdID>1</CmdID><Item><Data><MsiInstallJob/></Data></Item></Exec>"),
		ERR_INVALID, "syncml_unescaped_data");
	assert_non_null(strstr(e.message, "MsiInstallJob"));
}

static const char *
repeated(const char *before, const char *what, size_t times, const char *after)
{
	struct buf out;

	buf_init(&out, &arena, 2 << 20);
	buf_puts(&out, before);
	for (size_t i = 0; i < times; i++)
		buf_puts(&out, what);
	buf_puts(&out, after);
	return buf_text(&out);
}

static void
limits_hold(void **state)
{
	(void)state;
	const char *open = HEADER "<SyncBody>", *close = "</SyncBody></SyncML>";

	parse(repeated(open, "<Get><CmdID>1</CmdID></Get>", 2000, close));
	refused(repeated(open, "<Get><CmdID>1</CmdID></Get>", 2001, close), ERR_LIMIT,
		"syncml_too_large");
	refused(repeated(open, "<Get><CmdID>1</CmdID><Item/></Get>", 4000, close), ERR_LIMIT,
		"syncml_too_large");
	refused(repeated(HEADER "<SyncBody><Get><CmdID>1</CmdID>", "<Item/>", 4001,
			"</Get></SyncBody></SyncML>"),
		ERR_LIMIT, "syncml_too_large");
	refused(repeated(HEADER "<SyncBody><Get><CmdID>1</CmdID><Item><Target><LocURI>", "x", 2049,
			"</LocURI></Target></Item></Get></SyncBody></SyncML>"),
		ERR_LIMIT, "syncml_too_large");
	refused(repeated(HEADER "<SyncBody><Add><CmdID>1</CmdID><Item><Data>", "x", 1 << 20,
			"</Data></Item></Add></SyncBody></SyncML>"),
		ERR_LIMIT, "syncml_too_large");
	refused(repeated(open, "<Atomic><CmdID>1</CmdID>", 40, ""), ERR_LIMIT, "syncml_too_large");
}

static void
a_pretty_printed_message_in_any_order_is_read(void **state)
{
	(void)state;
	struct syncml_message *m =
		parse("\n<SyncML xmlns='SYNCML:SYNCML1.2' xmlns:A='syncml:metinf'>\n"
		      "<SyncBody>\n<Results>\n<Item>\n<Data> v "
		      "</Data><Meta><A:Format>chr</A:Format></Meta>"
		      "<Source>\n<LocURI>\n ./DevDetail/SwV "
		      "\n</LocURI></Source></Item><Extra><CmdID>9</CmdID></Extra>"
		      "<CmdRef>a-b</CmdRef><MsgRef> 1 </MsgRef>\n<CmdID>{1}</CmdID></Results>\n"
		      "<Status><Data msft:originalerror=' 0x86000002' "
		      "xmlns:msft='http://schemas.microsoft.com/"
		      "MobileDevice/MDM'>\n404 "
		      "</Data><SourceRef>./x</SourceRef><Cmd>Get</Cmd><CmdRef>2</CmdRef>"
		      "<MsgRef>1</MsgRef><CmdID>2</CmdID></Status>\n</"
		      "SyncBody>\n<SyncHdr><Source><LocURI> s </LocURI>"
		      "</Source><Target><LocURI>t</LocURI></Target><MsgID>1</MsgID><SessionID>AB</"
		      "SessionID>"
		      "<Meta><MaxMsgSize "
		      "xmlns='syncml:metinf'>524288</MaxMsgSize></Meta></SyncHdr></SyncML>\n");

	assert_string_equal(m->source, "s");
	assert_string_equal(m->meta.max_msg_size, "524288");
	assert_false(m->final);
	struct syncml_command *c = m->commands;
	assert_int_equal(c->type, SYNCML_RESULTS);
	assert_string_equal(c->cmd_id, "{1}");
	assert_string_equal(c->cmd_ref, "a-b");
	assert_string_equal(c->msg_ref, "1");
	assert_null(c->cmd);
	assert_string_equal(c->items->data, " v ");
	assert_string_equal(c->items->meta.format, "chr");
	assert_string_equal(c->items->source, "./DevDetail/SwV");
	assert_null(c->items->target);
	c = c->next;
	assert_string_equal(c->data, "404");
	assert_non_null(strstr(c->original_error, "0x86000002"));
	assert_string_equal(c->source_refs->uri, "./x");
	assert_null(c->next);
}

// One message with every part that the DTD knows.
static struct syncml_item target = {.target = "./a%7B<&>",
	.target_name = "n",
	.meta = {.present = true,
		.format = "chr",
		.type = "text/plain",
		.mark = "m",
		.size = "12",
		.next_nonce = "bm9uY2U=",
		.version = "1",
		.max_msg_size = "1",
		.max_obj_size = "2"},
	.data = " <MsiInstallJob id=\"1\"/>\r\n&\t",
	.more_data = true};
static struct syncml_item source = {.source = "./b",
				  .source_name = "n",
				  .source_parent = "./p",
				  .target_parent = "./q",
				  .data = ""},
			  pair = {.next = &source, .target = "./c"};
static struct syncml_cred cred = {
	.meta = {.present = true, .format = "b64", .type = "syncml:auth-md5"}, .data = "aGk="};
static struct syncml_meta meta = {.present = true, .type = "t"};
static struct syncml_ref ref2 = {.uri = "./y"}, ref = {.next = &ref2, .uri = "./x"};
static struct syncml_command child2 = {.type = SYNCML_DELETE, .cmd_id = "12", .items = &pair},
			     child = {.next = &child2,
				     .type = SYNCML_ADD,
				     .cmd_id = "11",
				     .items = &target};
static struct syncml_command commands[] = {
	{.type = SYNCML_STATUS,
		.cmd_id = "1",
		.msg_ref = "1",
		.cmd_ref = "0",
		.cmd = "SyncHdr",
		.target_refs = &ref,
		.source_refs = &ref,
		.cred = &cred,
		.chal = &meta,
		.data = "500",
		.original_error = "0x80070005",
		.items = &pair},
	{.type = SYNCML_RESULTS,
		.cmd_id = "2",
		.msg_ref = "1",
		.cmd_ref = "3",
		.cmd = "Get",
		.meta = {.present = true, .type = "t"},
		.target_refs = &ref2,
		.source_refs = &ref2,
		.items = &source},
	{.type = SYNCML_ALERT,
		.cmd_id = "3",
		.no_resp = true,
		.cred = &cred,
		.data = "1224",
		.correlator = "c",
		.items = &pair},
	{.type = SYNCML_ADD,
		.cmd_id = "4",
		.no_resp = true,
		.cred = &cred,
		.meta = {.present = true, .type = "t"},
		.items = &target},
	{.type = SYNCML_REPLACE, .cmd_id = "5", .items = &pair},
	{.type = SYNCML_DELETE, .cmd_id = "6", .items = &pair},
	{.type = SYNCML_GET,
		.cmd_id = "7",
		.no_resp = true,
		.lang = "en",
		.cred = &cred,
		.meta = {.present = true, .type = "t"},
		.items = &pair},
	{.type = SYNCML_EXEC,
		.cmd_id = "8",
		.cred = &cred,
		.meta = {.present = true, .type = "t"},
		.correlator = "c",
		.items = &source},
	{.type = SYNCML_ATOMIC,
		.cmd_id = "9",
		.no_resp = true,
		.meta = {.present = true, .type = "t"},
		.children = &child},
	{.type = SYNCML_SEQUENCE, .cmd_id = "10", .children = &child},
};
static struct syncml_message message = {.ver_dtd = "1.2",
	.ver_proto = "DM/1.2",
	.session_id = "1",
	.msg_id = "2",
	.target = "t",
	.target_name = "n",
	.source = "https://s/?a=1&b=2",
	.resp_uri = "r",
	.no_resp = true,
	.cred = &cred,
	.meta = {.present = true, .max_msg_size = "1"},
	.commands = commands,
	.final = true};

static struct syncml_message *
everything(void)
{
	for (size_t i = 0; i + 1 < sizeof commands / sizeof *commands; i++)
		commands[i].next = &commands[i + 1];
	return &message;
}

static void
everything_survives_a_round_trip(void **state)
{
	(void)state;
	const char *once = written(everything());
	struct syncml_message *m = parse(once);

	assert_string_equal(written(m), once);
	assert_string_equal(m->source, "https://s/?a=1&b=2");
	struct syncml_command *c = m->commands;
	assert_string_equal(c->target_refs->next->uri, "./y");
	assert_string_equal(c->original_error, "0x80070005");
	assert_string_equal(c->chal->type, "t");
	assert_string_equal(c->items->next->source_parent, "./p");
	c = c->next->next->next;
	assert_int_equal(c->type, SYNCML_ADD);
	assert_string_equal(c->items->data, " <MsiInstallJob id=\"1\"/>\r\n&\t");
	assert_true(c->items->more_data);
	assert_string_equal(c->items->meta.next_nonce, "bm9uY2U=");
	for (; c->type != SYNCML_ATOMIC; c = c->next)
		;
	assert_string_equal(c->children->next->cmd_id, "12");
}

static void
nothing_is_written_between_elements(void **state)
{
	(void)state;
	struct syncml_command status = {.type = SYNCML_STATUS,
		.cmd_id = "1",
		.msg_ref = "1",
		.cmd_ref = "0",
		.cmd = "SyncHdr",
		.data = "200"};
	struct syncml_message m = {.session_id = "1",
		.msg_id = "1",
		.target = "DEVICE1",
		.source = "https://mdm.example/",
		.commands = &status,
		.final = true};

	assert_string_equal(written(&m),
		"<SyncML "
		"xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</"
		"VerProto>"
		"<SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>DEVICE1</LocURI></Target>"
		"<Source><LocURI>https://mdm.example/</LocURI></Source></"
		"SyncHdr><SyncBody><Status><CmdID>1"
		"</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd><Data>200</Data></"
		"Status>"
		"<Final/></SyncBody></SyncML>");
}

static void
written_messages_are_valid_by_the_dtd(void **state)
{
	(void)state;
	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	assert_true(dtd_valid(&arena, slice_str(written(everything()))));
	assert_false(dtd_valid(&arena, slice_str(MESSAGE("<Get><Item/><CmdID>1</CmdID></Get>"))));
}

static void
published_messages_survive_a_round_trip(void **state)
{
	(void)state;
	static const char *const names[] = {
		"MS-MDE2-19", "MS-MDM-03", "MS-MDM-04", "MS-MDM-05", "MS-MDM-06"};

	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct syncml_message *m = parse_slice(sample(&arena, names[i]));
		if (!m)
			fail_msg("%s: %s", names[i], e.message);
		const char *once = written(m);
		assert_string_equal(written(parse(once)), once);
		assert_true(dtd_valid(&arena, slice_str(once)));
	}
}

static void
published_fragments_are_refused_with_a_reason(void **state)
{
	(void)state;
	static const char *const names[] = {"MS-MDE2-17", "MS-MDE2-18", "MS-MDM-01", "MS-MDM-02"};

	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_null(parse_slice(sample(&arena, names[i])));
		assert_non_null(e.fault);
		assert_true(*e.message != '\0');
	}
}

static int
reset(void **state)
{
	(void)state;
	arena_finish(&arena);
	arena_init(&arena, ARENA_REQUEST);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_no_message_breaks_the_protocol, reset),
		cmocka_unit_test_setup(an_incomplete_header_is_refused, reset),
		cmocka_unit_test_setup(unknown_and_unsupported_elements_are_told_apart, reset),
		cmocka_unit_test_setup(limits_hold, reset),
		cmocka_unit_test_setup(a_pretty_printed_message_in_any_order_is_read, reset),
		cmocka_unit_test_setup(everything_survives_a_round_trip, reset),
		cmocka_unit_test_setup(nothing_is_written_between_elements, reset),
		cmocka_unit_test_setup(written_messages_are_valid_by_the_dtd, reset),
		cmocka_unit_test_setup(published_messages_survive_a_round_trip, reset),
		cmocka_unit_test_setup(published_fragments_are_refused_with_a_reason, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
