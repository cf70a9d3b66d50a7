-- What several services on one database must know of each other, and principals by their ids.

-- How often a caller did what is told when it is often, since the window began. caller: id of the person or program.
CREATE TABLE caller_tally (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	kind TEXT NOT NULL,
	caller TEXT NOT NULL,
	since BIGINT NOT NULL,
	tally BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, kind, caller)
) @STRICT@;

-- Who asked, as an id: names can be chosen, ids not.
ALTER TABLE deletion_request ADD COLUMN requested_by_id TEXT NOT NULL DEFAULT '';
