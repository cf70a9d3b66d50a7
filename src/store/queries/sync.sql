-- What connectors synchronize: the state of each domain, its objects, their members.

-- name: sync_get
SELECT domain, cursor, run_id, connector_id, lease_until, requested, force, started_at, finished_at, full_at, users, groups,
	fault, message
FROM sync_state WHERE tenant_id = $1 AND domain = $2

-- name: sync_list
SELECT s.domain, s.cursor, s.run_id, s.connector_id, s.lease_until, s.requested, s.force, s.started_at, s.finished_at,
	s.full_at, s.users, s.groups, s.fault, s.message, COALESCE(c.name, '') AS connector_name,
	(SELECT COUNT(*) FROM sync_problem p WHERE p.tenant_id = s.tenant_id AND p.domain = s.domain) AS problems
FROM sync_state s LEFT JOIN connector c ON c.connector_id = s.connector_id
WHERE s.tenant_id = $1 ORDER BY s.domain

-- name: sync_make
INSERT INTO sync_state (tenant_id, domain, cursor, run_id, connector_id, lease_until, requested, force, users, groups, message)
VALUES ($1, $2, '', '', '', 0, 0, 0, 0, 0, '') ON CONFLICT DO NOTHING

-- name: sync_begin
UPDATE sync_state SET run_id = $3, connector_id = $4, lease_until = $5, started_at = $6 WHERE tenant_id = $1 AND domain = $2

-- name: sync_renew
UPDATE sync_state SET lease_until = $5 WHERE tenant_id = $1 AND domain = $2 AND run_id = $3 AND connector_id = $4

-- name: sync_failed
UPDATE sync_state SET run_id = '', lease_until = 0, fault = $5, message = $6
WHERE tenant_id = $1 AND domain = $2 AND run_id = $3 AND connector_id = $4

-- name: sync_finished
UPDATE sync_state SET run_id = '', lease_until = 0, cursor = $5, finished_at = $6,
	full_at = CASE WHEN CAST($7 AS BIGINT) = 1 THEN $6 ELSE full_at END, requested = 0, force = 0, fault = NULL, message = '',
	users = (SELECT COUNT(*) FROM sync_object o WHERE o.tenant_id = $1 AND o.domain = $2 AND o.kind = 'user'),
	groups = (SELECT COUNT(*) FROM sync_object o WHERE o.tenant_id = $1 AND o.domain = $2 AND o.kind = 'group')
WHERE tenant_id = $1 AND domain = $2 AND run_id = $3 AND connector_id = $4

-- name: sync_request
UPDATE sync_state SET requested = $3, force = $4 WHERE tenant_id = $1 AND domain = $2

-- name: sync_user_by_guid
SELECT user_id, upn, upn_key, display_name, given_name, surname, mail, department, job_title, usage_location,
	account_enabled, attributes, source, domain, account_name, sid, usn
FROM directory_user WHERE tenant_id = $1 AND object_guid = $2

-- name: sync_user_by_upn
SELECT user_id, source, domain, object_guid FROM directory_user WHERE tenant_id = $1 AND upn_key = $2

-- name: sync_user_by_sid
SELECT user_id, upn, account_enabled FROM directory_user
WHERE tenant_id = $1 AND sid = $2 AND source = 'domain' AND domain = $3

-- name: sync_user_insert
INSERT INTO directory_user (user_id, tenant_id, upn, upn_key, display_name, given_name, surname, mail, department, job_title,
	usage_location, account_enabled, attributes, source, domain, account_name, object_guid, sid, usn, version, created_at,
	modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'domain', $14, $15, $16, $17, $18, 1, $19, $19)

-- name: sync_user_update
UPDATE directory_user SET upn = $3, upn_key = $4, display_name = $5, given_name = $6, surname = $7, mail = $8,
	department = $9, job_title = $10, usage_location = $11, account_enabled = $12, attributes = $13, account_name = $14,
	sid = $15, usn = $16, version = version + 1, modified_at = $17
WHERE user_id = $1 AND tenant_id = $2

-- name: sync_user_give_way
UPDATE directory_user SET upn = $3, upn_key = $3, version = version + 1, modified_at = $4
WHERE user_id = $1 AND tenant_id = $2

-- name: sync_user_delete
DELETE FROM directory_user WHERE tenant_id = $1 AND object_guid = $2 AND source = 'domain'

-- name: sync_group_by_guid
SELECT group_id, name, description, sid, source FROM directory_group WHERE tenant_id = $1 AND object_guid = $2

-- name: sync_group_by_name
SELECT group_id, source, object_guid FROM directory_group WHERE tenant_id = $1 AND name_key = $2

-- name: sync_group_insert
INSERT INTO directory_group (group_id, tenant_id, name, name_key, description, mail_nickname, subject, processing, source,
	object_guid, sid, version, created_at, modified_at)
VALUES ($1, $2, $3, $4, $5, $3, '', 'On', 'domain', $6, $7, 1, $8, $8)

-- name: sync_group_update
UPDATE directory_group SET name = $3, name_key = $4, description = $5, mail_nickname = $3, sid = $6, version = version + 1,
	modified_at = $7
WHERE group_id = $1 AND tenant_id = $2

-- name: sync_group_delete
DELETE FROM directory_group WHERE tenant_id = $1 AND object_guid = $2 AND source = 'domain'

-- name: sync_object_get
SELECT domain, kind FROM sync_object WHERE tenant_id = $1 AND object_guid = $2

-- name: sync_object_put
INSERT INTO sync_object (tenant_id, object_guid, domain, kind, run_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, object_guid) DO UPDATE SET run_id = excluded.run_id

-- name: sync_object_delete
DELETE FROM sync_object WHERE tenant_id = $1 AND object_guid = $2

-- name: sync_object_unseen
SELECT object_guid FROM sync_object WHERE tenant_id = $1 AND domain = $2 AND run_id <> $3 ORDER BY object_guid LIMIT 100

-- name: sync_object_counts
SELECT COUNT(*) AS known, CAST(COALESCE(SUM(CASE WHEN run_id <> $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS unseen
FROM sync_object WHERE tenant_id = $1 AND domain = $2

-- name: sync_member_put
INSERT INTO sync_member (tenant_id, group_guid, member_guid, run_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, group_guid, member_guid) DO UPDATE SET run_id = excluded.run_id

-- name: sync_member_purge
DELETE FROM sync_member WHERE tenant_id = $1 AND group_guid = $2 AND run_id <> $3

-- name: sync_member_of_group_delete
DELETE FROM sync_member WHERE tenant_id = $1 AND group_guid = $2

-- name: sync_member_delete
DELETE FROM sync_member WHERE tenant_id = $1 AND member_guid = $2

-- name: sync_group_users_remove
DELETE FROM group_user WHERE tenant_id = $1 AND group_id = $2 AND user_id NOT IN (
	SELECT u.user_id FROM sync_member m JOIN directory_user u ON u.tenant_id = m.tenant_id AND u.object_guid = m.member_guid
	WHERE m.tenant_id = $1 AND m.group_guid = $3)

-- name: sync_group_users_add
INSERT INTO group_user (tenant_id, group_id, user_id, by_rule)
SELECT m.tenant_id, CAST($2 AS TEXT), u.user_id, 0
FROM sync_member m JOIN directory_user u ON u.tenant_id = m.tenant_id AND u.object_guid = m.member_guid
WHERE m.tenant_id = $1 AND m.group_guid = $3 ON CONFLICT DO NOTHING

-- name: sync_group_children_remove
DELETE FROM group_child WHERE tenant_id = $1 AND group_id = $2 AND child_id NOT IN (
	SELECT g.group_id FROM sync_member m JOIN directory_group g ON g.tenant_id = m.tenant_id
		AND g.object_guid = m.member_guid
	WHERE m.tenant_id = $1 AND m.group_guid = $3)

-- name: sync_group_children_add
INSERT INTO group_child (tenant_id, group_id, child_id)
SELECT m.tenant_id, CAST($2 AS TEXT), g.group_id
FROM sync_member m JOIN directory_group g ON g.tenant_id = m.tenant_id AND g.object_guid = m.member_guid
WHERE m.tenant_id = $1 AND m.group_guid = $3 AND g.group_id <> $2 ON CONFLICT DO NOTHING

-- name: sync_groups_of_user
INSERT INTO group_user (tenant_id, group_id, user_id, by_rule)
SELECT m.tenant_id, g.group_id, CAST($2 AS TEXT), 0
FROM sync_member m JOIN directory_group g ON g.tenant_id = m.tenant_id AND g.object_guid = m.group_guid
WHERE m.tenant_id = $1 AND m.member_guid = $3 ON CONFLICT DO NOTHING

-- name: sync_groups_of_group
INSERT INTO group_child (tenant_id, group_id, child_id)
SELECT m.tenant_id, g.group_id, CAST($2 AS TEXT)
FROM sync_member m JOIN directory_group g ON g.tenant_id = m.tenant_id AND g.object_guid = m.group_guid
WHERE m.tenant_id = $1 AND m.member_guid = $3 AND g.group_id <> $2 ON CONFLICT DO NOTHING

-- name: sync_problem_put
INSERT INTO sync_problem (tenant_id, object_guid, domain, name, fault, message, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, object_guid) DO UPDATE SET name = excluded.name, fault = excluded.fault, message = excluded.message,
	at = excluded.at

-- name: sync_problem_delete
DELETE FROM sync_problem WHERE tenant_id = $1 AND object_guid = $2

-- name: sync_problem_list
SELECT object_guid, domain, name, fault, message, at FROM sync_problem WHERE tenant_id = $1 ORDER BY domain, name, object_guid
LIMIT 1000

-- name: sync_tenant_domain
SELECT domain FROM tenant WHERE tenant_id = $1

-- name: connectors_of_domain
SELECT c.connector_id, LOWER(c.domain) AS domain, c.last_seen_at, x.der
FROM connector c JOIN certificate x ON x.sha256 = c.certificate_sha256
WHERE c.tenant_id = $1 AND (CAST($2 AS TEXT) IS NULL OR LOWER(c.domain) = LOWER($2)) AND x.revoked_at IS NULL
ORDER BY c.created_at, c.connector_id

-- name: check_put
INSERT INTO sign_in_check (check_id, tenant_id, connector_id, kind, sealed, created_at) VALUES ($1, $2, $3, $4, $5, $6)

-- name: check_expire
DELETE FROM sign_in_check WHERE created_at < $1

-- name: check_next
SELECT check_id FROM sign_in_check WHERE tenant_id = $1 AND connector_id = $2 AND sealed IS NOT NULL AND created_at > $3
ORDER BY created_at LIMIT 1

-- name: check_take
DELETE FROM sign_in_check WHERE check_id = $1 AND sealed IS NOT NULL RETURNING check_id, kind, sealed

-- name: check_withdraw
DELETE FROM sign_in_check WHERE check_id = $1 AND sealed IS NOT NULL

-- name: check_answer
INSERT INTO sign_in_check (check_id, tenant_id, connector_id, kind, answer, created_at) VALUES ($1, $2, $3, 'answer', $4, $5)
ON CONFLICT DO NOTHING

-- name: check_result
DELETE FROM sign_in_check WHERE check_id = $1 AND connector_id = $2 AND answer IS NOT NULL RETURNING answer
