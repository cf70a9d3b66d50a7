CREATE TABLE label (
	label_id @BIGSERIAL@,
	sample_id TEXT NOT NULL REFERENCES sample (sample_id) ON DELETE CASCADE,
	label TEXT NOT NULL,
	UNIQUE (sample_id, label)
) @STRICT@;
