-- name: current_version
SELECT max(version) FROM catalogue_version;

-- name: imported_at
SELECT imported_at FROM catalogue_version WHERE version = %s;

-- name: one_importer
SELECT pg_advisory_xact_lock(7003);

-- name: add_version
INSERT INTO catalogue_version (version, imported_at, imported_by, source, reason)
VALUES (%s, %s, %s, %s, %s);

-- name: add_item
INSERT INTO catalogue_item (version, item_key, body) VALUES (%s, %s, %s);

-- name: items
SELECT body FROM catalogue_item WHERE version = %s ORDER BY item_key;

-- name: unit_names
SELECT unit_key, name_zh, name_en FROM unit;

-- name: names_of_unit
SELECT name_zh, name_en FROM unit WHERE unit_key = %s;

-- name: assets_within
-- Those in a box around the place; the caller computes the exact distances.
SELECT asset_id, owner_unit, lon, lat, type FROM asset
WHERE type = ANY(%(types)s)
  AND lat BETWEEN %(south)s AND %(north)s AND lon BETWEEN %(west)s AND %(east)s
ORDER BY asset_id;

-- name: place_of_asset
SELECT lon, lat FROM asset WHERE asset_id = %s;

-- name: repairs_within
SELECT case_no, lead_unit, lon, lat, closed_at FROM cases
WHERE item_key = %(item_key)s AND state = 'CLOSED' AND closed_at > %(since)s
  AND lat BETWEEN %(south)s AND %(north)s AND lon BETWEEN %(west)s AND %(east)s
ORDER BY closed_at DESC, case_id DESC;

-- name: unit_mappings
SELECT name, stands_for, confirmed_by, confirmed_at FROM unit_mapping ORDER BY name;

-- name: confirm_mapping
INSERT INTO unit_mapping (plain_name, name, stands_for, confirmed_by, confirmed_at)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (plain_name) DO UPDATE SET name = excluded.name, stands_for = excluded.stands_for,
    confirmed_by = excluded.confirmed_by, confirmed_at = excluded.confirmed_at;

-- name: versions
SELECT version, imported_at, imported_by, source, reason,
       (SELECT count(*) FROM catalogue_item i WHERE i.version = v.version) AS items
FROM catalogue_version v ORDER BY version DESC;
