-- name: district
SELECT code, name_zh, name_en, center_lon, center_lat, bounds FROM district WHERE code = %s;

-- name: units
SELECT unit_key, kind, level, name_zh, name_en, parent FROM unit ORDER BY kind, unit_key;

-- name: base_map
-- One GeoJSON feature a row, areas first, so that lines and points lie above them.
SELECT json_build_object(
    'type', 'Feature',
    'geometry', geometry,
    'properties', properties || jsonb_build_object('layer', layer)
)::text
FROM (
    SELECT 0 AS place_in_order, 0::bigint AS number, 'territory' AS layer, t.boundary AS geometry,
           jsonb_build_object('unit_key', u.unit_key, 'level', u.level, 'name_zh', u.name_zh,
                              'name_en', u.name_en) AS properties, u.unit_key
    FROM territory t JOIN unit u USING (unit_key)
    UNION ALL
    SELECT CASE layer WHEN 'water' THEN 1 WHEN 'road' THEN 2 ELSE 3 END, map_feature_id, layer,
           geometry, properties, ''
    FROM map_feature
) feature
ORDER BY place_in_order, number, unit_key;
