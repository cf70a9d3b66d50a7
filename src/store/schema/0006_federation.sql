-- Foreign issuers of identity.
SELECT 1
