-- A customer organization. Every other row belongs to one.
CREATE TABLE tenant (
	tenant_id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	domain TEXT NOT NULL UNIQUE,
	created_at BIGINT NOT NULL
) @STRICT@;
