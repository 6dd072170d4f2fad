-- name: units_of_entries
-- The units whose case an entry is about; entries that belong to no case are left out. Who sent a
-- case back hears of it until another unit has it.
WITH entry AS (
    SELECT journal_id, subject, subject_id FROM journal WHERE journal_id = ANY(%s)
), of_case AS (
    SELECT journal_id, subject_id::bigint AS case_id FROM entry WHERE subject = 'case'
    UNION ALL
    SELECT e.journal_id, s.case_id FROM entry e
    JOIN signal s ON e.subject = 'signal' AND s.signal_id::text = e.subject_id
    UNION ALL
    SELECT e.journal_id, c.case_id FROM entry e
    JOIN command c ON e.subject = 'command' AND c.command_id::text = e.subject_id
    UNION ALL
    SELECT e.journal_id, v.case_id FROM entry e
    JOIN video_session v ON e.subject = 'video' AND v.session_id::text = e.subject_id
)
SELECT o.journal_id, array_remove(
    c.assist_units || CASE WHEN c.lead_unit IS NULL THEN c.returned_from ELSE c.lead_unit END, NULL)
FROM of_case o JOIN cases c USING (case_id);

-- name: positions_since
SELECT l.device_id, l.lon, l.lat, l.heading, l.speed, l.battery, d.presence, l.observed_at,
       l.received_at
FROM terminal_live l JOIN device d USING (device_id)
WHERE l.received_at > %s;
