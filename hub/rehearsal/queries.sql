-- name: count_cases
SELECT count(*) FROM cases;

-- name: assets
SELECT asset_id, type, lon, lat FROM asset ORDER BY asset_id;

-- name: terminals
SELECT d.device_id, d.lon, d.lat FROM device d
WHERE d.kind = 'terminals' AND d.lon IS NOT NULL ORDER BY d.device_id;

-- name: cameras
-- Each with the edge node that watches it.
SELECT e.device_id, c.device_id, c.lon, c.lat, c.coverage_m
FROM device c JOIN device e ON e.kind = 'edges' AND c.device_id = ANY (e.cameras)
WHERE c.kind = 'cameras' AND c.lon IS NOT NULL ORDER BY c.device_id;

-- name: letters_to_answer
SELECT letter_id, unit_key FROM letter
WHERE answered_at IS NULL AND recalled_at IS NULL AND issued_at < %s ORDER BY letter_id;
