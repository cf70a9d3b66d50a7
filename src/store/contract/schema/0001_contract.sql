-- What the contract suite writes into; never part of a product database.
CREATE TABLE sample (
	sample_id TEXT NOT NULL PRIMARY KEY,
	number BIGINT,
	words TEXT,
	bytes @BLOB@
) @STRICT@;

CREATE TABLE counter (
	name TEXT NOT NULL PRIMARY KEY,
	value BIGINT NOT NULL
) @STRICT@;
