-- name: by_identity
SELECT * FROM signal_record
WHERE device_id IS NOT DISTINCT FROM %s AND identity = %s FOR NO KEY UPDATE;

-- name: case_of
SELECT case_id FROM signal WHERE device_id = %s AND identity = %s AND case_id IS NOT NULL;

-- name: by_id
SELECT * FROM signal_record WHERE signal_id = %s FOR NO KEY UPDATE;

-- name: insert
INSERT INTO signal (source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
                    hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text,
                    evidence, boxes, model, state, reason, cleared_at, content_sha256, stamped_at)
VALUES (%(source)s, %(identity)s, %(device_id)s, %(camera_id)s, %(type)s, %(item_key)s,
        %(cond_key)s, %(label)s, %(score)s, %(hits)s, %(seq)s, %(observed_at)s, %(received_at)s,
        %(lon)s, %(lat)s, %(error_m)s, %(asset_id)s, %(text)s, %(evidence)s, %(boxes)s, %(model)s,
        %(state)s, %(reason)s, %(cleared_at)s, %(content_sha256)s, %(stamped_at)s)
ON CONFLICT (device_id, identity) DO NOTHING
RETURNING signal_id;

-- name: insert_all
INSERT INTO signal (source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
                    hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text,
                    evidence, boxes, model, state, reason, cleared_at, content_sha256, stamped_at)
SELECT source, identity, device_id, camera_id, type, item_key, cond_key, label, score, hits, seq,
       observed_at, received_at, lon, lat, error_m, asset_id, text, evidence, boxes, model, state,
       reason, cleared_at, content_sha256, stamped_at
FROM jsonb_populate_recordset(NULL::signal, %s)
ON CONFLICT (device_id, identity) DO NOTHING
RETURNING device_id, identity, signal_id;

-- name: known_contents
SELECT device_id, identity, type, content_sha256 FROM signal
WHERE (device_id, identity) IN (SELECT * FROM unnest(%s::text[], %s::text[]));

-- name: save
UPDATE signal SET type = %(type)s, item_key = %(item_key)s, cond_key = %(cond_key)s,
    label = %(label)s, score = %(score)s, hits = %(hits)s, seq = %(seq)s, lon = %(lon)s,
    lat = %(lat)s, error_m = %(error_m)s, asset_id = %(asset_id)s, evidence = %(evidence)s,
    boxes = %(boxes)s, state = %(state)s, reason = %(reason)s, case_id = %(case_id)s,
    cleared_at = %(cleared_at)s, snoozed_until = %(snoozed_until)s, would = %(would)s,
    decided_at = %(decided_at)s, decided_by = %(decided_by)s,
    -- A decision ends the wait, or begins another one.
    accept_late_at = CASE WHEN decided_at IS NOT DISTINCT FROM %(decided_at)s THEN accept_late_at END
WHERE signal_id = %(signal_id)s;

-- name: accept_late
SELECT signal_id, state, source, item_key, coalesce(decided_at, received_at) AS since
FROM signal
WHERE state IN ('new', 'verifying') AND accept_late_at IS NULL
  AND coalesce(reason, '') <> ALL(%(left_out)s)
  AND coalesce(decided_at, received_at)
      < CASE state WHEN 'verifying' THEN %(verify_since)s ELSE %(accept_since)s END::timestamptz
ORDER BY signal_id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED;

-- name: set_accept_late
UPDATE signal SET accept_late_at = %s WHERE signal_id = %s;

-- name: apart_no_more
DELETE FROM signal_apart WHERE signal_id = %s AND case_id = %s;

-- name: cases_apart_from
SELECT case_id FROM signal_apart WHERE signal_id = %s;

-- name: signals_of_case
SELECT * FROM signal_record WHERE case_id = %s ORDER BY signal_id FOR NO KEY UPDATE;

-- name: places_of_case
SELECT item_key, lon, lat, error_m FROM cases WHERE case_id = %(case_id)s
UNION
SELECT unnest(ARRAY[c.item_key, s.item_key]), s.lon, s.lat, s.error_m
FROM signal s JOIN cases c USING (case_id) WHERE case_id = %(case_id)s AND s.lon IS NOT NULL;

-- name: detach_evidence
-- A photo that a signal that stays has too, stays with it.
DELETE FROM case_evidence e
WHERE e.case_id = %(case_id)s AND e.signal_id = ANY(%(signal_ids)s)
  AND NOT EXISTS (SELECT FROM signal s WHERE s.case_id = e.case_id
                  AND s.signal_id <> ALL(%(signal_ids)s) AND e.sha256 = ANY(s.evidence));

-- name: reattach_evidence
UPDATE case_evidence e SET signal_id = (
    SELECT min(s.signal_id) FROM signal s WHERE s.case_id = e.case_id
    AND s.signal_id <> ALL(%(signal_ids)s) AND e.sha256 = ANY(s.evidence))
WHERE e.case_id = %(case_id)s AND e.signal_id = ANY(%(signal_ids)s);

-- name: keep_apart
INSERT INTO signal_apart (signal_id, case_id)
SELECT unnest(%(signal_ids)s::bigint[]), %(case_id)s ON CONFLICT DO NOTHING;

-- name: hold
-- A person has put the signals where they are: nothing moves them by itself.
INSERT INTO signal_held (signal_id) SELECT unnest(%s::bigint[]) ON CONFLICT DO NOTHING;

-- name: vague_around
-- Signals less exact than a case in a box, which are in another open case of its item by their place alone, with
-- the best place and the time span that the rest of that case gives. Those that a case was filed for stay.
SELECT s.signal_id, s.case_id, s.lon, s.lat, s.error_m, least(s.observed_at, s.received_at) AS seen_at,
       c.dedup_key, best.lon AS rest_lon, best.lat AS rest_lat, best.error_m AS rest_error_m,
       coalesce(span.first_at, c.occurred_at) AS rest_first_at,
       coalesce(span.last_at, c.last_seen_at) AS rest_last_at
FROM signal s
JOIN cases c USING (case_id)
LEFT JOIN asset a ON a.asset_id = c.asset_id
CROSS JOIN LATERAL (
    SELECT min(least(o.observed_at, o.received_at)) AS first_at,
           max(least(o.observed_at, o.received_at)) AS last_at
    FROM signal o WHERE o.case_id = s.case_id AND o.signal_id <> s.signal_id
) span
CROSS JOIN LATERAL (
    SELECT place.* FROM (
        SELECT a.lon, a.lat, %(asset_error_m)s::float8 AS error_m WHERE a.asset_id IS NOT NULL
        UNION ALL SELECT c.lon, c.lat, c.error_m UNION ALL
        SELECT o.lon, o.lat, coalesce(o.error_m, 0) FROM signal o
        WHERE o.case_id = s.case_id AND o.signal_id <> s.signal_id AND o.item_key = c.item_key
          AND o.lon IS NOT NULL
    ) AS place (lon, lat, error_m) ORDER BY place.error_m LIMIT 1
) best
WHERE s.state = 'merged' AND s.item_key = %(item_key)s AND c.item_key = %(item_key)s
  AND s.asset_id IS NULL AND s.error_m > %(error_m)s AND s.case_id <> %(case_id)s
  AND s.lat BETWEEN %(south)s AND %(north)s AND s.lon BETWEEN %(west)s AND %(east)s
  AND least(s.observed_at, s.received_at) BETWEEN %(first_at)s - %(window)s AND %(last_at)s + %(window)s
  AND c.lat BETWEEN %(south)s AND %(north)s AND c.lon BETWEEN %(west)s AND %(east)s
  AND c.state IN ('FILED', 'JOINT_STUDY', 'ROUTED', 'HANDLING', 'REOPENED')
  AND NOT starts_with(c.dedup_key, %(alarm_key)s)
  AND NOT EXISTS (SELECT FROM signal_held h WHERE h.signal_id = s.signal_id)
  AND NOT EXISTS (SELECT FROM signal_apart p WHERE p.signal_id = s.signal_id AND p.case_id = %(case_id)s)
ORDER BY s.signal_id;

-- name: place_case
UPDATE cases SET lon = %(lon)s, lat = %(lat)s, error_m = %(error_m)s, dedup_key = %(dedup_key)s,
    recurrence_of = %(recurrence_of)s, callback_required = %(callback_required)s
WHERE case_id = %(case_id)s;

-- name: keep_reporter
INSERT INTO reporter (signal_id, name, contact, worker_id, wants_callback)
VALUES (%(signal_id)s, %(name)s, %(contact)s, %(worker_id)s, %(wants_callback)s)
ON CONFLICT DO NOTHING;

-- name: keep_holder
-- Who held a terminal when it saw something is the reporter of that.
INSERT INTO reporter (signal_id, name, worker_id)
SELECT %(signal_id)s, coalesce(w.name, d.holder), w.worker_id
FROM device d LEFT JOIN grid_worker w ON w.worker_id = holder_at(d.device_id, %(at)s)
WHERE d.device_id = %(device_id)s AND coalesce(w.name, d.holder) IS NOT NULL
ON CONFLICT DO NOTHING;

-- name: wants_callback
SELECT wants_callback FROM reporter WHERE signal_id = %s;

-- name: snoozes_over
SELECT signal_id FROM signal WHERE state = 'snoozed' AND snoozed_until <= %s
ORDER BY signal_id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED;

-- name: snoozed_near
-- Snoozed signals in a box of the item or of none, and those of a device. One that is locked is being woken.
SELECT signal_id, lon, lat, error_m, device_id IS NOT DISTINCT FROM %(device_id)s::text AS of_device
FROM signal
WHERE state = 'snoozed' AND signal_id <> %(signal_id)s
  AND (device_id = %(device_id)s::text
       OR (lat BETWEEN %(south)s AND %(north)s AND lon BETWEEN %(west)s AND %(east)s
           AND (item_key IS NULL OR item_key = %(item_key)s)))
ORDER BY signal_id FOR NO KEY UPDATE SKIP LOCKED;

-- name: request_photo_checks
INSERT INTO photo_check (signal_id, sha256, asked_at)
SELECT %(signal_id)s, photo, %(now)s FROM unnest(%(photos)s::text[]) AS photo
ON CONFLICT DO NOTHING;

-- name: take_pending_check
-- The oldest pending check whose photo is here. The taker has it for a time that doubles with every
-- attempt, so that a photo that kills its worker is not given to the next one at once.
UPDATE photo_check SET attempts = attempts + 1,
                       taken_until = %(now)s + interval '1 minute' * 2 ^ attempts
WHERE (signal_id, sha256) = (
    SELECT p.signal_id, p.sha256 FROM photo_check p JOIN evidence e USING (sha256)
    WHERE p.checked_at IS NULL AND (p.taken_until IS NULL OR p.taken_until <= %(now)s)
    ORDER BY p.asked_at LIMIT 1 FOR UPDATE OF p SKIP LOCKED)
RETURNING signal_id, sha256, attempts;

-- name: is_any_photo_here
SELECT EXISTS (SELECT FROM evidence WHERE sha256 = ANY(%s));

-- name: awaited_photos
-- Reports that wait for a photo whose time is over, or that have one now, also if it came after that.
SELECT signal_id FROM signal
WHERE state = 'new' AND source = 'terminal' AND (
    (reason = 'photo_awaited' AND received_at <= %(due)s)
    OR (reason IN ('photo_awaited', 'no_evidence')
        AND EXISTS (SELECT FROM evidence e WHERE e.sha256 = ANY(signal.evidence))))
ORDER BY signal_id LIMIT %(limit)s;

-- name: what_it_is_about
SELECT item_key, cond_key, case_id, lon, lat, error_m FROM signal WHERE signal_id = %s;

-- name: save_photo_check
UPDATE photo_check SET checked_at = %(now)s, verdict = %(verdict)s, boxes = %(boxes)s,
                       model = %(model)s, note = %(note)s, taken_until = NULL
WHERE signal_id = %(signal_id)s AND sha256 = %(sha256)s AND checked_at IS NULL;

-- name: has_verdict
SELECT EXISTS (SELECT FROM photo_check WHERE signal_id = %s AND verdict = %s);

-- name: doubt
UPDATE signal SET doubted_at = coalesce(doubted_at, %s) WHERE signal_id = %s;

-- name: doubt_no_more
UPDATE signal SET doubted_at = NULL WHERE signal_id = %s AND doubted_at IS NOT NULL;

-- name: doubt_case_no_more
UPDATE signal SET doubted_at = NULL WHERE case_id = %s AND doubted_at IS NOT NULL
RETURNING signal_id;

-- name: waiting_ids
-- By arrival, or the most severe first and of these the oldest. What is put off is listed apart, by when it returns.
WITH listed AS (
    SELECT s.*, w.why, i.body,
           CASE WHEN %(by_urgency)s THEN coalesce(array_position(
                ARRAY['high', 'mid', 'low'], severity_of_condition(i.body, s.cond_key)), 4)
                ELSE 0 END AS urgency
    FROM (SELECT signal_id, why FROM waiting_signal WHERE NOT %(snoozed)s
          UNION ALL
          SELECT signal_id, array_remove(ARRAY[reason], NULL) FROM signal
          WHERE %(snoozed)s AND state = 'snoozed') w
    JOIN signal s USING (signal_id)
    LEFT JOIN catalogue_item i ON i.item_key = s.item_key
        AND i.version = (SELECT max(version) FROM catalogue_version)
    WHERE signal_is_visible(s, %(scope_units)s, %(scope_territories)s)
)
SELECT s.signal_id FROM listed s
LEFT JOIN device d ON d.device_id = coalesce(s.camera_id, s.device_id)
WHERE (%(after)s = 0 OR (s.urgency, s.signal_id) > (
        SELECT CASE WHEN %(by_urgency)s THEN coalesce(array_position(
                ARRAY['high', 'mid', 'low'], severity_of_condition(l.body, a.cond_key)), 4)
                ELSE 0 END, %(after)s::bigint
        FROM (SELECT %(after)s::bigint AS signal_id) g LEFT JOIN signal a USING (signal_id)
        LEFT JOIN catalogue_item l ON l.item_key = a.item_key
            AND l.version = (SELECT max(version) FROM catalogue_version)))
  AND (%(why)s::text[] IS NULL OR s.why && %(why)s)
  AND (%(severities)s::text[] IS NULL
       OR severity_of_condition(s.body, s.cond_key) = ANY(%(severities)s))
  AND (%(sources)s::text[] IS NULL OR s.source = ANY(%(sources)s))
  AND (%(q)s::text IS NULL OR strpos(
      lower(concat_ws(' ', s.camera_id, s.device_id, s.text, s.label, s.body ->> 'title_zh',
                      s.body ->> 'title_en', d.name_zh, d.name_en, d.holder)),
      lower(%(q)s)) > 0)
ORDER BY s.urgency, s.signal_id LIMIT %(limit)s;

-- name: false_alarm_ids
SELECT s.signal_id FROM signal s LEFT JOIN cases c USING (case_id)
WHERE s.source = 'camera' AND s.signal_id < %(before)s
  AND signal_verdict(s.state, s.reason, s.decided_by, c.state) = 'wrong'
  AND (%(camera_id)s::text IS NULL OR s.camera_id = %(camera_id)s)
  AND (%(label)s::text IS NULL OR s.label = %(label)s)
  AND (%(model_version)s::text IS NULL OR s.model ->> 'version' = %(model_version)s)
  AND (%(since)s::timestamptz IS NULL OR s.received_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR s.received_at < %(until)s)
  AND signal_is_visible(s, %(scope_units)s, %(scope_territories)s)
ORDER BY s.signal_id DESC LIMIT %(limit)s;

-- name: monitored_ids
SELECT signal_id FROM signal s
WHERE would IS NOT NULL AND signal_id < %(before)s
  AND (%(action)s::text IS NULL OR would ->> 'action' = %(action)s)
  AND (%(camera_id)s::text IS NULL OR s.camera_id = %(camera_id)s)
  AND (%(label)s::text IS NULL OR s.label = %(label)s)
  AND (%(since)s::timestamptz IS NULL OR s.received_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR s.received_at < %(until)s)
  AND signal_is_visible(s, %(scope_units)s, %(scope_territories)s)
ORDER BY signal_id DESC LIMIT %(limit)s;

-- name: monitored_counts
SELECT would ->> 'action' AS action, count(*) AS signals,
       count(*) FILTER (WHERE v.verdict = 'right') AS right,
       count(*) FILTER (WHERE v.verdict = 'wrong') AS wrong
FROM signal s LEFT JOIN cases c USING (case_id),
LATERAL (SELECT signal_verdict(s.state, s.reason, s.decided_by, c.state) AS verdict) v
WHERE would IS NOT NULL
  AND (%(camera_id)s::text IS NULL OR s.camera_id = %(camera_id)s)
  AND (%(label)s::text IS NULL OR s.label = %(label)s)
  AND (%(since)s::timestamptz IS NULL OR s.received_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR s.received_at < %(until)s)
  AND signal_is_visible(s, %(scope_units)s, %(scope_territories)s)
GROUP BY action ORDER BY action;

-- name: reporters
SELECT signal_id, name, contact, wants_callback FROM reporter WHERE signal_id = ANY(%s);

-- name: reporters_of_case
SELECT r.signal_id, r.name, r.contact, r.wants_callback
FROM reporter r JOIN signal s USING (signal_id) WHERE s.case_id = %s ORDER BY r.signal_id;

-- name: waiting_views
SELECT v.signal_id, v.source, v.device_id, v.type, v.label, v.score, v.observed_at, v.received_at,
       v.place, v.evidence, v.boxes, v.text, v.doubted_at, v.photo_checks, s.hits, s.state,
       s.reason, coalesce(w.why, CASE WHEN s.state = 'snoozed' AND s.reason IS NOT NULL
                                      THEN ARRAY[s.reason] ELSE '{}' END) AS why, s.item_key, s.cond_key,
       i.body ->> 'title_zh' AS title_zh, i.body ->> 'title_en' AS title_en,
       k ->> 'text_zh' AS condition_text_zh, k ->> 'text_en' AS condition_text_en,
       nullif(d.name_zh, '') AS device_name_zh, nullif(d.name_en, '') AS device_name_en, d.holder,
       s.cleared_at, s.stamped_at, s.case_id, c.case_no, s.snoozed_until,
       CASE WHEN s.state IN ('new', 'verifying') THEN s.accept_late_at END AS accept_late_at,
       k ->> 'severity' AS severity,
       CASE WHEN s.would IS NOT NULL THEN s.would || jsonb_build_object('case_no', (
           SELECT o.case_no FROM cases o WHERE o.case_id = (s.would ->> 'case_id')::bigint))
       END AS would
FROM shown_signal v
JOIN signal s USING (signal_id)
LEFT JOIN waiting_signal w USING (signal_id)
LEFT JOIN cases c ON c.case_id = s.case_id
LEFT JOIN device d ON d.device_id = v.device_id
LEFT JOIN catalogue_item i ON i.item_key = s.item_key
    AND i.version = (SELECT max(version) FROM catalogue_version)
LEFT JOIN LATERAL (
    SELECT each FROM jsonb_array_elements(i.body -> 'conditions') AS each
    WHERE each ->> 'cond_key' = s.cond_key
) AS found(k) ON true
WHERE v.signal_id = ANY(%s) ORDER BY v.signal_id;

-- name: views_of_case
SELECT v.*, s.cleared_at, s.stamped_at FROM shown_signal v JOIN signal s USING (signal_id)
WHERE v.case_id = %s ORDER BY v.observed_at, v.signal_id;

-- name: evidence_of_case
-- A photo without a box of its own has those that the model drew. Those of the people who were sent are
-- shown from their last word on, before a unit makes them evidence.
WITH linked AS (
    SELECT sha256, kind, device_id, username, taken_at, lon, lat, boxes, verdict, signal_id, added_at
    FROM case_evidence WHERE case_id = %(case_id)s
), sent AS (
    SELECT DISTINCT ON (photo.sha256) photo.sha256, 'task' AS kind, t.device_id, NULL::text AS username,
           NULL::timestamptz AS taken_at, NULL::float8 AS lon, NULL::float8 AS lat, '[]'::jsonb AS boxes,
           NULL::jsonb AS verdict, NULL::bigint AS signal_id, t.finished_at AS added_at
    FROM command t
    CROSS JOIN LATERAL jsonb_array_elements_text(
        CASE jsonb_typeof(t.result -> 'evidence') WHEN 'array' THEN t.result -> 'evidence'
             ELSE '[]' END) AS photo (sha256)
    WHERE t.case_id = %(case_id)s AND photo.sha256 NOT IN (SELECT sha256 FROM linked)
    ORDER BY photo.sha256, t.finished_at
)
SELECT c.sha256, c.kind, coalesce(c.device_id, e.device_id) AS device_id,
       coalesce(c.username, e.username) AS username, coalesce(c.taken_at, e.taken_at) AS taken_at,
       e.received_at, place_as_json(coalesce(c.lon, e.lon), coalesce(c.lat, e.lat), NULL) AS place,
       e.width, e.height,
       CASE WHEN c.boxes = '[]' THEN coalesce(p.boxes, c.boxes) ELSE c.boxes END AS boxes,
       c.verdict ->> 'judgement' AS verdict, c.verdict AS verdict_facts,
       photo_check_as_json(p) AS photo_check,
       CASE WHEN e.sha256 IS NULL
            THEN photo_refusal_as_json(c.sha256, coalesce(s.device_id, c.device_id)) END AS refusal,
       e.username IS NOT NULL AS is_claimed
FROM (SELECT * FROM linked UNION ALL SELECT * FROM sent) c
LEFT JOIN evidence e USING (sha256)
LEFT JOIN signal s ON s.signal_id = c.signal_id
LEFT JOIN photo_check p ON p.signal_id = c.signal_id AND p.sha256 = c.sha256
ORDER BY c.added_at, c.sha256;

-- name: photos_of_signals
-- As they would be evidence of a case: a photo that an operator has added is one of filing.
SELECT s.signal_id, o.sha256,
       CASE WHEN e.username IS NOT NULL THEN 'filing'
            WHEN s.source = 'camera' THEN 'detection' ELSE 'report' END AS kind,
       CASE WHEN e.username IS NULL THEN coalesce(s.camera_id, s.device_id) END AS device_id,
       e.username, coalesce(e.taken_at, s.observed_at) AS taken_at, e.received_at,
       place_as_json(s.lon, s.lat, NULL) AS place, e.width, e.height,
       CASE WHEN jsonb_array_length(s.boxes) >= o.number
            THEN jsonb_build_array(s.boxes -> (o.number - 1)::integer)
            ELSE coalesce(p.boxes, '[]') END AS boxes,
       NULL AS verdict, NULL AS verdict_facts, photo_check_as_json(p) AS photo_check,
       CASE WHEN e.sha256 IS NULL THEN photo_refusal_as_json(o.sha256, s.device_id) END AS refusal,
       e.username IS NOT NULL AS is_claimed
FROM signal s
CROSS JOIN LATERAL unnest(s.evidence) WITH ORDINALITY AS o (sha256, number)
LEFT JOIN evidence e ON e.sha256 = o.sha256
LEFT JOIN photo_check p ON p.signal_id = s.signal_id AND p.sha256 = o.sha256
WHERE s.signal_id = ANY(%s) ORDER BY s.signal_id, o.number;

-- name: open_in_box
SELECT c.case_id, c.case_no, c.item_key,
       coalesce(nullif(i.body ->> 'title_zh', ''), c.item_key) AS title_zh,
       coalesce(nullif(i.body ->> 'title_en', ''), c.item_key) AS title_en,
       coalesce(nullif(k ->> 'text_zh', ''), c.cond_key) AS condition_text_zh,
       coalesce(nullif(k ->> 'text_en', ''), c.cond_key) AS condition_text_en,
       c.severity, c.state, place_as_json(c.lon, c.lat, c.error_m) AS place, c.lon, c.lat
FROM cases c
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
LEFT JOIN LATERAL (
    SELECT each FROM jsonb_array_elements(i.body -> 'conditions') AS each
    WHERE each ->> 'cond_key' = c.cond_key
) AS found(k) ON true
WHERE case_is_open(c.state) AND c.lat BETWEEN %s AND %s AND c.lon BETWEEN %s AND %s;

-- name: note_sightings
INSERT INTO detection_sighting (signal_id, frame_at, hits)
SELECT %s, frame_at, max(hits)
FROM unnest(%s::timestamptz[], %s::integer[]) AS seen (frame_at, hits) GROUP BY frame_at
ON CONFLICT (signal_id, frame_at) DO UPDATE SET hits = greatest(detection_sighting.hits, excluded.hits);

-- name: sightings_of
SELECT frame_at, hits FROM detection_sighting WHERE signal_id = %s ORDER BY frame_at;
