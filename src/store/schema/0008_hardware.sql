-- A hash that says of a registered TPM that disks or network cards around it are others (behaviour R10, R31). It becomes the
-- registration's hash when that TPM proves itself. said: by an administrator (1, "Fix pending"), or by whoever has the hash.
CREATE TABLE device_hash_seen (
	device_id TEXT NOT NULL PRIMARY KEY REFERENCES device ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	hardware_hash @BLOB@ NOT NULL,
	said BIGINT NOT NULL
) @STRICT@;
