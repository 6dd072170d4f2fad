-- name: device_names
SELECT device_id, coalesce(holder, name_zh) FROM device WHERE device_id = ANY(%s);
