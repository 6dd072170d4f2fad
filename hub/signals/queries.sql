-- name: by_identity
SELECT signal_id, source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
       hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text, evidence, boxes,
       model, state, reason, case_id, cleared_at
FROM signal WHERE identity = %s FOR NO KEY UPDATE;

-- name: case_of
SELECT case_id FROM signal WHERE identity = %s AND case_id IS NOT NULL;

-- name: by_id
SELECT signal_id, source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
       hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text, evidence, boxes,
       model, state, reason, case_id, cleared_at
FROM signal WHERE signal_id = %s FOR NO KEY UPDATE;

-- name: of_case
SELECT signal_id, source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
       hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text, evidence, boxes,
       model, state, reason, case_id, cleared_at
FROM signal WHERE case_id = %s ORDER BY observed_at, signal_id;

-- name: waiting
SELECT signal_id, source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
       hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text, evidence, boxes,
       model, state, reason, case_id, cleared_at
FROM signal WHERE state IN ('new', 'verifying') ORDER BY received_at, signal_id LIMIT %s;

-- name: insert
INSERT INTO signal (source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
                    hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text,
                    evidence, boxes, model, state, reason, cleared_at)
VALUES (%(source)s, %(identity)s, %(device_id)s, %(camera_id)s, %(type)s, %(item_key)s,
        %(cond_key)s, %(label)s, %(score)s, %(hits)s, %(seq)s, %(observed_at)s, %(received_at)s,
        %(lon)s, %(lat)s, %(error_m)s, %(asset_id)s, %(text)s, %(evidence)s, %(boxes)s, %(model)s,
        %(state)s, %(reason)s, %(cleared_at)s)
ON CONFLICT (identity) DO NOTHING
RETURNING signal_id;

-- name: insert_all
INSERT INTO signal (source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
                    hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text,
                    evidence, boxes, model, state, reason, cleared_at)
SELECT source, identity, device_id, camera_id, type, item_key, cond_key, label, score, hits, seq,
       observed_at, received_at, lon, lat, error_m, asset_id, text, evidence, boxes, model, state,
       reason, cleared_at
FROM jsonb_populate_recordset(NULL::signal, %s)
ON CONFLICT (identity) DO NOTHING
RETURNING identity, signal_id;

-- name: save
UPDATE signal SET type = %(type)s, item_key = %(item_key)s, cond_key = %(cond_key)s,
    label = %(label)s, score = %(score)s, hits = %(hits)s, seq = %(seq)s, lon = %(lon)s,
    lat = %(lat)s, error_m = %(error_m)s, asset_id = %(asset_id)s, evidence = %(evidence)s,
    boxes = %(boxes)s, state = %(state)s, reason = %(reason)s, case_id = %(case_id)s,
    cleared_at = %(cleared_at)s
WHERE signal_id = %(signal_id)s;

-- name: track_record
SELECT count(*) FILTER (WHERE c.state = 'CLOSED'),
       count(*) FILTER (WHERE s.reason = 'false_positive' OR c.state = 'VOID')
FROM signal s LEFT JOIN cases c USING (case_id)
WHERE s.camera_id = %s AND s.label = %s AND s.received_at > %s;

-- name: ask_for_looks
INSERT INTO report_look (signal_id, sha256, asked_at)
SELECT %(signal_id)s, photo, %(now)s FROM unnest(%(photos)s::text[]) AS photo
ON CONFLICT DO NOTHING;

-- name: take_look
-- The oldest look to come whose photo is here. It is the taker's for a time that doubles with every
-- try, so that a photo that ends its worker is not given to the next one at once.
UPDATE report_look SET attempts = attempts + 1,
                       taken_until = %(now)s + interval '1 minute' * 2 ^ attempts
WHERE (signal_id, sha256) = (
    SELECT l.signal_id, l.sha256 FROM report_look l JOIN evidence e USING (sha256)
    WHERE l.looked_at IS NULL AND (l.taken_until IS NULL OR l.taken_until <= %(now)s)
    ORDER BY l.asked_at LIMIT 1 FOR UPDATE OF l SKIP LOCKED)
RETURNING signal_id, sha256, attempts;

-- name: what_it_is_about
SELECT item_key, cond_key, case_id FROM signal WHERE signal_id = %s;

-- name: save_look
UPDATE report_look SET looked_at = %(now)s, verdict = %(verdict)s, boxes = %(boxes)s,
                       model = %(model)s, note = %(note)s, taken_until = NULL
WHERE signal_id = %(signal_id)s AND sha256 = %(sha256)s AND looked_at IS NULL;

-- name: has_verdict
SELECT EXISTS (SELECT FROM report_look WHERE signal_id = %s AND verdict = %s);

-- name: doubt
UPDATE signal SET doubted_at = coalesce(doubted_at, %s) WHERE signal_id = %s;

-- name: doubt_no_more
UPDATE signal SET doubted_at = NULL WHERE signal_id = %s AND doubted_at IS NOT NULL;

-- name: doubt_case_no_more
UPDATE signal SET doubted_at = NULL WHERE case_id = %s AND doubted_at IS NOT NULL
RETURNING signal_id;

-- name: waiting_ids
SELECT w.signal_id FROM waiting_signal w JOIN signal s USING (signal_id)
LEFT JOIN device d ON d.device_id = coalesce(s.camera_id, s.device_id)
LEFT JOIN catalogue_item i ON i.item_key = s.item_key
    AND i.version = (SELECT max(version) FROM catalogue_version)
WHERE w.signal_id > %(after)s
  AND (%(why)s::text[] IS NULL OR w.why && %(why)s)
  AND (%(sources)s::text[] IS NULL OR s.source = ANY(%(sources)s))
  AND (%(q)s::text IS NULL OR strpos(
      lower(concat_ws(' ', s.camera_id, s.device_id, s.text, s.label, i.body ->> 'title_zh',
                      i.body ->> 'title_en', d.name_zh, d.name_en, d.holder)),
      lower(%(q)s)) > 0)
ORDER BY w.signal_id LIMIT %(limit)s;

-- name: shown
SELECT s.signal_id, s.source, coalesce(s.camera_id, s.device_id) AS device_id, s.type, s.label,
       s.score, s.hits, s.observed_at, s.received_at, s.lon, s.lat, s.error_m, s.evidence, s.boxes,
       s.text, s.doubted_at, s.state, s.reason, coalesce(w.why, '{}') AS why, s.item_key,
       s.cond_key, i.body ->> 'title_zh' AS title_zh, i.body ->> 'title_en' AS title_en,
       k ->> 'text_zh' AS condition_text_zh, k ->> 'text_en' AS condition_text_en,
       nullif(d.name_zh, '') AS device_name_zh, nullif(d.name_en, '') AS device_name_en, d.holder,
       s.cleared_at, s.case_id, c.case_no
FROM signal s
LEFT JOIN waiting_signal w USING (signal_id)
LEFT JOIN cases c ON c.case_id = s.case_id
LEFT JOIN device d ON d.device_id = coalesce(s.camera_id, s.device_id)
LEFT JOIN catalogue_item i ON i.item_key = s.item_key
    AND i.version = (SELECT max(version) FROM catalogue_version)
LEFT JOIN LATERAL (
    SELECT each FROM jsonb_array_elements(i.body -> 'conditions') AS each
    WHERE each ->> 'cond_key' = s.cond_key
) AS found(k) ON true
WHERE s.signal_id = ANY(%s) ORDER BY s.signal_id;

-- name: facts_of_case
SELECT signal_id, source, coalesce(camera_id, device_id) AS device_id, type, label, score,
       observed_at, received_at, lon, lat, error_m, evidence, boxes, text, doubted_at
FROM signal WHERE case_id = %s ORDER BY observed_at, signal_id;

-- name: looks_at
SELECT l.signal_id, l.sha256, l.looked_at, l.verdict, l.boxes, l.model, l.note
FROM report_look l JOIN signal s USING (signal_id)
WHERE l.signal_id = ANY(%s) ORDER BY s.observed_at, s.signal_id, l.sha256;

-- name: photos_arrived
SELECT sha256, username, taken_at, received_at, width, height FROM evidence WHERE sha256 = ANY(%s);

-- name: open_in_box
SELECT c.case_id, c.case_no, c.item_key, c.cond_key, i.body ->> 'title_zh' AS title_zh,
       i.body ->> 'title_en' AS title_en, k ->> 'text_zh' AS condition_text_zh,
       k ->> 'text_en' AS condition_text_en, c.severity, c.state, c.lon, c.lat, c.error_m
FROM cases c
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
LEFT JOIN LATERAL (
    SELECT each FROM jsonb_array_elements(i.body -> 'conditions') AS each
    WHERE each ->> 'cond_key' = c.cond_key
) AS found(k) ON true
WHERE c.state NOT IN ('CLOSED', 'MERGED', 'VOID')
  AND c.lat BETWEEN %s AND %s AND c.lon BETWEEN %s AND %s;

-- name: alarm_before
-- The newest case of an alarm of a terminal that is still open.
SELECT s.case_id FROM signal s JOIN cases c USING (case_id)
WHERE s.device_id = %s AND s.source = 'terminal' AND s.type = ANY(%s) AND s.observed_at >= %s
  AND c.state NOT IN ('CLOSED', 'MERGED', 'VOID')
ORDER BY s.received_at DESC LIMIT 1;
