-- Tenants whose users wait to be judged again by rules, from after_id on (src/store/user_groups.h).
CREATE TABLE user_group_wait (
	tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenant,
	after_id TEXT NOT NULL
) @STRICT@;
