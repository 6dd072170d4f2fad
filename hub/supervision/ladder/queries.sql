-- name: newest
SELECT version, steps, imported_at, imported_by, source, reason FROM ladder_version
ORDER BY version DESC LIMIT 1;

-- name: versions
SELECT version, imported_at, imported_by, source, reason FROM ladder_version ORDER BY version DESC;

-- name: one_importer
SELECT pg_advisory_xact_lock(7031);

-- name: add_version
INSERT INTO ladder_version (version, imported_at, imported_by, source, reason, steps)
VALUES (%s, %s, %s, %s, %s, %s);

-- name: calendar_mark
SELECT md5(coalesce(string_agg(day::text || is_workday::text, ',' ORDER BY day), ''))
FROM calendar_day WHERE day >= %s;

-- name: stale
-- Open cases whose plan is missing, or was made from something that has changed.
SELECT c.case_id FROM cases c LEFT JOIN ladder_plan p USING (case_id)
WHERE case_is_open(c.state) AND p.mark IS DISTINCT FROM c.version || '/' || %(mark)s
ORDER BY c.case_id LIMIT %(limit)s FOR NO KEY UPDATE OF c SKIP LOCKED;

-- name: due
SELECT c.case_id FROM ladder_plan p JOIN cases c USING (case_id)
WHERE p.next_at <= %(now)s AND case_is_open(c.state)
  AND p.mark = c.version || '/' || %(mark)s
ORDER BY c.case_id LIMIT %(limit)s FOR NO KEY UPDATE OF c SKIP LOCKED;

-- name: save_plan
INSERT INTO ladder_plan (case_id, mark, halt, next_step, next_at)
VALUES (%(case_id)s, %(mark)s, %(halt)s, %(next_step)s, %(next_at)s)
ON CONFLICT (case_id) DO UPDATE SET mark = excluded.mark, halt = excluded.halt,
    next_step = excluded.next_step, next_at = excluded.next_at;

-- name: fired
-- The steps that the present deadline has had, in this round or, unchanged, in one before.
SELECT DISTINCT step_key FROM ladder_firing
WHERE case_id = %(case_id)s AND (round = %(round)s OR case_due_at = %(due_at)s);

-- name: add_firing
INSERT INTO ladder_firing (case_id, round, step_key, ladder_version, kind, case_due_at, reached_at,
                           fired_at, units, supervisors, text_zh, text_en, letter_id, answer_due_at)
VALUES (%(case_id)s, %(round)s, %(step_key)s, %(ladder_version)s, %(kind)s, %(case_due_at)s,
        %(reached_at)s, %(fired_at)s, %(units)s, %(supervisors)s, %(text_zh)s, %(text_en)s,
        %(letter_id)s, %(answer_due_at)s);

-- name: reminded_by_hand
SELECT fired_at FROM ladder_firing WHERE case_id = %s AND step_key LIKE %s ORDER BY fired_at DESC LIMIT 1;

-- name: superior
SELECT parent FROM unit WHERE unit_key = %s;

-- name: explained
-- Explanations that have come since the deadline passed.
UPDATE ladder_firing f SET answered_at = said.at
FROM (
    SELECT w.firing_id, min(j.at) AS at
    FROM (SELECT firing_id, case_id, case_due_at FROM ladder_firing
          WHERE kind = 'explanation' AND answered_at IS NULL) w
    JOIN journal j ON j.subject = 'case' AND j.subject_id = w.case_id::text
                  AND j.event = 'explain' AND j.at >= w.case_due_at
    GROUP BY w.firing_id
) said
WHERE said.firing_id = f.firing_id;

-- name: unexplained
SELECT f.firing_id, f.case_id FROM ladder_firing f JOIN cases c USING (case_id)
WHERE f.kind = 'explanation' AND f.answered_at IS NULL AND f.overdue_at IS NULL
  AND f.answer_due_at < %s AND c.state <> 'VOID' AND c.merged_into IS NULL
ORDER BY f.firing_id LIMIT %s FOR NO KEY UPDATE OF f SKIP LOCKED;

-- name: flag_unexplained
UPDATE ladder_firing SET overdue_at = %s WHERE firing_id = %s;

-- name: open_answers
-- Explanations and answers to letters of the ladder that have not come, and may span an edited day. Those
-- of letters by hand have the deadline that a person chose.
SELECT f.firing_id, f.case_id, c.case_no, f.ladder_version, f.step_key, f.fired_at, f.answer_due_at,
       f.letter_id, l.facts ->> 'letter_no' AS letter_no, c.due_at AS case_due_at
FROM ladder_firing f
JOIN cases c USING (case_id)
LEFT JOIN letter l USING (letter_id)
WHERE f.answer_due_at > %(first)s AND f.answered_at IS NULL AND c.state <> 'VOID' AND c.merged_into IS NULL
  AND (f.letter_id IS NULL OR (l.answered_at IS NULL AND l.recalled_at IS NULL))
ORDER BY f.firing_id

-- name: move_answer
UPDATE ladder_firing SET answer_due_at = %(due_at)s,
    overdue_at = CASE WHEN %(due_at)s <= %(now)s THEN overdue_at END
WHERE firing_id = %(firing_id)s;

-- name: version
SELECT steps FROM ladder_version WHERE version = %s;

-- name: firings_of_case
SELECT firing_id, case_id, step_key, kind, case_due_at, reached_at, fired_at, units, supervisors,
       text_zh, text_en, letter_id, answer_due_at, answered_at, overdue_at
FROM ladder_firing WHERE case_id = %s ORDER BY fired_at, reached_at, firing_id;

-- name: standing
-- Open cases on the ladder, the next step first; those that stand still come last.
SELECT c.case_id, c.case_no, c.state, c.severity, i.body ->> 'title_zh' AS title_zh,
       i.body ->> 'title_en' AS title_en, c.lead_unit, lead.name_zh AS lead_unit_name_zh,
       lead.name_en AS lead_unit_name_en, c.due_at, c.overdue_at, p.halt, p.next_step, p.next_at,
       coalesce(last.steps, 0) AS steps_fired, last.step_key AS last_step, last.fired_at AS last_at,
       coalesce(last.unanswered, 0) AS unanswered
FROM cases c
JOIN ladder_plan p USING (case_id)
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
LEFT JOIN unit lead ON lead.unit_key = c.lead_unit
LEFT JOIN LATERAL (
    SELECT count(*) AS steps, max(f.fired_at) AS fired_at,
           (array_agg(f.step_key ORDER BY f.firing_id DESC))[1] AS step_key,
           count(*) FILTER (WHERE f.overdue_at IS NOT NULL AND f.answered_at IS NULL)
               + (SELECT count(*) FROM letter l WHERE l.case_id = c.case_id
                  AND l.overdue_at IS NOT NULL AND l.answered_at IS NULL
                  AND l.recalled_at IS NULL) AS unanswered
    FROM ladder_firing f WHERE f.case_id = c.case_id
) last ON true
WHERE case_is_open(c.state)
  AND (%(unit)s::text IS NULL OR c.lead_unit = %(unit)s)
  AND (%(overdue)s::boolean IS NULL OR %(overdue)s = (c.overdue_at IS NOT NULL))
  AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)
  AND (p.next_at IS NOT NULL OR p.halt IN ('suspended', 'exempt', 'fed_back') OR c.overdue_at IS NOT NULL)
ORDER BY p.next_at NULLS LAST, c.overdue_at NULLS LAST, c.case_id
LIMIT %(limit)s OFFSET %(offset)s;

-- name: notices
-- What the ladder has told a unit, or the supervisors; the newest first.
SELECT f.firing_id, f.case_id, c.case_no, i.body ->> 'title_zh' AS title_zh,
       i.body ->> 'title_en' AS title_en, f.step_key, f.kind, f.case_due_at, f.reached_at,
       f.fired_at, f.units, f.supervisors, f.text_zh, f.text_en, f.letter_id, f.answer_due_at,
       f.answered_at, f.overdue_at
FROM ladder_firing f
JOIN cases c USING (case_id)
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
WHERE (%(scope_units)s::text[] IS NULL OR f.units && %(scope_units)s)
  AND (%(kind)s::text IS NULL OR f.kind = %(kind)s)
  AND (%(before)s::bigint IS NULL OR f.firing_id < %(before)s)
ORDER BY f.firing_id DESC LIMIT %(limit)s;

-- name: case_id_of
SELECT case_id FROM cases WHERE case_no = %s;
