-- Who signed in for a deployment: '' while nobody has. mode is the way of deployment (src/domain/deployment_mode.h).
ALTER TABLE deployment ADD COLUMN upn TEXT NOT NULL DEFAULT '';
