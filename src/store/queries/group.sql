-- Groups, their members, and assignments to them.

-- name: group_insert
INSERT INTO directory_group (group_id, tenant_id, name, name_key, description, mail_nickname, rule, subject, processing, source,
	sid, version, created_at, modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'On', 'ferry', '', 1, $9, $9)

-- name: group_list
SELECT group_id, name, description, rule, subject, processing, source, created_at FROM directory_group
WHERE tenant_id = $1 ORDER BY created_at, group_id

-- name: group_children
SELECT group_id, child_id FROM group_child WHERE tenant_id = $1 ORDER BY group_id, child_id

-- name: group_by_name
SELECT group_id, name, description, rule, created_at FROM directory_group WHERE tenant_id = $1 AND name_key = $2

-- name: group_member_add
INSERT INTO group_member (tenant_id, group_id, device_id, by_rule) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING

-- name: group_member_remove
DELETE FROM group_member WHERE tenant_id = $1 AND group_id = $2 AND device_id = $3

-- name: group_member_of_device
SELECT group_id, by_rule FROM group_member WHERE tenant_id = $1 AND device_id = $2 ORDER BY group_id

-- name: group_of_device
SELECT g.group_id, g.name, g.rule FROM device d JOIN cohort_group c ON c.cohort_id = d.cohort_id
JOIN directory_group g ON g.group_id = c.group_id
WHERE d.tenant_id = $1 AND d.device_id = $2 ORDER BY g.created_at, g.group_id

-- name: assignment_insert
INSERT INTO assignment (assignment_id, tenant_id, object_kind, object_id, target, group_id, intent, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: assignment_clear
DELETE FROM assignment WHERE tenant_id = $1 AND object_id = $2

-- name: assignment_of_object
SELECT assignment_id, target, group_id FROM assignment WHERE tenant_id = $1 AND object_id = $2 ORDER BY assignment_id

-- name: assignment_profiles
SELECT o.profile_id AS object_id, o.name, o.created_at, 0 AS priority, a.target, a.group_id, g.name AS group_name
FROM assignment a JOIN deployment_profile o ON o.profile_id = a.object_id LEFT JOIN directory_group g ON g.group_id = a.group_id
WHERE a.tenant_id = $1 AND a.object_kind = 'profile' ORDER BY o.created_at, o.profile_id

-- name: assignment_esps
SELECT o.esp_id AS object_id, o.name, o.created_at, o.priority, a.target, a.group_id, g.name AS group_name
FROM assignment a JOIN esp_profile o ON o.esp_id = a.object_id LEFT JOIN directory_group g ON g.group_id = a.group_id
WHERE a.tenant_id = $1 AND a.object_kind = 'esp' ORDER BY o.created_at, o.esp_id

-- name: assignment_domain_joins
SELECT o.domain_join_id AS object_id, o.name, o.created_at, 0 AS priority, a.target, a.group_id, g.name AS group_name
FROM assignment a JOIN domain_join_profile o ON o.domain_join_id = a.object_id
LEFT JOIN directory_group g ON g.group_id = a.group_id
WHERE a.tenant_id = $1 AND a.object_kind = 'domain_join' ORDER BY o.created_at, o.domain_join_id

-- name: assignment_items
SELECT o.item_id AS object_id, o.name, o.created_at, 0 AS priority, a.target, a.group_id, g.name AS group_name
FROM assignment a JOIN config_item o ON o.item_id = a.object_id LEFT JOIN directory_group g ON g.group_id = a.group_id
WHERE a.tenant_id = $1 AND a.object_kind = 'item' ORDER BY o.created_at, o.item_id
