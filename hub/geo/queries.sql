-- name: boundaries_version
SELECT version FROM territory_version;

-- name: boundaries
SELECT t.unit_key, u.level, t.boundary FROM territory t JOIN unit u USING (unit_key)
ORDER BY t.unit_key;
