// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "wire/odata/body.h"
#include "wire/odata/test_types.h"

#define HYBRID "\"@odata.type\":\"#microsoft.graph.hybridDevice\","

static const struct json *
document(struct arena *arena, const char *text)
{
	static const struct json_limits lenient = {.lenient = true};
	struct error e = {0};
	const struct json *object = json_parse(arena, slice_str(text), &lenient, &e);

	if (!object)
		fail_msg("%s: %s", text, e.message);
	return object;
}

static const char *
text_of(struct arena *arena, const struct json *value)
{
	struct buf out;

	buf_init(&out, arena, 1 << 18);
	struct jsonw w = jsonw_on(&out);
	jsonw_value(&w, NULL, value);
	return buf_text(&out);
}

static void
values_that_do_not_fit_are_refused_with_their_path(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says, *hint;
		bool create;
	} cases[] = {
		{"[]", "the body must be an object", "", false},
		{"{}", "@odata.type must name a type of #microsoft.graph.device",
			"types: #microsoft.graph.hybridDevice, #microsoft.graph.cloudDevice", true},
		{"{\"@odata.type\":\"#microsoft.graph.x\"}", "@odata.type must name", "", false},
		{"{\"@odata.type\":\"#microsoft.graph.device\"}", "@odata.type must name", "",
			true},
		{"{" HYBRID "}", "displayName is required", "", true},
		{"{" HYBRID "displayName:null}", "displayName is required", "", true},
		{"{displayName:null}", "displayName must not be null", "", false},
		{"{displayName:5}", "displayName must be a string", "", false},
		{"{displayName:\"123456789012345678901\"}", "21 bytes, at most 20", "", false},
		{"{enabled:\"yes\"}", "enabled must be true or false", "", false},
		{"{enabled:1}", "enabled must be true or false", "", false},
		{"{score:1.5}", "score must be a whole number from -9223372036854775808", "",
			false},
		{"{score:\"1x\"}", "score must be a whole number", "", false},
		{"{score:99999999999999999999}", "score must be a whole number", "", false},
		{"{score:true}", "score must be a whole number", "", false},
		{"{setting:{minutes:0}}", "setting/minutes must be a whole number from 1 to 1440",
			"", false},
		{"{settings:{minutes:1441}}", "setting/minutes must be", "", false},
		{"{setting:[]}", "setting must be an object", "", false},
		{"{setting:null}", "setting must not be null", "", false},
		{"{ratio:\"abc\"}", "ratio must be a number", "", false},
		{"{created:\"2026-02-30T00:00:00Z\"}", "created must be a date", "", false},
		{"{created:5}", "created must be a date", "", false},
		{"{deviceId:\"5\"}", "deviceId must be a GUID", "", false},
		{"{hash:\"YW!j\"}", "hash: Cannot convert the literal 'YW!j'", "", false},
		{"{hash:5}", "hash: Cannot convert the literal '5'", "", false},
		{"{timeout:\"1h\"}", "timeout must be a duration", "", false},
		{"{state:\"gone\"}", "state must be a member of microsoft.graph.enrollmentState",
			"members: unknown, enrolled, pendingReset, failed", false},
		{"{state:true}", "state must be a member", "", false},
		{"{physicalIds:\"x\"}", "physicalIds must be a list", "", false},
		{"{physicalIds:[\"x\",null]}", "physicalIds[1] must be a string", "", false},
		{"{screens:[{},{minutes:\"x\"}]}", "screens[1]/minutes must be", "", false},
		{"{note:{userType:\"x\"}}", "note/userType must be a member", "", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		struct odata_body body;
		if (odata_validate(&arena, &base_device, document(&arena, cases[i].text),
			    cases[i].create ? ODATA_CREATE : ODATA_PATCH, &body, &e))
			fail_msg("%s: accepted", cases[i].text);
		if (!strstr(e.message, cases[i].says) || !strstr(e.hint, cases[i].hint))
			fail_msg("%s: %s (%s), expected %s", cases[i].text, e.message, e.hint,
				cases[i].says);
	}
}

static void
what_real_clients_send_becomes_normal(void **state)
{
	(void)state;
	// clients-and-conventions.md 2.3: unquoted names, trailing commas, "true" and "60".
	static const char *const cases[][2] = {
		{"{}", "{}"},
		{"{ groupTag: \"y\", enabled: \"True\", score: \"60\", }",
			"{\"groupTag\":\"y\",\"enabled\":true,\"score\":60}"},
		{"{GROUPTAG:\"y\"}", "{\"groupTag\":\"y\"}"},
		{"{orderIdentifier:\"old\"}", "{\"groupTag\":\"old\"}"},
		{"{groupTag:\"new\",orderIdentifier:\"old\"}", "{\"groupTag\":\"new\"}"},
		{"{orderIdentifier:\"old\",groupTag:\"new\"}", "{\"groupTag\":\"new\"}"},
		{"{settings:{hidePrivacySettings:\"true\"}}",
			"{\"setting\":{\"privacySettingsHidden\":true}}"},
		{"{id:\"x\",nix:1,assignments:[],displayName:\"a\"}", "{\"displayName\":\"a\"}"},
		{"{created:\"\",deviceId:\"\",score:\"\",groupTag:\"\"}",
			"{\"groupTag\":\"\",\"score\":null,\"created\":null,\"deviceId\":null}"},
		{"{created:\"2026-01-02T03:04:05.5+01:00\"}",
			"{\"created\":\"2026-01-02T02:04:05.500000Z\"}"},
		{"{created:\"0001-01-01T00:00:00Z\"}", "{\"created\":\"0001-01-01T00:00:00Z\"}"},
		{"{deviceId:\"ABCDEF01-2345-6789-ABCD-EF0123456789\"}",
			"{\"deviceId\":\"abcdef01-2345-6789-abcd-ef0123456789\"}"},
		{"{hash:\"YWI\"}", "{\"hash\":\"YWI=\"}"},
		{"{state:\"FAILED\"}", "{\"state\":\"failed\"}"},
		{"{state:1}", "{\"state\":\"enrolled\"}"},
		{"{state:null,enabled:null}", "{\"enabled\":true,\"state\":\"unknown\"}"},
		{"{ratio:\"+.5\"}", "{\"ratio\":0.5}"},
		{"{timeout:\"PT5M\",password:\"geheim\"}",
			"{\"timeout\":\"PT5M\",\"password\":\"geheim\"}"},
		{"{physicalIds:null}", "{\"physicalIds\":[]}"},
		{"{screens:[{}],extra:{a:[1]}}",
			"{\"screens\":[{\"privacySettingsHidden\":false,\"minutes\":60}],"
			"\"extra\":{\"a\":[1]}}"},
		{"{\"@odata.context\":\"x\",\"groupTag@odata.type\":\"#String\"}", "{}"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		struct odata_body body;
		if (!odata_validate(&arena, &base_device, document(&arena, cases[i][0]),
			    ODATA_PATCH, &body, &e))
			fail_msg("%s: %s", cases[i][0], e.message);
		assert_string_equal(text_of(&arena, body.document), cases[i][1]);
	}
}

static void
what_was_ignored_is_told(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct odata_body body;
	const struct json *in = document(
		&arena, "{id:1,nix:2,setting:{foo:1},screens:[{bar:1}],owner:{},\"@x\":1}");

	assert_true(odata_validate(&arena, &base_device, in, ODATA_PATCH, &body, &e));
	assert_int_equal(body.ignored_count, 5);
	assert_string_equal(body.ignored[0], "setting/foo");
	assert_string_equal(body.ignored[1], "screens[0]/bar");
	assert_string_equal(body.ignored[2], "id");
	assert_string_equal(body.ignored[3], "nix");
	assert_string_equal(body.ignored[4], "owner");
}

static const struct json *
created(struct arena *arena, const char *text)
{
	struct error e = {0};
	struct odata_body body;

	if (!odata_validate(arena, &base_device, document(arena, text), ODATA_CREATE, &body, &e))
		fail_msg("%s", e.message);
	return body.document;
}

static void
a_new_object_has_its_type_and_initial_values(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);

	assert_string_equal(text_of(&arena, created(&arena, "{" HYBRID "displayName:\"a\"}")),
		"{\"@odata.type\":\"#microsoft.graph.hybridDevice\",\"displayName\":\"a\","
		"\"enabled\":true,\"state\":\"unknown\","
		"\"setting\":{\"privacySettingsHidden\":false,\"minutes\":60},"
		"\"skipCheck\":false}");
}

static void
a_patch_changes_what_it_names(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const struct json *merged = odata_merge(&arena, &hybrid_device,
		document(&arena,
			"{\"id\":\"1\",\"groupTag\":\"x\",\"setting\":{\"minutes\":5,"
			"\"privacySettingsHidden\":true},\"note\":null,\"legacy\":1,"
			"\"physicalIds\":[\"a\",\"b\"],\"score\":1}"),
		document(&arena,
			"{\"groupTag\":null,\"setting\":{\"minutes\":9},\"note\":{\"minutes\":1},"
			"\"physicalIds\":[\"c\"],\"enabled\":true}"));

	assert_string_equal(text_of(&arena, merged),
		"{\"id\":\"1\",\"groupTag\":null,\"setting\":{\"minutes\":9,"
		"\"privacySettingsHidden\":true},\"note\":{\"minutes\":1},\"legacy\":1,"
		"\"physicalIds\":[\"c\"],\"score\":1,\"enabled\":true}");
}

static const char *
written(struct arena *arena, enum odata_version version, const char *raw, const char *text)
{
	struct error e = {0};
	struct odata_query *q;
	struct buf out;

	if (!odata_query_parse(arena, slice_str(raw), &q, &e) ||
		!odata_bind(arena, q, &base_device, version, &e))
		fail_msg("%s", e.message);
	struct odata_view view = {.version = version, .query = q};
	buf_init(&out, arena, 1 << 18);
	struct jsonw w = jsonw_on(&out);
	odata_write(&w, NULL, &base_device, document(arena, text), &view);
	return buf_text(&out);
}

static void
v1_has_newer_names_only_and_every_known_key(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);

	assert_string_equal(written(&arena, ODATA_V1, "",
				    "{" HYBRID "\"id\":\"1\",\"password\":\"geheim\","
				    "\"remediation\":\"x\",\"unknown\":1}"),
		"{" HYBRID "\"id\":\"1\",\"displayName\":null,\"serialNumber\":null,"
		"\"groupTag\":null,\"enabled\":true,\"score\":null,\"ratio\":null,\"created\":null,"
		"\"deviceId\":null,\"hash\":null,\"timeout\":null,\"state\":\"unknown\","
		"\"setting\":{\"privacySettingsHidden\":false,\"userType\":null,\"minutes\":60},"
		"\"note\":null,\"physicalIds\":[],\"screens\":[],\"extra\":null,"
		"\"skipCheck\":false}");
}

static void
beta_has_both_generations_of_names(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);

	assert_string_equal(
		written(&arena, ODATA_BETA,
			"$select=groupTag,setting,note,remediation,microsoft.graph.hybridDevice/"
			"skipCheck",
			"{" HYBRID "\"id\":\"1\",\"groupTag\":\"t\",\"setting\":{\"minutes\":5,"
			"\"privacySettingsHidden\":true},\"note\":{\"minutes\":1,"
			"\"privacySettingsHidden\":false}}"),
		"{" HYBRID "\"id\":\"1\",\"groupTag\":\"t\",\"orderIdentifier\":\"t\","
		"\"setting\":{\"privacySettingsHidden\":true,\"userType\":null,\"minutes\":5},"
		"\"settings\":{\"hidePrivacySettings\":true,\"userType\":null,\"minutes\":5},"
		"\"note\":{\"privacySettingsHidden\":false,\"hidePrivacySettings\":false,"
		"\"userType\":null,\"minutes\":1},\"remediation\":null,\"skipCheck\":false}");
}

static void
navigation_is_written_when_it_is_expanded(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const char text[] = "{" HYBRID "\"id\":\"1\",\"assignments\":["
				   "{\"id\":\"a\",\"weight\":1},{\"id\":\"b\",\"weight\":3},"
				   "{\"id\":\"c\",\"weight\":2},{\"id\":\"d\"}]}";

	assert_string_equal(written(&arena, ODATA_V1,
				    "$select=id&$expand=owner,assignments($select=weight;$filter="
				    "weight gt 0;$orderby=weight desc;$top=2)",
				    text),
		"{" HYBRID "\"id\":\"1\",\"assignments\":[{\"id\":\"b\",\"weight\":3},"
		"{\"id\":\"c\",\"weight\":2}],\"owner\":null}");
	assert_string_equal(
		written(&arena, ODATA_V1, "$select=id", text), "{" HYBRID "\"id\":\"1\"}");
	assert_string_equal(
		written(&arena, ODATA_V1, "$select=id&$expand=assignments", "{\"id\":\"2\"}"),
		"{\"@odata.type\":\"#microsoft.graph.device\",\"id\":\"2\",\"assignments\":[]}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_that_do_not_fit_are_refused_with_their_path),
		cmocka_unit_test(what_real_clients_send_becomes_normal),
		cmocka_unit_test(what_was_ignored_is_told),
		cmocka_unit_test(a_new_object_has_its_type_and_initial_values),
		cmocka_unit_test(a_patch_changes_what_it_names),
		cmocka_unit_test(v1_has_newer_names_only_and_every_known_key),
		cmocka_unit_test(beta_has_both_generations_of_names),
		cmocka_unit_test(navigation_is_written_when_it_is_expanded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
