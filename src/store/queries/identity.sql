-- name: tenant_by_domain
SELECT tenant_id, name, domain FROM tenant WHERE tenant_id = $1 OR LOWER(domain) = LOWER($1)

-- name: user_by_id
SELECT user_id, tenant_id, upn, display_name, given_name, surname, mail, job_title, department, account_enabled, source,
	domain, account_name, sid, created_at
FROM directory_user WHERE tenant_id = $1 AND user_id = $2

-- name: user_by_upn
SELECT user_id, tenant_id, upn, display_name, given_name, surname, mail, job_title, department, account_enabled, source,
	domain, account_name, sid, created_at
FROM directory_user WHERE upn_key = $2 AND (tenant_id = $1 OR CAST($1 AS TEXT) IS NULL) ORDER BY tenant_id LIMIT 2

-- name: user_insert_local
INSERT INTO directory_user (user_id, tenant_id, upn, upn_key, display_name, given_name, surname, mail, department,
	job_title, usage_location, account_enabled, attributes, source, domain, account_name, object_guid, sid, usn, version,
	created_at, modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, '{}', 'ferry', '', '', NULL, '', 0, 1, $12, $12)
ON CONFLICT DO NOTHING

-- name: user_update
UPDATE directory_user SET display_name = COALESCE(CAST($3 AS TEXT), display_name),
	given_name = COALESCE(CAST($4 AS TEXT), given_name), surname = COALESCE(CAST($5 AS TEXT), surname),
	mail = COALESCE(CAST($6 AS TEXT), mail), department = COALESCE(CAST($7 AS TEXT), department),
	job_title = COALESCE(CAST($8 AS TEXT), job_title), usage_location = COALESCE(CAST($9 AS TEXT), usage_location),
	account_enabled = COALESCE(CAST($10 AS BIGINT), account_enabled), version = version + 1, modified_at = $11
WHERE tenant_id = $1 AND user_id = $2

-- name: user_delete
DELETE FROM directory_user WHERE tenant_id = $1 AND user_id = $2

-- name: user_page
SELECT user_id, tenant_id, upn, display_name, given_name, surname, mail, job_title, department, account_enabled, source,
	domain, account_name, sid, created_at
FROM directory_user WHERE tenant_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3

-- name: user_factors
SELECT p.hash, p.must_change, t.secret, t.last_step, CAST((SELECT COUNT(*) FROM recovery_code r
	WHERE r.user_id = u.user_id AND r.used_at IS NULL) AS BIGINT) AS recovery_codes
FROM directory_user u LEFT JOIN user_password p ON p.user_id = u.user_id LEFT JOIN user_totp t ON t.user_id = u.user_id
WHERE u.tenant_id = $1 AND u.user_id = $2

-- name: role_list
SELECT role FROM role_assignment WHERE tenant_id = $1 AND user_id = $2 ORDER BY role

-- name: role_add
INSERT INTO role_assignment (tenant_id, user_id, role, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING

-- name: role_clear
DELETE FROM role_assignment WHERE tenant_id = $1 AND user_id = $2

-- name: role_holders
SELECT CAST(COUNT(*) AS BIGINT) AS holders FROM role_assignment r JOIN directory_user u ON u.user_id = r.user_id
WHERE r.tenant_id = $1 AND r.role = $2 AND r.user_id <> $3 AND u.account_enabled = 1

-- name: password_put
INSERT INTO user_password (user_id, tenant_id, hash, must_change, changed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, must_change = excluded.must_change,
	changed_at = excluded.changed_at

-- name: password_rehash
UPDATE user_password SET hash = $3 WHERE user_id = $1 AND hash = $2

-- name: totp_put
INSERT INTO user_totp (user_id, tenant_id, secret, last_step, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = excluded.last_step,
	created_at = excluded.created_at

-- name: totp_use
UPDATE user_totp SET last_step = $2 WHERE user_id = $1 AND last_step < $2

-- name: totp_delete
DELETE FROM user_totp WHERE tenant_id = $1 AND user_id = $2

-- name: recovery_clear
DELETE FROM recovery_code WHERE tenant_id = $1 AND user_id = $2

-- name: recovery_add
INSERT INTO recovery_code (user_id, code_sha256, tenant_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: recovery_use
UPDATE recovery_code SET used_at = $3 WHERE user_id = $1 AND code_sha256 = $2 AND used_at IS NULL

-- name: pass_put
INSERT INTO access_pass (user_id, tenant_id, code_sha256, start_at, end_at, one_time) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (user_id) DO UPDATE SET code_sha256 = excluded.code_sha256, start_at = excluded.start_at,
	end_at = excluded.end_at, one_time = excluded.one_time, used_at = NULL

-- name: pass_use
UPDATE access_pass SET used_at = $3
WHERE user_id = $1 AND code_sha256 = $2 AND start_at <= $3 AND end_at > $3 AND (one_time = 0 OR used_at IS NULL)

-- name: throttle_get
SELECT failures, last_at, until_at FROM throttle WHERE counter = $1

-- name: throttle_put
INSERT INTO throttle (counter, failures, last_at, until_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (counter) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, until_at = excluded.until_at

-- name: throttle_forget
DELETE FROM throttle WHERE last_at < $1

-- name: known_get
SELECT last_at FROM known_source WHERE user_id = $1 AND kind = $2 AND value = $3 AND last_at > $4

-- name: known_put
INSERT INTO known_source (user_id, kind, value, tenant_id, last_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (user_id, kind, value) DO UPDATE SET last_at = excluded.last_at

-- name: known_clear
DELETE FROM known_source WHERE tenant_id = $1 AND user_id = $2

-- name: session_insert
INSERT INTO sign_in_session (session_sha256, tenant_id, user_id, complete, strong, source, amr, pending, signed_in_at,
	last_at, address)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $11, $10)

-- name: session_get
SELECT tenant_id, user_id, complete, strong, source, amr, pending, signed_in_at, last_at FROM sign_in_session
WHERE session_sha256 = $1

-- name: session_touch
UPDATE sign_in_session SET last_at = $2 WHERE session_sha256 = $1 AND last_at < $2

-- name: session_pending
UPDATE sign_in_session SET pending = $2 WHERE session_sha256 = $1

-- name: session_delete
DELETE FROM sign_in_session WHERE session_sha256 = $1

-- name: session_delete_all
DELETE FROM sign_in_session WHERE tenant_id = $1 AND user_id = $2 AND session_sha256 <> $3

-- name: session_forget
DELETE FROM sign_in_session WHERE last_at < $1

-- name: sign_in_event_insert
INSERT INTO sign_in_event (event_id, tenant_id, at, user_id, upn, client_id, address, user_agent, method, result, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: sign_in_event_page
SELECT event_id, at, user_id, upn, client_id, address, user_agent, method, result, reason FROM sign_in_event
WHERE tenant_id = $1 AND (at, event_id) < ($2, $3) ORDER BY at DESC, event_id DESC LIMIT $4

-- name: federated_insert
INSERT INTO federated_sign_in (state_sha256, tenant_id, federation_id, browser_sha256, nonce, verifier, query, end_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: federated_take
DELETE FROM federated_sign_in WHERE state_sha256 = $1
RETURNING tenant_id, federation_id, browser_sha256, nonce, verifier, query, end_at

-- name: federated_forget
DELETE FROM federated_sign_in WHERE end_at < $1

-- name: federated_user
SELECT user_id FROM federated_identity WHERE tenant_id = $1 AND issuer = $2 AND subject = $3

-- name: federated_of_user
SELECT subject FROM federated_identity WHERE tenant_id = $1 AND issuer = $2 AND user_id = $3

-- name: federated_candidate
SELECT u.user_id FROM directory_user u WHERE u.tenant_id = $1 AND u.upn_key = $2 AND u.source <> 'federated'
	AND NOT EXISTS (SELECT 1 FROM role_assignment r WHERE r.tenant_id = u.tenant_id AND r.user_id = u.user_id)

-- name: federated_user_insert
INSERT INTO federated_identity (tenant_id, issuer, subject, user_id) VALUES ($1, $2, $3, $4)

-- name: user_insert_federated
INSERT INTO directory_user (user_id, tenant_id, upn, upn_key, display_name, given_name, surname, mail, department,
	job_title, usage_location, account_enabled, attributes, source, domain, account_name, object_guid, sid, usn, version,
	created_at, modified_at)
VALUES ($1, $2, $3, $3, $4, '', '', '', '', '', '', 1, '{}', 'federated', '', '', NULL, '', 0, 1, $5, $5)
ON CONFLICT DO NOTHING
