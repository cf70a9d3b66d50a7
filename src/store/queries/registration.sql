-- Imports, partners, corporate identifiers, deregistration.

-- name: import_insert
INSERT INTO import_job (import_id, tenant_id, name, header, strict, check_only, group_tag, assigned_upn, actor, state, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10)

-- name: import_get
SELECT import_id, name, header, strict, check_only, group_tag, assigned_upn, actor, state, created_at, finished_at
FROM import_job WHERE tenant_id = $1 AND import_id = $2

-- name: import_list
SELECT import_id, name, header, strict, check_only, group_tag, assigned_upn, actor, state, created_at, finished_at
FROM import_job WHERE tenant_id = $1 ORDER BY created_at DESC LIMIT 100

-- name: import_counts
SELECT COUNT(*) AS parts, CAST(COALESCE(SUM(lines), 0) AS BIGINT) AS lines,
	CAST(COALESCE(SUM(imported), 0) AS BIGINT) AS imported, CAST(COALESCE(SUM(existing), 0) AS BIGINT) AS existing,
	CAST(COALESCE(SUM(failed), 0) AS BIGINT) AS failed
FROM import_part WHERE tenant_id = $1 AND import_id = $2

-- name: import_finish
UPDATE import_job SET state = 'finished', finished_at = COALESCE(finished_at, $3) WHERE tenant_id = $1 AND import_id = $2

-- name: import_part_insert
INSERT INTO import_part (import_id, tenant_id, part, sha256, first_line, lines, imported, existing, failed, done_at)
VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7) ON CONFLICT DO NOTHING

-- name: import_part_result
UPDATE import_part SET imported = $4, existing = $5, failed = $6 WHERE tenant_id = $1 AND import_id = $2 AND part = $3

-- name: import_part_get
SELECT sha256, lines, imported, existing, failed FROM import_part WHERE tenant_id = $1 AND import_id = $2 AND part = $3

-- name: import_part_list
SELECT part FROM import_part WHERE tenant_id = $1 AND import_id = $2 ORDER BY part

-- name: import_line_insert
INSERT INTO import_line (import_id, tenant_id, part, line, serial, status, device_id, fault, message)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING

-- name: import_line_list
SELECT line, serial, status, device_id, fault, message FROM import_line
WHERE tenant_id = $1 AND import_id = $2 AND line > $3 ORDER BY line LIMIT $4

-- name: import_line_of_part
SELECT line, serial, status, device_id, fault, message FROM import_line
WHERE tenant_id = $1 AND import_id = $2 AND line >= $3 AND line < $4 AND part = $5 ORDER BY line

-- name: imported_insert
INSERT INTO imported_device (imported_id, tenant_id, batch_id, upload_id, serial, product_key, group_tag, assigned_upn, status,
	device_id, error_code, error_name, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: imported_delete
DELETE FROM imported_device WHERE tenant_id = $1 AND imported_id = $2

-- name: registration_event_insert
INSERT INTO registration_event (event_id, tenant_id, device_id, at, kind, actor, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: registration_event_once
INSERT INTO registration_event (event_id, tenant_id, device_id, at, kind, actor, detail)
SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS TEXT)
WHERE NOT EXISTS (SELECT 1 FROM registration_event WHERE tenant_id = $2 AND device_id = $3 AND kind = $5 AND at > $8)

-- name: registration_event_list
SELECT at, kind, actor, detail FROM registration_event WHERE tenant_id = $1 AND device_id = $2 ORDER BY event_id DESC LIMIT 100

-- name: deregister_view
SELECT d.device_id, d.serial, d.assigned_upn, COALESCE(r.directory_id, '') AS directory_id,
	COALESCE(a.computer_name, '') AS computer_name, COALESCE(a.dn, '') AS dn, COALESCE(a.domain, '') AS domain,
	COALESCE(a.object_guid, '') AS object_guid,
	(SELECT COUNT(*) FROM enrollment n WHERE n.device_id = d.device_id) AS enrollments,
	COALESCE((SELECT n.enrollment_id FROM enrollment n WHERE n.device_id = d.device_id AND n.state = 'enrolled'), '')
		AS managed_id,
	(SELECT COUNT(*) FROM certificate x WHERE x.tenant_id = $1 AND x.revoked_at IS NULL AND x.sha256 IN (
		SELECT n.certificate_sha256 FROM enrollment n WHERE n.device_id = d.device_id
		UNION SELECT y.certificate_sha256 FROM directory_device y WHERE y.device_id = d.device_id)) AS certificates,
	(SELECT COUNT(*) FROM deployment p WHERE p.device_id = d.device_id) AS deployments
FROM device d
LEFT JOIN directory_device r ON r.device_id = d.device_id
LEFT JOIN ad_account a ON a.device_id = d.device_id
WHERE d.tenant_id = $1 AND d.device_id = $2

-- name: deregister_find
SELECT device_id FROM device WHERE tenant_id = $1 AND device_id = $2
UNION
SELECT device_id FROM device WHERE tenant_id = $1 AND serial_key = $3
UNION
SELECT device_id FROM directory_device WHERE tenant_id = $1 AND directory_id = $2 AND device_id IS NOT NULL
UNION
SELECT device_id FROM enrollment WHERE tenant_id = $1 AND enrollment_id = $2
LIMIT 2

-- name: deregister_certificates
UPDATE certificate SET revoked_at = $3
WHERE tenant_id = $1 AND revoked_at IS NULL AND sha256 IN (
	SELECT certificate_sha256 FROM enrollment WHERE device_id = $2
	UNION SELECT certificate_sha256 FROM directory_device WHERE device_id = $2)

-- name: orphan_insert
INSERT INTO orphan_account (object_guid, tenant_id, device_id, serial, domain, computer_name, dn, state, created_at)
SELECT object_guid, tenant_id, device_id, CAST($3 AS TEXT), domain, computer_name, dn, 'waiting', CAST($4 AS BIGINT)
FROM ad_account WHERE tenant_id = $1 AND device_id = $2
ON CONFLICT (object_guid) DO UPDATE SET state = 'waiting'

-- name: orphan_list
SELECT object_guid, domain, computer_name, dn, serial, state, created_at FROM orphan_account
WHERE tenant_id = $1 AND state = 'waiting' ORDER BY created_at, object_guid LIMIT 1000

-- name: orphan_done
UPDATE orphan_account SET state = 'removed' WHERE tenant_id = $1 AND object_guid = $2 AND state = 'waiting'

-- name: deletion_insert
INSERT INTO deletion_request (request_id, tenant_id, requested_by, requested_by_id, decided_by, state, items, item_count,
	created_at, expires_at, action, data)
VALUES ($1, $2, $3, $8, '', 'waiting', $4, $5, $6, $7, $9, $10)

-- name: deletion_get
-- $3: 1 for actions on managed devices, 0 for deletions of registrations; who may decide one may not decide the other.
SELECT request_id, requested_by, requested_by_id, decided_by, state, items, item_count, created_at, expires_at, action, data
FROM deletion_request WHERE tenant_id = $1 AND request_id = $2 AND CASE action WHEN '' THEN 0 ELSE 1 END = CAST($3 AS BIGINT)

-- name: deletion_list
SELECT request_id, requested_by, requested_by_id, decided_by, state, '' AS items, item_count, created_at, expires_at, action, data
FROM deletion_request WHERE tenant_id = $1 AND CASE action WHEN '' THEN 0 ELSE 1 END = CAST($2 AS BIGINT) ORDER BY created_at DESC, request_id DESC LIMIT 100

-- name: deletion_decide
UPDATE deletion_request SET state = $3, decided_by = $4 WHERE tenant_id = $1 AND request_id = $2 AND state = 'waiting'

-- name: consent_offer
INSERT INTO partner_consent (consent_id, partner_tenant_id, tenant_id, code_sha256, state, granted_by, revoked_by, expires_at, created_at)
VALUES ($1, $2, NULL, $3, 'offered', '', '', $4, $5)

-- name: consent_by_code
SELECT c.consent_id, c.partner_tenant_id, c.state, c.expires_at, t.name AS partner FROM partner_consent c
JOIN tenant t ON t.tenant_id = c.partner_tenant_id WHERE c.code_sha256 = $1

-- name: consent_grant
UPDATE partner_consent SET tenant_id = $2, state = 'granted', granted_by = $3, granted_at = $4
WHERE consent_id = $1 AND state = 'offered'

-- name: consent_active
SELECT consent_id FROM partner_consent WHERE partner_tenant_id = $1 AND tenant_id = $2 AND state = 'granted'

-- name: consent_list
SELECT c.consent_id, c.state, c.granted_by, c.granted_at, c.revoked_by, c.revoked_at, c.partner_tenant_id, t.name AS partner
FROM partner_consent c JOIN tenant t ON t.tenant_id = c.partner_tenant_id
WHERE c.tenant_id = $1 ORDER BY c.created_at LIMIT 1000

-- name: consent_revoke
UPDATE partner_consent SET state = 'revoked', revoked_by = $3, revoked_at = $4
WHERE tenant_id = $1 AND consent_id = $2 AND state = 'granted'

-- name: device_id_by_product_key
SELECT device_id, tenant_id FROM device WHERE product_key = $1 AND product_key <> ''

-- name: corporate_insert
INSERT INTO corporate_identifier (identifier_id, tenant_id, type, identifier, identifier_key, description, enrollment_state,
	created_at, modified_at)
VALUES ($1, $2, $3, $4, $5, $6, 'notContacted', $7, $7) ON CONFLICT DO NOTHING

-- name: corporate_overwrite
UPDATE corporate_identifier SET identifier = $4, description = $5, modified_at = $6
WHERE tenant_id = $1 AND type = $2 AND identifier_key = $3

-- name: corporate_find
SELECT identifier_id, type, identifier, description, enrollment_state, last_contact_at, created_at, modified_at
FROM corporate_identifier WHERE tenant_id = $1 AND type = $2 AND identifier_key = $3

-- name: corporate_delete
DELETE FROM corporate_identifier WHERE tenant_id = $1 AND identifier_id = $2

-- name: transfer_insert
INSERT INTO device_transfer (transfer_id, tenant_id, from_tenant_id, device_id, serial, requested_by, decided_by, state, created_at)
SELECT $1, CAST($2 AS TEXT), tenant_id, device_id, serial, $4, '', 'waiting', CAST($5 AS BIGINT) FROM device
WHERE device_id = $3 AND tenant_id <> $2
ON CONFLICT DO NOTHING

-- name: transfer_list
SELECT x.transfer_id, x.device_id, x.serial, x.requested_by, x.decided_by, x.state, x.created_at, x.decided_at, t.name AS organization,
	CASE WHEN x.tenant_id = $1 THEN 1 ELSE 0 END AS ours
FROM device_transfer x
JOIN tenant t ON t.tenant_id = CASE WHEN x.tenant_id = $1 THEN x.from_tenant_id ELSE x.tenant_id END
WHERE x.tenant_id = $1 OR x.from_tenant_id = $1 ORDER BY x.created_at DESC LIMIT 1000

-- name: transfer_get
SELECT transfer_id, tenant_id, device_id, serial, requested_by, state FROM device_transfer
WHERE from_tenant_id = $1 AND transfer_id = $2

-- name: transfer_decide
UPDATE device_transfer SET state = $3, decided_by = $4, decided_at = $5
WHERE from_tenant_id = $1 AND transfer_id = $2 AND state = 'waiting'

-- name: hash_wanted
SELECT o.document FROM device d
JOIN cohort c ON c.cohort_id = d.cohort_id
JOIN graph_object o ON o.object_id = c.profile_id
JOIN directory_device r ON r.device_id = d.device_id AND r.ownership <> 'Personal'
WHERE d.tenant_id = $1 AND d.device_id = $2 AND NOT EXISTS (SELECT 1 FROM device_hash h WHERE h.device_id = d.device_id)

-- name: hash_unproven
SELECT device_id FROM device WHERE tenant_id = $1 AND device_id = $2 AND remediation = 'pending'

-- name: device_hash_get
SELECT hardware_hash FROM device_hash WHERE tenant_id = $1 AND device_id = $2

-- name: upload_insert
INSERT INTO imported_upload (upload_id, tenant_id, created_at) VALUES ($1, $2, $3)

-- name: upload_delete
DELETE FROM imported_upload WHERE tenant_id = $1 AND upload_id = $2

-- name: caller_tally_add
INSERT INTO caller_tally (tenant_id, kind, caller, since, tally) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, kind, caller) DO UPDATE SET
	tally = CASE WHEN caller_tally.since > $6 THEN caller_tally.tally + excluded.tally ELSE excluded.tally END,
	since = CASE WHEN caller_tally.since > $6 THEN caller_tally.since ELSE excluded.since END
RETURNING tally
