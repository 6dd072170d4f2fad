-- A message may hold secrets (a camera's password, a token), so its payload goes as soon as it is sent or dropped.

UPDATE outbox SET payload = '' WHERE published_at IS NOT NULL OR dropped_at IS NOT NULL;

COMMENT ON COLUMN outbox.payload IS 'Empty once the message is published or dropped.';
