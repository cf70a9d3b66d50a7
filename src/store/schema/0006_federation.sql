-- An external OpenID Connect issuer that signs a tenant's people in. role_map: JSON object from a value of role_claim to a
-- list of names of roles; role_claim is empty when roles are given here.
CREATE TABLE federation (
	federation_id TEXT NOT NULL PRIMARY KEY,
	tenant_id TEXT NOT NULL REFERENCES tenant,
	name TEXT NOT NULL,
	issuer TEXT NOT NULL,
	client_id TEXT NOT NULL,
	client_secret TEXT,
	user_claim TEXT NOT NULL,
	domains TEXT NOT NULL,
	link_users BIGINT NOT NULL,
	role_claim TEXT NOT NULL,
	role_map TEXT NOT NULL,
	metadata TEXT,
	jwks TEXT,
	fetched_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	UNIQUE (tenant_id, issuer, client_id)
) @STRICT@;
