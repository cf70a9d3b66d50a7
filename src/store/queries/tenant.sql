-- name: tenant_insert
INSERT INTO tenant (tenant_id, name, domain, created_at) VALUES ($1, $2, $3, $4)

-- name: tenant_list
SELECT tenant_id, name, domain, created_at FROM tenant ORDER BY tenant_id
