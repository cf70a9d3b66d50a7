-- A directory device may exist before any registration (POST /devices): then device_id is NULL. It is in no group and joins
-- nothing; registrations keep having one each.
CREATE TABLE directory_device_new (
	directory_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT UNIQUE REFERENCES device ON DELETE CASCADE,
	display_name TEXT NOT NULL,
	account_enabled BIGINT NOT NULL,
	ownership TEXT NOT NULL,
	os_type TEXT NOT NULL,
	os_version TEXT NOT NULL,
	management_type TEXT NOT NULL,
	category TEXT NOT NULL,
	enrollment_profile_name TEXT NOT NULL,
	extensions TEXT NOT NULL,
	trust_type TEXT NOT NULL,
	on_premises_sid TEXT NOT NULL,
	certificate_sha256 TEXT NOT NULL,
	registered_upn TEXT NOT NULL,
	registered_at BIGINT,
	created_at BIGINT NOT NULL
) @STRICT@;
INSERT INTO directory_device_new SELECT directory_id, tenant_id, device_id, display_name, account_enabled, ownership, os_type,
	os_version, management_type, category, enrollment_profile_name, extensions, trust_type, on_premises_sid,
	certificate_sha256, registered_upn, registered_at, created_at FROM directory_device;
DROP TABLE directory_device;
ALTER TABLE directory_device_new RENAME TO directory_device;

-- The account that a room's device signs in with (graph-api.md section 2). Its password is never kept: nothing here uses it.
CREATE TABLE device_resource_account (
	device_id TEXT NOT NULL PRIMARY KEY REFERENCES device ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	resource_name TEXT NOT NULL,
	account_upn TEXT NOT NULL,
	friendly_name TEXT NOT NULL
) @STRICT@;
