-- What people sign in with.
SELECT 1
