-- name: sample_insert
INSERT INTO sample (sample_id, number, words, bytes) VALUES ($1, $2, $3, $4)

-- name: sample_insert_quietly
INSERT INTO sample (sample_id) VALUES ($1) ON CONFLICT (sample_id) DO NOTHING

-- name: sample_upsert
INSERT INTO sample (sample_id, number) VALUES ($1, $2)
ON CONFLICT (sample_id) DO UPDATE SET number = excluded.number
RETURNING sample_id, number

-- name: sample_by_id
SELECT sample_id, number, words, bytes FROM sample WHERE sample_id = $1

-- The same parameter twice, and not in the order of the numbers.
-- name: sample_by_number_or_id
SELECT sample_id FROM sample WHERE number = $2 OR (sample_id = $1 AND CAST($2 AS BIGINT) IS NOT NULL)

-- name: sample_list
SELECT sample_id, number FROM sample ORDER BY sample_id

-- name: sample_count
SELECT COUNT(*) AS total FROM sample

-- name: sample_double
UPDATE sample SET number = number * 2 WHERE number >= $1 RETURNING sample_id, number

-- name: sample_delete_all
DELETE FROM sample

-- name: counter_set
INSERT INTO counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- name: counter_get
SELECT value FROM counter WHERE name = $1

-- name: label_insert
INSERT INTO label (sample_id, label) VALUES ($1, $2) RETURNING label_id

-- name: dialect
-- sqlite: SELECT 'sqlite' AS words
-- postgresql: SELECT 'postgresql' AS words
