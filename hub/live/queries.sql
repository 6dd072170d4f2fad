-- name: belongings_of_entries
-- What an entry is about: its case, and the units and places of its device or signal. Entries that are
-- about neither, or that have an id of another form, are left out.
WITH entry AS (
    SELECT journal_id,
           CASE WHEN subject = 'case' AND pg_input_is_valid(subject_id, 'bigint')
                THEN subject_id::bigint END AS case_id,
           CASE WHEN subject = 'signal' AND pg_input_is_valid(subject_id, 'bigint')
                THEN subject_id::bigint END AS signal_id,
           CASE WHEN subject = 'command' AND pg_input_is_valid(subject_id, 'uuid')
                THEN subject_id::uuid END AS command_id,
           CASE WHEN subject = 'video' AND pg_input_is_valid(subject_id, 'uuid')
                THEN subject_id::uuid END AS session_id,
           CASE WHEN subject = 'device' THEN subject_id END AS device_id
    FROM journal WHERE journal_id = ANY(%s)
), about AS (
    SELECT journal_id, coalesce(e.case_id, s.case_id, c.case_id, v.case_id) AS case_id, s.place_unit,
           coalesce(e.device_id, c.device_id, v.device_id,
                    CASE WHEN s.place_unit IS NULL THEN coalesce(s.camera_id, s.device_id) END)
           AS device_id
    FROM entry e
    LEFT JOIN signal s USING (signal_id)
    LEFT JOIN command c USING (command_id)
    LEFT JOIN video_session v USING (session_id)
)
SELECT a.journal_id, c.case_id IS NOT NULL AS is_of_case, c.lead_unit, c.assist_units,
       c.territory_unit, c.place_unit, c.state, c.invited_units,
       CASE WHEN d.device_id IS NULL THEN '{}' ELSE array_remove(units_of_device(d), NULL) END,
       CASE WHEN d.device_id IS NULL THEN '{}' ELSE array_remove(places_of_device(d), NULL) END
       || array_remove(ARRAY[a.place_unit], NULL)
FROM about a LEFT JOIN cases c USING (case_id) LEFT JOIN device d USING (device_id)
WHERE num_nonnulls(c.case_id, d.device_id, a.place_unit) > 0;

-- name: positions_since
-- Six decimals are 0.1 m, and milliseconds are enough for an age: the rest would only cost bytes.
SELECT l.device_id, round(l.lon::numeric, 6)::float8 AS lon, round(l.lat::numeric, 6)::float8 AS lat,
       l.heading, l.speed, l.battery, d.presence,
       date_trunc('milliseconds', l.observed_at) AS observed_at, l.received_at
FROM terminal_live l JOIN device d USING (device_id)
WHERE l.received_at > %s;
