-- Large collections of the Graph API. Each SELECT is the inside of a query that store/view.c composes: $1 is the tenant, the
-- columns are called as in the property tables of src/wire/graph. No LIMIT, no ORDER BY, no aggregate on the outside: the
-- planners must be able to look through it.

-- name: view_autopilot_devices
SELECT d.device_id AS id, d.serial, d.serial_key, d.manufacturer, d.model, d.group_tag, d.purchase_order, d.product_key,
	d.sku_number, d.system_family, d.enrollment_state, d.last_contact_at, d.user_name, d.assigned_upn, d.friendly_name,
	d.state, d.attestation_store, d.attested_at, d.created_at, d.remediation_at, c.profile_id,
	COALESCE(r.directory_id, '') AS directory_id, COALESCE(r.trust_type, '') AS trust_type, n.enrollment_id,
	CASE WHEN c.profile_id IS NULL THEN 'notAssigned' ELSE 'assignedInSync' END AS assignment_status,
	CASE WHEN c.profile_id IS NULL THEN NULL WHEN d.cohort_at > c.assigned_at THEN d.cohort_at ELSE c.assigned_at END
		AS assigned_at,
	CASE d.remediation WHEN 'pending' THEN 'automaticRemediationRequired' WHEN 'attention'
		THEN 'manualRemediationRequired' ELSE 'noRemediationRequired' END AS remediation,
	CASE WHEN d.reuse_blocked = 1 THEN 'blocked' ELSE 'allowed' END AS userless,
	a.resource_name, a.account_upn, a.friendly_name AS account_name
FROM device d
LEFT JOIN cohort c ON c.cohort_id = d.cohort_id
LEFT JOIN directory_device r ON r.device_id = d.device_id
LEFT JOIN enrollment n ON n.device_id = d.device_id AND n.state = 'enrolled'
LEFT JOIN device_resource_account a ON a.device_id = d.device_id
WHERE d.tenant_id = $1 AND d.source <> 'preparation'

-- name: view_profile_devices
SELECT d.device_id AS id, d.serial, d.serial_key, d.manufacturer, d.model, d.group_tag, d.purchase_order, d.product_key,
	d.sku_number, d.system_family, d.enrollment_state, d.last_contact_at, d.user_name, d.assigned_upn, d.friendly_name,
	d.state, d.attestation_store, d.attested_at, d.created_at, d.remediation_at, c.profile_id,
	COALESCE(r.directory_id, '') AS directory_id, COALESCE(r.trust_type, '') AS trust_type, n.enrollment_id,
	'assignedInSync' AS assignment_status,
	CASE WHEN d.cohort_at > c.assigned_at THEN d.cohort_at ELSE c.assigned_at END AS assigned_at,
	CASE d.remediation WHEN 'pending' THEN 'automaticRemediationRequired' WHEN 'attention'
		THEN 'manualRemediationRequired' ELSE 'noRemediationRequired' END AS remediation,
	CASE WHEN d.reuse_blocked = 1 THEN 'blocked' ELSE 'allowed' END AS userless,
	a.resource_name, a.account_upn, a.friendly_name AS account_name
FROM cohort c JOIN device d ON d.cohort_id = c.cohort_id
LEFT JOIN directory_device r ON r.device_id = d.device_id
LEFT JOIN enrollment n ON n.device_id = d.device_id AND n.state = 'enrolled'
LEFT JOIN device_resource_account a ON a.device_id = d.device_id
WHERE c.tenant_id = $1 AND c.profile_id = $2 AND d.source <> 'preparation'

-- name: view_devices
SELECT r.directory_id AS id, r.directory_id AS device_id, r.display_name, r.account_enabled,
	CASE WHEN r.trust_type = '' THEN NULL ELSE r.trust_type END AS trust_type,
	CASE WHEN r.enrollment_profile_name = '' THEN p.name ELSE r.enrollment_profile_name END AS profile_name,
	r.ownership, CASE WHEN n.enrollment_id IS NULL THEN 0 ELSE 1 END AS is_managed, m.compliant AS is_compliant,
	CASE WHEN n.enrollment_id IS NULL THEN NULL ELSE '0000000a-0000-0000-c000-000000000000' END AS mdm_app_id,
	r.management_type, r.os_type, r.os_version, d.manufacturer, d.model, r.registered_at, r.created_at, d.last_contact_at,
	CASE WHEN r.trust_type = 'ServerAD' THEN 1 ELSE NULL END AS on_premises,
	CASE WHEN r.on_premises_sid = '' THEN NULL ELSE r.on_premises_sid END AS on_premises_sid, r.category, r.extensions,
	z.device_id AS ztd_id, d.group_tag, d.purchase_order
FROM directory_device r LEFT JOIN device d ON d.device_id = r.device_id
LEFT JOIN device z ON z.device_id = r.device_id AND z.source <> 'preparation'
LEFT JOIN cohort c ON c.cohort_id = d.cohort_id
LEFT JOIN deployment_profile p ON p.profile_id = c.profile_id AND z.device_id IS NOT NULL
LEFT JOIN enrollment n ON n.device_id = d.device_id AND n.state = 'enrolled'
LEFT JOIN compliance m ON m.device_id = d.device_id
WHERE r.tenant_id = $1

-- name: view_managed_devices
SELECT n.enrollment_id AS id, d.device_id AS registration_id, d.serial, d.serial_key, d.manufacturer, d.model,
	COALESCE(a.computer_name, r.display_name, d.serial) AS device_name,
	CASE WHEN d.friendly_name = '' THEN COALESCE(a.computer_name, r.display_name, d.serial) ELSE d.friendly_name END
		AS managed_name,
	CASE r.ownership WHEN 'Personal' THEN 'personal' WHEN 'Company' THEN 'company' ELSE 'unknown' END AS owner_type,
	n.created_at AS enrolled_at, n.last_session_at AS last_sync_at, r.os_type, r.os_version,
	CASE WHEN m.compliant = 1 THEN 'compliant' WHEN m.compliant = 0 THEN 'noncompliant' ELSE 'unknown' END AS compliance,
	n.management_state, n.action_results,
	CASE WHEN r.trust_type = '' OR r.trust_type IS NULL THEN 0 ELSE 1 END AS directory_registered, r.directory_id,
	CASE WHEN n.upn = '' THEN 'windowsAzureADJoinUsingDeviceAuth' ELSE 'windowsAzureADJoin' END AS enrollment_type,
	r.category, CASE WHEN n.upn = '' THEN d.assigned_upn ELSE n.upn END AS upn, u.user_id, u.mail,
	u.display_name AS user_display_name, x.not_after AS certificate_until, p.name AS profile_name, n.notes,
	CASE r.trust_type WHEN 'ServerAD' THEN 'hybridAzureADJoined' WHEN 'AzureAD' THEN 'azureADJoined' ELSE 'unknown' END
		AS join_type, CASE WHEN t.value = '' THEN NULL ELSE t.value END AS account_type
FROM enrollment n JOIN device d ON d.device_id = n.device_id
LEFT JOIN directory_device r ON r.device_id = d.device_id
LEFT JOIN ad_account a ON a.device_id = d.device_id
LEFT JOIN compliance m ON m.device_id = d.device_id
LEFT JOIN cohort c ON c.cohort_id = d.cohort_id
LEFT JOIN deployment_profile p ON p.profile_id = c.profile_id
LEFT JOIN certificate x ON x.sha256 = n.certificate_sha256
LEFT JOIN device_report t ON t.device_id = d.device_id AND t.loc_uri = './Device/Vendor/Ferry/Account/Type'
LEFT JOIN directory_user u ON u.tenant_id = n.tenant_id AND u.upn_key = LOWER(CASE WHEN n.upn = '' THEN d.assigned_upn ELSE n.upn END)
WHERE n.tenant_id = $1 AND n.state = 'enrolled'

-- name: view_groups
SELECT group_id AS id, name, name_key, description, mail_nickname, rule, created_at,
	CASE WHEN rule IS NULL THEN NULL ELSE 'DynamicMembership' END AS group_type,
	CASE WHEN rule IS NULL THEN NULL ELSE 'DynamicMembership' END AS group_types,
	CASE WHEN rule IS NULL THEN NULL ELSE processing END AS processing,
	CASE WHEN source = 'domain' THEN 1 ELSE NULL END AS on_premises, CASE WHEN sid = '' THEN NULL ELSE sid END AS sid
FROM directory_group WHERE tenant_id = $1

-- name: view_users
SELECT user_id AS id, upn, upn_key, display_name, given_name, surname, mail, department, job_title, usage_location,
	account_enabled, created_at, CASE WHEN source = 'domain' THEN 1 ELSE NULL END AS on_premises,
	CASE WHEN sid = '' THEN NULL ELSE sid END AS sid, CASE WHEN account_name = '' THEN NULL ELSE account_name END
		AS account_name, CASE WHEN domain = '' THEN NULL ELSE domain END AS domain
FROM directory_user WHERE tenant_id = $1

-- name: view_connectors
SELECT connector_id AS id, name, domain, version, last_seen_at, created_at,
	CASE WHEN last_seen_at IS NULL THEN 'pending' WHEN last_seen_at < CAST($2 AS BIGINT) THEN 'inactive'
		WHEN last_seen_at < CAST($3 AS BIGINT) THEN 'error' ELSE 'active' END AS state
FROM connector WHERE tenant_id = $1

-- name: view_autopilot_events
SELECT y.deployment_id AS id, d.device_id, d.serial, d.serial_key, y.started_at, y.finished_at, d.created_at AS registered_at,
	COALESCE(a.computer_name, r.display_name) AS device_name, d.assigned_upn AS upn, u.user_id, p.name AS profile_name,
	s.esp_id, s.name AS esp_name, r.os_version, y.reason, y.fault, d.enrollment_state,
	CASE y.result WHEN 'success' THEN 'success' WHEN 'failed' THEN 'failure' ELSE 'inProgress' END AS deployment_state,
	CASE WHEN y.phase = 'done' OR y.phase = 'resealed' OR y.phase = 'user' THEN 'success' WHEN y.result = 'failed'
		THEN 'failure' ELSE 'inProgress' END AS device_setup,
	CASE WHEN y.phase = 'done' THEN 'success' WHEN y.phase = 'user' AND y.result = 'failed' THEN 'failure'
		WHEN y.phase = 'user' THEN 'inProgress' ELSE 'notAttempted' END AS account_setup,
	CASE WHEN p.join_type = 'hybrid' AND y.mode = 'technician' THEN 'offlineDomainJoinedWithWhiteGlove'
		WHEN p.join_type = 'hybrid' THEN 'offlineDomainJoined' WHEN y.mode = 'technician'
		THEN 'azureADJoinedWithWhiteGlove' WHEN p.join_type IS NULL THEN 'unknown'
		ELSE 'azureADJoinedWithAutopilotProfile' END AS enrollment_type,
	y.finished_at - y.started_at AS duration
FROM deployment y JOIN device d ON d.device_id = y.device_id
LEFT JOIN directory_device r ON r.device_id = d.device_id
LEFT JOIN ad_account a ON a.device_id = d.device_id
LEFT JOIN cohort c ON c.cohort_id = d.cohort_id
LEFT JOIN deployment_profile p ON p.profile_id = c.profile_id
LEFT JOIN esp_profile s ON s.esp_id = c.esp_id
LEFT JOIN directory_user u ON u.tenant_id = d.tenant_id AND u.upn_key = LOWER(d.assigned_upn)
WHERE y.tenant_id = $1

-- name: view_preparation_deployments
SELECT r.deployment_id AS id, d.device_id, d.serial, d.serial_key, COALESCE(x.display_name, d.serial) AS device_name, r.upn, r.policy_id,
	r.policy_name, r.policy_version, r.group_name, r.created_at AS started_at, y.finished_at,
	y.finished_at - r.created_at AS duration, y.fault, y.reason,
	CASE WHEN y.result = 'failed' THEN 'failed' WHEN y.finished_at IS NOT NULL THEN 'success' ELSE 'inProgress' END AS status,
	CASE WHEN EXISTS (SELECT 1 FROM device_item s JOIN config_item i ON i.item_id = s.item_id WHERE s.device_id = r.device_id
			AND s.deployment_id = r.deployment_id AND s.state = 'failed' AND i.kind <> 'app' AND i.kind <> 'script')
		OR (y.result = 'failed' AND r.placed_at IS NULL) THEN 'failed'
		WHEN y.finished_at IS NOT NULL OR EXISTS (SELECT 1 FROM device_item s JOIN config_item i ON i.item_id = s.item_id
			WHERE s.device_id = r.device_id AND s.deployment_id = r.deployment_id AND (i.kind = 'app' OR i.kind = 'script'))
		THEN 'success' ELSE 'inProgress' END AS policy_status,
	CASE WHEN t.scripts_failed > 0 THEN 'failed' WHEN r.placed_at IS NOT NULL AND t.scripts_open = 0 THEN 'success'
		ELSE 'inProgress' END AS script_status,
	CASE WHEN t.apps_failed > 0 THEN 'failed' WHEN r.placed_at IS NOT NULL AND t.apps_open = 0 THEN 'success'
		ELSE 'inProgress' END AS app_status,
	COALESCE(t.items, 0) AS item_count, COALESCE(t.installed, 0) AS installed_count, COALESCE(t.skipped, 0) AS skipped_count
FROM preparation_run r JOIN deployment y ON y.deployment_id = r.deployment_id JOIN device d ON d.device_id = r.device_id
LEFT JOIN directory_device x ON x.device_id = d.device_id
JOIN (SELECT q.deployment_id, COUNT(p.position) AS items,
	CAST(COALESCE(SUM(CASE WHEN p.skipped = '' AND s.state = 'done' THEN 1 ELSE 0 END), 0) AS BIGINT) AS installed,
	CAST(COALESCE(SUM(CASE WHEN p.skipped <> '' THEN 1 ELSE 0 END), 0) AS BIGINT) AS skipped,
	CAST(COALESCE(SUM(CASE WHEN p.kind = 'script' AND s.state = 'failed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS scripts_failed,
	CAST(COALESCE(SUM(CASE WHEN p.kind = 'app' AND s.state = 'failed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS apps_failed,
	CAST(COALESCE(SUM(CASE WHEN p.kind = 'script' AND p.skipped = '' AND COALESCE(s.state, '') <> 'done' THEN 1 ELSE 0 END), 0)
		AS BIGINT) AS scripts_open,
	CAST(COALESCE(SUM(CASE WHEN p.kind = 'app' AND p.skipped = '' AND COALESCE(s.state, '') <> 'done' THEN 1 ELSE 0 END), 0)
		AS BIGINT) AS apps_open
	FROM preparation_run q LEFT JOIN preparation_item p ON p.deployment_id = q.deployment_id
	LEFT JOIN device_item s ON s.item_id = p.item_id AND s.device_id = q.device_id AND s.deployment_id = p.deployment_id
	WHERE q.tenant_id = $1 GROUP BY q.deployment_id) t ON t.deployment_id = r.deployment_id
WHERE r.tenant_id = $1

-- name: view_preparation_items
SELECT p.deployment_id || '-' || CAST(p.position AS TEXT) AS id, p.deployment_id, d.device_id, d.serial, p.position, p.item_id, p.name, p.kind,
	CASE WHEN p.skipped <> '' THEN 'skipped' WHEN s.state = 'done' THEN 'installed' WHEN s.state = 'failed' THEN 'failed'
		ELSE 'inProgress' END AS status,
	CASE WHEN p.skipped <> '' THEN p.skipped ELSE COALESCE(s.reason, '') END AS reason, s.fault, s.exit_code,
	COALESCE(s.output, '') AS output, s.updated_at
FROM preparation_item p JOIN preparation_run r ON r.deployment_id = p.deployment_id JOIN device d ON d.device_id = r.device_id
LEFT JOIN device_item s ON s.item_id = p.item_id AND s.device_id = r.device_id AND s.deployment_id = p.deployment_id
WHERE p.tenant_id = $1 AND p.deployment_id = $2

-- name: view_preparation_apps
SELECT p.deployment_id || '-' || CAST(p.position AS TEXT) AS id, p.deployment_id, d.device_id, d.serial, p.position, p.item_id, p.name, p.kind,
	CASE WHEN p.skipped <> '' THEN 'skipped' WHEN s.state = 'done' THEN 'installed' WHEN s.state = 'failed' THEN 'failed'
		ELSE 'inProgress' END AS status,
	CASE WHEN p.skipped <> '' THEN p.skipped ELSE COALESCE(s.reason, '') END AS reason, s.fault, s.exit_code,
	COALESCE(s.output, '') AS output, s.updated_at
FROM preparation_item p JOIN preparation_run r ON r.deployment_id = p.deployment_id JOIN device d ON d.device_id = r.device_id
LEFT JOIN device_item s ON s.item_id = p.item_id AND s.device_id = r.device_id AND s.deployment_id = p.deployment_id
WHERE p.tenant_id = $1 AND p.kind = 'app'

-- name: view_preparation_scripts
SELECT p.deployment_id || '-' || CAST(p.position AS TEXT) AS id, p.deployment_id, d.device_id, d.serial, p.position, p.item_id, p.name, p.kind,
	CASE WHEN p.skipped <> '' THEN 'skipped' WHEN s.state = 'done' THEN 'installed' WHEN s.state = 'failed' THEN 'failed'
		ELSE 'inProgress' END AS status,
	CASE WHEN p.skipped <> '' THEN p.skipped ELSE COALESCE(s.reason, '') END AS reason, s.fault, s.exit_code,
	COALESCE(s.output, '') AS output, s.updated_at
FROM preparation_item p JOIN preparation_run r ON r.deployment_id = p.deployment_id JOIN device d ON d.device_id = r.device_id
LEFT JOIN device_item s ON s.item_id = p.item_id AND s.device_id = r.device_id AND s.deployment_id = p.deployment_id
WHERE p.tenant_id = $1 AND p.kind = 'script'

-- name: view_associations
SELECT s.association_id AS id, d.device_id, d.serial, d.serial_key, d.manufacturer, d.model,
	CASE WHEN s.policy_id = '' THEN NULL ELSE s.policy_id END AS policy_id,
	CASE s.state WHEN 'removing' THEN 'pendingRemoval' ELSE s.state END AS state,
	CASE WHEN s.associated_at IS NULL AND s.created_at < $2 THEN 1 ELSE 0 END AS stale, s.created_at, s.associated_at
FROM preparation_association s JOIN device d ON d.device_id = s.device_id WHERE s.tenant_id = $1

-- name: view_policy_status
SELECT i.item_id AS id, i.name, CASE i.kind WHEN 'app' THEN 'application' ELSE 'configurationPolicy' END AS policy_type,
	CASE WHEN s.state = 'done' AND i.kind = 'app' THEN 'installed' WHEN s.state = 'done' THEN 'compliant'
		WHEN s.state = 'failed' THEN 'error' WHEN i.kind = 'app' THEN 'notInstalled' ELSE 'notCompliant' END AS status,
	s.updated_at, s.fault
FROM device_item s JOIN config_item i ON i.item_id = s.item_id WHERE s.tenant_id = $1 AND s.deployment_id = $2

-- name: view_configuration_states
SELECT i.item_id AS id, i.name, CASE s.state WHEN 'done' THEN 'compliant' WHEN 'failed' THEN 'error'
		WHEN 'conflict' THEN 'conflict' ELSE 'unknown' END AS status,
	s.updated_at, s.fault
FROM enrollment n JOIN device_item s ON s.deployment_id = n.deployment_id JOIN config_item i ON i.item_id = s.item_id
WHERE n.tenant_id = $1 AND n.enrollment_id = $2 AND i.kind <> 'app'

-- name: view_organization
SELECT t.tenant_id AS id, t.name, t.created_at,
	'[{"name":"' || t.domain || '","isDefault":true,"isInitial":true,"type":"Managed","capabilities":""}]' AS domains
FROM tenant t WHERE t.tenant_id = $1

-- name: view_audit_events
SELECT event_id AS id, seq, name, component, actor, actor_name, activity, at, activity_type, operation, result, correlation_id,
	resources, resource_id, category
FROM audit_event WHERE tenant_id = $1

-- name: view_group_members
SELECT r.directory_id AS id, '#microsoft.graph.device' AS odata_type, r.display_name, r.directory_id AS device_id, r.os_type,
	r.os_version, r.trust_type, CAST(NULL AS TEXT) AS upn, CAST(NULL AS TEXT) AS mail, CAST(NULL AS TEXT) AS description, CAST(NULL AS TEXT) AS rule
FROM group_member m JOIN directory_device r ON r.device_id = m.device_id WHERE m.tenant_id = $1 AND m.group_id = $2
UNION ALL
SELECT r.directory_id, '#microsoft.graph.device', r.display_name, r.directory_id, r.os_type, r.os_version, r.trust_type,
	NULL, NULL, NULL, NULL
FROM directory_group g JOIN cohort_group c ON c.group_id = g.group_id JOIN device d ON d.cohort_id = c.cohort_id
JOIN directory_device r ON r.device_id = d.device_id
WHERE g.tenant_id = $1 AND g.group_id = $2 AND g.rule IS NOT NULL
	AND NOT EXISTS (SELECT 1 FROM group_member m WHERE m.group_id = g.group_id AND m.device_id = d.device_id)
UNION ALL
SELECT u.user_id, '#microsoft.graph.user', u.display_name, NULL, NULL, NULL, NULL, u.upn, u.mail, NULL, NULL
FROM group_user m JOIN directory_user u ON u.user_id = m.user_id WHERE m.tenant_id = $1 AND m.group_id = $2
UNION ALL
SELECT g.group_id, '#microsoft.graph.group', g.name, NULL, NULL, NULL, NULL, NULL, NULL, g.description, g.rule
FROM group_child m JOIN directory_group g ON g.group_id = m.child_id WHERE m.tenant_id = $1 AND m.group_id = $2

-- name: view_group_all_members
WITH RECURSIVE inside (group_id) AS (
	SELECT group_id FROM directory_group WHERE tenant_id = $1 AND group_id = $2
	UNION
	SELECT c.child_id FROM group_child c JOIN inside i ON i.group_id = c.group_id
)
SELECT r.directory_id AS id, '#microsoft.graph.device' AS odata_type, r.display_name, r.directory_id AS device_id, r.os_type,
	r.os_version, r.trust_type, CAST(NULL AS TEXT) AS upn, CAST(NULL AS TEXT) AS mail, CAST(NULL AS TEXT) AS description, CAST(NULL AS TEXT) AS rule
FROM cohort_group c JOIN device d ON d.cohort_id = c.cohort_id JOIN directory_device r ON r.device_id = d.device_id
WHERE c.tenant_id = $1 AND c.group_id = $2
UNION ALL
SELECT u.user_id, '#microsoft.graph.user', u.display_name, NULL, NULL, NULL, NULL, u.upn, u.mail, NULL, NULL
FROM directory_user u WHERE u.tenant_id = $1 AND u.user_id IN (SELECT m.user_id FROM group_user m
	JOIN inside i ON i.group_id = m.group_id)
UNION ALL
SELECT g.group_id, '#microsoft.graph.group', g.name, NULL, NULL, NULL, NULL, NULL, NULL, g.description, g.rule
FROM directory_group g JOIN inside i ON i.group_id = g.group_id WHERE g.tenant_id = $1 AND g.group_id <> $2

-- name: view_device_groups
SELECT g.group_id AS id, '#microsoft.graph.group' AS odata_type, g.name AS display_name, CAST(NULL AS TEXT) AS device_id, CAST(NULL AS TEXT) AS os_type,
	CAST(NULL AS TEXT) AS os_version, CAST(NULL AS TEXT) AS trust_type, CAST(NULL AS TEXT) AS upn, CAST(NULL AS TEXT) AS mail, g.description, g.rule
FROM directory_device r JOIN device d ON d.device_id = r.device_id JOIN cohort_group c ON c.cohort_id = d.cohort_id
JOIN directory_group g ON g.group_id = c.group_id
WHERE r.tenant_id = $1 AND r.directory_id = $2

-- name: view_user_groups
WITH RECURSIVE outside (group_id) AS (
	SELECT group_id FROM group_user WHERE tenant_id = $1 AND user_id = $2
	UNION
	SELECT c.group_id FROM group_child c JOIN outside o ON o.group_id = c.child_id
)
SELECT g.group_id AS id, '#microsoft.graph.group' AS odata_type, g.name AS display_name, CAST(NULL AS TEXT) AS device_id, CAST(NULL AS TEXT) AS os_type,
	CAST(NULL AS TEXT) AS os_version, CAST(NULL AS TEXT) AS trust_type, CAST(NULL AS TEXT) AS upn, CAST(NULL AS TEXT) AS mail, g.description, g.rule
FROM directory_group g JOIN outside o ON o.group_id = g.group_id WHERE g.tenant_id = $1

-- name: view_group_groups
SELECT g.group_id AS id, '#microsoft.graph.group' AS odata_type, g.name AS display_name, CAST(NULL AS TEXT) AS device_id, CAST(NULL AS TEXT) AS os_type,
	CAST(NULL AS TEXT) AS os_version, CAST(NULL AS TEXT) AS trust_type, CAST(NULL AS TEXT) AS upn, CAST(NULL AS TEXT) AS mail, g.description, g.rule
FROM group_child c JOIN directory_group g ON g.group_id = c.group_id WHERE c.tenant_id = $1 AND c.child_id = $2

-- name: view_group_owners
SELECT u.user_id AS id, '#microsoft.graph.user' AS odata_type, u.display_name, CAST(NULL AS TEXT) AS device_id, CAST(NULL AS TEXT) AS os_type,
	CAST(NULL AS TEXT) AS os_version, CAST(NULL AS TEXT) AS trust_type, u.upn, u.mail, CAST(NULL AS TEXT) AS description, CAST(NULL AS TEXT) AS rule
FROM group_owner o JOIN directory_user u ON u.user_id = o.owner_id WHERE o.tenant_id = $1 AND o.group_id = $2

-- name: view_imported_devices
SELECT imported_id AS id, batch_id, serial, product_key, group_tag, assigned_upn, status, device_id, error_code, error_name,
	'{"deviceImportStatus":"' || status || '","deviceRegistrationId":"' || device_id || '","deviceErrorCode":'
		|| CAST(error_code AS TEXT) || ',"deviceErrorName":"' || error_name || '"}' AS state
FROM imported_device WHERE tenant_id = $1

-- name: view_corporate_identifiers
SELECT identifier_id AS id, type, identifier, description, enrollment_state, last_contact_at, created_at, modified_at,
	CASE WHEN type = 'manufacturerModelSerial' THEN 'windows' ELSE 'unknown' END AS platform
FROM corporate_identifier WHERE tenant_id = $1

-- name: view_upload_devices
SELECT imported_id AS id, batch_id, serial, product_key, group_tag, assigned_upn, status, device_id, error_code, error_name,
	'{"deviceImportStatus":"' || status || '","deviceRegistrationId":"' || device_id || '","deviceErrorCode":'
		|| CAST(error_code AS TEXT) || ',"deviceErrorName":"' || error_name || '"}' AS state
FROM imported_device WHERE tenant_id = $1 AND upload_id = $2

-- name: view_import_uploads
SELECT upload_id AS id, created_at, 'complete' AS status FROM imported_upload WHERE tenant_id = $1
