-- name: batteries
-- Terminals whose battery may be low, and those with an open episode.
SELECT d.device_id, l.battery, l.observed_at
FROM device d JOIN terminal_live l USING (device_id)
LEFT JOIN monitoring_episode e ON e.device_id = d.device_id AND e.matter = 'low_battery'
    AND e.ended_at IS NULL
WHERE (l.battery < %s AND l.received_at > %s) OR e.episode_id IS NOT NULL
ORDER BY d.device_id COLLATE "C";

-- name: holders
-- The positions of holders with a village of their own, and whether they are on a task.
SELECT d.device_id, d.unit_key, l.lon, l.lat, l.accuracy_m, l.received_at,
       EXISTS (SELECT FROM command c WHERE c.device_id = d.device_id
               AND command_is_task(c.type)
               AND command_is_underway(c.state)) AS on_task
FROM device d JOIN terminal_live l USING (device_id) JOIN territory t USING (unit_key)
WHERE d.kind = 'terminals' AND d.holder IS NOT NULL
ORDER BY d.device_id COLLATE "C";

-- name: cameras
-- What edge nodes that were heard lately say of their cameras; of two that watch one, who sees something counts.
SELECT DISTINCT ON (c.device_id COLLATE "C") c.device_id, h.state, h.reason
FROM device e
CROSS JOIN LATERAL jsonb_to_recordset(
    CASE jsonb_typeof(e.health -> 'cameras') WHEN 'array' THEN e.health -> 'cameras' ELSE '[]' END
) AS h (camera_id text, state text, reason text)
JOIN device c ON c.device_id = h.camera_id AND c.kind = 'cameras'
WHERE e.kind = 'edges' AND e.last_uplink_at > %s
ORDER BY c.device_id COLLATE "C", h.state IS DISTINCT FROM 'up';

-- name: open_episodes
SELECT episode_id, device_id, since, signal_id FROM monitoring_episode
WHERE matter = %s AND ended_at IS NULL;

-- name: begin
INSERT INTO monitoring_episode (matter, device_id, since)
SELECT %s, device_id, since FROM unnest(%s::text[], %s::timestamptz[]) AS n (device_id, since)
ORDER BY device_id COLLATE "C"
ON CONFLICT (device_id, matter) WHERE ended_at IS NULL DO NOTHING
RETURNING episode_id, device_id, since, signal_id;

-- name: set_signals
UPDATE monitoring_episode e SET signal_id = n.signal_id
FROM unnest(%s::bigint[], %s::bigint[]) AS n (episode_id, signal_id)
WHERE e.episode_id = n.episode_id;

-- name: end
UPDATE monitoring_episode SET ended_at = %s WHERE episode_id = %s;
