-- What administrators made, with Graph's document where there is one, for those who look at all of it together.

-- name: policy_profiles
SELECT p.profile_id, p.name, p.join_type, p.preprovisioning, p.trust_store, g.document
FROM deployment_profile p LEFT JOIN graph_object g ON g.object_id = p.profile_id AND g.tenant_id = p.tenant_id
WHERE p.tenant_id = $1 ORDER BY p.created_at, p.profile_id

-- name: policy_esps
SELECT p.esp_id, p.name, p.timeout_minutes, p.hybrid_extra_minutes, g.document
FROM esp_profile p LEFT JOIN graph_object g ON g.object_id = p.esp_id AND g.tenant_id = p.tenant_id
WHERE p.tenant_id = $1 ORDER BY p.created_at, p.esp_id

-- name: policy_default_esp
SELECT document FROM graph_object WHERE tenant_id = $1 AND object_id = $2

-- name: policy_joins
SELECT p.domain_join_id, p.name, p.domain, p.ou, p.name_template, g.document
FROM domain_join_profile p LEFT JOIN graph_object g ON g.object_id = p.domain_join_id AND g.tenant_id = p.tenant_id
WHERE p.tenant_id = $1 ORDER BY p.created_at, p.domain_join_id

-- name: policy_objects
SELECT object_id, name, document, priority FROM graph_object WHERE tenant_id = $1 AND collection = $2
ORDER BY created_at, object_id

-- name: policy_branded
SELECT COUNT(*) AS found FROM graph_object WHERE tenant_id = $1 AND LOWER(collection) LIKE '%branding%'

-- name: policy_last_job
SELECT created_at, fault FROM connector_job WHERE tenant_id = $1 AND domain = $2 AND state = $3 AND ou = $4 AND kind = 'odj'
ORDER BY created_at DESC LIMIT 1

-- name: policy_connectors
SELECT name, domain, last_seen_at FROM connector WHERE tenant_id = $1 ORDER BY created_at, connector_id

-- name: policy_items
SELECT o.item_id AS object_id, o.name, o.kind, o.scope, o.loc_uri, o.format, o.data, a.intent, a.target, a.group_id,
	g.name AS group_name
FROM assignment a JOIN config_item o ON o.item_id = a.object_id LEFT JOIN directory_group g ON g.group_id = a.group_id
WHERE a.tenant_id = $1 AND a.object_kind = 'item' ORDER BY o.created_at, o.item_id, a.assignment_id

-- name: policy_shared_settings
-- Assignments of items whose node another item sets too; $2: only of that item's node. Nodes as in domain/setting.c.
SELECT o.item_id AS object_id, o.name, o.loc_uri, o.format, o.data, a.target, a.group_id
FROM assignment a JOIN config_item o ON o.item_id = a.object_id
WHERE a.tenant_id = $1 AND a.object_kind = 'item' AND o.kind <> 'app' AND o.kind <> 'script'
	AND CASE WHEN SUBSTR(o.loc_uri, 1, 9) = './Vendor/' THEN './Device/' || SUBSTR(o.loc_uri, 3) ELSE o.loc_uri END IN (
		SELECT CASE WHEN SUBSTR(i.loc_uri, 1, 9) = './Vendor/' THEN './Device/' || SUBSTR(i.loc_uri, 3) ELSE i.loc_uri END FROM config_item i
		WHERE i.tenant_id = $1 AND i.kind <> 'app' AND i.kind <> 'script'
		GROUP BY CASE WHEN SUBSTR(i.loc_uri, 1, 9) = './Vendor/' THEN './Device/' || SUBSTR(i.loc_uri, 3) ELSE i.loc_uri END HAVING COUNT(*) > 1)
	AND (CAST($2 AS TEXT) IS NULL OR CASE WHEN SUBSTR(o.loc_uri, 1, 9) = './Vendor/' THEN './Device/' || SUBSTR(o.loc_uri, 3) ELSE o.loc_uri END = (
		SELECT CASE WHEN SUBSTR(j.loc_uri, 1, 9) = './Vendor/' THEN './Device/' || SUBSTR(j.loc_uri, 3) ELSE j.loc_uri END FROM config_item j
		WHERE j.tenant_id = $1 AND j.item_id = $2))
ORDER BY o.created_at, o.item_id, a.assignment_id

-- name: policy_groups
SELECT g.group_id, g.name, g.rule, g.subject, g.processing,
	CASE WHEN EXISTS (SELECT 1 FROM cohort_group c JOIN device d ON d.cohort_id = c.cohort_id
		WHERE c.group_id = g.group_id) THEN 1 ELSE 0 END AS has_devices,
	CASE WHEN EXISTS (SELECT 1 FROM group_user u WHERE u.group_id = g.group_id) THEN 1 ELSE 0 END AS has_users
FROM directory_group g WHERE g.tenant_id = $1
	AND g.group_id IN (SELECT a.group_id FROM assignment a WHERE a.tenant_id = $1 AND a.group_id IS NOT NULL)
ORDER BY g.created_at, g.group_id

-- name: policy_group
SELECT name, rule, source FROM directory_group WHERE tenant_id = $1 AND group_id = $2

-- name: policy_user_id
SELECT user_id FROM directory_user WHERE tenant_id = $1 AND upn_key = $2

-- name: policy_user_groups
WITH RECURSIVE reached (group_id) AS (
	SELECT g.group_id FROM directory_user u JOIN group_user g ON g.user_id = u.user_id
	WHERE u.tenant_id = $1 AND u.upn_key = $2
	UNION
	SELECT c.group_id FROM group_child c JOIN reached r ON c.child_id = r.group_id
)
SELECT group_id FROM reached ORDER BY group_id

-- name: user_device_count
SELECT COUNT(*) AS devices FROM directory_device WHERE tenant_id = $1 AND LOWER(registered_upn) = $2 AND device_id <> $3

-- name: cohort_device_count
SELECT COUNT(*) AS devices FROM device WHERE cohort_id = $1

-- name: cohort_device_examples
SELECT serial FROM device WHERE cohort_id = $1 ORDER BY device_id LIMIT 3

-- name: cohort_user_examples
SELECT serial FROM device WHERE cohort_id = $1 AND assigned_upn <> '' ORDER BY device_id LIMIT 3

-- name: cohort_users
SELECT cohort_id, COUNT(*) AS devices FROM device WHERE tenant_id = $1 AND assigned_upn <> '' GROUP BY cohort_id

-- name: cohort_longest_serial
SELECT CAST(COALESCE(MAX(LENGTH(serial)), 0) AS BIGINT) AS characters FROM device WHERE cohort_id = $1

-- name: name_holder
SELECT d.serial FROM ad_account a JOIN device d ON d.device_id = a.device_id
WHERE a.tenant_id = $1 AND LOWER(a.computer_name) = $2 AND a.device_id <> $3
UNION ALL
SELECT d.serial FROM directory_device r JOIN device d ON d.device_id = r.device_id
WHERE r.tenant_id = $1 AND LOWER(r.display_name) = $2 AND r.device_id <> $3
LIMIT 1

-- name: group_of_device_user
WITH RECURSIVE reached (group_id) AS (
	SELECT g.group_id FROM device d JOIN directory_user u ON u.tenant_id = d.tenant_id AND u.upn_key = LOWER(d.assigned_upn)
	JOIN group_user g ON g.user_id = u.user_id
	WHERE d.tenant_id = $1 AND d.device_id = $2 AND d.assigned_upn <> ''
	UNION
	SELECT c.group_id FROM group_child c JOIN reached r ON c.child_id = r.group_id
)
SELECT group_id FROM reached ORDER BY group_id

-- name: name_wanted
SELECT COUNT(*) AS devices FROM cohort c JOIN device d ON d.cohort_id = c.cohort_id
WHERE c.tenant_id = $1 AND (CAST($2 AS TEXT) IS NULL OR c.profile_id = $2 OR c.domain_join_id = $2)
