-- name: workers
-- With the terminals that each holds.
SELECT w.worker_id, w.name, w.village, u.name_zh AS village_name_zh, u.name_en AS village_name_en,
       w.phone, w.active,
       ARRAY(SELECT d.device_id FROM device d WHERE d.holder_id = w.worker_id ORDER BY 1) AS terminals
FROM grid_worker w LEFT JOIN unit u ON u.unit_key = w.village
WHERE (%(worker_id)s::text IS NULL OR w.worker_id = %(worker_id)s)
  AND (%(scope_units)s::text[] IS NULL OR w.village = ANY(%(scope_territories)s::text[]))
  AND (%(active)s::boolean IS NULL OR w.active = %(active)s)
  AND (%(village)s::text IS NULL OR w.village = %(village)s)
  AND (%(q)s::text IS NULL OR strpos(lower(w.name), lower(%(q)s)) > 0
       OR strpos(lower(w.worker_id), lower(%(q)s)) > 0
       OR EXISTS (SELECT FROM device d WHERE d.holder_id = w.worker_id
                  AND strpos(lower(d.device_id), lower(%(q)s)) > 0))
  AND (%(after)s::text IS NULL OR w.worker_id > %(after)s)
ORDER BY w.worker_id LIMIT %(limit)s;

-- name: all_workers
SELECT worker_id, name, village, phone, active FROM grid_worker ORDER BY worker_id;

-- name: put_worker
INSERT INTO grid_worker (worker_id, name, village, phone, active)
VALUES (%(worker_id)s, %(name)s, %(village)s, %(phone)s, %(active)s)
ON CONFLICT (worker_id) DO UPDATE SET name = excluded.name, village = excluded.village,
    phone = excluded.phone, active = excluded.active;

-- name: rename_holder
UPDATE device SET holder_registered = %(name)s
WHERE holder_id = %(worker_id)s AND holder_registered IS DISTINCT FROM %(name)s;

-- name: units
SELECT unit_key, name_zh, name_en FROM unit;

-- name: one_registrar
SELECT pg_advisory_xact_lock(7041);

-- name: instant
SELECT set_config('patrolhub.now', %s, true);

-- name: assign
UPDATE device SET holder_id = %(worker_id)s WHERE device_id = %(device_id)s
RETURNING device_id;

-- name: terminal
SELECT holder_id, kind FROM device WHERE device_id = %s FOR NO KEY UPDATE;
