-- Accounts that were made, and work on them that outlives their devices.

-- name: made_account_begin
INSERT INTO made_account (job_id, tenant_id, domain, computer_name, device_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING

-- name: made_account_known
UPDATE made_account SET object_guid = $2 WHERE job_id = $1

-- name: made_account_lost
SELECT job_id FROM made_account WHERE device_id = $1 AND LOWER(domain) = LOWER($2) AND object_guid IS NULL AND job_id <> $3
ORDER BY created_at DESC, job_id DESC LIMIT 16

-- name: made_account_by_guid
SELECT job_id, domain, computer_name, device_id, object_guid FROM made_account WHERE tenant_id = $1 AND object_guid = $2
ORDER BY created_at DESC, job_id DESC LIMIT 1

-- name: made_account_by_device
SELECT job_id, domain, computer_name, device_id, object_guid FROM made_account
WHERE tenant_id = $1 AND device_id = $2 AND object_guid IS NOT NULL ORDER BY created_at DESC, job_id DESC LIMIT 1

-- name: made_account_claim
SELECT m.object_guid, COALESCE(j.state, '') AS state FROM made_account m LEFT JOIN connector_job j ON j.job_id = m.job_id
WHERE m.tenant_id = $1 AND m.job_id = $2 AND LOWER(m.domain) = LOWER($3)

-- name: account_job_insert
INSERT INTO account_job (job_id, tenant_id, kind, state, domain, connector_id, device_id, object_guid, computer_name,
	made_by, reason, attempts, not_before, message, result, created_at)
VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, 0, 0, '', '{}', $11)

-- name: account_job_supersede
UPDATE account_job SET state = 'done', message = 'replaced by a later order', finished_at = $3
WHERE tenant_id = $1 AND object_guid = $2 AND state = 'queued'

-- name: account_job_open
SELECT job_id FROM account_job WHERE tenant_id = $1 AND kind = $2 AND object_guid = $3 AND connector_id = $4
	AND (state = 'queued' OR state = 'leased') ORDER BY created_at, job_id LIMIT 1

-- name: account_job_next
SELECT job_id, kind, domain, device_id, object_guid, computer_name, made_by, attempts FROM account_job
WHERE tenant_id = $1 AND LOWER(domain) = LOWER($2) AND (connector_id = '' OR connector_id = $3) AND not_before <= $4
	AND (state = 'queued' OR (state = 'leased' AND lease_until < $4))
ORDER BY not_before, created_at, job_id LIMIT 1

-- name: account_job_lease
UPDATE account_job SET state = 'leased', lease_id = $2, leased_by = $3, lease_until = $4, attempts = attempts + 1
WHERE job_id = $1

-- name: account_job_give_back
UPDATE account_job SET state = 'queued', lease_id = NULL WHERE tenant_id = $1 AND leased_by = $2 AND state = 'leased'

-- name: account_job_get
SELECT job_id, kind, state, domain, connector_id, device_id, object_guid, computer_name, reason, lease_id, leased_by, attempts,
	fault, message, result, created_at, finished_at
FROM account_job WHERE tenant_id = $1 AND job_id = $2

-- name: account_job_latest
SELECT job_id, kind, state, domain, connector_id, device_id, object_guid, computer_name, reason, lease_id, leased_by, attempts,
	fault, message, result, created_at, finished_at
FROM account_job WHERE tenant_id = $1 AND device_id = $2 AND kind <> 'check' ORDER BY created_at DESC, job_id DESC LIMIT 1

-- name: account_job_done
UPDATE account_job SET state = 'done', fault = NULL, message = $3, result = $4, finished_at = $5, lease_id = NULL
WHERE job_id = $1 AND state = 'leased' AND lease_id = $2

-- name: account_job_failed
UPDATE account_job SET state = $6, fault = $3, message = $4, finished_at = $5, not_before = $7, lease_id = NULL
WHERE job_id = $1 AND state = 'leased' AND lease_id = $2

-- name: account_job_expire
UPDATE account_job SET state = 'failed', fault = $2, message = $3, finished_at = $4, lease_id = NULL
WHERE job_id = $1 AND (state = 'queued' OR state = 'leased')

-- name: connector_checked
UPDATE connector SET checked_at = $3, check_report = $4 WHERE tenant_id = $1 AND connector_id = $2

-- name: connector_get
SELECT connector_id, tenant_id, name, domain, version, last_seen_at, created_at, refused, checked_at, check_report
FROM connector WHERE tenant_id = $1 AND connector_id = $2

-- name: connector_refused
UPDATE connector SET refused = $3 WHERE tenant_id = $1 AND connector_id = $2 AND refused <> $3

-- name: connector_gone
DELETE FROM connector WHERE last_seen_at < $1 OR (last_seen_at IS NULL AND created_at < $1)
