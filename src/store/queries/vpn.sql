-- Tunnels: who has which address.

-- name: vpn_address_get
SELECT address FROM vpn_address WHERE tenant_id = $1 AND item_id = $2 AND device_id = $3

-- name: vpn_address_free
-- The lowest address of the pool that nobody has: its first one, or one after a taken one.
SELECT MIN(c.address) AS address FROM (
	SELECT CAST($2 AS BIGINT) AS address
	UNION SELECT address + 1 FROM vpn_address WHERE item_id = $1 AND address >= $2 AND address < $3) c
WHERE NOT EXISTS (SELECT 1 FROM vpn_address v WHERE v.item_id = $1 AND v.address = c.address)

-- name: vpn_address_take
INSERT INTO vpn_address (tenant_id, item_id, device_id, address) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING

-- name: vpn_address_drop
DELETE FROM vpn_address WHERE tenant_id = $1 AND item_id = $2 AND device_id = $3

-- name: vpn_item
SELECT name, loc_uri, data FROM config_item WHERE tenant_id = $1 AND item_id = $2

-- name: vpn_same_node
SELECT name FROM config_item WHERE tenant_id = $1 AND loc_uri = $2 AND item_id <> $3 ORDER BY created_at, item_id LIMIT 1

-- name: vpn_peers
SELECT v.address, d.device_id, d.serial, r.value AS public_key FROM vpn_address v
JOIN device d ON d.device_id = v.device_id
JOIN device_report r ON r.device_id = v.device_id AND r.loc_uri = $3
JOIN enrollment n ON n.device_id = v.device_id AND n.state = 'enrolled'
WHERE v.tenant_id = $1 AND v.item_id = $2 ORDER BY v.address
