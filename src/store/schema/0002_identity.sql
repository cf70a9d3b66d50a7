-- What people and programs sign in with. Secrets are kept as hashes: passwords as argon2id, random texts as SHA-256.

-- Delegated sign-in: public (1: a program that can keep no secret), scopes (what it may ask for in a person's name, empty:
-- anything the person may), device_code (1: may use the device flow).
ALTER TABLE api_client ADD COLUMN public BIGINT NOT NULL DEFAULT 0;
ALTER TABLE api_client ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
ALTER TABLE api_client ADD COLUMN device_code BIGINT NOT NULL DEFAULT 0;

-- Where an authorization may be answered. kind: web, spa, native. origin: of the URI, for CORS.
CREATE TABLE client_redirect (
	client_id TEXT NOT NULL REFERENCES api_client ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	uri TEXT NOT NULL,
	kind TEXT NOT NULL,
	origin TEXT NOT NULL,
	PRIMARY KEY (client_id, uri)
) @STRICT@;
CREATE INDEX client_redirect_origin ON client_redirect (origin);

-- role: its template id (domain/scope.def).
CREATE TABLE role_assignment (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	user_id TEXT NOT NULL REFERENCES directory_user ON DELETE CASCADE,
	role TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (user_id, role)
) @STRICT@;

-- A password of Ferry's own; must_change: not to be kept after the next sign-in.
CREATE TABLE user_password (
	user_id TEXT NOT NULL PRIMARY KEY REFERENCES directory_user ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	hash TEXT NOT NULL,
	must_change BIGINT NOT NULL,
	changed_at BIGINT NOT NULL
) @STRICT@;

-- An authenticator app. last_step: the newest step whose code was accepted; none before it is.
CREATE TABLE user_totp (
	user_id TEXT NOT NULL PRIMARY KEY REFERENCES directory_user ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	secret @BLOB@ NOT NULL,
	last_step BIGINT NOT NULL,
	created_at BIGINT NOT NULL
) @STRICT@;

CREATE TABLE recovery_code (
	user_id TEXT NOT NULL REFERENCES directory_user ON DELETE CASCADE,
	code_sha256 TEXT NOT NULL,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	used_at BIGINT,
	PRIMARY KEY (user_id, code_sha256)
) @STRICT@;

-- A Temporary Access Pass. One a user at a time, as at Microsoft.
CREATE TABLE access_pass (
	user_id TEXT NOT NULL PRIMARY KEY REFERENCES directory_user ON DELETE CASCADE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	code_sha256 TEXT NOT NULL,
	start_at BIGINT NOT NULL,
	end_at BIGINT NOT NULL,
	one_time BIGINT NOT NULL,
	used_at BIGINT
) @STRICT@;

-- Counters of domain/throttle.h by what they count.
CREATE TABLE throttle (
	counter TEXT NOT NULL PRIMARY KEY,
	failures BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	until_at BIGINT NOT NULL
) @STRICT@;
CREATE INDEX throttle_age ON throttle (last_at);

-- From where a person has signed in before: kind browser (SHA-256 of its cookie) or address.
CREATE TABLE known_source (
	user_id TEXT NOT NULL REFERENCES directory_user ON DELETE CASCADE,
	kind TEXT NOT NULL,
	value TEXT NOT NULL,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	last_at BIGINT NOT NULL,
	PRIMARY KEY (user_id, kind, value)
) @STRICT@;

-- A browser session. complete: 0 while something is still missing (domain/sign_in_step.h). amr: how the person proved who
-- he is, names of RFC 8176 with blanks between.
CREATE TABLE sign_in_session (
	session_sha256 TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	user_id TEXT NOT NULL REFERENCES directory_user ON DELETE CASCADE,
	complete BIGINT NOT NULL,
	strong BIGINT NOT NULL,
	source TEXT NOT NULL,
	amr TEXT NOT NULL,
	pending @BLOB@,
	signed_in_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	address TEXT NOT NULL
) @STRICT@;
CREATE INDEX sign_in_session_user ON sign_in_session (user_id);
CREATE INDEX sign_in_session_age ON sign_in_session (last_at);

-- What a person granted a program; codes and refresh tokens belong to one. flow: web, spa, native (where the code went), or
-- device_code.
CREATE TABLE token_grant (
	grant_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	client_id TEXT NOT NULL REFERENCES api_client ON DELETE CASCADE,
	user_id TEXT NOT NULL REFERENCES directory_user ON DELETE CASCADE,
	flow TEXT NOT NULL,
	scope TEXT NOT NULL,
	amr TEXT NOT NULL,
	signed_in_at BIGINT NOT NULL,
	end_at BIGINT NOT NULL,
	revoked_at BIGINT,
	revoked_why TEXT NOT NULL
) @STRICT@;
CREATE INDEX token_grant_user ON token_grant (user_id);
CREATE INDEX token_grant_end ON token_grant (end_at);

-- One use, one minute (RFC 6749 section 4.1.2).
CREATE TABLE authorization_code (
	code_sha256 TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	grant_id TEXT NOT NULL REFERENCES token_grant ON DELETE CASCADE,
	redirect_uri TEXT NOT NULL,
	redirect_kind TEXT NOT NULL,
	challenge TEXT NOT NULL,
	nonce TEXT,
	end_at BIGINT NOT NULL,
	used_at BIGINT
) @STRICT@;

-- One use each; the second use of one revokes the grant (RFC 9700 section 4.14.2).
CREATE TABLE refresh_token (
	token_sha256 TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	grant_id TEXT NOT NULL REFERENCES token_grant ON DELETE CASCADE,
	end_at BIGINT NOT NULL,
	used_at BIGINT
) @STRICT@;
CREATE INDEX refresh_token_grant ON refresh_token (grant_id);

-- The device flow (RFC 8628). state: pending, approved, denied, used. address: of the device that asked.
CREATE TABLE device_code (
	device_sha256 TEXT NOT NULL PRIMARY KEY,
	user_code TEXT NOT NULL UNIQUE,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	client_id TEXT NOT NULL REFERENCES api_client ON DELETE CASCADE,
	scope TEXT NOT NULL,
	address TEXT NOT NULL,
	state TEXT NOT NULL,
	grant_id TEXT REFERENCES token_grant ON DELETE CASCADE,
	created_at BIGINT NOT NULL,
	end_at BIGINT NOT NULL
) @STRICT@;
CREATE INDEX device_code_end ON device_code (end_at);

-- Who signed in, when, from where, to which program; result: success, interrupted, failure. reason: a named cause or a word.
CREATE TABLE sign_in_event (
	event_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	at BIGINT NOT NULL,
	user_id TEXT,
	upn TEXT NOT NULL,
	client_id TEXT,
	address TEXT NOT NULL,
	user_agent TEXT NOT NULL,
	method TEXT NOT NULL,
	result TEXT NOT NULL,
	reason TEXT NOT NULL
) @STRICT@;
CREATE INDEX sign_in_event_order ON sign_in_event (tenant_id, at, event_id);

-- A sign-in that is away at another issuer: from the redirect to its answer. browser_sha256: of the cookie of the browser
-- that was sent; query: of the request that waits (src/ferryd/flow.h).
CREATE TABLE federated_sign_in (
	state_sha256 TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	federation_id TEXT NOT NULL,
	browser_sha256 TEXT NOT NULL,
	nonce TEXT NOT NULL,
	verifier TEXT NOT NULL,
	query TEXT NOT NULL,
	end_at BIGINT NOT NULL
) @STRICT@;
CREATE INDEX federated_sign_in_end ON federated_sign_in (end_at);

-- Whom another issuer means by a subject: names change and are given again, this pair is not.
CREATE TABLE federated_identity (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	user_id TEXT NOT NULL REFERENCES directory_user ON DELETE CASCADE,
	PRIMARY KEY (tenant_id, issuer, subject)
) @STRICT@;
