-- Registrations and what is assigned to them.

-- name: device_insert
INSERT INTO device (device_id, tenant_id, serial, serial_key, manufacturer, model, product_key, sku_number, system_family, ek_id,
	group_tag, purchase_order, assigned_upn, user_name, friendly_name, source, state, attestation_store, enrollment_state,
	reuse_blocked, remediation, created_at, cohort_id, cohort_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $15, $16, $8, $9, $10, $11, '', '', $12, 'claimed', '', 'notContacted', 0, 'none', $13, $14, $13)
ON CONFLICT DO NOTHING

-- name: device_adopt
-- What device preparation made known is registered now.
UPDATE device SET source = $3, group_tag = $4, purchase_order = $5, assigned_upn = $6, product_key = $7
WHERE tenant_id = $1 AND device_id = $2 AND source = 'preparation'

-- name: device_hash_insert
INSERT INTO device_hash (device_id, tenant_id, hardware_hash) VALUES ($1, $2, $3)

-- name: device_hash_replace
UPDATE device_hash SET hardware_hash = $3 WHERE tenant_id = $1 AND device_id = $2

-- name: device_hash_seen_put
INSERT INTO device_hash_seen (device_id, tenant_id, hardware_hash, said) VALUES ($2, $1, $3, $4)
ON CONFLICT (device_id) DO UPDATE SET hardware_hash = excluded.hardware_hash, said = excluded.said

-- name: device_hash_seen_get
SELECT hardware_hash, said FROM device_hash_seen WHERE tenant_id = $1 AND device_id = $2

-- name: device_hash_seen_delete
DELETE FROM device_hash_seen WHERE tenant_id = $1 AND device_id = $2

-- name: device_conflict
SELECT device_id, tenant_id, state, created_at, COALESCE(ek_id, '') AS ek_id, serial_key, source FROM device
WHERE SUBSTR(ek_id, 1, 16) = SUBSTR(CAST($1 AS TEXT), 1, 16) OR (tenant_id = $2 AND serial_key = $3 AND manufacturer = $4 AND model = $5)
ORDER BY CASE WHEN SUBSTR(ek_id, 1, 16) = SUBSTR(CAST($1 AS TEXT), 1, 16) THEN 0 ELSE 1 END

-- name: device_update_tag
UPDATE device SET group_tag = CASE WHEN $3 = '' THEN group_tag ELSE $3 END,
	assigned_upn = CASE WHEN $4 = '' THEN assigned_upn ELSE $4 END
WHERE tenant_id = $1 AND device_id = $2

-- name: device_by_id
SELECT d.device_id, d.tenant_id, d.serial, d.manufacturer, d.model, d.product_key, d.ek_id, d.group_tag, d.assigned_upn,
	d.friendly_name, d.state, d.attestation_store, d.attested_at, d.enrollment_state, d.reuse_blocked, d.remediation, d.last_contact_at, d.created_at,
	COALESCE(c.profile_id, d.offline_profile) AS profile_id, c.esp_id, c.domain_join_id, d.source,
	CASE WHEN c.profile_id IS NULL THEN NULL WHEN d.cohort_at > c.assigned_at THEN d.cohort_at ELSE c.assigned_at END
		AS assigned_at, COALESCE(g.policy_name, p.name, '') AS profile_name,
	CASE WHEN g.deployment_id IS NOT NULL THEN 'directory' ELSE COALESCE(p.join_type, '') END AS join_type,
	COALESCE(p.preprovisioning, 0) AS preprovisioning,
	COALESCE(g.trust_store, p.trust_store, '') AS trust_store, COALESCE(s.name, '') AS esp_name,
	COALESCE(j.name, '') AS domain_join_name, COALESCE(j.domain, '') AS domain, COALESCE(j.ou, '') AS ou,
	COALESCE(g.name_template, j.name_template, '') AS name_template,
	COALESCE(g.timeout_minutes, s.timeout_minutes, 60) AS timeout_minutes,
	COALESCE(s.hybrid_extra_minutes, 40) AS hybrid_extra_minutes,
	COALESCE(r.directory_id, '') AS directory_id, COALESCE(r.trust_type, '') AS trust_type,
	d.source, g.deployment_id AS preparation_id
FROM device d
LEFT JOIN cohort c ON c.cohort_id = d.cohort_id
LEFT JOIN deployment_profile p ON p.profile_id = COALESCE(c.profile_id, d.offline_profile)
LEFT JOIN esp_profile s ON s.esp_id = c.esp_id
LEFT JOIN domain_join_profile j ON j.domain_join_id = c.domain_join_id
LEFT JOIN directory_device r ON r.device_id = d.device_id
LEFT JOIN preparation_run g ON g.deployment_id = (SELECT CASE y.mode WHEN 'devicePreparation' THEN y.deployment_id END
	FROM deployment y WHERE y.device_id = d.device_id AND (y.finished_at IS NULL OR EXISTS (SELECT 1 FROM enrollment n WHERE n.device_id = d.device_id
		AND n.deployment_id = y.deployment_id AND n.state = 'enrolled'))
	ORDER BY y.started_at DESC, y.deployment_id LIMIT 1)
WHERE d.device_id = $1

-- name: device_offline
UPDATE device SET offline_profile = $3 WHERE tenant_id = $1 AND device_id = $2

-- name: profile_offline
SELECT profile_id, name, join_type, preprovisioning, trust_store FROM deployment_profile WHERE tenant_id = $1 AND profile_id = $2

-- name: device_id_by_ek
SELECT device_id, tenant_id FROM device WHERE SUBSTR(ek_id, 1, 16) = SUBSTR(CAST($1 AS TEXT), 1, 16) AND ek_id = $1

-- name: device_id_by_serial
SELECT device_id FROM device WHERE tenant_id = $1 AND serial_key = $2 ORDER BY created_at

-- name: device_id_by_hardware
SELECT device_id, tenant_id FROM device WHERE manufacturer = $1 AND model = $2 AND serial_key = $3 ORDER BY created_at

-- name: device_proven
UPDATE device SET state = 'verified', attestation_store = $3, attested_at = $4, remediation = 'none', remediation_at = NULL,
	ek_id = COALESCE(ek_id, $5)
WHERE tenant_id = $1 AND device_id = $2

-- name: device_attention
UPDATE device SET remediation = 'attention', remediation_at = $3 WHERE tenant_id = $1 AND device_id = $2

-- name: device_fix_pending
UPDATE device SET remediation = 'pending', remediation_at = $3
WHERE tenant_id = $1 AND device_id = $2 AND remediation <> 'attention'

-- name: device_fixed
UPDATE device SET remediation = 'none', remediation_at = NULL
WHERE tenant_id = $1 AND device_id = $2 AND remediation = 'pending'

-- name: device_contact
UPDATE device SET last_contact_at = $3, enrollment_state = $4 WHERE tenant_id = $1 AND device_id = $2

-- name: device_reuse
UPDATE device SET reuse_blocked = $3 WHERE tenant_id = $1 AND device_id = $2

-- name: device_block
UPDATE device SET reuse_blocked = 1 WHERE tenant_id = $1 AND device_id = $2

-- name: device_unblock
UPDATE device SET reuse_blocked = 0 WHERE tenant_id = $1 AND device_id = $2 AND remediation <> 'pending' AND remediation <> 'attention'

-- name: device_delete
DELETE FROM device WHERE tenant_id = $1 AND device_id = $2
