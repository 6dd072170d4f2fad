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
