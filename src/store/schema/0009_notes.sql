-- What administrators write about a device under management (graph-api.md section 9).
ALTER TABLE enrollment ADD COLUMN notes TEXT NOT NULL DEFAULT '';
