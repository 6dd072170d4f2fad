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
SELECT key, first_key, leads, was_first, marks, count(*)::integer AS number
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
       NULL AS first_key, true AS leads, true AS was_first,
       s.marks + (1::bigint << 22) AS marks, count(*)::integer AS number
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
WHERE marks = ANY(%(marks)s)
ORDER BY filed_at DESC, case_id DESC NULLS LAST, signal_id DESC
LIMIT %(limit)s OFFSET %(offset)s;

-- name: people
SELECT username, name FROM account;
