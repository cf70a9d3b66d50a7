-- What administrators ask a managed device to do. kind: a name of domain/device_action.def. data: the new name of a rename,
-- or "rejoin" of a wipe after which the device may enrol again. state: pending (the device has not heard of it), sent (on its
-- way in a session), done, failed, cancelled.
CREATE TABLE device_action (
	action_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
	enrollment_id TEXT NOT NULL REFERENCES enrollment ON DELETE CASCADE,
	kind TEXT NOT NULL,
	data TEXT NOT NULL,
	state TEXT NOT NULL,
	fault TEXT,
	reason TEXT NOT NULL,
	requested_by TEXT NOT NULL,
	requested_at BIGINT NOT NULL,
	sent_at BIGINT,
	finished_at BIGINT
) @STRICT@;
CREATE INDEX device_action_enrollment ON device_action (enrollment_id, requested_at);
-- One open action of a kind: a repeated request finds the first one.
CREATE UNIQUE INDEX device_action_open ON device_action (enrollment_id, kind) WHERE state = 'pending' OR state = 'sent';

-- What Graph shows of them (deviceActionResults, managementState), written with every change. An enrolment that is deleted is
-- hidden at once (state deleting) and ends when the device has heard of it (behaviour A11).
ALTER TABLE enrollment ADD COLUMN action_results TEXT NOT NULL DEFAULT '[]';
ALTER TABLE enrollment ADD COLUMN management_state TEXT NOT NULL DEFAULT 'managed';
