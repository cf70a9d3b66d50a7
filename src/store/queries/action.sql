-- Remote actions on managed devices.

-- name: action_enrollment
SELECT n.enrollment_id, n.device_id, n.deployment_id, n.state, d.serial FROM enrollment n JOIN device d ON d.device_id = n.device_id
WHERE n.tenant_id = $1 AND n.enrollment_id = $2

-- name: action_insert
INSERT INTO device_action (action_id, tenant_id, device_id, enrollment_id, kind, data, state, reason, requested_by, requested_at)
VALUES ($1, $2, $3, $4, $5, $6, 'pending', '', $7, $8) ON CONFLICT DO NOTHING

-- name: action_get
SELECT action_id, device_id, enrollment_id, kind, data, state, fault, reason, requested_by, requested_at, sent_at, finished_at
FROM device_action WHERE tenant_id = $1 AND action_id = $2

-- name: action_open_of_kind
SELECT action_id, device_id, enrollment_id, kind, data, state, fault, reason, requested_by, requested_at, sent_at, finished_at
FROM device_action WHERE enrollment_id = $1 AND kind = $2 AND (state = 'pending' OR state = 'sent')

-- name: action_open
SELECT action_id, device_id, enrollment_id, kind, data, state, fault, reason, requested_by, requested_at, sent_at, finished_at
FROM device_action WHERE enrollment_id = $1 AND (state = 'pending' OR state = 'sent') ORDER BY requested_at, action_id

-- name: action_of_enrollment
SELECT action_id, device_id, enrollment_id, kind, data, state, fault, reason, requested_by, requested_at, sent_at, finished_at
FROM device_action WHERE enrollment_id = $1 ORDER BY requested_at DESC, action_id DESC LIMIT 20

-- name: action_of_device
SELECT action_id, device_id, enrollment_id, kind, data, state, fault, reason, requested_by, requested_at, sent_at, finished_at
FROM device_action WHERE tenant_id = $1 AND device_id = $2 ORDER BY requested_at DESC, action_id DESC LIMIT 100

-- name: action_sent
UPDATE device_action SET state = 'sent', sent_at = $2 WHERE action_id = $1 AND state = 'pending'

-- name: action_finish
UPDATE device_action SET state = $2, fault = $3, reason = $4, finished_at = $5
WHERE action_id = $1 AND (state = 'pending' OR state = 'sent')

-- name: action_cancel
UPDATE device_action SET state = 'cancelled', fault = 'action_cancelled', reason = $3, finished_at = $4
WHERE tenant_id = $1 AND action_id = $2 AND state = 'pending' AND kind <> 'delete'

-- name: action_supersede
UPDATE device_action SET state = 'cancelled', fault = 'action_superseded', reason = $3, finished_at = $4
WHERE enrollment_id = $1 AND action_id <> $2 AND (state = 'pending' OR (state = 'sent' AND CAST($5 AS BIGINT) = 1))

-- name: action_enrolled_anew
UPDATE device_action SET state = CASE WHEN state = 'sent' THEN 'done' ELSE 'cancelled' END,
	fault = CASE WHEN state = 'sent' THEN NULL ELSE 'action_superseded' END, reason = 'the device enrolled anew',
	finished_at = $2
WHERE device_id = $1 AND (state = 'pending' OR state = 'sent')

-- name: action_results
UPDATE enrollment SET action_results = $2, management_state = $3 WHERE enrollment_id = $1

-- name: action_hide
UPDATE enrollment SET state = 'deleting' WHERE enrollment_id = $1 AND state = 'enrolled'

-- name: action_end_enrollment
UPDATE enrollment SET state = 'retired' WHERE enrollment_id = $1

-- name: action_end_directory
UPDATE directory_device SET trust_type = '', certificate_sha256 = '', registered_upn = '', registered_at = NULL
WHERE tenant_id = $1 AND device_id = $2

-- name: action_end_deployment
UPDATE deployment SET result = 'failed', fault = 'ended_by_action', reason = $2, finished_at = $3
WHERE device_id = $1 AND finished_at IS NULL

-- name: action_forget_items
DELETE FROM device_item WHERE device_id = $1

-- name: action_forget_most_items
DELETE FROM device_item WHERE device_id = $1
	AND item_id NOT IN (SELECT item_id FROM config_item WHERE kind = 'network' OR kind = 'certificate')

-- name: action_forget_reports
DELETE FROM device_report WHERE device_id = $1

-- name: action_forget_compliance
DELETE FROM compliance WHERE device_id = $1

-- name: action_forget_user
UPDATE device SET assigned_upn = '', user_name = '' WHERE tenant_id = $1 AND device_id = $2

-- name: action_forget_enrollment_user
UPDATE enrollment SET upn = '' WHERE enrollment_id = $1

-- name: action_forget_directory_user
UPDATE directory_device SET registered_upn = '' WHERE tenant_id = $1 AND device_id = $2

-- name: action_rename
UPDATE directory_device SET display_name = $3 WHERE tenant_id = $1 AND device_id = $2

-- name: action_rebind
UPDATE enrollment SET deployment_id = $2 WHERE enrollment_id = $1
