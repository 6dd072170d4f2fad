-- name: version
SELECT version FROM calendar_version;

-- name: days
SELECT day, is_workday FROM calendar_day WHERE day BETWEEN %s AND %s;

-- name: seed
-- Days that an admin edited are kept.
INSERT INTO calendar_day (day, is_workday, note)
SELECT * FROM unnest(%s::date[], %s::boolean[], %s::text[])
ON CONFLICT (day) DO UPDATE SET is_workday = excluded.is_workday, note = excluded.note
WHERE calendar_day.edited_by IS NULL
  AND (calendar_day.is_workday, calendar_day.note) <> (excluded.is_workday, excluded.note);

-- name: write_days
INSERT INTO calendar_day (day, is_workday, note, edited_by)
SELECT day, is_workday, note, %s
FROM unnest(%s::date[], %s::boolean[], %s::text[]) AS edit (day, is_workday, note)
ON CONFLICT (day) DO UPDATE SET is_workday = excluded.is_workday, note = excluded.note,
                                edited_by = excluded.edited_by;

-- name: days_between
SELECT each::date AS day,
       coalesce(known.is_workday, extract(isodow FROM each) < 6) AS is_workday,
       coalesce(known.note, '') AS note, known.edited_by, known.day IS NULL AS assumed
FROM generate_series(%s::timestamp, %s::timestamp, interval '1 day') AS each
LEFT JOIN calendar_day known ON known.day = each::date
ORDER BY each;
