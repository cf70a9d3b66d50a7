-- Imports, partners, corporate identifiers, and how registrations end.

-- An import of a file in parts that may come in any order and more than once. header: the file's first line; check_only:
-- nothing is registered; group_tag, assigned_upn: instead of the lines' own when not empty. created_at is the registration
-- time of all its devices: what has it and comes again is a duplicate in the file (behaviour R25). state: open, finished.
CREATE TABLE import_job (
	import_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	name TEXT NOT NULL,
	header TEXT NOT NULL,
	strict BIGINT NOT NULL,
	check_only BIGINT NOT NULL,
	group_tag TEXT NOT NULL,
	assigned_upn TEXT NOT NULL,
	actor TEXT NOT NULL,
	state TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	finished_at BIGINT
) @STRICT@;
CREATE INDEX import_job_tenant ON import_job (tenant_id, created_at);

-- A part that is done, in the transaction that did it: what comes again gets the first answer. sha256: of its bytes.
CREATE TABLE import_part (
	import_id TEXT NOT NULL REFERENCES import_job ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	part BIGINT NOT NULL,
	sha256 TEXT NOT NULL,
	first_line BIGINT NOT NULL,
	lines BIGINT NOT NULL,
	imported BIGINT NOT NULL,
	existing BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	done_at BIGINT NOT NULL,
	PRIMARY KEY (import_id, part)
) @STRICT@;

-- The lines of an import that did not become new registrations, and why. status: existing, failed, warning.
CREATE TABLE import_line (
	import_id TEXT NOT NULL REFERENCES import_job ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	part BIGINT NOT NULL,
	line BIGINT NOT NULL,
	serial TEXT NOT NULL,
	status TEXT NOT NULL,
	device_id TEXT NOT NULL,
	fault TEXT,
	message TEXT NOT NULL,
	PRIMARY KEY (import_id, line)
) @STRICT@;

-- importedWindowsAutopilotDeviceIdentity: a request of a Graph client and how it ended. batch_id: the client's importId.
CREATE TABLE imported_device (
	imported_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	batch_id TEXT NOT NULL,
	upload_id TEXT,
	serial TEXT NOT NULL,
	product_key TEXT NOT NULL,
	group_tag TEXT NOT NULL,
	assigned_upn TEXT NOT NULL,
	status TEXT NOT NULL,
	device_id TEXT NOT NULL,
	error_code BIGINT NOT NULL,
	error_name TEXT NOT NULL,
	created_at BIGINT NOT NULL
) @STRICT@;
CREATE INDEX imported_device_tenant ON imported_device (tenant_id, imported_id);
CREATE INDEX imported_device_batch ON imported_device (tenant_id, batch_id, imported_id);
CREATE INDEX imported_device_upload ON imported_device (upload_id) WHERE upload_id IS NOT NULL;

CREATE TABLE imported_upload (
	upload_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	created_at BIGINT NOT NULL
) @STRICT@;

-- A partner (manufacturer, reseller) asks with a link, an administrator of the customer agrees (behaviour R22).
-- tenant_id: the customer, NULL until the code was used. state: offered, granted, revoked.
CREATE TABLE partner_consent (
	consent_id TEXT NOT NULL PRIMARY KEY,
	partner_tenant_id TEXT NOT NULL REFERENCES tenant,
	tenant_id TEXT REFERENCES tenant,
	code_sha256 TEXT NOT NULL UNIQUE,
	state TEXT NOT NULL,
	granted_by TEXT NOT NULL,
	granted_at BIGINT,
	revoked_by TEXT NOT NULL,
	revoked_at BIGINT,
	expires_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL
) @STRICT@;
CREATE INDEX partner_consent_tenant ON partner_consent (tenant_id, created_at);
CREATE UNIQUE INDEX partner_consent_granted ON partner_consent (partner_tenant_id, tenant_id) WHERE state = 'granted';

-- Corporate identifiers (behaviour E13). identifier_key: as it is compared. type: serialNumber, imei, manufacturerModelSerial.
CREATE TABLE corporate_identifier (
	identifier_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	type TEXT NOT NULL,
	identifier TEXT NOT NULL,
	identifier_key TEXT NOT NULL,
	description TEXT NOT NULL,
	enrollment_state TEXT NOT NULL,
	last_contact_at BIGINT,
	created_at BIGINT NOT NULL,
	modified_at BIGINT NOT NULL,
	UNIQUE (tenant_id, type, identifier_key)
) @STRICT@;

-- A partner names hardware by its product key id (behaviour R11).
CREATE INDEX device_product_key ON device (product_key) WHERE product_key <> '';

-- What happened to a registration that is to stay visible, also after it has gone.
CREATE TABLE registration_event (
	event_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL,
	at BIGINT NOT NULL,
	kind TEXT NOT NULL,
	actor TEXT NOT NULL,
	detail TEXT NOT NULL
) @STRICT@;
CREATE INDEX registration_event_device ON registration_event (tenant_id, device_id, event_id);

-- Many deletions at once need a second person. items: JSON list of ids or serial numbers. state: waiting, approved, refused,
-- done.
CREATE TABLE deletion_request (
	request_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	requested_by TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	state TEXT NOT NULL,
	items TEXT NOT NULL,
	item_count BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
) @STRICT@;

-- A device that another organization wants to have. tenant_id: who asks. state: waiting, approved, refused.
CREATE TABLE device_transfer (
	transfer_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	from_tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL,
	serial TEXT NOT NULL,
	requested_by TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	state TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	decided_at BIGINT
) @STRICT@;
CREATE UNIQUE INDEX device_transfer_waiting ON device_transfer (device_id, tenant_id) WHERE state = 'waiting';
CREATE INDEX device_transfer_from ON device_transfer (from_tenant_id, state);

-- The account in Active Directory of a device that was deregistered: somebody or a connector has to remove it.
-- state: waiting, removed.
CREATE TABLE orphan_account (
	object_guid TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL,
	serial TEXT NOT NULL,
	domain TEXT NOT NULL,
	computer_name TEXT NOT NULL,
	dn TEXT NOT NULL,
	state TEXT NOT NULL,
	created_at BIGINT NOT NULL
) @STRICT@
