-- name: terminals
INSERT INTO device (device_id, kind, name_zh, name_en, presence, registered_at)
SELECT 'T-' || lpad(n::text, 4, '0'), 'terminals', '巡护终端 ' || n, 'Terminal ' || n, 'online', '2020-01-01'
FROM generate_series(1, %s) n;

-- name: walk
-- The terminals whose turn it is walk on; each has its turn once in `interval_s` seconds.
INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat, accuracy_m, speed,
                           heading, battery)
SELECT device_id, at, at, at + interval '180 ms' * random(), 103.56 + n * 37 %% 480 * 0.001 + random() * 0.01,
       25.46 + n * 53 %% 280 * 0.001 + random() * 0.01, 8, round((random() * 1.5)::numeric, 2),
       floor(random() * 360), 60 + n %% 40
FROM (SELECT device_id, substr(device_id, 3)::int AS n, clock_timestamp() AS at FROM device) d
WHERE n %% %(interval_s)s = %(turn)s %% %(interval_s)s
ON CONFLICT (device_id) DO UPDATE SET
    order_at = excluded.order_at, observed_at = excluded.observed_at,
    received_at = excluded.received_at, lon = excluded.lon, lat = excluded.lat,
    speed = excluded.speed, heading = excluded.heading, battery = excluded.battery;
