-- name: fences_content
-- A hash that changes whenever a fence does.
SELECT md5(coalesce(string_agg(geofence_id || changed_at || watched_from, ',' ORDER BY geofence_id), ''))
FROM geofence WHERE retired_at IS NULL;

-- name: fences
SELECT geofence_id, name_zh, name_en, margin_m, settle_s, dwell_s, watched_from, boundary
FROM geofence WHERE retired_at IS NULL ORDER BY geofence_id;

-- name: listed
SELECT g.geofence_id, g.name_zh, g.name_en, g.margin_m, g.settle_s, g.dwell_s, g.watched_from,
       g.boundary, (SELECT count(*) FROM geofence_stay s
                    WHERE s.geofence_id = g.geofence_id AND s.inside) AS inside
FROM geofence g
WHERE g.retired_at IS NULL AND (%(geofence_id)s::text IS NULL OR g.geofence_id = %(geofence_id)s)
  AND g.geofence_id > %(after)s
ORDER BY g.geofence_id LIMIT %(limit)s;

-- name: inside
SELECT s.device_id, d.holder, s.since FROM geofence_stay s JOIN device d USING (device_id)
WHERE s.geofence_id = %s AND s.inside ORDER BY s.since, s.device_id;

-- name: one_surveyor
SELECT pg_advisory_xact_lock(7007);

-- name: known
SELECT geofence_id, name_zh, name_en, margin_m, settle_s, dwell_s, boundary, retired_at
FROM geofence ORDER BY geofence_id;

-- name: put_fence
INSERT INTO geofence (geofence_id, name_zh, name_en, margin_m, settle_s, dwell_s, boundary,
                      watched_from, changed_at)
VALUES (%(geofence_id)s, %(name_zh)s, %(name_en)s, %(margin_m)s, %(settle_s)s, %(dwell_s)s,
        %(boundary)s, %(now)s, %(now)s)
ON CONFLICT (geofence_id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en,
    margin_m = excluded.margin_m, settle_s = excluded.settle_s, dwell_s = excluded.dwell_s,
    boundary = excluded.boundary, changed_at = excluded.changed_at, retired_at = NULL,
    watched_from = CASE WHEN geofence.retired_at IS NULL THEN geofence.watched_from
                        ELSE excluded.watched_from END;

-- name: retire
UPDATE geofence SET retired_at = %s WHERE geofence_id = %s AND retired_at IS NULL;

-- name: forget_stays
DELETE FROM geofence_stay WHERE geofence_id = %s;

-- name: moved
-- The fixes of terminals that have moved since they were followed last, the oldest first. If a clock
-- was set back, or a terminal was not followed for a day, the track starts there. A terminal without
-- any fix has one row.
SELECT m.device_id, m.seen_at, f.observed_at, f.received_at, f.lon, f.lat, f.accuracy_m, f.backlog
FROM (
    SELECT l.device_id, l.observed_at AS seen_at, c.observed_at AS followed_at
    FROM terminal_live l LEFT JOIN geofence_track c USING (device_id)
    WHERE c.observed_at IS DISTINCT FROM l.observed_at LIMIT %s
) m
LEFT JOIN LATERAL (
    SELECT t.observed_at, t.received_at, t.lon, t.lat, t.accuracy_m, t.backlog
    FROM telemetry t
    WHERE t.device_id = m.device_id AND t.observed_at <= m.seen_at
      AND t.observed_at > CASE WHEN m.followed_at < m.seen_at
                               THEN greatest(m.followed_at, m.seen_at - interval '1 day')
                               ELSE m.seen_at - interval '1 microsecond' END
    ORDER BY t.observed_at LIMIT 2000
) f ON true
ORDER BY m.device_id, f.observed_at;

-- name: follow
INSERT INTO geofence_track (device_id, observed_at)
SELECT * FROM unnest(%s::text[], %s::timestamptz[]) AS t (device_id, observed_at)
ON CONFLICT (device_id) DO UPDATE SET observed_at = excluded.observed_at;

-- name: stays
SELECT device_id, geofence_id, inside, since, turning_since, dwelt
FROM geofence_stay WHERE device_id = ANY(%s);

-- name: put_stay
INSERT INTO geofence_stay (device_id, geofence_id, inside, since, turning_since, dwelt)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (device_id, geofence_id) DO UPDATE SET inside = excluded.inside,
    since = excluded.since, turning_since = excluded.turning_since, dwelt = excluded.dwelt;

-- name: end_stay
DELETE FROM geofence_stay WHERE device_id = %s AND geofence_id = %s;

-- name: put_event
INSERT INTO geofence_event (geofence_id, device_id, type, at, noticed_at, late, lon, lat)
VALUES (%(geofence_id)s, %(device_id)s, %(type)s, %(at)s, %(now)s, %(late)s, %(lon)s, %(lat)s)
ON CONFLICT (device_id, geofence_id, type, at) DO NOTHING
RETURNING event_id;

-- name: date_back
UPDATE geofence_event SET at = %(at)s, lon = %(lon)s, lat = %(lat)s WHERE event_id = %(event_id)s;

-- name: take_arrivals
-- Late tracks, of terminals that have already been followed further.
DELETE FROM backlog_arrival WHERE arrival_id IN (
    SELECT arrival_id FROM backlog_arrival ORDER BY arrival_id LIMIT 200 FOR UPDATE SKIP LOCKED)
RETURNING device_id, first_at, last_at;

-- name: followed_until
SELECT observed_at FROM geofence_track WHERE device_id = %s;

-- name: track
SELECT observed_at, received_at, lon, lat, accuracy_m, backlog FROM telemetry
WHERE device_id = %s AND observed_at >= %s AND observed_at <= %s
ORDER BY observed_at LIMIT 20000;

-- name: events_of
SELECT event_id, geofence_id, type, at FROM geofence_event
WHERE device_id = %s AND geofence_id = ANY(%s) ORDER BY at, event_id;

-- name: events
SELECT e.event_id, e.geofence_id, g.name_zh, g.name_en, e.device_id, d.holder, e.type, e.at,
       e.noticed_at, e.late, e.lon, e.lat
FROM geofence_event e JOIN geofence g USING (geofence_id) JOIN device d USING (device_id)
WHERE (%(geofence_id)s::text IS NULL OR e.geofence_id = %(geofence_id)s)
  AND (%(device_id)s::text IS NULL OR e.device_id = %(device_id)s)
  AND (%(types)s::text[] IS NULL OR e.type = ANY(%(types)s))
  AND (%(late)s::boolean IS NULL OR e.late = %(late)s)
  AND (%(before)s::bigint IS NULL OR e.event_id < %(before)s)
  AND device_is_visible(d, %(scope_units)s, %(scope_territories)s)
ORDER BY e.event_id DESC LIMIT %(limit)s;
