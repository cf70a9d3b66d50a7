-- What connectors synchronize.
SELECT 1
