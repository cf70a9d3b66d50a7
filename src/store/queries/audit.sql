-- The audit log and its chain.

-- name: audit_head
SELECT seq, sha256 FROM audit_head WHERE tenant_id = $1

-- The number of a new link and the hash before it ($2: of the first). Whoever comes at the same time waits here.
-- name: audit_head_next
INSERT INTO audit_head (tenant_id, seq, sha256) VALUES ($1, 1, $2)
ON CONFLICT (tenant_id) DO UPDATE SET seq = audit_head.seq + 1 RETURNING seq, sha256

-- name: audit_head_set
UPDATE audit_head SET sha256 = $2 WHERE tenant_id = $1

-- name: audit_insert
INSERT INTO audit_event (tenant_id, seq, event_id, at, name, component, category, activity, activity_type, operation, result,
	correlation_id, actor_name, actor, resource_id, resources, sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)

-- name: audit_page
SELECT seq, event_id, at, name, component, category, activity, activity_type, operation, result, correlation_id, actor_name,
	actor, resource_id, resources, sha256
FROM audit_event WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
