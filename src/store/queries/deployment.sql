-- Deployments and their timeline.

-- name: deployment_insert
INSERT INTO deployment (deployment_id, tenant_id, device_id, mode, phase, result, reason, proven, attempt, started_at)
VALUES ($1, $2, $3, $4, 'started', 'running', '', 0, 1, $5) ON CONFLICT DO NOTHING

-- name: deployment_open
SELECT deployment_id, tenant_id, device_id, mode, phase, result, fault, reason, proven, attempt, started_at, finished_at, upn
FROM deployment WHERE device_id = $1 AND finished_at IS NULL

-- name: deployment_by_id
SELECT deployment_id, tenant_id, device_id, mode, phase, result, fault, reason, proven, attempt, started_at, finished_at, upn
FROM deployment WHERE deployment_id = $1

-- name: deployment_of_device
SELECT deployment_id, tenant_id, device_id, mode, phase, result, fault, reason, proven, attempt, started_at, finished_at, upn
FROM deployment WHERE tenant_id = $1 AND device_id = $2 ORDER BY started_at DESC, deployment_id

-- name: deployment_mode
UPDATE deployment SET mode = $2 WHERE deployment_id = $1 AND proven = 0 AND finished_at IS NULL

-- name: deployment_proven
UPDATE deployment SET proven = 1, mode = COALESCE(CAST($2 AS TEXT), mode), upn = COALESCE(CAST($3 AS TEXT), upn),
	phase = CASE WHEN mode = COALESCE(CAST($2 AS TEXT), mode) THEN phase ELSE 'started' END
WHERE deployment_id = $1

-- name: deployment_owner
UPDATE deployment SET upn = $2 WHERE deployment_id = $1 AND finished_at IS NULL

-- name: deployment_phase
UPDATE deployment SET phase = $2, result = 'running', fault = NULL, reason = '' WHERE deployment_id = $1

-- name: deployment_fail
UPDATE deployment SET result = 'failed', fault = $2, reason = $3 WHERE deployment_id = $1 AND finished_at IS NULL

-- name: deployment_retry
UPDATE deployment SET result = 'running', fault = NULL, reason = '', attempt = attempt + 1
WHERE deployment_id = $1 AND result = 'failed' AND finished_at IS NULL

-- name: deployment_continued
UPDATE deployment SET phase = 'continued', finished_at = $2
WHERE deployment_id = $1 AND result = 'failed' AND finished_at IS NULL

-- name: deployment_finish
UPDATE deployment SET phase = 'done', result = $2, fault = NULL, reason = $3, finished_at = $4
WHERE deployment_id = $1 AND finished_at IS NULL

-- name: event_insert
INSERT INTO deployment_event (tenant_id, deployment_id, seq, at, source, phase, row_name, state, fault, reason)
SELECT $1, $2, newest.seq + 1, $3, $4, $5, $6, $7, $8, $9
FROM (SELECT COALESCE((SELECT seq FROM deployment_event WHERE deployment_id = $2 ORDER BY seq DESC LIMIT 1), 0) AS seq) newest
WHERE newest.seq < 20000

-- name: event_warnings
SELECT e.seq, e.at, e.source, e.phase, e.row_name, e.state, e.fault, e.reason FROM deployment_event e
JOIN deployment d ON d.deployment_id = e.deployment_id
WHERE d.tenant_id = $1 AND d.device_id = $2 AND e.state = 'warning'
	AND d.started_at = (SELECT MAX(n.started_at) FROM deployment n WHERE n.tenant_id = $1 AND n.device_id = $2)
	AND NOT EXISTS (SELECT 1 FROM deployment_event later WHERE later.deployment_id = e.deployment_id
		AND later.phase = e.phase AND later.row_name = e.row_name AND later.seq > e.seq)
ORDER BY e.seq

-- name: event_count_claims
SELECT COUNT(*) AS n FROM deployment_event WHERE deployment_id = $1 AND source = 'claim'

-- name: event_count
SELECT COUNT(*) AS n FROM deployment_event WHERE deployment_id = $1

-- name: event_list
SELECT seq, at, source, phase, row_name, state, fault, reason FROM deployment_event
WHERE tenant_id = $1 AND deployment_id = $2 AND seq > $3 ORDER BY seq
