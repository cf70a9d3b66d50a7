-- Accounts that connectors were asked to make, and work on them that outlives their devices (behaviour section 9).

-- Every order to make an account, from its first lease on, whatever became of its device since. object_guid is NULL until
-- a connector has reported the account: what then carries the mark of this job is nobody's (threats-and-faults P11).
CREATE TABLE made_account (
	job_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	domain TEXT NOT NULL,
	computer_name TEXT NOT NULL,
	device_id TEXT NOT NULL,
	object_guid TEXT,
	created_at BIGINT NOT NULL
) @STRICT@;
CREATE INDEX made_account_guid ON made_account (object_guid);
CREATE INDEX made_account_device ON made_account (device_id);
INSERT INTO made_account (job_id, tenant_id, domain, computer_name, device_id, object_guid, created_at)
SELECT job_id, tenant_id, domain, computer_name, device_id, object_guid, created_at FROM ad_account;

-- kind: disable, enable, delete (an account that Ferry made), check (self-test). state: queued, leased, done, failed.
-- connector_id: only this one, or '' for any of the domain. made_by: the mark that the account must carry, or '' for any
-- of ours. not_before: what failed for a passing reason is tried again from then on.
CREATE TABLE account_job (
	job_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	domain TEXT NOT NULL,
	connector_id TEXT NOT NULL,
	device_id TEXT NOT NULL,
	object_guid TEXT NOT NULL,
	computer_name TEXT NOT NULL,
	made_by TEXT NOT NULL,
	reason TEXT NOT NULL,
	lease_id TEXT,
	leased_by TEXT,
	lease_until BIGINT,
	attempts BIGINT NOT NULL,
	not_before BIGINT NOT NULL,
	fault TEXT,
	message TEXT NOT NULL,
	result TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	finished_at BIGINT
) @STRICT@;
CREATE INDEX account_job_open ON account_job (state, domain, not_before);
CREATE INDEX account_job_guid ON account_job (object_guid, created_at);
CREATE INDEX account_job_device ON account_job (device_id, created_at);

-- refused: the fault for which this connector gets no work, '' for none. The last self-test, as the connector sent it.
ALTER TABLE connector ADD COLUMN refused TEXT NOT NULL DEFAULT '';
ALTER TABLE connector ADD COLUMN checked_at BIGINT;
ALTER TABLE connector ADD COLUMN check_report TEXT NOT NULL DEFAULT '';
