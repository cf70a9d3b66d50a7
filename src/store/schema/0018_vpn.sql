-- Addresses of devices in a tunnel's pool (domain/vpn_profile.h), IPv4 as a number. Freed with the registration or the item.
CREATE TABLE vpn_address (
	tenant_id TEXT NOT NULL REFERENCES tenant,
	item_id TEXT NOT NULL REFERENCES config_item ON DELETE CASCADE,
	device_id TEXT NOT NULL REFERENCES device ON DELETE CASCADE,
	address BIGINT NOT NULL,
	PRIMARY KEY (item_id, device_id)
) @STRICT@;
CREATE UNIQUE INDEX vpn_address_once ON vpn_address (item_id, address);
CREATE INDEX vpn_address_device ON vpn_address (device_id);
