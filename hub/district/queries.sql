-- name: district
SELECT code, name_zh, name_en, ARRAY[center_lon, center_lat] AS center, bounds FROM district WHERE code = %s;

-- name: units
SELECT unit_key, kind, level, name_zh, name_en, parent FROM unit ORDER BY kind, unit_key;

-- name: base_map
-- One GeoJSON feature per row, areas first, so that lines and points are drawn above them.
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

-- name: put_district
INSERT INTO district (code, name_zh, name_en, center_lon, center_lat, bounds, place_margin_m)
VALUES (%(code)s, %(name_zh)s, %(name_en)s, %(center_lon)s, %(center_lat)s, %(bounds)s,
        coalesce(%(place_margin_m)s, 20000))
ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en,
    center_lon = excluded.center_lon, center_lat = excluded.center_lat, bounds = excluded.bounds,
    place_margin_m = coalesce(%(place_margin_m)s, district.place_margin_m);

-- name: put_unit
INSERT INTO unit (unit_key, kind, level, name_zh, name_en, parent) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (unit_key) DO UPDATE SET kind = excluded.kind, level = excluded.level,
    name_zh = excluded.name_zh, name_en = excluded.name_en, parent = excluded.parent;

-- name: put_territory
INSERT INTO territory (unit_key, boundary) VALUES (%s, %s)
ON CONFLICT (unit_key) DO UPDATE SET boundary = excluded.boundary;

-- name: note_place_units
SELECT note_place_units();

-- name: note_roads
SELECT note_roads();

-- name: put_asset
INSERT INTO asset (asset_id, type, owner_unit, name_zh, name_en, lon, lat)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (asset_id) DO UPDATE SET type = excluded.type, owner_unit = excluded.owner_unit,
    name_zh = excluded.name_zh, name_en = excluded.name_en, lon = excluded.lon, lat = excluded.lat;

-- name: clear_map
DELETE FROM map_feature WHERE layer = %s;

-- name: put_map_feature
INSERT INTO map_feature (layer, properties, geometry) VALUES (%s, %s, %s);
