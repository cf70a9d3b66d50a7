-- Deployment profiles, Enrollment Status Pages, domain-join profiles and items for devices.

-- name: item_by_content
SELECT item_id, content_size, content_name FROM config_item WHERE tenant_id = $1 AND content_sha256 = $2
ORDER BY item_id LIMIT 1

-- name: item_state
SELECT i.item_id, i.kind, i.scope, i.name, i.loc_uri, i.format, i.data, i.content_sha256, i.content_size, i.content_name,
	i.version, COALESCE(s.state, 'pending') AS state, COALESCE(s.version, 0) AS sent_version, s.fault,
	COALESCE(s.reason, '') AS reason, COALESCE(s.deployment_id, '') AS deployment_id
FROM config_item i LEFT JOIN device_item s ON s.item_id = i.item_id AND s.device_id = $2
WHERE i.tenant_id = $1 ORDER BY i.created_at, i.item_id

-- name: item_set_state
INSERT INTO device_item (tenant_id, device_id, item_id, deployment_id, version, state, fault, reason, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (device_id, item_id) DO UPDATE SET deployment_id = excluded.deployment_id, version = excluded.version,
	state = excluded.state, fault = excluded.fault, reason = excluded.reason, updated_at = excluded.updated_at

-- name: item_retry_failed
UPDATE device_item SET state = 'pending', fault = NULL, reason = '' WHERE device_id = $1 AND state <> 'done'

-- name: report_set
INSERT INTO device_report (tenant_id, device_id, loc_uri, value, reported_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (device_id, loc_uri) DO UPDATE SET value = excluded.value, reported_at = excluded.reported_at

-- name: report_list
SELECT loc_uri, value, reported_at FROM device_report WHERE tenant_id = $1 AND device_id = $2 ORDER BY loc_uri

-- name: compliance_set
INSERT INTO compliance (device_id, tenant_id, compliant, reasons, evaluated_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (device_id) DO UPDATE SET compliant = excluded.compliant, reasons = excluded.reasons,
	evaluated_at = excluded.evaluated_at

-- name: compliance_get
SELECT compliant, reasons FROM compliance WHERE tenant_id = $1 AND device_id = $2

-- name: compliance_forget
DELETE FROM compliance WHERE tenant_id = $1 AND device_id = $2
