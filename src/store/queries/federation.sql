-- External issuers that sign a tenant's people in.

-- name: federation_insert
INSERT INTO federation (federation_id, tenant_id, name, issuer, client_id, client_secret, user_claim, domains, link_users,
	role_claim, role_map, fetched_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12) ON CONFLICT DO NOTHING

-- name: federation_get
SELECT federation_id, name, issuer, client_id, client_secret, user_claim, domains, link_users, role_claim,
	role_map, metadata, jwks, fetched_at
FROM federation WHERE tenant_id = $1 AND federation_id = $2

-- name: federation_list
SELECT federation_id, name, issuer, client_id, client_secret, user_claim, domains, link_users, role_claim,
	role_map, metadata, jwks, fetched_at
FROM federation WHERE tenant_id = $1 ORDER BY created_at, federation_id

-- name: federation_learn
UPDATE federation SET metadata = $3, jwks = $4, fetched_at = $5 WHERE tenant_id = $1 AND federation_id = $2

-- name: federation_delete
DELETE FROM federation WHERE tenant_id = $1 AND federation_id = $2
