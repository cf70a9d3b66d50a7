-- Groups whose rules are about users.

-- name: user_group_facts
SELECT user_id, upn, display_name, given_name, surname, mail, department, job_title, usage_location, sid, account_enabled,
	source, attributes
FROM directory_user WHERE tenant_id = $1 AND user_id = $2

-- name: user_group_list
SELECT group_id, by_rule FROM group_user WHERE tenant_id = $1 AND user_id = $2 ORDER BY group_id

-- name: user_group_add
INSERT INTO group_user (tenant_id, group_id, user_id, by_rule) VALUES ($1, $2, $3, 1) ON CONFLICT DO NOTHING

-- name: user_group_remove
DELETE FROM group_user WHERE tenant_id = $1 AND group_id = $2 AND user_id = $3 AND by_rule = 1

-- name: user_group_page
SELECT user_id FROM directory_user WHERE tenant_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3

-- name: user_group_wait
INSERT INTO user_group_wait (tenant_id, after_id) VALUES ($1, $2)
ON CONFLICT (tenant_id) DO UPDATE SET after_id = excluded.after_id

-- name: user_group_waiting
SELECT tenant_id, after_id FROM user_group_wait ORDER BY tenant_id LIMIT 1

-- name: user_group_settled
DELETE FROM user_group_wait WHERE tenant_id = $1
