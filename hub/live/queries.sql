-- name: units_of_entries
-- The units of the case that an entry is about; entries that belong to no case are left out.
WITH entry AS (
    SELECT journal_id,
           CASE WHEN subject = 'case' THEN subject_id::bigint END AS case_id,
           CASE WHEN subject = 'signal' THEN subject_id::bigint END AS signal_id,
           CASE WHEN subject = 'command' THEN subject_id::uuid END AS command_id,
           CASE WHEN subject = 'video' THEN subject_id::uuid END AS session_id
    FROM journal WHERE journal_id = ANY(%s)
), of_case AS (
    SELECT journal_id, coalesce(e.case_id, s.case_id, c.case_id, v.case_id) AS case_id
    FROM entry e
    LEFT JOIN signal s USING (signal_id)
    LEFT JOIN command c USING (command_id)
    LEFT JOIN video_session v USING (session_id)
)
SELECT o.journal_id, c.lead_unit, c.assist_units, c.territory_unit, c.place_unit, c.state,
       c.invited_units
FROM of_case o JOIN cases c USING (case_id);

-- name: positions_since
-- Six decimals are 0.1 m, and milliseconds are enough for an age: the rest would only cost bytes.
SELECT l.device_id, round(l.lon::numeric, 6)::float8 AS lon, round(l.lat::numeric, 6)::float8 AS lat,
       l.heading, l.speed, l.battery, d.presence,
       date_trunc('milliseconds', l.observed_at) AS observed_at, l.received_at
FROM terminal_live l JOIN device d USING (device_id)
WHERE l.received_at > %s;
