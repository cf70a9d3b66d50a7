// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "wire/enroll/provisioning.h"
#include "wire/syncml/test_samples.h"

#define DOC(content) "<wap-provisioningdoc version='1.1'>" content "</wap-provisioningdoc>"
#define C(type, content) "<characteristic type='" type "'>" content "</characteristic>"
#define CLIENT(name, parms) DOC(C("CertificateStore", C("My", C("User", C(name, parms)))))
// SHA-1 of "abc" (FIPS 180-1).
#define ABC "A9993E364706816ABA3E25717850C26C9CD0D89D"

static struct arena arena;
static struct error e;
static struct provisioning doc;

static bool
parse(const char *text)
{
	e = (struct error){0};
	return provisioning_parse(&arena, slice_str(text), &doc, &e);
}

static const char *
written(const struct provisioning *d)
{
	struct buf out;

	buf_init(&out, &arena, 1 << 20);
	provisioning_write(&out, d);
	assert_true(buf_ok(&out, &e));
	return buf_text(&out);
}

static void
refused(const char *text, enum error_code code, const char *fault)
{
	if (parse(text))
		fail_msg("accepted: %s", text);
	if (e.code != code || !str_eq(e.fault, fault))
		fail_msg("%s: %s %s", text, e.fault, e.message);
}

static void
unusable_documents_are_refused(void **state)
{
	(void)state;
	refused("", ERR_INVALID, "provisioning_not_xml");
	refused("<!DOCTYPE a><a/>", ERR_INVALID, "provisioning_not_xml");
	refused("<a/>", ERR_INVALID, "provisioning_not_xml");
	refused(CLIENT(ABC, "<parm name='EncodedCertificate' value='YWJj*'/>"), ERR_INVALID,
		"provisioning_bad_certificate");
	refused(CLIENT(ABC, "<parm name='EncodedCertificate' value=''/>"), ERR_INVALID,
		"provisioning_bad_certificate");
	refused(CLIENT(ABC, "<parm name='EncodedCertificate' value='YWJk'/>"), ERR_INVALID,
		"provisioning_bad_certificate");
	refused(DOC(C("CertificateStore", C("Root", C("System", "<characteristic/>")))),
		ERR_INVALID, "provisioning_bad_certificate");
	refused(DOC(C("CertificateStore", C("Root", C("System", C(ABC, ""))))), ERR_INVALID,
		"provisioning_bad_certificate");
	refused(DOC(C("APPLICATION",
			"<parm name='APPID' value='w7'/><parm name='ROLE' value='-1'/>")),
		ERR_INVALID, "provisioning_bad_number");
	refused(DOC(C("APPLICATION",
			"<parm name='APPID' value='w7'/><parm name='ROLE' value='4294967296'/>")),
		ERR_INVALID, "provisioning_bad_number");
}

static void
too_many_certificates_are_refused(void **state)
{
	(void)state;
	struct provisioning_cert certs[PROVISIONING_MAX_CERTS + 1];

	for (size_t i = 0; i <= PROVISIONING_MAX_CERTS; i++)
		certs[i] = (struct provisioning_cert){
			.next = i < PROVISIONING_MAX_CERTS ? &certs[i + 1] : NULL,
			.der = slice_str("abc")};
	struct provisioning d = {.trusted = certs};
	refused(written(&d), ERR_LIMIT, "provisioning_too_large");
	d.trusted = certs + 1;
	assert_true(parse(written(&d)));
}

static const struct provisioning_cert ca = {.store = STORE_CA, .der = {(const uint8_t *)"ca", 2}},
				      root = {.next = &ca,
					      .store = STORE_ROOT,
					      .der = {(const uint8_t *)"abc", 3}};
static const struct provisioning_renew renew = {.period = 60, .retry = 4};
static const struct provisioning_poll poll = {.first_retries = 8,
	.first_interval = 3,
	.second_retries = 5,
	.second_interval = 15,
	.remaining_interval = 480,
	.on_login = true};
static const struct provisioning_app app = {.provider_id = "ExampleMDM",
	.name = "Example",
	.address = "https://mdm.example/ManagementServer/MDM.svc",
	.role = 4294967295,
	.retries = 6,
	.initial_backoff = 30000,
	.max_backoff = 120000,
	.no_compat_retry = true,
	.encoding = "application/vnd.syncml.dm+xml",
	.cert_criteria = "Subject=CN%3dDEVICE1&Stores=My%5CUser",
	.client = {.type = "DIGEST", .secret = "s1", .nonce = "bm9uY2U="},
	.server = {.type = "DIGEST", .name = "DEVICE1", .secret = "s2", .nonce = "bm9uY2U="}};
static const struct provisioning_dmclient dmclient = {
	.provider_id = "ExampleMDM", .upn = "user@example", .device_id = "DEVICE1", .poll = &poll};

// Section 5 of mdm-wire.md, without its white space.
static const char whole[] =
	"<wap-provisioningdoc version=\"1.1\"><characteristic type=\"CertificateStore\">"
	"<characteristic type=\"Root\"><characteristic type=\"System\"><characteristic "
	"type=\"" ABC "\">"
	"<parm name=\"EncodedCertificate\" "
	"value=\"YWJj\"/></characteristic></characteristic>"
	"</characteristic><characteristic type=\"CA\"><characteristic "
	"type=\"System\"><characteristic "
	"type=\"1C42C72CF95AA1B76609B585B34BAF6B501D713E\"><parm "
	"name=\"EncodedCertificate\" value=\"Y2E=\"/>"
	"</characteristic></characteristic></characteristic><characteristic "
	"type=\"My\"><characteristic "
	"type=\"User\"><characteristic type=\"" ABC
	"\"><parm name=\"EncodedCertificate\" value=\"YWJj\"/>"
	"<characteristic type=\"PrivateKeyContainer\"/></characteristic></characteristic>"
	"<characteristic type=\"WSTEP\"><characteristic type=\"Renew\"><parm "
	"name=\"ROBOSupport\" "
	"value=\"true\" datatype=\"boolean\"/><parm name=\"RenewPeriod\" value=\"60\" "
	"datatype=\"integer\"/><parm name=\"RetryInterval\" value=\"4\" "
	"datatype=\"integer\"/>"
	"</characteristic></characteristic></characteristic></characteristic>"
	"<characteristic type=\"APPLICATION\"><parm name=\"APPID\" value=\"w7\"/><parm "
	"name=\"PROVIDER-ID\" value=\"ExampleMDM\"/><parm name=\"NAME\" "
	"value=\"Example\"/><parm "
	"name=\"ADDR\" value=\"https://mdm.example/ManagementServer/MDM.svc\"/><parm "
	"name=\"ROLE\" "
	"value=\"4294967295\"/><parm name=\"CONNRETRYFREQ\" value=\"6\"/><parm "
	"name=\"INITIALBACKOFFTIME\" value=\"30000\"/><parm name=\"MAXBACKOFFTIME\" "
	"value=\"120000\"/>"
	"<parm name=\"BACKCOMPATRETRYDISABLED\"/><parm name=\"DEFAULTENCODING\" "
	"value=\"application/vnd.syncml.dm+xml\"/><parm "
	"name=\"SSLCLIENTCERTSEARCHCRITERIA\" "
	"value=\"Subject=CN%3dDEVICE1&amp;Stores=My%5CUser\"/><characteristic "
	"type=\"APPAUTH\"><parm "
	"name=\"AAUTHLEVEL\" value=\"CLIENT\"/><parm name=\"AAUTHTYPE\" "
	"value=\"DIGEST\"/><parm "
	"name=\"AAUTHSECRET\" value=\"s1\"/><parm name=\"AAUTHDATA\" value=\"bm9uY2U=\"/>"
	"</characteristic><characteristic type=\"APPAUTH\"><parm name=\"AAUTHLEVEL\" "
	"value=\"APPSRV\"/>"
	"<parm name=\"AAUTHTYPE\" value=\"DIGEST\"/><parm name=\"AAUTHNAME\" "
	"value=\"DEVICE1\"/><parm "
	"name=\"AAUTHSECRET\" value=\"s2\"/><parm name=\"AAUTHDATA\" value=\"bm9uY2U=\"/>"
	"</characteristic></characteristic><characteristic "
	"type=\"DMClient\"><characteristic "
	"type=\"Provider\"><characteristic type=\"ExampleMDM\"><parm name=\"UPN\" "
	"value=\"user@example\" "
	"datatype=\"string\"/><parm name=\"EntDMID\" value=\"DEVICE1\" "
	"datatype=\"string\"/>"
	"<characteristic type=\"Poll\"><parm name=\"NumberOfFirstRetries\" value=\"8\" "
	"datatype=\"integer\"/><parm name=\"IntervalForFirstSetOfRetries\" value=\"3\" "
	"datatype=\"integer\"/><parm name=\"NumberOfSecondRetries\" value=\"5\" "
	"datatype=\"integer\"/>"
	"<parm name=\"IntervalForSecondSetOfRetries\" value=\"15\" "
	"datatype=\"integer\"/><parm "
	"name=\"NumberOfRemainingScheduledRetries\" value=\"0\" "
	"datatype=\"integer\"/><parm "
	"name=\"IntervalForRemainingScheduledRetries\" value=\"480\" "
	"datatype=\"integer\"/><parm "
	"name=\"PollOnLogin\" value=\"true\" "
	"datatype=\"boolean\"/></characteristic></characteristic>"
	"</characteristic></characteristic></wap-provisioningdoc>";

static void
a_document_is_written_as_the_specification_has_it(void **state)
{
	(void)state;
	struct provisioning d = {.trusted = &root,
		.client_der = slice_str("abc"),
		.renew = &renew,
		.app = &app,
		.dmclient = &dmclient};

	assert_string_equal(written(&d), whole);
}

static void
a_document_survives_a_round_trip(void **state)
{
	(void)state;
	struct provisioning d = {.trusted = &root,
		.client_der = slice_str("abc"),
		.scope = SCOPE_SYSTEM,
		.renew = &renew,
		.app = &app,
		.dmclient = &dmclient};
	const char *text = written(&d);

	assert_true(parse(text));
	assert_string_equal(written(&doc), text);
	assert_int_equal(doc.scope, SCOPE_SYSTEM);
	assert_true(slice_is(doc.trusted->der, "abc"));
	assert_int_equal(doc.trusted->next->store, STORE_CA);
	assert_int_equal(doc.app->role, 4294967295);
	assert_string_equal(doc.app->server.name, "DEVICE1");
	assert_null(doc.app->client.name);
	assert_string_equal(doc.dmclient->device_id, "DEVICE1");
	assert_int_equal(doc.dmclient->poll->remaining_interval, 480);
	assert_int_equal(doc.renew->retry, 4);
}

static void
a_renewal_brings_only_certificates(void **state)
{
	(void)state;
	struct provisioning d = {.client_der = slice_str("abc")};

	assert_true(parse(written(&d)));
	assert_null(doc.app);
	assert_null(doc.dmclient);
	assert_null(doc.renew);
	assert_null(doc.trusted);
	assert_true(slice_is(doc.client_der, "abc"));
}

static void
criteria_escape_the_subject(void **state)
{
	(void)state;
	assert_string_equal(provisioning_criteria(&arena, "CN=DEVICE1", SCOPE_USER),
		"Subject=CN%3dDEVICE1&Stores=My%5CUser");
	assert_string_equal(provisioning_criteria(&arena, "CN=a b,O=\xc3\xa4", SCOPE_SYSTEM),
		"Subject=CN%3da%20b%2cO%3d%c3%a4&Stores=My%5CSystem");
}

static const char *
without(const char *text, const char *what, const char *instead)
{
	for (const char *at; (at = strstr(text, what));)
		text = arena_printf(
			&arena, "%.*s%s%s", (int)(at - text), text, instead, at + strlen(what));
	return text;
}

static void
published_documents_are_read(void **state)
{
	(void)state;
	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	if (!provisioning_parse(&arena, sample(&arena, "MS-MDE-07"), &doc, &e))
		fail_msg("%s", e.message);
	assert_int_equal(doc.client_der.len, 792);
	assert_int_equal(doc.scope, SCOPE_USER);
	assert_true(provisioning_parse(&arena, sample(&arena, "MS-MDE2-22"), &doc, &e));
	assert_string_equal(doc.app->provider_id, "MAM SyncML Server");
	assert_int_equal(doc.dmclient->poll->remaining_interval, 480);
}

static void
the_malformed_example_is_read_once_it_is_mended(void **state)
{
	(void)state;
	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	struct slice raw = sample(&arena, "MS-MDE2-20");
	const char *text = arena_strndup(&arena, (const char *)raw.data, raw.len);
	refused(text, ERR_INVALID, "provisioning_not_xml");
	text = without(text, "&Stores", "%26Stores");
	refused(text, ERR_INVALID, "provisioning_bad_certificate");
	text = without(text, "B64 encoded cert insert here", "YWJj");
	text = without(text, "B64EncodedCertInsertedHere", "YWJj");
	text = without(text, "031336C933CC7E228B88880D78824FB2909A0A2F", ABC);
	text = without(text, "F9A4F20FC50D990FDD0E3DB9AFCBF401818D5462", ABC);
	if (!parse(text))
		fail_msg("%s", e.message);
	assert_int_equal(doc.renew->period, 60);
	assert_string_equal(doc.app->server.type, "BASIC");
	assert_true(doc.app->no_compat_retry);
	assert_string_equal(doc.dmclient->device_name, "Administrator_Windows");
	assert_int_equal(doc.dmclient->poll->first_retries, 8);
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
		cmocka_unit_test_setup(unusable_documents_are_refused, reset),
		cmocka_unit_test_setup(too_many_certificates_are_refused, reset),
		cmocka_unit_test_setup(a_document_is_written_as_the_specification_has_it, reset),
		cmocka_unit_test_setup(a_document_survives_a_round_trip, reset),
		cmocka_unit_test_setup(a_renewal_brings_only_certificates, reset),
		cmocka_unit_test_setup(criteria_escape_the_subject, reset),
		cmocka_unit_test_setup(published_documents_are_read, reset),
		cmocka_unit_test_setup(the_malformed_example_is_read_once_it_is_mended, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
