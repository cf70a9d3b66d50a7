-- Wipes, retirements and resets of many devices need a second person as their deletion does. action: a name of
-- domain/device_action.def, or empty for the deletion of registrations; data: as in device_action; items: then ids of managed
-- devices.
ALTER TABLE deletion_request ADD COLUMN action TEXT NOT NULL DEFAULT '';
ALTER TABLE deletion_request ADD COLUMN data TEXT NOT NULL DEFAULT '';
