-- name: policies
SELECT severity, automatic, least_precision, least_verdicts FROM filing_policy
ORDER BY array_position(ARRAY['high', 'mid', 'low'], severity);

-- name: policy
SELECT severity, automatic, least_precision, least_verdicts FROM filing_policy WHERE severity = %s;

-- name: save_policy
UPDATE filing_policy SET automatic = %(automatic)s, least_precision = %(least_precision)s,
                         least_verdicts = %(least_verdicts)s
WHERE severity = %(severity)s;

-- name: modes
SELECT monitor_mode_id, camera_id, label, set_at, set_by, reason FROM monitor_mode
WHERE ended_at IS NULL ORDER BY set_at, monitor_mode_id;

-- name: mode_of
-- The narrowest mode that holds back a camera's class.
SELECT monitor_mode_id, camera_id, label, set_at, set_by, reason FROM monitor_mode
WHERE ended_at IS NULL AND (camera_id IS NULL OR camera_id = %(camera_id)s)
  AND (label IS NULL OR label = %(label)s)
ORDER BY camera_id IS NULL, label IS NULL LIMIT 1;

-- name: set_mode
INSERT INTO monitor_mode (camera_id, label, set_at, set_by, reason)
VALUES (%(camera_id)s, %(label)s, %(set_at)s, %(set_by)s, %(reason)s)
ON CONFLICT DO NOTHING
RETURNING monitor_mode_id, camera_id, label, set_at, set_by, reason;

-- name: end_mode
UPDATE monitor_mode SET ended_at = %(now)s, ended_by = %(by)s
WHERE camera_id IS NOT DISTINCT FROM %(camera_id)s AND label IS NOT DISTINCT FROM %(label)s
  AND ended_at IS NULL
RETURNING monitor_mode_id, camera_id, label, set_at, set_by, reason;

-- name: record_of
-- The verdicts of a camera's class since an instant, or since a person last let it file again.
SELECT count(*) AS signals, count(*) FILTER (WHERE v.verdict = 'right') AS right,
       count(*) FILTER (WHERE v.verdict = 'wrong') AS wrong,
       count(*) FILTER (WHERE v.verdict = 'other') AS other
FROM signal s LEFT JOIN cases c USING (case_id),
LATERAL (SELECT signal_verdict(s.state, s.reason, s.decided_by, c.state) AS verdict) v
WHERE s.camera_id = %(camera_id)s AND s.label = %(label)s
  AND s.received_at > greatest(%(since)s, (
      SELECT max(m.ended_at) FROM monitor_mode m
      WHERE (m.camera_id IS NULL OR m.camera_id = %(camera_id)s)
        AND (m.label IS NULL OR m.label = %(label)s)));

-- name: suspects
-- Cameras and classes that were wrong at least once since an instant; most are none.
SELECT DISTINCT camera_id, label FROM (
    SELECT camera_id, label FROM signal
    WHERE state = 'rejected' AND reason = 'false_positive' AND received_at > %(since)s
    UNION
    SELECT s.camera_id, s.label FROM cases c JOIN signal s USING (case_id)
    WHERE c.state = 'VOID' AND c.filed_at > %(since)s
) AS wrong WHERE camera_id IS NOT NULL AND label IS NOT NULL ORDER BY 1, 2;

-- name: quality
-- Of all detections that were sure enough to count, by camera, class and model.
SELECT s.camera_id, s.label, s.model ->> 'name' AS model_name, s.model ->> 'version' AS model_version,
       count(*) AS signals, count(*) FILTER (WHERE v.verdict = 'right') AS right,
       count(*) FILTER (WHERE v.verdict = 'wrong') AS wrong,
       count(*) FILTER (WHERE v.verdict = 'other') AS other
FROM signal s LEFT JOIN cases c USING (case_id),
LATERAL (SELECT signal_verdict(s.state, s.reason, s.decided_by, c.state) AS verdict) v
WHERE s.source = 'camera' AND s.label IS NOT NULL AND s.type <> 'camera_blind'
  AND s.received_at >= %(since)s AND s.received_at < %(until)s
  AND (%(camera_id)s::text IS NULL OR s.camera_id = %(camera_id)s)
  AND (%(label)s::text IS NULL OR s.label = %(label)s)
  AND NOT (s.state = 'rejected' AND v.verdict IS NULL)
GROUP BY s.camera_id, s.label, model_name, model_version
ORDER BY s.camera_id COLLATE "C", s.label COLLATE "C", model_name, model_version;

-- name: would_have
-- What automation would have done since each present mode was set.
SELECT m.monitor_mode_id, s.would ->> 'action' AS action, count(*) AS signals,
       count(*) FILTER (WHERE v.verdict = 'right') AS right,
       count(*) FILTER (WHERE v.verdict = 'wrong') AS wrong
FROM monitor_mode m
JOIN signal s ON s.would IS NOT NULL AND s.received_at >= m.set_at
    AND (m.camera_id IS NULL OR m.camera_id = s.camera_id)
    AND (m.label IS NULL OR m.label = s.label)
LEFT JOIN cases c USING (case_id),
LATERAL (SELECT signal_verdict(s.state, s.reason, s.decided_by, c.state) AS verdict) v
WHERE m.ended_at IS NULL
GROUP BY m.monitor_mode_id, action ORDER BY m.monitor_mode_id, action;

-- name: camera_names
SELECT device_id, name_zh, name_en FROM device WHERE kind = 'cameras';
