-- The migrations that were applied. The table exists before the first of them.

-- name: schema_version_create
CREATE TABLE IF NOT EXISTS schema_version (
	version BIGINT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	applied_at BIGINT NOT NULL
)

-- name: schema_version_last
SELECT COALESCE(MAX(version), 0) AS version FROM schema_version

-- name: schema_version_add
INSERT INTO schema_version (version, name, applied_at) VALUES ($1, $2, $3)
