-- What connectors synchronize.

-- One domain's synchronization. cursor: the connector's own words for how far it got. run_id: of the run under way, empty
-- when there is none; only its connector may write, until lease_until. requested: 0, 1 (a run), 2 (compare everything).
-- force: 1 when the next run may remove however many. fault, message: why the last run failed; NULL after a good one.
CREATE TABLE sync_state (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	domain TEXT NOT NULL,
	cursor TEXT NOT NULL,
	run_id TEXT NOT NULL,
	connector_id TEXT NOT NULL,
	lease_until BIGINT NOT NULL,
	requested BIGINT NOT NULL,
	force BIGINT NOT NULL,
	started_at BIGINT,
	finished_at BIGINT,
	full_at BIGINT,
	users BIGINT NOT NULL,
	groups BIGINT NOT NULL,
	fault TEXT,
	message TEXT NOT NULL,
	PRIMARY KEY (tenant_id, domain)
) @STRICT@;

-- Every object that a domain has given us, also one that could not be stored. kind: user, group. run_id: the last run that
-- saw it.
CREATE TABLE sync_object (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	object_guid TEXT NOT NULL,
	domain TEXT NOT NULL,
	kind TEXT NOT NULL,
	run_id TEXT NOT NULL,
	PRIMARY KEY (tenant_id, object_guid)
) @STRICT@;
CREATE INDEX sync_object_domain ON sync_object (tenant_id, domain, kind);

-- Members of groups as Active Directory names them, known to us or not: group_user and group_child hold those that are.
CREATE TABLE sync_member (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	group_guid TEXT NOT NULL,
	member_guid TEXT NOT NULL,
	run_id TEXT NOT NULL,
	PRIMARY KEY (tenant_id, group_guid, member_guid)
) @STRICT@;
CREATE INDEX sync_member_member ON sync_member (tenant_id, member_guid);

-- Objects that an administrator has to look at. fault: a named cause.
CREATE TABLE sync_problem (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	object_guid TEXT NOT NULL,
	domain TEXT NOT NULL,
	name TEXT NOT NULL,
	fault TEXT NOT NULL,
	message TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, object_guid)
) @STRICT@;
CREATE INDEX sync_problem_domain ON sync_problem (tenant_id, domain, at);

-- A person's ticket names a SID.
CREATE INDEX directory_user_sid ON directory_user (tenant_id, sid) WHERE sid <> '';

-- Checks on their way between the ferryd that a person signs in at and the one that a connector waits at: sealed for that
-- connector until it is handed over, then the answer. Used on PostgreSQL only, and for seconds.
CREATE TABLE sign_in_check (
	check_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	connector_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	sealed @BLOB@,
	answer TEXT,
	created_at BIGINT NOT NULL
) @STRICT@;
CREATE INDEX sign_in_check_connector ON sign_in_check (connector_id, created_at);
