-- name: boundaries_content
SELECT md5(coalesce(string_agg(unit_key || boundary::text, '' ORDER BY unit_key), ''))
FROM territory;

-- name: boundaries
SELECT t.unit_key, u.level, t.boundary FROM territory t JOIN unit u USING (unit_key)
ORDER BY t.unit_key;
