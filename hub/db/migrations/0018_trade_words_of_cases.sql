-- What the model sees on a report's photo is called a photo check; whether a case is open and who
-- sees it are told by one function each.

ALTER TABLE report_look RENAME TO photo_check;
ALTER TABLE photo_check RENAME COLUMN looked_at TO checked_at;
ALTER TABLE photo_check RENAME CONSTRAINT report_look_pkey TO photo_check_pkey;
ALTER TABLE photo_check RENAME CONSTRAINT report_look_signal_id_fkey TO photo_check_signal_id_fkey;
ALTER TABLE photo_check RENAME CONSTRAINT report_look_verdict_check TO photo_check_verdict_check;
ALTER TABLE photo_check RENAME CONSTRAINT report_look_check TO photo_check_checked_with_verdict;
ALTER INDEX report_look_to_come RENAME TO photo_check_pending;

-- Nothing has ever set these.
ALTER TABLE cases DROP COLUMN locked_by, DROP COLUMN locked_until;

-- The planner puts the body in the place of a call, so that the partial indexes below are used.
CREATE FUNCTION case_is_open(state text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT state NOT IN ('CLOSED', 'MERGED', 'VOID')
$$;

DROP INDEX one_open_case;
CREATE UNIQUE INDEX one_open_case ON cases (dedup_key) WHERE case_is_open(state);
DROP INDEX cases_open_by_due;
CREATE INDEX cases_open_by_due ON cases (due_at) WHERE case_is_open(state);

CREATE OR REPLACE VIEW waiting_signal AS
SELECT signal_id,
       array_remove(ARRAY[reason, CASE WHEN doubted_at IS NOT NULL THEN 'photo_disagrees' END],
                    NULL) AS why
FROM signal WHERE state IN ('new', 'verifying')
UNION ALL
SELECT s.signal_id, ARRAY['photo_disagrees']
FROM signal s JOIN cases c USING (case_id)
WHERE s.doubted_at IS NOT NULL AND s.state NOT IN ('new', 'verifying') AND case_is_open(c.state);

-- The cases that a unit sees: those that it leads or assists in. Without a unit: all of the district.
CREATE FUNCTION case_is_visible(lead_unit text, assist_units text[], unit text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT unit IS NULL OR lead_unit IS NOT DISTINCT FROM unit OR unit = ANY (assist_units)
$$;

-- A signal as the programs read and write it.
CREATE VIEW signal_record AS
SELECT signal_id, source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
       hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text, evidence, boxes,
       model, state, reason, case_id, cleared_at
FROM signal;

-- Null instead of a place where either coordinate is missing.
CREATE FUNCTION place_as_json(lon double precision, lat double precision, error_m double precision)
RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN lon IS NOT NULL AND lat IS NOT NULL
                THEN jsonb_build_object('lon', lon, 'lat', lat, 'error_m', error_m) END
$$;

-- A photo check as the console reads it; null without a check. The first box is what decided.
CREATE FUNCTION photo_check_as_json(done photo_check) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN (done).sha256 IS NOT NULL THEN jsonb_build_object(
        'sha256', (done).sha256, 'verdict', (done).verdict,
        'label', (done).boxes #> '{0,label}', 'score', (done).boxes #> '{0,score}',
        'boxes', (done).boxes, 'model', (done).model, 'checked_at', (done).checked_at,
        'note', (done).note) END
$$;

-- A signal as the console reads it.
CREATE VIEW shown_signal AS
SELECT s.signal_id, s.case_id, s.source, coalesce(s.camera_id, s.device_id) AS device_id, s.type,
       s.label, s.score, s.observed_at, s.received_at,
       place_as_json(s.lon, s.lat, s.error_m) AS place, s.evidence, s.boxes, s.text, s.doubted_at,
       (SELECT coalesce(jsonb_agg(photo_check_as_json(p) ORDER BY p.sha256), '[]')
        FROM photo_check p WHERE p.signal_id = s.signal_id) AS photo_checks
FROM signal s;
