-- Challenges that nobody answered are forgotten by device.
CREATE INDEX attestation_device ON attestation (device_id, expires_at);
