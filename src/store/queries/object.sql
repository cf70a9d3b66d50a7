-- Documents of the Graph API, their projections into the tables that devices read, their assignments; groups by hand.

-- name: object_list
SELECT object_id, collection, type, name, document, priority, version, created_at, modified_at FROM graph_object
WHERE tenant_id = $1 AND collection = $2 ORDER BY created_at, object_id

-- name: object_get
SELECT object_id, collection, type, name, document, priority, version, created_at, modified_at FROM graph_object
WHERE tenant_id = $1 AND collection = $2 AND object_id = $3

-- name: object_insert
INSERT INTO graph_object (object_id, tenant_id, collection, type, name, document, priority, version, created_at, modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8) ON CONFLICT DO NOTHING

-- name: object_update
UPDATE graph_object SET name = $4, document = $5, priority = $6, version = version + 1, modified_at = $7
WHERE tenant_id = $1 AND object_id = $2 AND version = $3

-- name: object_delete
DELETE FROM graph_object WHERE tenant_id = $1 AND collection = $2 AND object_id = $3

-- name: object_put_profile
INSERT INTO deployment_profile (profile_id, tenant_id, name, description, join_type, preprovisioning, trust_store, created_at,
	modified_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
ON CONFLICT (profile_id) DO UPDATE SET name = excluded.name, description = excluded.description,
	join_type = excluded.join_type, preprovisioning = excluded.preprovisioning, trust_store = excluded.trust_store,
	modified_at = excluded.modified_at

-- name: object_put_esp
INSERT INTO esp_profile (esp_id, tenant_id, name, priority, timeout_minutes, hybrid_extra_minutes, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (esp_id) DO UPDATE SET name = excluded.name, priority = excluded.priority,
	timeout_minutes = excluded.timeout_minutes, hybrid_extra_minutes = excluded.hybrid_extra_minutes

-- name: object_put_domain_join
INSERT INTO domain_join_profile (domain_join_id, tenant_id, name, domain, ou, name_template, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (domain_join_id) DO UPDATE SET name = excluded.name, domain = excluded.domain, ou = excluded.ou,
	name_template = excluded.name_template

-- name: object_put_item
INSERT INTO config_item (item_id, tenant_id, kind, scope, name, loc_uri, format, data, content_sha256, content_size,
	content_name, version, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12)
ON CONFLICT (item_id) DO UPDATE SET kind = excluded.kind, scope = excluded.scope, name = excluded.name,
	loc_uri = excluded.loc_uri, format = excluded.format, data = excluded.data, content_sha256 = excluded.content_sha256,
	content_size = excluded.content_size, content_name = excluded.content_name, version = config_item.version + 1

-- name: object_drop_profile
DELETE FROM deployment_profile WHERE tenant_id = $1 AND profile_id = $2

-- name: object_drop_esp
DELETE FROM esp_profile WHERE tenant_id = $1 AND esp_id = $2

-- name: object_drop_domain_join
DELETE FROM domain_join_profile WHERE tenant_id = $1 AND domain_join_id = $2

-- name: object_drop_item
DELETE FROM config_item WHERE tenant_id = $1 AND item_id = $2

-- name: object_assignments
SELECT assignment_id, object_kind, object_id, target, group_id, intent, created_at FROM assignment
WHERE tenant_id = $1 AND object_id = $2 ORDER BY created_at, assignment_id

-- name: object_assignment_remove
DELETE FROM assignment WHERE tenant_id = $1 AND assignment_id = $2

-- name: object_group_get
SELECT group_id, name, description, mail_nickname, rule, subject, processing, source, version FROM directory_group
WHERE tenant_id = $1 AND group_id = $2

-- name: object_group_insert
INSERT INTO directory_group (group_id, tenant_id, name, name_key, description, mail_nickname, rule, subject, processing, source,
	sid, version, created_at, modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'ferry', '', 1, $10, $10) ON CONFLICT DO NOTHING

-- name: object_group_name_taken
SELECT group_id FROM directory_group WHERE tenant_id = $1 AND name_key = $2 AND group_id <> $3

-- name: object_group_update
UPDATE directory_group SET name = $4, name_key = $5, description = $6, mail_nickname = $7, rule = $8, subject = $9,
	processing = $10, version = version + 1, modified_at = $11
WHERE tenant_id = $1 AND group_id = $2 AND version = $3

-- name: object_group_delete
DELETE FROM directory_group WHERE tenant_id = $1 AND group_id = $2

-- name: object_group_devices_clear
DELETE FROM group_member WHERE tenant_id = $1 AND group_id = $2

-- name: object_group_users_clear
DELETE FROM group_user WHERE tenant_id = $1 AND group_id = $2

-- name: object_group_device_ids
SELECT device_id FROM group_member WHERE tenant_id = $1 AND group_id = $2 ORDER BY device_id

-- name: object_device_of
SELECT device_id FROM directory_device WHERE tenant_id = $1 AND directory_id = $2

-- name: object_user_of
SELECT user_id FROM directory_user WHERE tenant_id = $1 AND user_id = $2

-- name: object_user_add
INSERT INTO group_user (tenant_id, group_id, user_id, by_rule) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING

-- name: object_user_remove
DELETE FROM group_user WHERE tenant_id = $1 AND group_id = $2 AND user_id = $3

-- name: object_child_add
INSERT INTO group_child (tenant_id, group_id, child_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: object_child_remove
DELETE FROM group_child WHERE tenant_id = $1 AND group_id = $2 AND child_id = $3

-- name: object_child_inside
WITH RECURSIVE inside (group_id) AS (
	SELECT CAST($2 AS TEXT)
	UNION
	SELECT c.child_id FROM group_child c JOIN inside i ON i.group_id = c.group_id WHERE c.tenant_id = $1
)
SELECT group_id FROM inside WHERE group_id = $3

-- name: object_owner_add
INSERT INTO group_owner (tenant_id, group_id, owner_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: object_owner_remove
DELETE FROM group_owner WHERE tenant_id = $1 AND group_id = $2 AND owner_id = $3

-- name: object_client_of
SELECT client_id FROM api_client WHERE tenant_id = $1 AND client_id = $2

-- name: object_device_edit
UPDATE device SET group_tag = COALESCE(CAST($3 AS TEXT), group_tag), assigned_upn = COALESCE(CAST($4 AS TEXT), assigned_upn),
	user_name = COALESCE(CAST($5 AS TEXT), user_name), friendly_name = COALESCE(CAST($6 AS TEXT), friendly_name)
WHERE tenant_id = $1 AND device_id = $2

-- name: object_directory_edit
UPDATE directory_device SET display_name = COALESCE(CAST($3 AS TEXT), display_name),
	account_enabled = COALESCE(CAST($4 AS BIGINT), account_enabled), ownership = COALESCE(CAST($5 AS TEXT), ownership),
	category = COALESCE(CAST($6 AS TEXT), category), os_type = COALESCE(CAST($7 AS TEXT), os_type),
	os_version = COALESCE(CAST($8 AS TEXT), os_version), extensions = COALESCE(CAST($9 AS TEXT), extensions)
WHERE tenant_id = $1 AND directory_id = $2

-- name: object_enrollment_note
UPDATE enrollment SET notes = $3 WHERE tenant_id = $1 AND enrollment_id = $2 AND state = 'enrolled'

-- name: object_connector_revoke
UPDATE certificate SET revoked_at = $3 WHERE tenant_id = $1 AND kind = 'connector' AND revoked_at IS NULL
	AND sha256 IN (SELECT certificate_sha256 FROM connector WHERE tenant_id = $1 AND connector_id = $2)

-- name: object_connector_orders
UPDATE account_job SET state = 'failed', fault = 'connector_removed', message = 'its connector was removed', finished_at = $3,
	lease_id = NULL
WHERE tenant_id = $1 AND connector_id = $2 AND state IN ('queued', 'leased')

-- name: object_connector_sync
UPDATE sync_state SET lease_until = $3 WHERE tenant_id = $1 AND connector_id = $2

-- name: object_connector_delete
DELETE FROM connector WHERE tenant_id = $1 AND connector_id = $2

-- name: object_connector_rename
UPDATE connector SET name = $3 WHERE tenant_id = $1 AND connector_id = $2

-- name: object_directory_prestage
INSERT INTO directory_device (directory_id, tenant_id, device_id, display_name, account_enabled, ownership, os_type, os_version,
	management_type, category, enrollment_profile_name, extensions, trust_type, on_premises_sid, certificate_sha256,
	registered_upn, created_at)
VALUES ($2, $1, NULL, $3, $4, $5, $6, $7, '', $8, '', $9, '', '', '', '', $10) ON CONFLICT DO NOTHING

-- name: object_directory_unstage
DELETE FROM directory_device WHERE tenant_id = $1 AND directory_id = $2 AND device_id IS NULL

-- name: object_resource_account_put
INSERT INTO device_resource_account (device_id, tenant_id, resource_name, account_upn, friendly_name)
SELECT device_id, tenant_id, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT) FROM device
WHERE tenant_id = $1 AND device_id = $2
ON CONFLICT (device_id) DO UPDATE SET resource_name = excluded.resource_name, account_upn = excluded.account_upn,
	friendly_name = excluded.friendly_name

-- name: object_resource_account_delete
DELETE FROM device_resource_account WHERE tenant_id = $1 AND device_id = $2
