-- name: add_answer
INSERT INTO study_answer (case_id, unit_key, position, text, answered_at, answered_by)
VALUES (%(case_id)s, %(unit_key)s, %(position)s, %(text)s, %(at)s, %(by)s);

-- name: answers
SELECT a.unit_key, u.name_zh, u.name_en, a.position, a.text, a.answered_at, a.answered_by,
       p.name AS answered_by_name
FROM study_answer a JOIN unit u USING (unit_key)
LEFT JOIN account p ON 'user:' || p.username = a.answered_by
WHERE a.case_id = %s AND a.answered_at >= %s ORDER BY a.answer_id;

-- name: next_proposal
SELECT nextval(pg_get_serial_sequence('ruling_proposal', 'proposal_id'));

-- name: add_proposal
INSERT INTO ruling_proposal (proposal_id, case_id, item_key, ruling, state, proposed_at, proposed_by)
OVERRIDING SYSTEM VALUE
VALUES (%(proposal_id)s, %(case_id)s, %(item_key)s, %(ruling)s, 'proposed', %(at)s, %(by)s);

-- name: open_proposal
SELECT proposal_id FROM ruling_proposal WHERE case_id = %s AND state = 'proposed';

-- name: lock_proposal
SELECT proposal_id, case_id, item_key, ruling, state, proposed_at, proposed_by, decided_at,
       decided_by, reason, version
FROM ruling_proposal WHERE proposal_id = %s FOR NO KEY UPDATE;

-- name: decide_proposal
UPDATE ruling_proposal SET state = %(state)s, decided_at = %(at)s, decided_by = %(by)s,
    reason = %(reason)s, version = %(version)s
WHERE proposal_id = %(proposal_id)s;

-- name: proposals
-- Those that wait before those that are decided, the newest first.
SELECT r.proposal_id, r.case_id, c.case_no, r.item_key, r.ruling, r.state, r.proposed_at,
       r.proposed_by, p.name AS proposed_by_name, r.decided_at, r.decided_by,
       d.name AS decided_by_name, r.reason, r.version,
       coalesce(i.body ->> 'title_zh', r.item_key) AS title_zh,
       coalesce(i.body ->> 'title_en', r.item_key) AS title_en
FROM ruling_proposal r JOIN cases c USING (case_id)
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
LEFT JOIN account p ON 'user:' || p.username = r.proposed_by
LEFT JOIN account d ON 'user:' || d.username = r.decided_by
WHERE (%(case_id)s::bigint IS NULL OR r.case_id = %(case_id)s)
  AND (%(state)s::text IS NULL OR r.state = %(state)s)
ORDER BY r.state <> 'proposed', r.proposal_id DESC
LIMIT %(limit)s;

-- name: units
SELECT unit_key, name_zh, name_en FROM unit WHERE unit_key = ANY(%s);

-- name: studies
-- Those that run before those that have ended; of these the next to be due first.
SELECT c.case_id, c.case_no, c.state,
       coalesce(i.body ->> 'title_zh', c.item_key) AS title_zh,
       coalesce(i.body ->> 'title_en', c.item_key) AS title_en,
       coalesce(k ->> 'text_zh', c.cond_key) AS condition_text_zh,
       coalesce(k ->> 'text_en', c.cond_key) AS condition_text_en,
       c.severity, c.study_due_at AS due_at, c.study_overdue_at IS NOT NULL AS overdue,
       c.invited_units AS units, c.lead_unit, lead.name_zh AS lead_unit_name_zh,
       lead.name_en AS lead_unit_name_en, area.name_zh AS territory_name_zh,
       area.name_en AS territory_name_en, asked.at AS opened_at,
       ARRAY(SELECT DISTINCT a.unit_key FROM study_answer a
             WHERE a.case_id = c.case_id AND a.answered_at >= asked.at
             ORDER BY a.unit_key) AS answered,
       (SELECT r.state FROM ruling_proposal r WHERE r.case_id = c.case_id
        ORDER BY r.proposal_id DESC LIMIT 1) AS proposal
FROM cases c
CROSS JOIN LATERAL (
    SELECT at FROM journal WHERE subject = 'case' AND subject_id = c.case_id::text
      AND event = 'refer_study' ORDER BY journal_id DESC LIMIT 1
) asked
LEFT JOIN unit lead ON lead.unit_key = c.lead_unit
LEFT JOIN unit area ON area.unit_key = c.territory_unit
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
LEFT JOIN LATERAL (
    SELECT each FROM jsonb_array_elements(i.body -> 'conditions') AS each
    WHERE each ->> 'cond_key' = c.cond_key
) AS found(k) ON true
WHERE c.study_due_at IS NOT NULL
  AND (%(running)s::boolean IS NULL OR (c.state = 'JOINT_STUDY') = %(running)s)
  AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)
ORDER BY c.state <> 'JOINT_STUDY',
         CASE WHEN c.state = 'JOINT_STUDY' THEN c.study_due_at END,
         c.study_due_at DESC, c.case_id
LIMIT %(limit)s;
