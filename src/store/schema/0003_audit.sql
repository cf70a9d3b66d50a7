-- Who changed what. One row a change, written in the transaction that made it; sha256 covers the row and the one before it,
-- so that a row that was altered, removed or put in between is found. actor, resources: JSON as the API shows it.
CREATE TABLE audit_event (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	seq BIGINT NOT NULL,
	event_id TEXT NOT NULL,
	at BIGINT NOT NULL,
	name TEXT NOT NULL,
	component TEXT NOT NULL,
	category TEXT NOT NULL,
	activity TEXT NOT NULL,
	activity_type TEXT NOT NULL,
	operation TEXT NOT NULL,
	result TEXT NOT NULL,
	correlation_id TEXT NOT NULL,
	actor_name TEXT NOT NULL,
	actor TEXT NOT NULL,
	resource_id TEXT NOT NULL,
	resources TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	PRIMARY KEY (tenant_id, seq)
) @STRICT@;
CREATE INDEX audit_event_id ON audit_event (event_id);

-- Where each tenant's chain ends: without it, the last rows could be cut off unnoticed.
CREATE TABLE audit_head (
	tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenant,
	seq BIGINT NOT NULL,
	sha256 TEXT NOT NULL
) @STRICT@;
