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

-- name: groups
-- How many rounds share their marks: those that they have, and those of how they lie to the period
-- (hub/indicators/definitions.py: Mark). Rounds that have nothing to do with the period are left out.
SELECT key, first_key, marks, count(*)::integer AS number, leads, was_first
FROM (
    SELECT CASE %(by)s::text WHEN 'unit' THEN m.lead_unit WHEN 'township' THEN m.territory_unit
               WHEN 'item' THEN m.item_key WHEN 'source' THEN m.source WHEN 'severity' THEN m.severity
               WHEN 'reporter' THEN m.reporter WHEN 'receiver' THEN m.receiver
               WHEN 'dispatcher' THEN m.dispatcher WHEN 'shift_lead' THEN m.shift_lead END AS key,
           CASE %(by)s::text WHEN 'unit' THEN m.first_unit WHEN 'township' THEN m.territory_unit
               WHEN 'item' THEN m.item_key WHEN 'source' THEN m.source WHEN 'severity' THEN m.severity
               WHEN 'reporter' THEN m.reporter WHEN 'receiver' THEN m.receiver
               WHEN 'dispatcher' THEN m.dispatcher WHEN 'shift_lead' THEN m.shift_lead
               END AS first_key,
           NOT %(of_unit)s OR m.lead_unit IS NOT DISTINCT FROM %(unit)s AS leads,
           NOT %(of_unit)s OR m.first_unit IS NOT DISTINCT FROM %(unit)s AS was_first,
           measure_marks(m, %(from)s, %(until)s, %(as_of)s, %(local)s) AS marks
    FROM case_measure m
    WHERE ((m.filed_at >= %(from)s AND m.filed_at < %(until)s)
           OR (m.dispatched_at >= %(from)s AND m.dispatched_at < %(until)s)
           OR (m.due_at >= %(from)s AND m.due_at < %(until)s)
           OR (m.called_back_at >= %(from)s AND m.called_back_at < %(until)s)
           OR (m.appealed_at >= %(from)s AND m.appealed_at < %(until)s)
           OR (open_past_due(m.due_at, m.closed_at, m.state) @> %(from)s::timestamptz
               AND NOT isempty(open_past_due(m.due_at, m.closed_at, m.state))))
      AND (NOT %(of_unit)s OR m.lead_unit IS NOT DISTINCT FROM %(unit)s
           OR m.first_unit IS NOT DISTINCT FROM %(unit)s)
      AND (%(territories)s::text[] IS NULL OR coalesce(m.territory_unit, '') = ANY(%(territories)s))
      AND (%(item)s::text IS NULL OR m.item_key = %(item)s)
      AND (%(source)s::text IS NULL OR m.source = %(source)s)
      AND (%(severity)s::text IS NULL OR m.severity = %(severity)s)
      AND (%(scope_units)s::text[] IS NULL OR m.case_id IN (
          SELECT c.case_id FROM cases c
          WHERE case_is_visible(c, %(scope_units)s, %(scope_territories)s)))
) AS measured
GROUP BY key, first_key, leads, was_first, marks;

-- name: signal_groups
SELECT CASE %(by)s::text WHEN 'unit' THEN s.lead_unit WHEN 'township' THEN s.territory_unit
           WHEN 'item' THEN s.item_key WHEN 'source' THEN s.source WHEN 'severity' THEN s.severity
           WHEN 'reporter' THEN s.reporter END AS key,
       NULL AS first_key, s.marks + (1::bigint << 22) AS marks, count(*)::integer AS number,
       true AS leads, true AS was_first
FROM signal_measure s
WHERE s.received_at >= %(from)s AND s.received_at < %(until)s
  AND (NOT %(of_unit)s OR s.lead_unit IS NOT DISTINCT FROM %(unit)s)
  AND (%(territories)s::text[] IS NULL OR coalesce(s.territory_unit, '') = ANY(%(territories)s))
  AND (%(item)s::text IS NULL OR s.item_key = %(item)s)
  AND (%(source)s::text IS NULL OR s.source = %(source)s)
  AND (%(severity)s::text IS NULL OR s.severity = %(severity)s)
  AND (%(scope_units)s::text[] IS NULL OR s.case_id IN (
      SELECT c.case_id FROM cases c
      WHERE case_is_visible(c, %(scope_units)s, %(scope_territories)s)))
GROUP BY key, s.marks;

-- name: units
SELECT unit_key, kind, level, parent, name_zh, name_en FROM unit;

-- name: titles
SELECT DISTINCT ON (item_key) item_key, coalesce(body ->> 'title_zh', ''),
       coalesce(body ->> 'title_en', '')
FROM catalogue_item WHERE item_key = ANY(%s) ORDER BY item_key, version DESC;

-- name: counted_rows
-- The rounds and signals behind a number: those whose marks are among the ones that count.
SELECT case_id, round, signal_id, case_no, item_key, severity, source, state, lead_unit, first_unit,
       territory_unit, filed_at, dispatched_at, due_at, handled_at, closed_at, exempt_at,
       called_back_at, marks
FROM (
    SELECT m.case_id, m.round, NULL::bigint AS signal_id, m.case_no, m.item_key, m.severity, m.source,
           m.state, m.lead_unit, m.first_unit, m.territory_unit, m.filed_at, m.dispatched_at, m.due_at,
           m.handled_at, m.closed_at, m.exempt_at, m.called_back_at,
           measure_marks(m, %(from)s, %(until)s, %(as_of)s, %(local)s) AS marks
    FROM case_measure m
    WHERE ((m.filed_at >= %(from)s AND m.filed_at < %(until)s)
           OR (m.dispatched_at >= %(from)s AND m.dispatched_at < %(until)s)
           OR (m.due_at >= %(from)s AND m.due_at < %(until)s)
           OR (m.called_back_at >= %(from)s AND m.called_back_at < %(until)s)
           OR (m.appealed_at >= %(from)s AND m.appealed_at < %(until)s)
           OR (open_past_due(m.due_at, m.closed_at, m.state) @> %(from)s::timestamptz
               AND NOT isempty(open_past_due(m.due_at, m.closed_at, m.state))))
      AND (%(kept)s::bigint[] IS NULL OR m.marks = ANY(%(kept)s))
      AND (NOT %(of_unit)s OR CASE WHEN %(of_first)s THEN m.first_unit ELSE m.lead_unit END
                              IS NOT DISTINCT FROM %(unit)s)
      AND (%(territories)s::text[] IS NULL OR coalesce(m.territory_unit, '') = ANY(%(territories)s))
      AND (%(item)s::text IS NULL OR m.item_key = %(item)s)
      AND (%(source)s::text IS NULL OR m.source = %(source)s)
      AND (%(severity)s::text IS NULL OR m.severity = %(severity)s)
      AND (%(scope_units)s::text[] IS NULL OR m.case_id IN (
          SELECT c.case_id FROM cases c
          WHERE case_is_visible(c, %(scope_units)s, %(scope_territories)s)))
    UNION ALL
    SELECT s.case_id, 0, s.signal_id,
           (SELECT m.case_no FROM case_measure m WHERE m.case_id = s.case_id AND m.round = 0),
           s.item_key, coalesce(s.severity, ''), s.source,
           (SELECT m.state FROM case_measure m WHERE m.case_id = s.case_id ORDER BY m.round DESC LIMIT 1),
           s.lead_unit, NULL, s.territory_unit, s.received_at, NULL, NULL, NULL, NULL, NULL, NULL,
           s.marks + (1::bigint << 22)
    FROM signal_measure s
    WHERE %(with_signals)s AND s.received_at >= %(from)s AND s.received_at < %(until)s
      AND (NOT %(of_unit)s OR s.lead_unit IS NOT DISTINCT FROM %(unit)s)
      AND (%(territories)s::text[] IS NULL OR coalesce(s.territory_unit, '') = ANY(%(territories)s))
      AND (%(item)s::text IS NULL OR s.item_key = %(item)s)
      AND (%(source)s::text IS NULL OR s.source = %(source)s)
      AND (%(severity)s::text IS NULL OR s.severity = %(severity)s)
      AND (%(scope_units)s::text[] IS NULL OR s.case_id IN (
          SELECT c.case_id FROM cases c
          WHERE case_is_visible(c, %(scope_units)s, %(scope_territories)s)))
) AS listed
WHERE %(marks)s::bigint[] IS NULL OR marks = ANY(%(marks)s)
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
