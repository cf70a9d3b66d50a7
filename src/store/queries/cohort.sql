-- Cohorts: devices that rules cannot tell apart, and what they are given.

-- name: cohort_find
SELECT cohort_id, undecided FROM cohort WHERE tenant_id = $1 AND key_sha256 = $2

-- name: cohort_insert
INSERT INTO cohort (cohort_id, tenant_id, key_sha256, attributes, groups, undecided, profile_id, esp_id, domain_join_id,
	assigned_at, stale, stale_after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '')

-- name: cohort_page
SELECT cohort_id, attributes, groups, undecided, profile_id, esp_id, domain_join_id, assigned_at FROM cohort
WHERE tenant_id = $1 AND cohort_id > $2 ORDER BY cohort_id LIMIT $3

-- name: cohort_decide
UPDATE cohort SET undecided = $3, profile_id = $4, esp_id = $5, domain_join_id = $6, assigned_at = $7
WHERE tenant_id = $1 AND cohort_id = $2

-- name: cohort_group_list
SELECT group_id FROM cohort_group WHERE tenant_id = $1 AND cohort_id = $2 ORDER BY group_id

-- name: cohort_group_add
INSERT INTO cohort_group (tenant_id, cohort_id, group_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: cohort_group_remove
DELETE FROM cohort_group WHERE tenant_id = $1 AND cohort_id = $2 AND group_id = $3

-- name: cohort_prune
DELETE FROM cohort WHERE tenant_id = $1 AND NOT EXISTS (SELECT 1 FROM device d WHERE d.cohort_id = cohort.cohort_id)

-- name: cohort_stale_next
SELECT cohort_id, tenant_id, stale_after FROM cohort WHERE stale = 1 ORDER BY tenant_id, cohort_id LIMIT 1

-- name: cohort_stale_set
UPDATE cohort SET stale = $3, stale_after = $4 WHERE tenant_id = $1 AND cohort_id = $2

-- name: cohort_stale_left
SELECT COUNT(*) AS devices FROM cohort c JOIN device d ON d.cohort_id = c.cohort_id AND d.device_id > c.stale_after
WHERE c.tenant_id = $1 AND c.stale = 1

-- name: cohort_devices
SELECT device_id FROM device WHERE cohort_id = $1 AND device_id > $2 ORDER BY device_id LIMIT $3

-- name: device_place
UPDATE device SET cohort_id = $3, cohort_at = $4 WHERE tenant_id = $1 AND device_id = $2

-- name: device_facts
SELECT d.device_id, d.manufacturer, d.model, d.group_tag, d.purchase_order, d.cohort_id, r.directory_id, r.display_name,
	r.account_enabled, r.ownership, r.os_type, r.os_version, r.trust_type, r.management_type, r.category,
	r.enrollment_profile_name, r.extensions, d.source
FROM device d JOIN directory_device r ON r.device_id = d.device_id WHERE d.tenant_id = $1 AND d.device_id = $2
