-- name: note_arrivals
-- Keeps the transaction that brought each inbox row: the row's own xmin is that of its last change.
-- The hub's role may not write this table, so the function has its owner's rights.
CREATE TABLE bench_arrived (inbox_id bigint NOT NULL);
CREATE FUNCTION bench_note_arrived() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO bench_arrived SELECT inbox_id FROM arrived;
    RETURN NULL;
END $$;
CREATE TRIGGER bench_notes_arrived AFTER INSERT ON inbox REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION bench_note_arrived();

-- name: register_edge
INSERT INTO device (device_id, kind, name_zh, name_en, registered_at, cameras)
SELECT camera, 'cameras', '', '', now(), '{}' FROM unnest(%(cameras)s::text[]) AS camera
UNION ALL SELECT %(edge)s, 'edges', '', '', now(), %(cameras)s::text[];

-- name: store_photo
-- The photo that every report and detection names.
INSERT INTO evidence (sha256, bytes, width, height, received_at) VALUES (%s, 1, 1, 1, now())
ON CONFLICT DO NOTHING;

-- name: matters
-- What a report may name: high, filed at once, and the same only within a short distance.
SELECT item_key, each ->> 'cond_key'
FROM catalogue_item, jsonb_array_elements(body -> 'conditions') AS each
WHERE version = (SELECT max(version) FROM catalogue_version) AND item_key <> 'sos'
  AND each ->> 'severity' = 'high'
  AND NOT coalesce((body ->> 'verify_before_filing')::boolean, false)
  AND coalesce((body -> 'dedup' ->> 'radius_m')::float8, 10) <= 40
ORDER BY 1, 2;

-- name: placed
SELECT count(*) FROM terminal_live WHERE received_at > now() - interval '2 minutes';

-- name: at_work
-- Inbox rows to be handled, and messages to be published.
SELECT (SELECT count(*) FROM inbox WHERE state = 'pending'),
       (SELECT count(*) FROM outbox WHERE published_at IS NULL AND dropped_at IS NULL);

-- name: undecided
-- Signals without effect yet, and guards that have neither left the outbox nor been dropped.
SELECT count(*) FROM unnest(%s::text[]) AS said (identity)
LEFT JOIN signal s USING (identity)
WHERE s.signal_id IS NULL
   OR EXISTS (SELECT FROM command c JOIN outbox o ON o.correlation = c.command_id::text
              WHERE c.case_id = s.case_id AND o.published_at IS NULL AND o.dropped_at IS NULL);

-- name: fates
-- What became of each signal. `committed` is when the transaction of its inbox row was.
SELECT said.identity, extract(epoch FROM pg_xact_commit_timestamp(a.xmin))::float8 AS committed,
       extract(epoch FROM i.done_at)::float8 AS taken, i.state AS inbox_state, i.error,
       s.state AS signal_state, s.reason AS signal_reason, s.case_id, c.state AS command_state,
       EXISTS (SELECT FROM pending_guard w WHERE w.case_id = s.case_id) AS wanted
FROM unnest(%s::text[]) AS said (identity)
LEFT JOIN (
    SELECT *, coalesce(payload ->> 'event_id', payload ->> 'detection_id') AS said FROM inbox
    WHERE leaf IN ('events', 'detections')
) i ON i.said = said.identity
LEFT JOIN bench_arrived a ON a.inbox_id = i.inbox_id
LEFT JOIN signal s ON s.identity = said.identity
LEFT JOIN LATERAL (
    SELECT state FROM command WHERE case_id = s.case_id AND type = 'guard'
    ORDER BY issued_at LIMIT 1
) c ON true;

-- name: clear
-- Everything that was begun is over, so that what comes next is measured alone.
UPDATE inbox SET state = 'done', done_at = now() WHERE state = 'pending';
UPDATE outbox SET dropped_at = now() WHERE published_at IS NULL AND dropped_at IS NULL;
DELETE FROM pending_guard;
UPDATE command SET state = 'cancelled', timer_at = NULL, finished_at = now()
WHERE state IN ('created', 'queued', 'sent', 'delivered', 'accepted', 'in_progress');
UPDATE cases SET state = 'VOID' WHERE state NOT IN ('CLOSED', 'MERGED', 'VOID');

-- name: newest
SELECT coalesce(max(inbox_id), 0) FROM inbox;

-- name: order_guards
-- Orders that devices have got and not answered yet, each to another case.
WITH place AS (
    SELECT row_number() OVER (ORDER BY device_id) - 1 AS nth, device_id FROM device
    WHERE kind = 'terminals'
), filed AS (
    INSERT INTO cases (case_no, state, item_key, cond_key, catalogue_version, severity, lon, lat,
                       error_m, dedup_key, occurred_at, last_seen_at, filed_at, filed_by)
    SELECT 'bench-' || n, 'FILED', 'manhole_cover', 'uneven',
           (SELECT max(version) FROM catalogue_version), 'mid', 0, 0, 5, 'bench|' || n, now(), now(),
           now(), 'user:bench'
    FROM generate_series(1, %(commands)s) AS n
    RETURNING case_id
)
INSERT INTO command (command_id, device_id, type, body, case_id, priority, state, issued_at,
                     expires_at, accept_within_s, timer_at, sent_at, issued_by)
SELECT gen_random_uuid(), place.device_id, 'guard',
       '{"title": "a benchmark", "text": "", "place": {"lon": 0, "lat": 0}}', numbered.case_id, 5,
       'sent', now(), now() + interval '1 hour', 3600, now() + interval '1 hour', now(), 'user:bench'
FROM (SELECT case_id, row_number() OVER (ORDER BY case_id) - 1 AS n FROM filed) AS numbered
JOIN place ON place.nth = numbered.n %% (SELECT count(*) FROM place);

-- name: send_acks
INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at, identity)
SELECT 'terminals', device_id, 'acks', command_id::text,
       jsonb_build_object('command_id', command_id, 'state', state, 'rev', rev, 'at', now()), now(),
       device_id || '/acks/' || command_id || '/' || rev
FROM (SELECT command_id, device_id FROM command WHERE issued_by = 'user:bench' AND state = 'sent')
    AS waiting,
    (VALUES (1, 'delivered'), (2, 'accepted'), (3, 'succeeded')) AS said (rev, state)
ORDER BY rev, command_id;

-- name: send_events
-- Check-ins and flat batteries in turn.
WITH place AS (
    SELECT row_number() OVER (ORDER BY device_id) - 1 AS nth, device_id FROM device
    WHERE kind = 'terminals'
), event AS (
    SELECT n, gen_random_uuid() AS event_id,
           CASE n %% 2 WHEN 0 THEN 'checkin' ELSE 'low_battery' END AS type
    FROM generate_series(1, %(events)s) AS n
)
INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at, identity)
SELECT 'terminals', device_id, 'events', '',
       jsonb_build_object('event_id', event_id, 'type', type, 'observed_at', now()), now(),
       device_id || '/events/' || event_id
FROM event JOIN place ON place.nth = event.n %% (SELECT count(*) FROM place)
ORDER BY n;

-- name: send_signals
INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at, identity)
SELECT kind, device_id, leaf, tail, payload::jsonb || jsonb_build_object(instant, now()), now(),
       device_id || '/' || leaf || '/' || identity
FROM unnest(%(kind)s::text[], %(device_id)s::text[], %(leaf)s::text[], %(tail)s::text[],
            %(payload)s::text[], %(instant)s::text[], %(identity)s::text[])
    AS new (kind, device_id, leaf, tail, payload, instant, identity);

-- name: drained
-- Of the rows after one: handled, given up, still waiting; and the seconds from the commit by which
-- they came in to the commit by which the last was handled.
SELECT count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'parked'),
       count(*) FILTER (WHERE state = 'pending'),
       extract(epoch FROM max(pg_xact_commit_timestamp(i.xmin)) FILTER (WHERE state <> 'pending')
                          - min(pg_xact_commit_timestamp(a.xmin)))::float8
FROM inbox i JOIN bench_arrived a USING (inbox_id)
WHERE inbox_id > %(after)s AND leaf = %(leaf)s;

-- name: pending
SELECT count(*) FROM inbox WHERE state = 'pending' AND inbox_id > %(after)s AND leaf = %(leaf)s;

-- name: filed_since
SELECT count(*) FROM cases WHERE case_id > %s;

-- name: newest_case
SELECT coalesce(max(case_id), 0) FROM cases;

-- name: newest_entry
SELECT coalesce(max(journal_id), 0) FROM journal;

-- name: writing_transactions
SELECT count(DISTINCT xmin::text) FROM journal WHERE journal_id > %s;

-- name: watch
-- Each thousandth of a second: who holds the journal's lock, if anybody does.
CREATE FUNCTION pg_temp.watch(seconds float8)
    RETURNS TABLE (at float8, holder text) LANGUAGE plpgsql AS $$
DECLARE
    until timestamptz := clock_timestamp() + seconds * interval '1 second';
BEGIN
    WHILE clock_timestamp() < until LOOP
        SELECT l.pid || ' ' || l.virtualtransaction INTO holder FROM pg_locks l
        WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = 7001 AND l.objsubid = 1
          AND l.granted;
        at := extract(epoch FROM clock_timestamp());
        RETURN NEXT;
        PERFORM pg_sleep(0.001);
    END LOOP;
END $$;

-- name: look
SELECT at, holder FROM pg_temp.watch(%s);
