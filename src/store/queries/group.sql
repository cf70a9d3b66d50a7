-- Groups, their members, and assignments to them.

-- name: group_insert
INSERT INTO device_group (group_id, tenant_id, name, description, rule, created_at) VALUES ($1, $2, $3, $4, $5, $6)

-- name: group_list
SELECT group_id, name, description, rule, created_at FROM device_group WHERE tenant_id = $1 ORDER BY created_at, group_id

-- name: group_by_name
SELECT group_id, name, description, rule, created_at FROM device_group WHERE tenant_id = $1 AND name = $2

-- name: group_member_clear
DELETE FROM group_member WHERE tenant_id = $1 AND device_id = $2
	AND group_id IN (SELECT group_id FROM device_group WHERE rule IS NOT NULL)

-- name: group_member_add
INSERT INTO group_member (tenant_id, group_id, device_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: group_of_device
SELECT g.group_id, g.name, g.rule FROM group_member m JOIN device_group g ON g.group_id = m.group_id
WHERE m.tenant_id = $1 AND m.device_id = $2 ORDER BY g.created_at, g.group_id

-- name: assignment_insert
INSERT INTO assignment (assignment_id, tenant_id, object_kind, object_id, target, group_id)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: assignment_clear
DELETE FROM assignment WHERE tenant_id = $1 AND object_id = $2

-- name: assignment_of_object
SELECT assignment_id, target, group_id FROM assignment WHERE tenant_id = $1 AND object_id = $2 ORDER BY assignment_id

-- name: assignment_profiles
SELECT o.profile_id AS object_id, o.name, o.created_at, 0 AS priority, a.target, a.group_id, g.name AS group_name
FROM assignment a JOIN deployment_profile o ON o.profile_id = a.object_id LEFT JOIN device_group g ON g.group_id = a.group_id
WHERE a.tenant_id = $1 AND a.object_kind = 'profile' ORDER BY o.created_at, o.profile_id

-- name: assignment_esps
SELECT o.esp_id AS object_id, o.name, o.created_at, o.priority, a.target, a.group_id, g.name AS group_name
FROM assignment a JOIN esp_profile o ON o.esp_id = a.object_id LEFT JOIN device_group g ON g.group_id = a.group_id
WHERE a.tenant_id = $1 AND a.object_kind = 'esp' ORDER BY o.created_at, o.esp_id

-- name: assignment_domain_joins
SELECT o.domain_join_id AS object_id, o.name, o.created_at, 0 AS priority, a.target, a.group_id, g.name AS group_name
FROM assignment a JOIN domain_join_profile o ON o.domain_join_id = a.object_id
LEFT JOIN device_group g ON g.group_id = a.group_id
WHERE a.tenant_id = $1 AND a.object_kind = 'domain_join' ORDER BY o.created_at, o.domain_join_id

-- name: assignment_items
SELECT o.item_id AS object_id, o.name, o.created_at, 0 AS priority, a.target, a.group_id, g.name AS group_name
FROM assignment a JOIN config_item o ON o.item_id = a.object_id LEFT JOIN device_group g ON g.group_id = a.group_id
WHERE a.tenant_id = $1 AND a.object_kind = 'item' ORDER BY o.created_at, o.item_id
