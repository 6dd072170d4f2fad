-- name: device_names
SELECT device_id, coalesce(holder, name_zh) FROM device WHERE device_id = ANY(%s);

-- name: saved_filters
SELECT f.filter_id, f.name, f.wanted, f.is_default AND f.username = %(username)s AS is_default, f.shared,
       f.username = %(username)s AS mine, f.username AS saved_by, a.name AS saved_by_name, f.saved_at
FROM saved_filter f JOIN account a USING (username)
WHERE f.username = %(username)s OR f.shared
ORDER BY f.username <> %(username)s, f.name, f.filter_id;

-- name: no_default_filter
UPDATE saved_filter SET is_default = false WHERE username = %s AND is_default;

-- name: add_filter
INSERT INTO saved_filter (username, name, wanted, is_default, shared, saved_at)
VALUES (%(username)s, %(name)s, %(wanted)s, %(is_default)s, %(shared)s, %(now)s) RETURNING filter_id;

-- name: change_filter
UPDATE saved_filter SET name = %(name)s, wanted = %(wanted)s, is_default = %(is_default)s,
    shared = %(shared)s, saved_at = %(now)s
WHERE filter_id = %(filter_id)s AND username = %(username)s RETURNING filter_id;

-- name: delete_filter
DELETE FROM saved_filter WHERE filter_id = %s AND username = %s RETURNING filter_id;

-- name: places_named
-- Roads, assets and terminals by a part of their names; a terminal is where it was last. Names that begin
-- with the text come first.
(SELECT 'road' AS kind, min(r.name_zh) AS key, r.name_zh, min(r.name_en) AS name_en,
        avg(((r.ends)[0])[0]) AS lon, avg(((r.ends)[0])[1]) AS lat,
        greatest(max(((r.ends)[0])[0]) - min(((r.ends)[0])[0]),
                 max(((r.ends)[0])[1]) - min(((r.ends)[0])[1])) * 55660 AS error_m,
        NULL::timestamptz AS observed_at
 FROM road_piece r WHERE r.name_zh ILIKE %(like)s OR r.name_en ILIKE %(like)s
 GROUP BY r.name_zh ORDER BY NOT r.name_zh ILIKE %(begins)s, r.name_zh LIMIT 8)
UNION ALL
(SELECT 'asset', asset_id, name_zh, name_en, lon, lat, 3, NULL
 FROM asset WHERE asset_id ILIKE %(like)s OR name_zh ILIKE %(like)s OR name_en ILIKE %(like)s
 ORDER BY NOT asset_id ILIKE %(begins)s, NOT name_zh ILIKE %(begins)s, asset_id LIMIT 8)
UNION ALL
(SELECT 'terminal', d.device_id, coalesce(d.holder, d.name_zh), coalesce(d.holder, d.name_en), t.lon,
        t.lat, t.accuracy_m, t.observed_at
 FROM device d JOIN terminal_live t USING (device_id)
 WHERE d.kind = 'terminals' AND t.lon IS NOT NULL
   AND (d.device_id ILIKE %(like)s OR d.holder ILIKE %(like)s OR d.name_zh ILIKE %(like)s)
 ORDER BY NOT d.device_id ILIKE %(begins)s, d.device_id LIMIT 8);

-- name: open_cases_near
SELECT c.case_id, c.case_no, c.item_key,
       coalesce(nullif(i.body ->> 'title_zh', ''), c.item_key) AS title_zh,
       coalesce(nullif(i.body ->> 'title_en', ''), c.item_key) AS title_en, c.state, c.severity, c.lon,
       c.lat, c.asset_id, c.filed_at, c.text,
       c.item_key IS NOT DISTINCT FROM %(item_key)s AS same_item
FROM cases c
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
WHERE case_is_open(c.state) AND c.lat BETWEEN %(south)s AND %(north)s
  AND c.lon BETWEEN %(west)s AND %(east)s
  AND case_is_visible(c, %(scope_units)s::text[], %(scope_territories)s::text[])
ORDER BY c.case_id DESC LIMIT 200;
