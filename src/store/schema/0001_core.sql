-- Ferry's tables. Every row belongs to a tenant; times are microseconds since 1970 UTC; ids are UUIDs as text.

-- A customer organization. Every other row belongs to one.
CREATE TABLE tenant (
	tenant_id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	domain TEXT NOT NULL UNIQUE,
	created_at BIGINT NOT NULL
) @STRICT@;

-- A program that may call the API with a client secret, of which only the SHA-256 is kept.
CREATE TABLE api_client (
	client_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	name TEXT NOT NULL,
	secret_sha256 TEXT NOT NULL,
	roles TEXT NOT NULL,
	created_at BIGINT NOT NULL
) @STRICT@;

-- What an administrator makes: profiles, pages, restrictions, policies, apps, categories, as Graph's JSON. collection: its
-- path below the version, as deviceManagement/deviceConfigurations; type: the @odata.type. version counts changes (ETag).
-- Kinds that devices need have a table of their own besides, written in the same transaction from the document.
CREATE TABLE graph_object (
	object_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	collection TEXT NOT NULL,
	type TEXT NOT NULL,
	name TEXT NOT NULL,
	document TEXT NOT NULL,
	priority BIGINT NOT NULL,
	version BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	modified_at BIGINT NOT NULL
) @STRICT@;
CREATE INDEX graph_object_collection ON graph_object (tenant_id, collection, created_at, object_id);

-- Deployment profile (behaviour section 2). join_type: directory, hybrid. trust_store: hardware, lab.
CREATE TABLE deployment_profile (
	profile_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	name TEXT NOT NULL,
	description TEXT NOT NULL,
	join_type TEXT NOT NULL,
	preprovisioning BIGINT NOT NULL,
	trust_store TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	modified_at BIGINT NOT NULL
) @STRICT@;

-- Enrollment Status Page (behaviour section 8.1).
CREATE TABLE esp_profile (
	esp_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	name TEXT NOT NULL,
	priority BIGINT NOT NULL,
	timeout_minutes BIGINT NOT NULL,
	hybrid_extra_minutes BIGINT NOT NULL,
	created_at BIGINT NOT NULL
) @STRICT@;

-- Domain-join profile (behaviour section 9.1).
CREATE TABLE domain_join_profile (
	domain_join_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	name TEXT NOT NULL,
	domain TEXT NOT NULL,
	ou TEXT NOT NULL,
	name_template TEXT NOT NULL,
	created_at BIGINT NOT NULL
) @STRICT@;

-- What is put on a device or for a user: kind is policy, certificate, network or app; scope is device or user.
CREATE TABLE config_item (
	item_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	kind TEXT NOT NULL,
	scope TEXT NOT NULL,
	name TEXT NOT NULL,
	loc_uri TEXT NOT NULL,
	format TEXT NOT NULL,
	data TEXT NOT NULL,
	content_sha256 TEXT,
	content_size BIGINT,
	content_name TEXT,
	version BIGINT NOT NULL,
	created_at BIGINT NOT NULL
) @STRICT@;

-- A person. upn_key: the UPN in lower case, as it is compared. source: ferry, domain (a connector synchronizes it: object_guid,
-- sid, account_name and usn are Active Directory's, its password is checked there), federated. attributes: JSON object of
-- the remaining Graph properties that rules may ask about. version counts changes.
CREATE TABLE directory_user (
	user_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	upn TEXT NOT NULL,
	upn_key TEXT NOT NULL,
	display_name TEXT NOT NULL,
	given_name TEXT NOT NULL,
	surname TEXT NOT NULL,
	mail TEXT NOT NULL,
	department TEXT NOT NULL,
	job_title TEXT NOT NULL,
	usage_location TEXT NOT NULL,
	account_enabled BIGINT NOT NULL,
	attributes TEXT NOT NULL,
	source TEXT NOT NULL,
	domain TEXT NOT NULL,
	account_name TEXT NOT NULL,
	object_guid TEXT,
	sid TEXT NOT NULL,
	usn BIGINT NOT NULL,
	version BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	modified_at BIGINT NOT NULL,
	UNIQUE (tenant_id, upn_key),
	UNIQUE (tenant_id, object_guid)
) @STRICT@;

-- A group of devices, of users, or of both when its members are assigned. rule: NULL for assigned members. subject: device
-- or user for a dynamic group, empty otherwise. processing: On or Paused. source: ferry, or domain when a connector
-- synchronizes it, then object_guid and sid are Active Directory's.
CREATE TABLE directory_group (
	group_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	name TEXT NOT NULL,
	name_key TEXT NOT NULL,
	description TEXT NOT NULL,
	mail_nickname TEXT NOT NULL,
	rule TEXT,
	subject TEXT NOT NULL,
	processing TEXT NOT NULL,
	source TEXT NOT NULL,
	object_guid TEXT,
	sid TEXT NOT NULL,
	version BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	modified_at BIGINT NOT NULL,
	UNIQUE (tenant_id, name_key),
	UNIQUE (tenant_id, object_guid)
) @STRICT@;

-- Users in a group: assigned (by_rule 0) or found by the group's rule.
CREATE TABLE group_user (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	group_id TEXT NOT NULL REFERENCES directory_group ON DELETE CASCADE,
	user_id TEXT NOT NULL REFERENCES directory_user ON DELETE CASCADE,
	by_rule BIGINT NOT NULL,
	PRIMARY KEY (group_id, user_id)
) @STRICT@;
CREATE INDEX group_user_user ON group_user (user_id);

-- Who may change a group besides administrators. owner_id: a user or an API client.
CREATE TABLE group_owner (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	group_id TEXT NOT NULL REFERENCES directory_group ON DELETE CASCADE,
	owner_id TEXT NOT NULL,
	PRIMARY KEY (group_id, owner_id)
) @STRICT@;

-- A group inside a group: members of the child are members of the parent.
CREATE TABLE group_child (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	group_id TEXT NOT NULL REFERENCES directory_group ON DELETE CASCADE,
	child_id TEXT NOT NULL REFERENCES directory_group ON DELETE CASCADE,
	PRIMARY KEY (group_id, child_id)
) @STRICT@;
CREATE INDEX group_child_child ON group_child (child_id);

-- Assignment of a profile, ESP, domain-join profile, config item or other object. object_kind: profile, esp, domain_join,
-- item, or the collection of a graph_object. target: group, exclude, all_devices, all_users. intent: of apps, else empty.
CREATE TABLE assignment (
	assignment_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	object_kind TEXT NOT NULL,
	object_id TEXT NOT NULL,
	target TEXT NOT NULL,
	group_id TEXT REFERENCES directory_group ON DELETE CASCADE,
	intent TEXT NOT NULL,
	created_at BIGINT NOT NULL
) @STRICT@;
CREATE INDEX assignment_object ON assignment (tenant_id, object_kind, object_id);
CREATE INDEX assignment_group ON assignment (group_id);

-- Devices that look alike: one row for each combination of the attributes that rules may ask about (attributes, canonical
-- JSON) and of the groups that devices were put into one by one (groups, JSON list of ids). Rules and assignments are
-- decided once for a cohort, not once for a device: a rule that changes costs as much as there are cohorts. undecided:
-- the dynamic groups whose rule asks what differs within the cohort (JSON list); their members are in group_member. stale:
-- 1 while its devices wait to be looked at one by one after such a rule changed, stale_after: how far that got.
CREATE TABLE cohort (
	cohort_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	key_sha256 TEXT NOT NULL,
	attributes TEXT NOT NULL,
	groups TEXT NOT NULL,
	undecided TEXT NOT NULL,
	profile_id TEXT REFERENCES deployment_profile,
	esp_id TEXT REFERENCES esp_profile,
	domain_join_id TEXT REFERENCES domain_join_profile,
	assigned_at BIGINT,
	stale BIGINT NOT NULL,
	stale_after TEXT NOT NULL,
	UNIQUE (tenant_id, key_sha256)
) @STRICT@;
CREATE INDEX cohort_profile ON cohort (profile_id);
CREATE INDEX cohort_stale ON cohort (tenant_id, cohort_id) WHERE stale = 1;

-- The groups that every device of a cohort is in: by rule, assigned, or through a group inside a group.
CREATE TABLE cohort_group (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	cohort_id TEXT NOT NULL REFERENCES cohort ON DELETE CASCADE,
	group_id TEXT NOT NULL REFERENCES directory_group ON DELETE CASCADE,
	PRIMARY KEY (cohort_id, group_id)
) @STRICT@;
CREATE INDEX cohort_group_group ON cohort_group (group_id, cohort_id);

-- The registration. serial_key: the serial number in upper case, as it is compared. state: claimed (a hash was imported),
-- verified (a TPM proved it), mismatch (another TPM answered). source: hash, partner, converted. remediation: none, pending
-- (a change was seen and will be mended), attention (an administrator must register again); behaviour R32. user_name: how
-- the screen greets the assigned user; friendly_name: the displayName that administrators give. cohort_id: NULL until
-- rules have been evaluated, which no committed registration is. cohort_at: since when it is in that cohort.
CREATE TABLE device (
	device_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	serial TEXT NOT NULL,
	serial_key TEXT NOT NULL,
	manufacturer TEXT NOT NULL,
	model TEXT NOT NULL,
	product_key TEXT NOT NULL,
	sku_number TEXT NOT NULL,
	system_family TEXT NOT NULL,
	ek_id TEXT,
	group_tag TEXT NOT NULL,
	purchase_order TEXT NOT NULL,
	assigned_upn TEXT NOT NULL,
	user_name TEXT NOT NULL,
	friendly_name TEXT NOT NULL,
	source TEXT NOT NULL,
	state TEXT NOT NULL,
	attestation_store TEXT NOT NULL,
	attested_at BIGINT,
	enrollment_state TEXT NOT NULL,
	reuse_blocked BIGINT NOT NULL,
	remediation TEXT NOT NULL,
	remediation_at BIGINT,
	last_contact_at BIGINT,
	created_at BIGINT NOT NULL,
	cohort_id TEXT REFERENCES cohort,
	cohort_at BIGINT,
	UNIQUE (tenant_id, serial_key, manufacturer, model)
) @STRICT@;
-- One registration of a TPM, in whatever tenant. The first 64 bits tell a million apart as well as all 256, and an index
-- whose keys come in no order should be small: every import touches all of its pages.
CREATE UNIQUE INDEX device_ek ON device (SUBSTR(ek_id, 1, 16));
CREATE INDEX device_cohort ON device (cohort_id, device_id);
CREATE INDEX device_user ON device (tenant_id, assigned_upn, device_id) WHERE assigned_upn <> '';

-- What was imported, as it was, but for the zeros that fill a hash up to 3000 bytes at its end: three times as long as the rest of a registration and hardly ever read, so it is not
-- in the way of those who read that.
CREATE TABLE device_hash (
	device_id TEXT NOT NULL PRIMARY KEY REFERENCES device ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	hardware_hash @BLOB@ NOT NULL
) @STRICT@;

-- Devices that are in a group one by one: assigned to it (by_rule 0), or found by a rule that their cohort does not decide.
CREATE TABLE group_member (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	group_id TEXT NOT NULL REFERENCES directory_group ON DELETE CASCADE,
	device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
	by_rule BIGINT NOT NULL,
	PRIMARY KEY (group_id, device_id)
) @STRICT@;
CREATE INDEX group_member_device ON group_member (device_id);

-- The directory's facet of a device, from its registration on. trust_type: AzureAD, ServerAD (hybrid), or empty before the
-- join. extensions: JSON object of extensionAttribute1 to 15. What stands here may be asked for by rules (behaviour G8).
CREATE TABLE directory_device (
	directory_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL UNIQUE REFERENCES device ON DELETE CASCADE,
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

-- One run of a deployment. phase: started, technician, resealed, user, done. result: running, success, failed.
CREATE TABLE deployment (
	deployment_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
	mode TEXT NOT NULL,
	phase TEXT NOT NULL,
	result TEXT NOT NULL,
	fault TEXT,
	reason TEXT NOT NULL,
	proven BIGINT NOT NULL,
	attempt BIGINT NOT NULL,
	started_at BIGINT NOT NULL,
	finished_at BIGINT
) @STRICT@;
CREATE INDEX deployment_device ON deployment (device_id, started_at);
-- One deployment of a device at a time.
CREATE UNIQUE INDEX deployment_running ON deployment (device_id) WHERE finished_at IS NULL;

-- Everything a person later asks "what happened?" about. source: service, device, connector, claim (unproven device).
CREATE TABLE deployment_event (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	deployment_id TEXT NOT NULL REFERENCES deployment ON DELETE CASCADE,
	seq BIGINT NOT NULL,
	at BIGINT NOT NULL,
	source TEXT NOT NULL,
	phase TEXT NOT NULL,
	row_name TEXT NOT NULL,
	state TEXT NOT NULL,
	fault TEXT,
	reason TEXT NOT NULL,
	PRIMARY KEY (deployment_id, seq)
) @STRICT@;

-- A challenge to a TPM: one use, five minutes.
CREATE TABLE attestation (
	session_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
	deployment_id TEXT NOT NULL REFERENCES deployment ON DELETE CASCADE,
	trust_store TEXT NOT NULL,
	ek_certificate @BLOB@ NOT NULL,
	ak_public @BLOB@ NOT NULL,
	secret @BLOB@ NOT NULL,
	quote_nonce @BLOB@ NOT NULL,
	certify_nonce @BLOB@ NOT NULL,
	expires_at BIGINT NOT NULL,
	used BIGINT NOT NULL,
	proven_at BIGINT
) @STRICT@;

-- Every certificate the service had issued. kind: device, directory, connector.
CREATE TABLE certificate (
	serial TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	kind TEXT NOT NULL,
	subject_id TEXT NOT NULL,
	sha256 TEXT NOT NULL UNIQUE,
	der @BLOB@ NOT NULL,
	not_after BIGINT NOT NULL,
	revoked_at BIGINT
) @STRICT@;

-- Management enrolment. state: enrolled, retired.
CREATE TABLE enrollment (
	enrollment_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
	deployment_id TEXT NOT NULL REFERENCES deployment ON DELETE CASCADE,
	attestation_id TEXT NOT NULL,
	state TEXT NOT NULL,
	upn TEXT NOT NULL,
	key_sha256 TEXT NOT NULL,
	certificate_sha256 TEXT NOT NULL UNIQUE,
	created_at BIGINT NOT NULL,
	last_session_at BIGINT
) @STRICT@;
CREATE INDEX enrollment_device ON enrollment (device_id);
CREATE UNIQUE INDEX enrollment_current ON enrollment (device_id) WHERE state = 'enrolled';

-- How far each item got on each device. state: sent, installing, done, failed.
CREATE TABLE device_item (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
	item_id TEXT NOT NULL REFERENCES config_item ON DELETE CASCADE,
	deployment_id TEXT NOT NULL,
	version BIGINT NOT NULL,
	state TEXT NOT NULL,
	fault TEXT,
	reason TEXT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (device_id, item_id)
) @STRICT@;

-- What the device answered to Get, by LocURI: input of the compliance verdict.
CREATE TABLE device_report (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
	loc_uri TEXT NOT NULL,
	value TEXT NOT NULL,
	reported_at BIGINT NOT NULL,
	PRIMARY KEY (device_id, loc_uri)
) @STRICT@;

CREATE TABLE compliance (
	device_id TEXT NOT NULL PRIMARY KEY REFERENCES device ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	compliant BIGINT NOT NULL,
	reasons TEXT NOT NULL,
	evaluated_at BIGINT NOT NULL
) @STRICT@;

-- A connector of an Active Directory domain. The enrolment token is kept as its SHA-256 and used once.
CREATE TABLE connector (
	connector_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	name TEXT NOT NULL,
	domain TEXT NOT NULL,
	token_sha256 TEXT,
	token_expires_at BIGINT,
	certificate_sha256 TEXT UNIQUE,
	version TEXT NOT NULL,
	last_seen_at BIGINT,
	created_at BIGINT NOT NULL
) @STRICT@;

-- Work for a connector. kind: odj (make the account, seal the blob), verify (is the account in order?).
-- state: queued, leased, done, failed. The sealed blob is removed once the device has acknowledged it.
CREATE TABLE connector_job (
	job_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
	deployment_id TEXT NOT NULL REFERENCES deployment ON DELETE CASCADE,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	domain TEXT NOT NULL,
	ou TEXT NOT NULL,
	computer_name TEXT NOT NULL,
	object_guid TEXT NOT NULL,
	attestation_id TEXT NOT NULL,
	lease_id TEXT,
	leased_by TEXT,
	lease_until BIGINT,
	attempts BIGINT NOT NULL,
	fault TEXT,
	message TEXT NOT NULL,
	result TEXT NOT NULL,
	sealed_blob @BLOB@,
	delivered_at BIGINT,
	created_at BIGINT NOT NULL,
	finished_at BIGINT
) @STRICT@;
CREATE INDEX connector_job_open ON connector_job (domain, state, created_at);
CREATE INDEX connector_job_device ON connector_job (device_id, kind, created_at);
-- One open job of a kind for a device: a repeated request finds the first one.
CREATE UNIQUE INDEX connector_job_single ON connector_job (deployment_id, kind)
	WHERE state = 'queued' OR state = 'leased';

-- The Active Directory facet of a device: an account that Ferry made.
CREATE TABLE ad_account (
	device_id TEXT NOT NULL PRIMARY KEY REFERENCES device ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	job_id TEXT NOT NULL,
	domain TEXT NOT NULL,
	computer_name TEXT NOT NULL,
	dn TEXT NOT NULL,
	object_guid TEXT NOT NULL UNIQUE,
	sid TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	joined_at BIGINT,
	verified_at BIGINT
) @STRICT@;
