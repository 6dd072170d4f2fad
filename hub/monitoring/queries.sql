-- name: batteries
-- Terminals whose battery may be low, and those whose battery was.
SELECT d.device_id, l.battery, l.observed_at
FROM device d JOIN terminal_live l USING (device_id)
LEFT JOIN duty_episode e ON e.device_id = d.device_id AND e.matter = 'low_battery'
    AND e.ended_at IS NULL
WHERE (l.battery < %s AND l.received_at > %s) OR e.episode_id IS NOT NULL
ORDER BY d.device_id;

-- name: villages_content
SELECT md5(coalesce(string_agg(unit_key || boundary::text, '' ORDER BY unit_key), ''))
FROM territory;

-- name: villages
SELECT unit_key, boundary FROM territory;

-- name: holders
-- Where holders with a village of their own are, and whether they are on a task.
SELECT d.device_id, d.unit_key, l.lon, l.lat, l.accuracy_m, l.received_at,
       EXISTS (SELECT FROM command c WHERE c.device_id = d.device_id
               AND command_is_task(c.type)
               AND command_is_underway(c.state)) AS on_task
FROM device d JOIN terminal_live l USING (device_id) JOIN territory t USING (unit_key)
WHERE d.kind = 'terminals' AND d.holder IS NOT NULL
ORDER BY d.device_id;

-- name: open_episodes
SELECT episode_id, device_id, since, signal_id FROM duty_episode
WHERE matter = %s AND ended_at IS NULL;

-- name: begin
INSERT INTO duty_episode (device_id, matter, since) VALUES (%s, %s, %s)
ON CONFLICT (device_id, matter) WHERE ended_at IS NULL DO NOTHING
RETURNING episode_id;

-- name: told
UPDATE duty_episode SET signal_id = %s WHERE episode_id = %s;

-- name: end
UPDATE duty_episode SET ended_at = %s WHERE episode_id = %s;
