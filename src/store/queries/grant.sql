-- name: client_get
SELECT c.client_id, c.tenant_id, c.name, c.secret_sha256, c.roles, c.public, c.scopes, c.device_code, c.created_at,
	t.domain AS tenant_domain, t.name AS tenant_name,
	CAST((SELECT COUNT(*) FROM client_redirect r WHERE r.client_id = c.client_id) AS BIGINT) AS redirects
FROM api_client c JOIN tenant t ON t.tenant_id = c.tenant_id WHERE c.client_id = $1

-- name: client_page
SELECT client_id, tenant_id, name, secret_sha256, roles, public, scopes, device_code, created_at FROM api_client
WHERE tenant_id = $1 AND client_id > $2 ORDER BY client_id LIMIT $3

-- name: client_insert
INSERT INTO api_client (client_id, tenant_id, name, secret_sha256, roles, created_at, public, scopes, device_code)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING

-- name: client_update
UPDATE api_client SET name = $3, roles = $4, scopes = $5, device_code = $6, secret_sha256 = $7
WHERE tenant_id = $1 AND client_id = $2

-- name: client_delete
DELETE FROM api_client WHERE tenant_id = $1 AND client_id = $2

-- name: redirect_list
SELECT uri, kind FROM client_redirect WHERE client_id = $1 ORDER BY uri

-- name: redirect_insert
INSERT INTO client_redirect (client_id, tenant_id, uri, kind, origin) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING

-- name: redirect_clear
DELETE FROM client_redirect WHERE tenant_id = $1 AND client_id = $2

-- name: redirect_spa_origin
SELECT CAST(COUNT(*) AS BIGINT) AS known FROM client_redirect WHERE origin = $1 AND kind = 'spa'

-- name: grant_insert
INSERT INTO token_grant (grant_id, tenant_id, client_id, user_id, flow, scope, amr, signed_in_at, end_at, revoked_why)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '')

-- name: grant_get
SELECT grant_id, tenant_id, client_id, user_id, flow, scope, amr, signed_in_at, end_at, revoked_at, revoked_why
FROM token_grant WHERE grant_id = $1

-- name: grant_revoke
UPDATE token_grant SET revoked_at = $2, revoked_why = $3 WHERE grant_id = $1 AND revoked_at IS NULL

-- name: grant_revoke_user
UPDATE token_grant SET revoked_at = $3, revoked_why = $4 WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL

-- name: grant_forget
DELETE FROM token_grant WHERE end_at < $1

-- name: code_insert
INSERT INTO authorization_code (code_sha256, tenant_id, grant_id, redirect_uri, redirect_kind, challenge, nonce, end_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: code_get
SELECT grant_id, redirect_uri, redirect_kind, challenge, nonce, end_at, used_at FROM authorization_code
WHERE code_sha256 = $1

-- name: code_use
UPDATE authorization_code SET used_at = $2 WHERE code_sha256 = $1 AND used_at IS NULL

-- name: refresh_insert
INSERT INTO refresh_token (token_sha256, tenant_id, grant_id, end_at) VALUES ($1, $2, $3, $4)

-- name: refresh_get
SELECT grant_id, end_at, used_at FROM refresh_token WHERE token_sha256 = $1

-- name: refresh_use
UPDATE refresh_token SET used_at = $2 WHERE token_sha256 = $1 AND used_at IS NULL

-- name: device_code_insert
INSERT INTO device_code (device_sha256, user_code, tenant_id, client_id, scope, address, state, created_at, end_at)
VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8) ON CONFLICT DO NOTHING

-- name: device_code_by_user_code
SELECT d.device_sha256, d.user_code, d.tenant_id, d.client_id, d.scope, d.address, d.state, d.grant_id, d.created_at,
	d.end_at, c.name AS client_name
FROM device_code d JOIN api_client c ON c.client_id = d.client_id
WHERE d.tenant_id = $1 AND d.user_code = $2 AND d.state = 'pending' AND d.end_at > $3

-- name: device_code_get
SELECT device_sha256, user_code, tenant_id, client_id, scope, address, state, grant_id, created_at, end_at
FROM device_code WHERE device_sha256 = $1

-- name: device_code_settle
UPDATE device_code SET state = $2, grant_id = $3 WHERE device_sha256 = $1 AND state = 'pending' AND end_at > $4

-- name: device_code_use
UPDATE device_code SET state = 'used' WHERE device_sha256 = $1 AND state = 'approved'

-- name: device_code_forget
DELETE FROM device_code WHERE end_at < $1
