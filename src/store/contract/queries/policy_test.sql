-- What policy_contract_test puts into a database directly.

-- name: user_put
INSERT INTO directory_user (user_id, tenant_id, upn, upn_key, display_name, given_name, surname, mail, department, job_title,
	usage_location, account_enabled, attributes, source, domain, account_name, sid, usn, version, created_at, modified_at)
VALUES ($1, $2, $3, $4, $3, '', '', '', '', '', '', 1, '{}', 'ferry', '', '', '', 0, 1, $5, $5)

-- name: group_user_put
INSERT INTO group_user (tenant_id, group_id, user_id, by_rule) VALUES ($1, $2, $3, 0)

-- name: group_child_put
INSERT INTO group_child (tenant_id, group_id, child_id) VALUES ($1, $2, $3)

-- name: group_pause
UPDATE directory_group SET processing = 'Paused' WHERE group_id = $1

-- name: document_put
INSERT INTO graph_object (object_id, tenant_id, collection, type, name, document, priority, version, created_at, modified_at)
VALUES ($1, $2, $3, '', '', $4, 0, 1, $5, $5) ON CONFLICT (object_id) DO UPDATE SET document = excluded.document

-- name: connector_heard
UPDATE connector SET last_seen_at = $2 WHERE connector_id = $1
