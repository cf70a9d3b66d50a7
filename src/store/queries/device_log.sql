-- Bundles of diagnostics.

-- name: device_log_request
INSERT INTO device_log (log_id, tenant_id, device_id, state, requested_by, requested_at, size)
VALUES ($1, $2, $3, 'pending', $4, $5, 0)

-- name: device_log_own
INSERT INTO device_log (log_id, tenant_id, device_id, state, requested_by, fault, requested_at, received_at, size, sha256, content)
VALUES ($1, $2, $3, 'completed', '', $4, $5, $5, $6, $7, $8)

-- name: device_log_receive
UPDATE device_log SET state = 'completed', received_at = $3, size = $4, sha256 = $5, content = $6
WHERE log_id = $1 AND device_id = $2 AND state = 'pending'

-- name: device_log_done
SELECT log_id FROM device_log WHERE log_id = $1 AND device_id = $2

-- name: device_log_list
SELECT log_id, device_id, state, requested_by, fault, requested_at, received_at, size, sha256 FROM device_log
WHERE tenant_id = $1 AND device_id = $2 AND requested_at > $3 ORDER BY requested_at DESC, log_id

-- name: device_log_pending
SELECT log_id FROM device_log WHERE device_id = $1 AND state = 'pending' AND requested_at > $2
ORDER BY requested_at, log_id LIMIT 1

-- name: device_log_last_own
SELECT COALESCE(MAX(requested_at), 0) AS at FROM device_log WHERE device_id = $1 AND requested_by = ''

-- name: device_log_old
DELETE FROM device_log WHERE device_id = $1 AND requested_at <= $2

-- name: device_log_surplus
DELETE FROM device_log WHERE device_id = $1 AND log_id NOT IN (
	SELECT log_id FROM device_log WHERE device_id = $1 ORDER BY requested_at DESC, log_id DESC LIMIT $2)

-- name: device_log_link
UPDATE device_log SET link_sha256 = $3, link_until = $4
WHERE tenant_id = $1 AND log_id = $2 AND device_id = $5 AND state = 'completed'

-- name: device_log_by_link
SELECT log_id, device_id, state, requested_by, fault, requested_at, received_at, size, sha256, content FROM device_log
WHERE link_sha256 = $1 AND link_until > $2
