// SPDX-License-Identifier: Apache-2.0
// Only for benchmarks: fill a Ferry database with registered devices, and make software identities
// that can be used in bulk, where a real device has its key in a TPM. Everything goes through the
// store's own functions and the real ferry-signer; nothing of this is part of an installed Ferry.
//
//   bench_seed DATABASE_URL SIGNER_SOCKET BASE_URL TENANT DEVICES MANAGED ENROLMENTS OUT_DIR
//
// Registers DEVICES, takes MANAGED of them through enrolment, domain join and items
// (OUT_DIR/id/N.pem), and prepares ENROLMENTS more to ask for their certificate. Writes what
// bench_load sends: profile, event, syncml, enrol.
#include "bench/seed.h"

#include "base/fs.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "pki/cert.h"
#include "pki/csr.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include "store/deployments.h"
#include "store/devices.h"
#include "store/items.h"
#include "store/jobs.h"
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = 1000, HASH_BYTES = 3000, CERT_DAYS = 365, LEASE_US = 60 * US_PER_S };

static bool
register_chunk(struct seed *s, size_t first, size_t count, struct error *e)
{
	autoarena(arena, ARENA_REQUEST);
	struct work work = s->work;
	struct registration *in = arena_array(&arena, count, sizeof *in);
	struct registration_result *out = arena_array(&arena, count, sizeof *out);
	uint8_t hash[HASH_BYTES], id[32];

	work.arena = &arena;
	random_bytes(hash, sizeof hash);
	for (size_t i = 0; i < count; i++) {
		random_bytes(id, sizeof id);
		in[i] = (struct registration){
			.serial = arena_printf(&arena, "BENCH-%07zu", first + i),
			.manufacturer = "Contoso",
			.model = "LabPC 14",
			.product_key = "",
			.ek_id = hex_encode(&arena, slice_of(id, sizeof id)),
			.hardware_hash = slice_of(hash, sizeof hash),
			.group_tag = "sales",
			.assigned_upn = "",
		};
	}
	if (!store_register(&work, in, count, false, out, e))
		return false;
	for (size_t i = 0; i < count; i++)
		s->device_ids[first + i] = strdup(out[i].device_id);
	return true;
}

static bool
begin_deployment(struct seed *s, const char *device_id, struct subject *out, struct error *e)
{
	struct arena *arena = s->work.arena;
	struct deployment deployment;
	struct attestation proof = {
		.session_id = uuid_new(arena),
		.device_id = device_id,
		.trust_store = "lab",
		.ek_certificate = slice_str("benchmark"),
		.ak_public = slice_str("benchmark"),
		.secret = slice_str("benchmark"),
		.quote_nonce = slice_str("benchmark"),
		.certify_nonce = slice_str("benchmark"),
		.expires_at = s->work.now + US_PER_MIN,
	};

	*out = (struct subject){.device_id = device_id, .attestation_id = proof.session_id};
	if (!store_deployment_begin(&s->work, device_id, "preprovisioned", &deployment, e))
		return false;
	proof.deployment_id = out->deployment_id = deployment.deployment_id;
	return store_attestation_begin(&s->work, &proof, e) &&
		store_attestation_proven(&s->work, &proof, e) &&
		key_generate(KEY_P256, &out->key, e) &&
		csr_build(arena, out->key, "benchmark", &out->csr, e);
}

static bool
save_identity(struct seed *s, size_t number, EVP_PKEY *key, X509 *cert, struct error *e)
{
	struct arena *arena = s->work.arena;
	struct slice cert_text, key_text;

	if (!cert_pem(arena, cert, &cert_text, e) || !key_save_pem(arena, key, &key_text, e))
		return false;
	return fs_write(arena_printf(arena, "%s/id/%zu.pem", s->out, number),
		slice_str(arena_printf(arena, "%.*s%.*s", (int)cert_text.len,
			(const char *)cert_text.data, (int)key_text.len,
			(const char *)key_text.data)),
		0600, e);
}

static bool
enroll(struct seed *s, size_t number, struct subject *subject, struct error *e)
{
	struct arena *arena = s->work.arena;
	autox509 *cert = NULL;
	struct cert_facts facts;
	struct slice der, spki;

	subject->enrollment_id = uuid_new(arena);
	if (!seed_certificate(s, subject->enrollment_id, subject->csr, CERT_DAYS, &der, e) ||
		!cert_load(der, &cert, e) || !cert_facts(arena, cert, &facts, e) ||
		!key_spki(arena, subject->key, &spki, e))
		return false;
	struct issued_certificate issued = {
		.serial = facts.serial,
		.kind = "device",
		.subject_id = facts.common_name,
		.sha256 = facts.sha256,
		.der = der,
		.not_after = facts.not_after,
	};
	struct enrollment enrollment = {
		.enrollment_id = subject->enrollment_id,
		.device_id = subject->device_id,
		.deployment_id = subject->deployment_id,
		.attestation_id = subject->attestation_id,
		.upn = "",
		.key_sha256 = sha256_hex(arena, spki),
	};
	return store_enroll(&s->work, &enrollment, &issued, e) &&
		save_identity(s, number, subject->key, cert, e);
}

// A domain join as a connector would have ended it, and delivered.
static bool
join(struct seed *s, const struct connector *connector, const struct subject *subject,
	size_t number, struct error *e)
{
	struct arena *arena = s->work.arena;
	struct job job = {
		.device_id = subject->device_id,
		.deployment_id = subject->deployment_id,
		.kind = "odj",
		.domain = connector->domain,
		.ou = "OU=Autopilot,DC=corp,DC=example,DC=com",
		.computer_name = arena_printf(arena, "PC-%06zu", number),
		.object_guid = "",
		.attestation_id = subject->attestation_id,
	};
	struct job leased;
	struct job_outcome outcome = {
		.object_guid = uuid_new(arena),
		.dn = arena_printf(
			arena, "CN=PC-%06zu,OU=Autopilot,DC=corp,DC=example,DC=com", number),
		.sid = "S-1-5-21-1-2-3-1000",
		.sealed_blob = slice_str("benchmark"),
	};
	bool created, found;

	return store_job_request(&s->work, &job, &job, &created, e) &&
		store_job_lease(&s->work, connector, LEASE_US, &leased, &found, e) &&
		store_job_finish(&s->work, leased.job_id, leased.lease_id, &outcome, e) &&
		store_job_delivered(&s->work, &leased, e);
}

static bool
finish_items(struct seed *s, const struct subject *subject, struct error *e)
{
	struct item *items;
	size_t count;

	if (!store_items(&s->work, subject->device_id, &items, &count, e))
		return false;
	struct item_state *states = arena_array(s->work.arena, count, sizeof *states);
	for (size_t i = 0; i < count; i++)
		states[i] = (struct item_state){
			.item_id = items[i].item_id, .state = "done", .version = items[i].version};
	return store_items_set(
		&s->work, subject->device_id, subject->deployment_id, states, count, e);
}

static bool
make_managed(struct seed *s, struct error *e)
{
	struct connector connector = {.domain = "corp.example.com"};
	size_t step = s->devices / s->managed;

	if (!store_connector_create(&s->work, "bench", connector.domain, "",
		    s->work.now + US_PER_MIN, &connector.connector_id, e))
		return false;
	connector.tenant_id = s->work.tenant_id;
	for (size_t i = 0; i < s->managed; i++) {
		struct subject subject;
		if (!begin_deployment(s, s->device_ids[i * step], &subject, e) ||
			!enroll(s, i, &subject, e) || !join(s, &connector, &subject, i, e) ||
			!finish_items(s, &subject, e) ||
			!store_deployment_phase(&s->work, subject.deployment_id, "resealed", e))
			return false;
		EVP_PKEY_free(subject.key);
		if (i == 0 && !seed_write_managed(s, &subject, e))
			return false;
	}
	return true;
}

static bool
prepare_enrolments(struct seed *s, struct error *e)
{
	autoarena(arena, ARENA_REQUEST);
	struct buf script;
	struct arena *outer = s->work.arena;

	s->work.arena = &arena;
	buf_init(&script, &arena, 128 << 20);
	for (size_t i = 0; i < s->enrolments; i++) {
		struct subject subject;
		size_t step = s->devices / s->managed, at = i + 1 + i / (step - 1);
		if (!begin_deployment(s, s->device_ids[at], &subject, e) ||
			!seed_enrolment(s, &subject, &script, e))
			return false;
		EVP_PKEY_free(subject.key);
	}
	s->work.arena = outer;
	return buf_ok(&script, e) &&
		fs_write(arena_printf(outer, "%s/enrol", s->out), buf_slice(&script), 0600, e);
}

static bool
run(struct seed *s, const char *database, struct error *e)
{
	autostore store = NULL;
	autosession session = NULL;
	autoarena(arena, ARENA_REQUEST);

	if (!store_open(database, NULL, &store, e) || !store_session_open(store, &session, e) ||
		!fs_mkdirs(arena_printf(&arena, "%s/id", s->out), 0700, e) || !seed_connect(s, e))
		return false;
	s->work.session = session;
	s->work.arena = &arena;
	s->work.now = clock_now();
	s->device_ids = calloc(s->devices, sizeof *s->device_ids);
	for (size_t at = 0; at < s->devices; at += CHUNK)
		if (!register_chunk(s, at, s->devices - at < CHUNK ? s->devices - at : CHUNK, e))
			return false;
	s->work.now = clock_now();
	return make_managed(s, e) && prepare_enrolments(s, e);
}

int
main(int argc, char **argv)
{
	struct error e = {0};

	if (argc != 9) {
		fprintf(stderr, "usage: see the head of bench/seed.c\n");
		return 64;
	}
	struct seed seed = {
		.signer = argv[2],
		.base_url = argv[3],
		.devices = strtoul(argv[5], NULL, 10),
		.managed = strtoul(argv[6], NULL, 10),
		.enrolments = strtoul(argv[7], NULL, 10),
		.out = argv[8],
		.work = {.tenant_id = argv[4]},
	};
	if (!run(&seed, argv[1], &e)) {
		fprintf(stderr, "bench_seed: %s\n", e.message);
		return 1;
	}
	return 0;
}
