-- name: cursor
-- Held to the end of the transaction: whoever measures, measures alone.
SELECT journal_id, mark FROM indicator_cursor FOR UPDATE;

-- name: stands_at
SELECT c.journal_id, (SELECT count(*) FROM (SELECT FROM journal j WHERE j.journal_id > c.journal_id
                                            LIMIT 10000) AS waiting)
FROM indicator_cursor c;

-- name: move_cursor
UPDATE indicator_cursor SET journal_id = %s, mark = %s;

-- name: entries_after
SELECT journal_id, at, subject, subject_id, kind, actor, event, to_state, reason, data,
       left(hash, 12) AS mark
FROM journal WHERE journal_id > %s ORDER BY journal_id LIMIT %s;

-- name: forget_cases
DELETE FROM case_measure;

-- name: forget_signals
DELETE FROM signal_measure;

-- name: newest_rounds
SELECT DISTINCT ON (case_id) case_id, round, case_no, item_key, severity, source, state, lead_unit,
       first_unit, territory_unit, filed_at, dispatched_at, deadline, suspended, missed_at, handled_at,
       closed_at, exempt_at, called_back_at, appealed_at, reporter, receiver, dispatcher, shift_lead,
       happened
FROM case_measure WHERE case_id = ANY(%s) ORDER BY case_id, round DESC;

-- name: signals
SELECT signal_id, received_at, source, item_key, case_id, reporter, marks
FROM signal_measure WHERE signal_id = ANY(%s);

-- name: save_cases
INSERT INTO case_measure (case_id, round, case_no, item_key, severity, source, state, lead_unit,
    first_unit, territory_unit, filed_at, dispatched_at, deadline, suspended, missed_at, handled_at,
    closed_at, exempt_at, called_back_at, appealed_at, reporter, receiver, dispatcher, shift_lead,
    happened, marks, due_at)
SELECT * FROM unnest(%(case_id)s::bigint[], %(round)s::integer[], %(case_no)s::text[],
    %(item_key)s::text[], %(severity)s::text[], %(source)s::text[], %(state)s::text[],
    %(lead_unit)s::text[], %(first_unit)s::text[], %(territory_unit)s::text[],
    %(filed_at)s::timestamptz[], %(dispatched_at)s::timestamptz[], %(deadline)s::timestamptz[],
    %(suspended)s::boolean[], %(missed_at)s::timestamptz[], %(handled_at)s::timestamptz[],
    %(closed_at)s::timestamptz[], %(exempt_at)s::timestamptz[], %(called_back_at)s::timestamptz[],
    %(appealed_at)s::timestamptz[], %(reporter)s::text[], %(receiver)s::text[],
    %(dispatcher)s::text[], %(shift_lead)s::text[], %(happened)s::bigint[], %(marks)s::bigint[],
    %(due_at)s::timestamptz[])
ON CONFLICT (case_id, round) DO UPDATE SET (item_key, severity, source, state, lead_unit,
    first_unit, territory_unit, filed_at, dispatched_at, deadline, suspended, missed_at, handled_at,
    closed_at, exempt_at, called_back_at, appealed_at, reporter, receiver, dispatcher, shift_lead,
    happened, marks, due_at) = (excluded.item_key, excluded.severity, excluded.source,
    excluded.state, excluded.lead_unit, excluded.first_unit, excluded.territory_unit,
    excluded.filed_at, excluded.dispatched_at, excluded.deadline, excluded.suspended,
    excluded.missed_at, excluded.handled_at, excluded.closed_at, excluded.exempt_at,
    excluded.called_back_at, excluded.appealed_at, excluded.reporter, excluded.receiver,
    excluded.dispatcher, excluded.shift_lead, excluded.happened, excluded.marks, excluded.due_at);

-- name: save_signals
INSERT INTO signal_measure (signal_id, received_at, source, item_key, case_id, reporter, marks)
SELECT * FROM unnest(%(signal_id)s::bigint[], %(received_at)s::timestamptz[], %(source)s::text[],
    %(item_key)s::text[], %(case_id)s::bigint[], %(reporter)s::text[], %(marks)s::bigint[])
ON CONFLICT (signal_id) DO UPDATE SET (source, item_key, case_id, reporter, marks)
    = (excluded.source, excluded.item_key, excluded.case_id, excluded.reporter, excluded.marks);

-- name: signals_follow_cases
-- A signal counts where its case does: by the newest round.
UPDATE signal_measure s
SET lead_unit = c.lead_unit, territory_unit = c.territory_unit, severity = c.severity
FROM (SELECT DISTINCT ON (case_id) case_id, lead_unit, territory_unit, severity FROM case_measure
      WHERE case_id = ANY(%(cases)s) ORDER BY case_id, round DESC) AS c
WHERE s.case_id = c.case_id
  AND (s.lead_unit, s.territory_unit, s.severity)
      IS DISTINCT FROM (c.lead_unit, c.territory_unit, c.severity);

-- name: seen
-- The cases that the scope of the account contains, if it is not the whole district.
seen AS MATERIALIZED (
    SELECT array_agg(c.case_id) AS case_ids FROM cases c
    WHERE case_is_visible(c, %(scope_units)s, %(scope_territories)s)
)

-- name: rounds_of_set
-- The rounds of a set with an event of the kinds `events` in a stretch of time, or open from before.
WHERE ((%(events)s::bigint & (1 << 23) <> 0 AND m.filed_at >= %(from)s AND m.filed_at < %(until)s)
       OR (%(events)s::bigint & (1 << 24) <> 0 AND m.dispatched_at >= %(from)s AND m.dispatched_at < %(until)s)
       OR (%(events)s::bigint & (1 << 25) <> 0 AND m.due_at >= %(from)s AND m.due_at < %(until)s)
       OR (%(events)s::bigint & (1 << 29) <> 0 AND m.called_back_at >= %(from)s AND m.called_back_at < %(until)s)
       OR (%(events)s::bigint & (1 << 30) <> 0 AND m.appealed_at >= %(from)s AND m.appealed_at < %(until)s)
       OR (%(events)s::bigint & (1 << 25) <> 0
           AND open_past_due(m.due_at, m.closed_at, m.state) @> %(from)s::timestamptz
           AND NOT isempty(open_past_due(m.due_at, m.closed_at, m.state))))
  AND (%(unit)s::text IS NULL OR m.lead_unit = %(unit)s OR m.first_unit = %(unit)s
       OR (%(unit)s = '' AND (m.lead_unit IS NULL OR m.first_unit IS NULL)))
  AND (%(territories)s::text[] IS NULL OR m.territory_unit = ANY(%(territories)s)
       OR ('' = ANY(%(territories)s) AND m.territory_unit IS NULL))
  AND (%(item)s::text IS NULL OR m.item_key = %(item)s)
  AND (%(source)s::text IS NULL OR m.source = %(source)s)
  AND (%(severity)s::text IS NULL OR m.severity = %(severity)s)
  AND (%(reporter)s::text IS NULL OR coalesce(m.reporter, '') = %(reporter)s)
  AND (%(receiver)s::text IS NULL OR coalesce(m.receiver, '') = %(receiver)s)
  AND (%(dispatcher)s::text IS NULL OR coalesce(m.dispatcher, '') = %(dispatcher)s)
  AND (%(shift_lead)s::text IS NULL OR coalesce(m.shift_lead, '') = %(shift_lead)s)
  AND (%(scope_units)s::text[] IS NULL OR m.case_id = ANY((SELECT case_ids FROM seen)::bigint[]))

-- name: signals_of_set
-- The signals of a set that came in a stretch of time.
WHERE %(events)s::bigint & (1 << 22) <> 0 AND s.received_at >= %(from)s AND s.received_at < %(until)s
  AND (%(unit)s::text IS NULL OR s.lead_unit = %(unit)s OR (%(unit)s = '' AND s.lead_unit IS NULL))
  AND (%(territories)s::text[] IS NULL OR s.territory_unit = ANY(%(territories)s)
       OR ('' = ANY(%(territories)s) AND s.territory_unit IS NULL))
  AND (%(item)s::text IS NULL OR s.item_key = %(item)s)
  AND (%(source)s::text IS NULL OR s.source = %(source)s)
  AND (%(severity)s::text IS NULL OR coalesce(s.severity, '') = %(severity)s)
  AND (%(reporter)s::text IS NULL OR coalesce(s.reporter, '') = %(reporter)s)
  AND concat(%(receiver)s::text, %(dispatcher)s::text, %(shift_lead)s::text) = ''
  AND (%(scope_units)s::text[] IS NULL OR s.case_id = ANY((SELECT case_ids FROM seen)::bigint[]))

-- name: key_of_round
CASE %(by)s::text WHEN 'township' THEN m.territory_unit WHEN 'item' THEN m.item_key
    WHEN 'source' THEN m.source WHEN 'severity' THEN m.severity WHEN 'reporter' THEN m.reporter
    WHEN 'receiver' THEN m.receiver WHEN 'dispatcher' THEN m.dispatcher
    WHEN 'shift_lead' THEN m.shift_lead END

-- name: groups_of_rows
-- For each period, how many events share their key and marks. First the rounds are told together that
-- lie alike to all borders (those of the periods, and now).
WITH
-- include: seen
, alike AS MATERIALIZED (
    SELECT
           -- include: key_of_round
           AS key,
           CASE WHEN %(by)s::text = 'unit' OR %(unit)s::text IS NOT NULL THEN m.lead_unit END AS lead_unit,
           CASE WHEN %(by)s::text = 'unit' OR %(unit)s::text IS NOT NULL THEN m.first_unit END AS first_unit,
           m.marks, m.led_locally, width_bucket(m.filed_at, %(borders)s::timestamptz[]) AS filed,
           width_bucket(m.dispatched_at, %(borders)s) AS dispatched, width_bucket(m.due_at, %(borders)s) AS due,
           width_bucket(m.handled_at, %(borders)s) AS handled, width_bucket(m.closed_at, %(borders)s) AS closed,
           width_bucket(m.called_back_at, %(borders)s) AS called_back,
           width_bucket(m.appealed_at, %(borders)s) AS appealed, count(*) AS number
    FROM case_measure m
    -- include: rounds_of_set
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
), told AS MATERIALIZED (
    SELECT CASE %(by)s::text WHEN 'unit' THEN e.unit ELSE a.key END AS key, e.marks, e.at, e.handled,
           e.closed, false AS is_to_come, sum(a.number) AS number
    FROM alike a, events_of_round(a.lead_unit, a.first_unit, a.marks, a.led_locally, a.filed, a.dispatched,
        a.due, a.handled, a.closed, a.called_back, a.appealed) AS e
    WHERE %(unit)s::text IS NULL OR coalesce(e.unit, '') = %(unit)s
    GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT CASE %(by)s::text WHEN 'unit' THEN s.lead_unit WHEN 'township' THEN s.territory_unit
               WHEN 'item' THEN s.item_key WHEN 'source' THEN s.source WHEN 'severity' THEN s.severity
               WHEN 'reporter' THEN s.reporter END,
           s.marks + (1 << 22), width_bucket(s.received_at, %(borders)s), 2147483647, 2147483647,
           false, count(*)
    FROM signal_measure s
    -- include: signals_of_set
    GROUP BY 1, 2, 3
)
-- include: groups_by_period

-- name: groups_of_tallies
-- For each period of whole months, how many events share their key and marks. What is due later in the
-- month that runs is told apart.
WITH
-- include: seen
, told AS NOT MATERIALIZED (
    SELECT CASE %(by)s::text WHEN 'severity' THEN t.severity WHEN t.apart_by THEN t.key END AS key,
           t.marks, t.month AS at, t.handled, t.closed, false AS is_to_come, t.number
    FROM measure_tally t
    WHERE t.apart_by = %(apart_by)s AND t.month < %(last)s
      AND (t.month >= %(first)s OR (t.closed > t.month AND t.closed >= %(first)s))
      AND (%(keys)s::text[] IS NULL OR t.key = ANY(%(keys)s))
      AND (%(severity)s::text IS NULL OR t.severity = %(severity)s)
    UNION ALL
    SELECT CASE %(by)s::text WHEN 'unit' THEN e.unit ELSE
           -- include: key_of_round
           END,
           e.marks, e.month, e.handled, e.closed, moved.is_to_come, moved.number
    FROM case_measure m, tallied_events(m) AS e,
         (VALUES (true, 1), (false, -1)) AS moved (is_to_come, number)
    -- include: rounds_of_set
      AND (%(unit)s::text IS NULL OR coalesce(e.unit, '') = %(unit)s)
      AND m.due_at >= %(from)s AND m.due_at < %(until)s AND e.marks & (1 << 25) <> 0
      AND (m.handled_at IS NULL OR m.handled_at >= %(from)s)
)
-- include: groups_by_period

-- name: groups_by_period
-- DUE_IN are those of the period, and those that are open from before; `now` is the first time that has
-- not passed. The bits are those of Mark (hub/indicators/definitions.py).
SELECT nth - 1, nullif(key, ''), marks, sum(number)::integer
FROM (
    SELECT p.nth, t.key, t.number, t.marks
           | CASE WHEN t.handled < p.until THEN 1 << 26 ELSE 0 END
           | CASE WHEN t.closed < p.until THEN 1 << 27 ELSE 0 END
           | CASE WHEN t.at < least(p.until, %(now)s::integer) AND NOT t.is_to_come THEN 1 << 28 ELSE 0 END AS marks
    FROM unnest(%(begins)s::integer[], %(ends)s::integer[]) WITH ORDINALITY AS p (begins, until, nth)
    JOIN told t ON t.at >= p.begins AND t.at < p.until
    UNION ALL
    SELECT p.nth, t.key, t.number, t.marks
           | CASE WHEN t.handled < p.until THEN 1 << 26 ELSE 0 END
           | CASE WHEN t.closed < p.until THEN 1 << 27 ELSE 0 END
           | CASE WHEN t.at < %(now)s::integer AND NOT t.is_to_come THEN 1 << 28 ELSE 0 END
    FROM unnest(%(begins)s::integer[], %(ends)s::integer[]) WITH ORDINALITY AS p (begins, until, nth)
    JOIN told t ON t.at < p.begins AND t.closed >= p.begins AND t.closed > t.at
    WHERE t.marks & (1 << 25) <> 0 AND t.marks & (3 << 11) = 0
) AS lying
GROUP BY nth, key, marks
HAVING sum(number) <> 0;

-- name: units
SELECT unit_key, kind, level, parent, name_zh, name_en FROM unit;

-- name: titles
SELECT DISTINCT ON (item_key) item_key, coalesce(body ->> 'title_zh', ''),
       coalesce(body ->> 'title_en', '')
FROM catalogue_item WHERE item_key = ANY(%s) ORDER BY item_key, version DESC;

-- name: counted_rows
-- The rounds and signals behind a number, the newest first: those with one of the `events` whose kept
-- marks meet one of two conditions, and that lie to the period as wanted.
WITH
-- include: seen
SELECT listed.case_id, listed.round, signal_id,
       CASE WHEN signal_id IS NULL THEN listed.case_no
           ELSE (SELECT m.case_no FROM case_measure m WHERE m.case_id = listed.case_id AND m.round = 0) END AS case_no,
       item_key, severity, source,
       CASE WHEN signal_id IS NULL THEN listed.state
           ELSE (SELECT m.state FROM case_measure m WHERE m.case_id = listed.case_id
                 ORDER BY m.round DESC LIMIT 1) END AS state,
       lead_unit, first_unit, territory_unit, filed_at, dispatched_at, due_at, handled_at, closed_at,
       exempt_at, called_back_at, marks
FROM (
    (SELECT m.case_id, m.round, NULL::bigint AS signal_id, m.case_no, m.item_key, m.severity, m.source,
            m.state, m.lead_unit, m.first_unit, m.territory_unit, m.filed_at, m.dispatched_at, m.due_at,
            m.handled_at, m.closed_at, m.exempt_at, m.called_back_at,
            measure_marks(m, %(from)s, %(until)s, %(as_of)s) AS marks
     FROM case_measure m
     -- include: rounds_of_set
       AND ((m.marks & %(wanted)s::bigint = %(wanted)s AND m.marks & %(unwanted)s::bigint = 0)
            OR (m.marks & %(or_wanted)s::bigint = %(or_wanted)s AND m.marks & %(or_unwanted)s::bigint = 0))
       AND (%(lies)s::bigint & (1 << 26) = 0 OR m.handled_at < %(until)s)
       AND (%(lies)s::bigint & (1 << 27) = 0 OR m.closed_at < %(until)s)
       AND (%(lies)s::bigint & (1 << 28) = 0 OR m.due_at < %(as_of)s)
       AND (%(lies)s::bigint & (1::bigint << 31) = 0 OR m.led_locally)
       AND (%(lies_not)s::bigint & (1 << 26) = 0 OR m.handled_at IS NULL OR m.handled_at >= %(until)s)
       AND (%(lies_not)s::bigint & (1 << 27) = 0 OR m.closed_at IS NULL OR m.closed_at >= %(until)s)
       AND (%(unit)s::text IS NULL
            OR coalesce(CASE WHEN %(of_first)s THEN m.first_unit ELSE m.lead_unit END, '') = %(unit)s)
     ORDER BY m.filed_at DESC, m.case_id DESC LIMIT %(limit)s::bigint + %(offset)s)
    UNION ALL
    (SELECT s.case_id, 0, s.signal_id, NULL, s.item_key, coalesce(s.severity, ''), s.source, NULL,
            s.lead_unit, NULL, s.territory_unit, s.received_at, NULL, NULL, NULL, NULL, NULL, NULL,
            s.marks + (1 << 22)
     FROM signal_measure s
     -- include: signals_of_set
       AND (((s.marks + (1 << 22)) & %(wanted)s::bigint = %(wanted)s AND s.marks & %(unwanted)s::bigint = 0)
            OR ((s.marks + (1 << 22)) & %(or_wanted)s::bigint = %(or_wanted)s AND s.marks & %(or_unwanted)s::bigint = 0))
     ORDER BY s.received_at DESC, s.case_id DESC NULLS LAST, s.signal_id DESC
     LIMIT %(limit)s::bigint + %(offset)s)
) AS listed
ORDER BY filed_at DESC, case_id DESC NULLS LAST, signal_id DESC
LIMIT %(limit)s OFFSET %(offset)s;

-- name: people
SELECT username, name FROM account;

-- name: current_publication
SELECT publication_id, period, version, state, from_at, until_at, as_of, published_at, published_by, note,
       figures, changes
FROM indicator_publication WHERE period = %s AND state = 'current';

-- name: publication
SELECT publication_id, period, version, state, from_at, until_at, as_of, published_at, published_by, note,
       figures, changes
FROM indicator_publication WHERE publication_id = %s;

-- name: publications
SELECT publication_id, period, version, state, from_at, until_at, as_of, published_at, published_by, note,
       figures, changes
FROM indicator_publication WHERE %(period)s::text IS NULL OR period = %(period)s
ORDER BY published_at DESC, publication_id DESC LIMIT %(limit)s;

-- name: lock_publications
-- Two who publish the same period do it one after the other.
SELECT publication_id FROM indicator_publication WHERE period = %s ORDER BY publication_id FOR UPDATE;

-- name: supersede
UPDATE indicator_publication SET state = 'superseded' WHERE period = %s AND state = 'current';

-- name: insert_publication
INSERT INTO indicator_publication (period, version, from_at, until_at, as_of, published_at, published_by,
    note, figures, changes)
VALUES (%(period)s, %(version)s, %(from_at)s, %(until_at)s, %(as_of)s, %(published_at)s, %(published_by)s,
    %(note)s, %(figures)s, %(changes)s)
RETURNING publication_id;

-- name: copy_published_rows
COPY indicator_publication_row (publication_id, case_id, round, signal_id, case_no, item_key, lead_unit,
    first_unit, territory_unit, filed_at, due_at, handled_at, closed_at, marks) FROM STDIN;

-- name: changed_rows
-- The rows in which two versions differ: the marks and units of each, null if it has none.
SELECT coalesce(a.case_no, b.case_no), nullif(case_id, 0), nullif(signal_id, 0), b.marks, a.marks,
       b.lead_unit, a.lead_unit
FROM (SELECT * FROM indicator_publication_row WHERE publication_id = %(after)s) AS a
FULL JOIN (SELECT * FROM indicator_publication_row WHERE publication_id = %(before)s) AS b
    USING (case_id, round, signal_id)
WHERE (a.marks, a.lead_unit) IS DISTINCT FROM (b.marks, b.lead_unit)
ORDER BY case_id, round, signal_id;

-- name: set_changes
UPDATE indicator_publication SET changes = %s WHERE publication_id = %s;

-- name: published_marks
SELECT DISTINCT marks FROM indicator_publication_row WHERE publication_id = %s;

-- name: published_rows
SELECT nullif(r.case_id, 0) AS case_id, r.round, nullif(r.signal_id, 0) AS signal_id, r.case_no, r.item_key,
       '' AS severity, '' AS source, NULL AS state, r.lead_unit, r.first_unit, r.territory_unit, r.filed_at,
       NULL::timestamptz AS dispatched_at, r.due_at, r.handled_at, r.closed_at,
       NULL::timestamptz AS exempt_at, NULL::timestamptz AS called_back_at, r.marks
FROM indicator_publication_row r
WHERE r.publication_id = %(publication_id)s AND r.marks = ANY(%(marks)s)
  AND (%(unit)s::text IS NULL
       OR CASE WHEN %(of_first)s THEN r.first_unit ELSE r.lead_unit END = %(unit)s)
ORDER BY r.filed_at DESC, r.case_id DESC, r.signal_id DESC
LIMIT %(limit)s OFFSET %(offset)s;

-- name: forget_presses
DELETE FROM press_measure;

-- name: save_reminder
INSERT INTO press_measure (kind, id, unit_key, at) VALUES ('reminder', %(id)s, %(unit_key)s, %(at)s)
ON CONFLICT (kind, id) DO NOTHING;

-- name: save_letter
INSERT INTO press_measure (kind, id, unit_key, at, overdue_at, answered_at, recalled_at)
VALUES ('letter', %(id)s, %(unit_key)s, %(at)s, %(overdue_at)s, %(answered_at)s, %(recalled_at)s)
ON CONFLICT (kind, id) DO UPDATE SET
    overdue_at = coalesce(press_measure.overdue_at, excluded.overdue_at),
    answered_at = coalesce(press_measure.answered_at, excluded.answered_at),
    recalled_at = coalesce(press_measure.recalled_at, excluded.recalled_at);

-- name: save_letter_in_time
UPDATE press_measure SET overdue_at = NULL WHERE kind = 'letter' AND id = %(id)s;

-- name: presses
-- Reminders of the period, and letters whose answer was due in it and had not come when it ended.
SELECT unit_key,
       count(*) FILTER (WHERE kind = 'reminder' AND at >= %(from)s AND at < %(until)s),
       count(*) FILTER (WHERE kind = 'letter' AND overdue_at >= %(from)s AND overdue_at < %(until)s
                          AND (answered_at IS NULL OR answered_at >= %(until)s) AND recalled_at IS NULL)
FROM press_measure
WHERE (at >= %(from)s AND at < %(until)s) OR (overdue_at >= %(from)s AND overdue_at < %(until)s)
GROUP BY unit_key;

-- name: newest_sheets
SELECT DISTINCT ON (sheet_key) sheet_key, version, body, made_at, made_by, reason
FROM score_sheet ORDER BY sheet_key, version DESC;

-- name: sheet_versions
SELECT sheet_key, version, body, made_at, made_by, reason
FROM score_sheet WHERE sheet_key = %s ORDER BY version DESC;

-- name: insert_sheet
INSERT INTO score_sheet (sheet_key, version, body, made_at, made_by, reason)
VALUES (%(sheet_key)s, %(version)s, %(body)s, %(made_at)s, %(made_by)s, %(reason)s);
