-- name: enqueue_all
INSERT INTO outbox (topic, payload, retain, correlation, created_at, expires_at)
SELECT topic, payload, retain, correlation, created_at, expires_at
FROM unnest(%s::text[], %s::bytea[], %s::boolean[], %s::text[], %s::timestamptz[], %s::timestamptz[])
    WITH ORDINALITY AS new (topic, payload, retain, correlation, created_at, expires_at, nth)
ORDER BY nth;

-- name: take
SELECT outbox_id, topic, payload, retain, correlation, expires_at FROM outbox
WHERE published_at IS NULL AND dropped_at IS NULL
ORDER BY outbox_id LIMIT %s FOR UPDATE SKIP LOCKED;

-- name: published
UPDATE outbox SET published_at = %s, payload = '' WHERE outbox_id = ANY(%s);

-- name: drop_expired
UPDATE outbox SET dropped_at = %(now)s, payload = ''
WHERE published_at IS NULL AND dropped_at IS NULL AND expires_at <= %(now)s;

-- name: withdraw
UPDATE outbox SET dropped_at = %(now)s, payload = '' WHERE outbox_id IN (
    SELECT outbox_id FROM outbox WHERE correlation = %(correlation)s
      AND published_at IS NULL AND dropped_at IS NULL
    FOR UPDATE SKIP LOCKED
);

-- name: forget
DELETE FROM outbox WHERE outbox_id IN (
    SELECT outbox_id FROM outbox WHERE coalesce(published_at, dropped_at) < %s
    ORDER BY outbox_id LIMIT %s
);
