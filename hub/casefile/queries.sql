-- name: signals_of
SELECT signal_id, source, coalesce(camera_id, device_id) AS device_id, type, label, score,
       observed_at, received_at, lon, lat, error_m, evidence, boxes, text
FROM signal WHERE case_id = %s ORDER BY observed_at, signal_id;

-- name: device_names
SELECT device_id, coalesce(holder, name_zh) FROM device WHERE device_id = ANY(%s);
