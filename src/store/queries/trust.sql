-- Attestation sessions, certificates, enrolments, directory devices.

-- name: attestation_insert
INSERT INTO attestation (session_id, tenant_id, device_id, deployment_id, trust_store, ek_certificate, ak_public,
	secret, quote_nonce, certify_nonce, expires_at, used)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)

-- name: attestation_forget
DELETE FROM attestation WHERE device_id = $1 AND expires_at < $2 AND proven_at IS NULL

-- name: attestation_take
UPDATE attestation SET used = 1 WHERE session_id = $1 AND used = 0
RETURNING session_id, tenant_id, device_id, deployment_id, trust_store, ek_certificate, ak_public, secret,
	quote_nonce, certify_nonce, expires_at

-- name: attestation_proven
UPDATE attestation SET proven_at = $2 WHERE session_id = $1

-- name: attestation_get
SELECT session_id, tenant_id, device_id, deployment_id, trust_store, ek_certificate, ak_public, proven_at
FROM attestation WHERE session_id = $1

-- name: certificate_insert
INSERT INTO certificate (serial, tenant_id, kind, subject_id, sha256, der, not_after)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: certificate_der
SELECT der FROM certificate WHERE sha256 = $1

-- name: enrollment_insert
INSERT INTO enrollment (enrollment_id, tenant_id, device_id, deployment_id, attestation_id, state, upn, key_sha256,
	certificate_sha256, created_at) VALUES ($1, $2, $3, $4, $5, 'enrolled', $6, $7, $8, $9)

-- name: enrollment_retire
UPDATE enrollment SET state = 'retired' WHERE device_id = $1 AND (state = 'enrolled' OR state = 'deleting')

-- name: enrollment_current
SELECT enrollment_id, tenant_id, device_id, deployment_id, attestation_id, state, upn, key_sha256, certificate_sha256,
	created_at, last_session_at
FROM enrollment WHERE device_id = $1 AND state = 'enrolled'

-- name: enrollment_by_certificate
SELECT e.enrollment_id, e.tenant_id, e.device_id, e.deployment_id, e.attestation_id, e.state, e.upn, e.key_sha256,
	e.certificate_sha256, e.created_at, e.last_session_at
FROM enrollment e JOIN certificate c ON c.sha256 = e.certificate_sha256
WHERE e.certificate_sha256 = $1 AND (e.state = 'enrolled' OR e.state = 'deleting') AND c.revoked_at IS NULL

-- name: enrollment_owner
UPDATE enrollment SET upn = $2 WHERE deployment_id = $1 AND state = 'enrolled'

-- name: enrollment_first_owner
UPDATE enrollment SET upn = $2 WHERE deployment_id = $1 AND state = 'enrolled' AND upn = ''

-- name: enrollment_session
UPDATE enrollment SET last_session_at = $2 WHERE enrollment_id = $1

-- name: directory_insert
INSERT INTO directory_device (directory_id, tenant_id, device_id, display_name, account_enabled, ownership, os_type, os_version,
	management_type, category, enrollment_profile_name, extensions, trust_type, on_premises_sid, certificate_sha256,
	registered_upn, created_at)
VALUES ($1, $2, $3, $4, 1, 'Company', 'Windows', '', '', '', '', '{}', '', '', '', '', $5)

-- name: directory_register
UPDATE directory_device SET display_name = $3, trust_type = $4, on_premises_sid = $5, certificate_sha256 = $6,
	registered_upn = $7, registered_at = $8
WHERE tenant_id = $1 AND device_id = $2

-- name: directory_owner
UPDATE directory_device SET registered_upn = $3 WHERE tenant_id = $1 AND device_id = $2 AND registered_at IS NOT NULL

-- name: directory_first_owner
UPDATE directory_device SET registered_upn = $3
WHERE tenant_id = $1 AND device_id = $2 AND registered_at IS NOT NULL AND registered_upn = ''

-- name: directory_profile_name
UPDATE directory_device SET enrollment_profile_name = $3 WHERE tenant_id = $1 AND device_id = $2

-- name: directory_enabled
SELECT account_enabled FROM directory_device WHERE tenant_id = $1 AND device_id = $2

-- name: directory_by_device
SELECT directory_id, display_name, trust_type, on_premises_sid, certificate_sha256, registered_upn, registered_at
FROM directory_device WHERE tenant_id = $1 AND device_id = $2
