-- Who changed what.
SELECT 1
