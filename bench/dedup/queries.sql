-- name: found
INSERT INTO district VALUES ('530303', '沾益区（模拟）', 'Zhanyi (simulated)', 103.82, 25.6, '{103,25,104,26}');

-- name: units
INSERT INTO unit (unit_key, kind, level, name_zh, name_en, parent) VALUES
    ('housing_bureau', 'department', NULL, '住建局', 'Housing Bureau', NULL),
    ('power_supply', 'department', NULL, '供电局', 'Power Supply', NULL),
    ('sanitation', 'department', NULL, '环卫站', 'Sanitation', NULL),
    ('public_security', 'department', NULL, '公安分局', 'Public Security', NULL),
    ('district_530303', 'territory', 'district', '沾益区', 'Zhanyi', NULL),
    ('town_01', 'territory', 'township', '西平街道', 'Xiping', 'district_530303'),
    ('village_001', 'territory', 'village', '玉林社区', 'Yulin Community', 'town_01');

-- name: territory
INSERT INTO territory VALUES (%s, %s);

-- name: asset
INSERT INTO asset VALUES (%s, %s, %s, '', '', %s, %s);

-- name: device
INSERT INTO device (device_id, kind, name_zh, name_en, unit_key, cameras, registered_at)
VALUES (%s, %s, '', '', 'village_001', %s, %s);

-- name: waiting
SELECT signal_id, item_key, cond_key, cardinality(evidence) > 0 AS has_photo FROM signal
WHERE state IN ('new', 'verifying') AND received_at < %s ORDER BY signal_id;

-- name: cases_of_signals
-- The case of each signal, or the one that continues in its place.
WITH RECURSIVE ends AS (
    SELECT case_id, case_id AS last FROM cases WHERE merged_into IS NULL
    UNION ALL
    SELECT c.case_id, e.last FROM cases c JOIN ends e ON c.merged_into = e.case_id
)
SELECT s.identity, e.last FROM signal s JOIN ends e USING (case_id);

-- name: open_cases
SELECT c.case_id, array_agg(s.identity ORDER BY s.signal_id) FROM cases c JOIN signal s USING (case_id)
WHERE case_is_open(c.state) GROUP BY c.case_id ORDER BY c.case_id;
