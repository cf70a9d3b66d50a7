-- Device preparation (behaviour Z1-Z17).

-- One deployment by a device preparation policy, with the policy as it was when the deployment began: what an administrator
-- changes meanwhile counts for the next device. reached_by: device or user. placed_at: when the device joined the group.
-- continued_at: when the person chose to continue although something had failed (Z4).
CREATE TABLE preparation_run (
	deployment_id TEXT NOT NULL PRIMARY KEY REFERENCES deployment ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
	policy_id TEXT NOT NULL,
	policy_name TEXT NOT NULL,
	policy_version BIGINT NOT NULL,
	reached_by TEXT NOT NULL,
	automatic BIGINT NOT NULL,
	administrator BIGINT NOT NULL,
	timeout_minutes BIGINT NOT NULL,
	message TEXT NOT NULL,
	allow_skip BIGINT NOT NULL,
	diagnostics BIGINT NOT NULL,
	trust_store TEXT NOT NULL,
	name_template TEXT NOT NULL,
	group_id TEXT NOT NULL,
	group_name TEXT NOT NULL,
	upn TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	placed_at BIGINT,
	continued_at BIGINT
) @STRICT@;
CREATE INDEX preparation_run_device ON preparation_run (device_id);
CREATE INDEX preparation_run_time ON preparation_run (tenant_id, created_at);

-- What it sets up, in order. stage: lob, script, app. skipped: why it is left out, or empty.
CREATE TABLE preparation_item (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	deployment_id TEXT NOT NULL REFERENCES preparation_run ON DELETE CASCADE,
	position BIGINT NOT NULL,
	item_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	stage TEXT NOT NULL,
	skipped TEXT NOT NULL,
	PRIMARY KEY (deployment_id, position)
) @STRICT@;

-- Devices that are prepared by a policy whoever signs in, and although they are registered (Z12, Z15). policy_id: empty for
-- whichever policy reaches the device. state: preassociated, associated (it was prepared), removing (until it is reset).
CREATE TABLE preparation_association (
	association_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL UNIQUE REFERENCES device ON DELETE CASCADE,
	policy_id TEXT NOT NULL,
	state TEXT NOT NULL,
	created_by TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	associated_at BIGINT
) @STRICT@;

-- How a script ended on a device, and the end of what it wrote.
ALTER TABLE device_item ADD COLUMN exit_code BIGINT;
ALTER TABLE device_item ADD COLUMN output TEXT NOT NULL DEFAULT '';
