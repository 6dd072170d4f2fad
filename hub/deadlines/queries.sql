-- name: days
SELECT day, is_workday FROM calendar_day WHERE day BETWEEN %s AND %s;

-- name: seed
-- Days that an admin edited are kept.
INSERT INTO calendar_day (day, is_workday, note)
SELECT * FROM unnest(%s::date[], %s::boolean[], %s::text[])
ON CONFLICT (day) DO UPDATE SET is_workday = excluded.is_workday, note = excluded.note
WHERE calendar_day.edited_by IS NULL
  AND (calendar_day.is_workday, calendar_day.note) <> (excluded.is_workday, excluded.note);

-- name: write_day
INSERT INTO calendar_day (day, is_workday, note, edited_by) VALUES (%s, %s, %s, %s)
ON CONFLICT (day) DO UPDATE SET is_workday = excluded.is_workday, note = excluded.note,
                                edited_by = excluded.edited_by;
