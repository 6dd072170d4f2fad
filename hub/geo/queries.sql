-- name: reach
SELECT bounds[1], bounds[2], bounds[3], bounds[4], place_margin_m FROM district ORDER BY code LIMIT 1;

-- name: boundaries_version
SELECT version FROM territory_version;

-- name: boundaries
SELECT t.unit_key, u.level, t.boundary FROM territory t JOIN unit u USING (unit_key)
ORDER BY t.unit_key;
