-- name: take_number
INSERT INTO letter_number AS taken (kind, year, last) VALUES (%s, %s, 1)
ON CONFLICT (kind, year) DO UPDATE SET last = taken.last + 1
RETURNING last;

-- name: insert
INSERT INTO letter (kind, year, number, case_id, unit_key, copies, facts, issued_at, issued_by,
                    answer_due_at)
VALUES (%(kind)s, %(year)s, %(number)s, %(case_id)s, %(unit_key)s, %(copies)s, %(facts)s,
        %(issued_at)s, %(issued_by)s, %(answer_due_at)s)
RETURNING letter_id;

-- name: by_id
SELECT letter_id, kind, year, number, case_id, unit_key, copies, facts, issued_at, issued_by,
       answer_due_at, overdue_at, received_at, received_by, answered_at, answered_by, answer,
       answer_photos, recalled_at, recalled_by, recall_reason
FROM letter WHERE letter_id = %s;

-- name: lock
SELECT FROM letter WHERE letter_id = %s FOR NO KEY UPDATE;

-- name: receive
UPDATE letter SET received_at = %(now)s, received_by = %(actor)s WHERE letter_id = %(letter_id)s;

-- name: answer
UPDATE letter SET answered_at = %(now)s, answered_by = %(actor)s, answer = %(answer)s,
    answer_photos = %(photos)s, received_at = coalesce(received_at, %(now)s),
    received_by = coalesce(received_by, %(actor)s)
WHERE letter_id = %(letter_id)s;

-- name: recall
UPDATE letter SET recalled_at = %(now)s, recalled_by = %(actor)s, recall_reason = %(reason)s
WHERE letter_id = %(letter_id)s;

-- name: unanswered
SELECT l.letter_id FROM letter l JOIN cases c USING (case_id)
WHERE c.state <> 'VOID' AND c.merged_into IS NULL
  AND l.answered_at IS NULL AND l.recalled_at IS NULL AND l.overdue_at IS NULL
  AND l.answer_due_at < %s
ORDER BY l.letter_id LIMIT %s FOR NO KEY UPDATE OF l SKIP LOCKED;

-- name: flag_overdue
UPDATE letter SET overdue_at = %s WHERE letter_id = %s;

-- name: move_answer
UPDATE letter SET answer_due_at = %(due_at)s,
    overdue_at = CASE WHEN %(due_at)s <= %(now)s THEN overdue_at END
WHERE letter_id = %(letter_id)s;

-- name: unit_names
SELECT unit_key, name_zh, name_en FROM unit WHERE unit_key = ANY(%s);

-- name: centre
SELECT name_zh, name_en FROM district ORDER BY code LIMIT 1;

-- name: missing_photos
SELECT each FROM unnest(%s::text[]) AS each
WHERE each NOT IN (SELECT sha256 FROM evidence) ORDER BY each;

-- name: list
SELECT l.letter_id, l.kind, l.year, l.number, l.case_id, c.case_no, c.state AS case_state,
       l.unit_key, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en, l.copies,
       l.facts ->> 'title_zh' AS title_zh, l.facts ->> 'title_en' AS title_en,
       l.facts ->> 'text' AS text,
       l.issued_at, l.issued_by, i.name AS issued_by_name, l.answer_due_at, l.overdue_at,
       l.received_at, l.received_by, r.name AS received_by_name,
       l.answered_at, l.answered_by, a.name AS answered_by_name, l.answer, l.answer_photos,
       l.recalled_at, l.recalled_by, b.name AS recalled_by_name, l.recall_reason
FROM letter l
JOIN cases c USING (case_id)
JOIN unit u ON u.unit_key = l.unit_key
LEFT JOIN account i ON 'user:' || i.username = l.issued_by
LEFT JOIN account r ON 'user:' || r.username = l.received_by
LEFT JOIN account a ON 'user:' || a.username = l.answered_by
LEFT JOIN account b ON 'user:' || b.username = l.recalled_by
WHERE (%(letter_id)s::bigint IS NULL OR l.letter_id = %(letter_id)s)
  AND (%(case_id)s::bigint IS NULL OR l.case_id = %(case_id)s)
  AND (%(kind)s::text IS NULL OR l.kind = %(kind)s)
  AND (%(year)s::integer IS NULL OR l.year = %(year)s)
  AND (%(unit)s::text IS NULL OR l.unit_key = %(unit)s)
  AND (%(open)s::boolean IS NULL
       OR %(open)s = (l.answered_at IS NULL AND l.recalled_at IS NULL))
  AND (%(overdue)s::boolean IS NULL OR %(overdue)s = (l.overdue_at IS NOT NULL))
  AND (%(q)s::text IS NULL OR c.case_no ILIKE %(q)s OR l.facts ->> 'letter_no' ILIKE %(q)s
       OR l.facts ->> 'title_zh' ILIKE %(q)s OR l.facts ->> 'title_en' ILIKE %(q)s
       OR u.name_zh ILIKE %(q)s OR u.name_en ILIKE %(q)s)
  AND (%(before)s::bigint IS NULL OR l.letter_id < %(before)s)
  AND (l.unit_key = ANY (%(scope_units)s) OR l.copies && %(scope_units)s
       OR case_is_visible(c, %(scope_units)s, %(scope_territories)s))
ORDER BY l.letter_id DESC
LIMIT %(limit)s;

-- name: id_by_number
SELECT letter_id FROM letter
WHERE facts ->> 'letter_no' = %(said)s OR letter_id::text = %(said)s;
