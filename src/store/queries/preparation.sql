-- Device preparation: which policy reaches a device, what it sets up there, and how far that got (behaviour Z1-Z17).

-- name: preparation_policies
SELECT object_id, document, version FROM graph_object WHERE tenant_id = $1 AND collection = 'deviceManagement/configurationPolicies'
ORDER BY created_at, object_id

-- name: preparation_offered
SELECT t.tenant_id, t.name FROM tenant t WHERE EXISTS (SELECT 1 FROM graph_object g JOIN assignment a ON a.object_id = g.object_id
	WHERE g.tenant_id = t.tenant_id AND g.collection = 'deviceManagement/configurationPolicies'
		AND (a.target = 'group' OR a.target = 'all_users'))
ORDER BY t.tenant_id LIMIT 1

-- name: preparation_items_known
SELECT i.item_id, i.kind, i.name, COALESCE(g.type, '') AS type FROM config_item i
LEFT JOIN graph_object g ON g.object_id = i.item_id AND g.tenant_id = i.tenant_id
WHERE i.tenant_id = $1 AND i.scope = 'device' AND (i.kind = 'app' OR i.kind = 'script') ORDER BY i.created_at, i.item_id

-- name: preparation_device
SELECT d.source, COALESCE(s.policy_id, '') AS policy_id, COALESCE(s.state, '') AS association
FROM device d LEFT JOIN preparation_association s ON s.device_id = d.device_id WHERE d.tenant_id = $1 AND d.device_id = $2

-- name: preparation_run_get
SELECT r.deployment_id, r.tenant_id, r.device_id, r.policy_id, r.policy_name, r.policy_version, r.reached_by, r.automatic,
	r.administrator, r.timeout_minutes, r.message, r.allow_skip, r.diagnostics, r.trust_store, r.name_template, r.group_id,
	r.group_name, r.upn, r.created_at, r.placed_at, r.continued_at, y.phase, y.result, y.fault, y.reason, y.finished_at
FROM preparation_run r JOIN deployment y ON y.deployment_id = r.deployment_id WHERE r.deployment_id = $1

-- name: preparation_run_insert
INSERT INTO preparation_run (deployment_id, tenant_id, device_id, policy_id, policy_name, policy_version, reached_by, automatic,
	administrator, timeout_minutes, message, allow_skip, diagnostics, trust_store, name_template, group_id, group_name, upn,
	created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)

-- name: preparation_run_drop
DELETE FROM preparation_run WHERE deployment_id = $1 AND placed_at IS NULL

-- name: preparation_run_placed
UPDATE preparation_run SET placed_at = COALESCE(placed_at, $2) WHERE deployment_id = $1

-- name: preparation_run_continued
UPDATE preparation_run SET continued_at = COALESCE(continued_at, $2) WHERE deployment_id = $1

-- name: preparation_item_insert
INSERT INTO preparation_item (tenant_id, deployment_id, position, item_id, kind, name, stage, skipped)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: preparation_items
SELECT p.position, p.item_id, p.kind, p.name, p.stage, p.skipped, COALESCE(s.state, 'pending') AS state, s.fault,
	COALESCE(s.reason, '') AS reason, s.exit_code, COALESCE(s.output, '') AS output, s.updated_at
FROM preparation_item p JOIN preparation_run r ON r.deployment_id = p.deployment_id
LEFT JOIN device_item s ON s.item_id = p.item_id AND s.device_id = r.device_id AND s.deployment_id = p.deployment_id
WHERE p.tenant_id = $1 AND p.deployment_id = $2 ORDER BY p.position

-- name: preparation_item_skip
UPDATE preparation_item SET skipped = $3 WHERE deployment_id = $1 AND item_id = $2 AND skipped = ''

-- name: preparation_finish
UPDATE deployment SET phase = 'done', result = $2, finished_at = $3 WHERE deployment_id = $1 AND finished_at IS NULL

-- name: preparation_resume
UPDATE deployment SET phase = 'preparation', result = 'running' WHERE deployment_id = $1 AND finished_at IS NULL

-- name: preparation_ownership
UPDATE directory_device SET ownership = $3 WHERE tenant_id = $1 AND device_id = $2

-- name: preparation_script_result
UPDATE device_item SET exit_code = $3, output = $4 WHERE device_id = $1 AND item_id = $2

-- name: association_put
INSERT INTO preparation_association (association_id, tenant_id, device_id, policy_id, state, created_by, created_at)
VALUES ($1, $2, $3, $4, 'preassociated', $5, $6)
ON CONFLICT (device_id) DO UPDATE SET policy_id = excluded.policy_id,
	state = CASE preparation_association.state WHEN 'removing' THEN 'associated' ELSE preparation_association.state END,
	-- Associated again, what has become stale (Z15) is fresh.
	created_at = CASE preparation_association.state WHEN 'preassociated' THEN excluded.created_at
		ELSE preparation_association.created_at END

-- name: association_of_device
SELECT association_id, device_id, policy_id, state, created_at, associated_at FROM preparation_association
WHERE tenant_id = $1 AND device_id = $2

-- name: association_get
SELECT s.association_id, s.device_id, s.policy_id, s.state, s.created_at, s.associated_at, d.serial, d.source, d.enrollment_state
FROM preparation_association s JOIN device d ON d.device_id = s.device_id WHERE s.tenant_id = $1 AND s.association_id = $2

-- name: association_state
UPDATE preparation_association SET state = $3, associated_at = COALESCE($4, associated_at) WHERE tenant_id = $1 AND device_id = $2

-- name: association_end
DELETE FROM preparation_association WHERE tenant_id = $1 AND state = 'removing'
	AND device_id = (SELECT y.device_id FROM deployment y WHERE y.deployment_id = $2)

-- name: association_delete
DELETE FROM preparation_association WHERE tenant_id = $1 AND association_id = $2
