-- Connectors, their jobs, and the computer accounts they made.

-- name: connector_insert
INSERT INTO connector (connector_id, tenant_id, name, domain, token_sha256, token_expires_at, version, created_at)
VALUES ($1, $2, $3, $4, $5, $6, '', $7)

-- name: connector_take_token
UPDATE connector SET token_sha256 = NULL WHERE token_sha256 = $1 AND token_expires_at > $2
RETURNING connector_id, tenant_id, name, domain

-- name: connector_certificate
UPDATE connector SET certificate_sha256 = $2 WHERE connector_id = $1

-- name: connector_by_certificate
SELECT c.connector_id, c.tenant_id, c.name, c.domain, c.last_seen_at FROM connector c
JOIN certificate x ON x.sha256 = c.certificate_sha256
WHERE c.certificate_sha256 = $1 AND x.revoked_at IS NULL

-- name: connector_certificate_known
SELECT subject_id FROM certificate WHERE sha256 = $1 AND kind = 'connector'

-- name: connector_seen
UPDATE connector SET last_seen_at = $2, version = $3 WHERE connector_id = $1

-- name: job_give_back
UPDATE connector_job SET state = 'queued', lease_id = NULL WHERE tenant_id = $1 AND leased_by = $2 AND state = 'leased'

-- name: connector_list
SELECT connector_id, name, domain, version, last_seen_at, created_at FROM connector WHERE tenant_id = $1
ORDER BY created_at, connector_id

-- name: connector_alive
SELECT COUNT(*) AS known, CAST(COALESCE(MAX(last_seen_at), 0) AS BIGINT) AS last_seen_at FROM connector
WHERE tenant_id = $1 AND LOWER(domain) = LOWER($2)

-- name: job_insert
INSERT INTO connector_job (job_id, tenant_id, device_id, deployment_id, kind, state, domain, ou, computer_name,
	object_guid, attestation_id, attempts, message, result, created_at)
VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7, $8, $9, $10, $12, '', '{}', $11) ON CONFLICT DO NOTHING

-- name: job_latest
SELECT job_id, tenant_id, device_id, deployment_id, kind, state, domain, ou, computer_name, object_guid, attestation_id,
	lease_id, leased_by, lease_until, attempts, fault, message, result, sealed_blob, delivered_at, created_at, finished_at
FROM connector_job WHERE deployment_id = $1 AND kind = $2 ORDER BY created_at DESC, job_id DESC LIMIT 1

-- name: job_by_id
SELECT job_id, tenant_id, device_id, deployment_id, kind, state, domain, ou, computer_name, object_guid, attestation_id,
	lease_id, leased_by, lease_until, attempts, fault, message, result, sealed_blob, delivered_at, created_at, finished_at
FROM connector_job WHERE job_id = $1

-- name: job_next
SELECT j.job_id, j.device_id, j.deployment_id, j.kind, j.domain, j.ou, j.computer_name, j.object_guid, j.attempts,
	a.ek_certificate, a.ak_public, a.trust_store
FROM connector_job j LEFT JOIN attestation a ON a.session_id = j.attestation_id AND a.proven_at IS NOT NULL
WHERE j.tenant_id = $1 AND LOWER(j.domain) = LOWER($2)
	AND (j.state = 'queued' OR (j.state = 'leased' AND j.lease_until < $3))
ORDER BY j.created_at, j.job_id LIMIT 1

-- name: job_lease
UPDATE connector_job SET state = 'leased', lease_id = $2, leased_by = $3, lease_until = $4, attempts = attempts + 1
WHERE job_id = $1

-- name: job_done
UPDATE connector_job SET state = 'done', result = $3, sealed_blob = $4, finished_at = $5, lease_id = NULL
WHERE job_id = $1 AND state = 'leased' AND lease_id = $2

-- name: job_fail
UPDATE connector_job SET state = 'failed', fault = $3, message = $4, finished_at = $5, lease_id = NULL
WHERE job_id = $1 AND state = 'leased' AND lease_id = $2

-- name: job_expire
UPDATE connector_job SET state = 'failed', fault = $2, message = $3, finished_at = $4, lease_id = NULL
WHERE job_id = $1 AND (state = 'queued' OR state = 'leased')

-- name: job_delivered
UPDATE connector_job SET delivered_at = $2, sealed_blob = NULL WHERE job_id = $1 AND delivered_at IS NULL

-- name: ad_account_put
INSERT INTO ad_account (device_id, tenant_id, job_id, domain, computer_name, dn, object_guid, sid, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (device_id) DO UPDATE SET job_id = excluded.job_id, domain = excluded.domain,
	computer_name = excluded.computer_name, dn = excluded.dn, object_guid = excluded.object_guid, sid = excluded.sid,
	created_at = excluded.created_at, joined_at = NULL, verified_at = NULL

-- name: ad_account_get
SELECT device_id, job_id, domain, computer_name, dn, object_guid, sid, created_at, joined_at, verified_at
FROM ad_account WHERE device_id = $1

-- name: ad_account_deleted
DELETE FROM ad_account WHERE tenant_id = $1 AND object_guid = $2

-- name: ad_account_joined
UPDATE ad_account SET joined_at = $2 WHERE device_id = $1

-- name: api_client_insert
INSERT INTO api_client (client_id, tenant_id, name, secret_sha256, roles, created_at) VALUES ($1, $2, $3, $4, $5, $6)
