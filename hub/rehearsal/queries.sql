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

-- name: register_before
-- What is played happens to devices that are there.
UPDATE device SET registered_at = %(first)s WHERE registered_at > %(first)s;

-- name: devices_by_kind
SELECT kind, array_agg(device_id ORDER BY device_id) FROM device GROUP BY kind ORDER BY kind;

-- name: townships
SELECT unit_key FROM unit WHERE level = 'township' ORDER BY unit_key;

-- name: case_to_order
-- The most pressing case of a unit that has no letter yet.
SELECT c.case_id, c.lead_unit FROM cases c
WHERE c.state = ANY(%(states)s) AND c.lead_unit IS NOT NULL AND c.due_at > %(now)s
  AND NOT EXISTS (SELECT FROM letter l WHERE l.case_id = c.case_id)
ORDER BY array_position(ARRAY['high', 'mid', 'low'], c.severity), c.due_at, c.case_id
LIMIT 1;

-- name: case_to_list
-- An open dispute, or a case that is late, that is not on the list.
SELECT c.case_id FROM cases c
JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
WHERE c.state = ANY(%s)
  AND (i.body ->> 'kind' IN ('dispute', 'hazard') OR c.overdue_at IS NOT NULL)
  AND NOT EXISTS (SELECT FROM matter m WHERE m.case_id = c.case_id)
ORDER BY i.body ->> 'kind' = 'dispute' DESC, c.filed_at, c.case_id LIMIT 1;

-- name: matters_on_the_list
SELECT m.matter_id, m.tier, case_is_open(c.state), m.review_due_on, ARRAY(
    SELECT s.step_id FROM plan_step s
    WHERE s.matter_id = m.matter_id AND s.done_at IS NULL
      AND (s.due_on <= %(today)s OR NOT case_is_open(c.state)) ORDER BY s.step_id
)
FROM matter m JOIN cases c USING (case_id) WHERE m.struck_at IS NULL ORDER BY m.matter_id;

-- name: cases_of_the_week
SELECT week, case_id FROM weekly_list_item WHERE week = %s ORDER BY case_id LIMIT 3;

-- name: unit_name
SELECT name_zh FROM unit WHERE unit_key = %s;
