-- name: stage
CREATE TEMP TABLE true_sample (
    device_id text, boot_id text, seq bigint, observed_at timestamptz,
    lon double precision, lat double precision
);
CREATE TEMP TABLE true_event (
    device_id text, event_id text, type text, observed_at timestamptz
);
CREATE TEMP TABLE true_fault (
    device_id text, at_s double precision, fault text, detail text
);
CREATE TEMP TABLE taken (
    device_id text, kind text, boot_id text, key text, topic text, at timestamptz
);

-- name: prepare
-- This exercise only: no other has its boot ids. `stamped_at` is what the device's clock said, which the
-- hub corrects where the clock is certainly wrong.
CREATE INDEX ON true_sample (device_id, boot_id, seq);
CREATE TEMP TABLE stored_sample AS
    SELECT t.device_id, t.boot_id, t.seq, t.observed_at, t.received_at, t.lon, t.lat, t.backlog,
           t.observed_at + coalesce(t.clock_error_s, 0) * interval '1 s' AS stamped_at
    FROM telemetry t
    JOIN (SELECT device_id, detail AS boot_id FROM true_fault WHERE fault = 'booted') b
      USING (device_id, boot_id);
CREATE INDEX ON stored_sample (device_id, boot_id, seq);
CREATE TEMP TABLE taken_sample AS
    SELECT device_id, boot_id, key::bigint AS seq, bool_or(topic = 'telemetry') AS live
    FROM taken WHERE kind = 'sample' GROUP BY 1, 2, 3;
ANALYZE true_sample;
ANALYZE stored_sample;
ANALYZE taken_sample;

-- name: counts
SELECT (SELECT count(*) FROM true_sample) AS recorded,
       (SELECT count(*) FROM taken_sample) AS acknowledged,
       (SELECT count(*) FROM stored_sample) AS stored,
       (SELECT count(*) FROM true_event) AS events,
       (SELECT count(*) FROM true_fault) AS faults;

-- name: lost_samples
-- The broker acknowledged them, but the hub does not have them.
SELECT k.device_id || ' ' || k.boot_id || ' ' || k.seq
FROM taken_sample k
WHERE NOT EXISTS (SELECT FROM stored_sample s
                  WHERE (s.device_id, s.boot_id, s.seq) = (k.device_id, k.boot_id, k.seq))
ORDER BY 1;

-- name: doubled_samples
SELECT device_id || ' ' || boot_id || ' ' || seq || ': ' || count(*) || ' times'
FROM stored_sample GROUP BY device_id, boot_id, seq HAVING count(*) > 1 ORDER BY 1;

-- name: invented_samples
SELECT s.device_id || ' ' || s.boot_id || ' ' || s.seq
FROM stored_sample s
WHERE NOT EXISTS (SELECT FROM true_sample t
                  WHERE (t.device_id, t.boot_id, t.seq) = (s.device_id, s.boot_id, s.seq))
ORDER BY 1;

-- name: altered_samples
SELECT s.device_id || ' ' || s.boot_id || ' ' || s.seq
FROM stored_sample s JOIN true_sample t USING (device_id, boot_id, seq)
WHERE s.stamped_at <> t.observed_at OR abs(s.lon - t.lon) > 1e-6 OR abs(s.lat - t.lat) > 1e-6
ORDER BY 1;

-- name: lost_events
SELECT DISTINCT k.device_id || ' ' || k.key
FROM taken k
WHERE k.kind = 'event'
  AND NOT EXISTS (SELECT FROM inbox i
                  WHERE i.identity = k.device_id || '/events/' || k.key)
ORDER BY 1;

-- name: doubled_events
SELECT e.device_id || ' ' || e.event_id
FROM true_event e JOIN inbox i
  ON i.device_id = e.device_id AND i.leaf = 'events' AND i.payload ->> 'event_id' = e.event_id
GROUP BY e.device_id, e.event_id HAVING count(*) > 1 ORDER BY 1;

-- name: parked_messages
SELECT i.device_id || ' ' || i.leaf || ': ' || left(i.error, 200)
FROM inbox i
WHERE i.state = 'parked' AND i.received_at >= (SELECT min(at) FROM taken)
  AND i.device_id IN (SELECT device_id FROM true_fault) ORDER BY 1;

-- name: lost_garbage
-- Malformed messages must be counted among the dead letters, which group similar ones.
SELECT k.device_id || ': ' || coalesce(d.messages, 0) || ' of ' || k.messages
FROM (SELECT device_id, count(DISTINCT key) AS messages
      FROM taken WHERE kind = 'garbage' GROUP BY 1) k
LEFT JOIN (SELECT split_part(source, '/', 5) AS device_id, sum(messages) AS messages
           FROM dead_letter WHERE outcome = 'malformed' GROUP BY 1) d USING (device_id)
WHERE coalesce(d.messages, 0) < k.messages ORDER BY 1;

-- name: markers_behind
-- The live position must be the newest sample that was sent live.
SELECT n.device_id || ': ' || coalesce(l.observed_at::text, 'nowhere') || ', not ' || n.observed_at
FROM (SELECT s.device_id, max(s.observed_at) AS observed_at
      FROM taken_sample k JOIN stored_sample s USING (device_id, boot_id, seq)
      WHERE k.live GROUP BY 1) n
LEFT JOIN terminal_live l USING (device_id)
WHERE l.observed_at IS NULL OR l.observed_at < n.observed_at ORDER BY 1;
