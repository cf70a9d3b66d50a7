-- Imports, partners, and corporate identifiers.
SELECT 1
