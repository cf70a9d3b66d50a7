-- The profile that a device's configuration file names (behaviour V9): it counts where none is assigned.
ALTER TABLE device ADD COLUMN offline_profile TEXT;
