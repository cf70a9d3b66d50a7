-- Bundles of diagnostics that devices send. state: pending (asked for, the device has not sent it), completed. requested_by: who
-- asked, empty when the device sent it by itself after a failure. fault: of that failure.
CREATE TABLE device_log (
	log_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
	state TEXT NOT NULL,
	requested_by TEXT NOT NULL,
	fault TEXT,
	requested_at BIGINT NOT NULL,
	received_at BIGINT,
	size BIGINT NOT NULL,
	sha256 TEXT,
	content @BLOB@,
	link_sha256 TEXT,
	link_until BIGINT
) @STRICT@;
CREATE INDEX device_log_device ON device_log (device_id, requested_at);
CREATE UNIQUE INDEX device_log_link ON device_log (link_sha256);
