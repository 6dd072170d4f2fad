-- name: insert
INSERT INTO matter (case_id, tier, leader, review_days, listed_at, listed_by, review_due_on)
VALUES (%(case_id)s, %(tier)s, %(leader)s, %(review_days)s, %(now)s, %(actor)s, %(review_due_on)s)
ON CONFLICT (case_id) WHERE struck_at IS NULL DO NOTHING
RETURNING matter_id;

-- name: lock
SELECT matter_id, case_id, tier, leader, review_days, listed_at, listed_by, reviewed_at,
       review_due_on, goal, struck_at, struck_by, strike_reason
FROM matter WHERE matter_id = %s FOR NO KEY UPDATE;

-- name: set_tier
UPDATE matter SET tier = %(tier)s, leader = %(leader)s, review_days = %(review_days)s,
    review_due_on = %(review_due_on)s
WHERE matter_id = %(matter_id)s;

-- name: review
UPDATE matter SET reviewed_at = %(now)s, review_due_on = %(review_due_on)s
WHERE matter_id = %(matter_id)s;

-- name: set_goal
UPDATE matter SET goal = %(goal)s WHERE matter_id = %(matter_id)s;

-- name: clear_members
DELETE FROM plan_member WHERE matter_id = %s;

-- name: add_member
INSERT INTO plan_member (matter_id, name, duty) VALUES (%s, %s, %s);

-- name: add_step
INSERT INTO plan_step (matter_id, text, due_on) VALUES (%s, %s, %s) RETURNING step_id;

-- name: finish_step
UPDATE plan_step SET done_at = %(now)s, done_by = %(actor)s, result = %(result)s
WHERE step_id = %(step_id)s AND matter_id = %(matter_id)s AND done_at IS NULL
RETURNING text;

-- name: step
SELECT done_at FROM plan_step WHERE step_id = %(step_id)s AND matter_id = %(matter_id)s;

-- name: strike
UPDATE matter SET struck_at = %(now)s, struck_by = %(actor)s, strike_reason = %(reason)s
WHERE matter_id = %(matter_id)s;

-- name: list
-- Those due for review first, then by tier.
SELECT m.matter_id, m.case_id, c.case_no, c.state, i.body ->> 'title_zh' AS title_zh,
       i.body ->> 'title_en' AS title_en, i.body ->> 'kind' AS item_kind, c.text, c.lead_unit,
       lead.name_zh AS lead_unit_name_zh, lead.name_en AS lead_unit_name_en,
       area.name_zh AS territory_name_zh, area.name_en AS territory_name_en,
       m.tier, m.leader, m.review_days, m.listed_at, m.listed_by, m.reviewed_at, m.review_due_on,
       m.struck_at IS NULL AND m.review_due_on <= %(today)s AS review_due, m.goal, m.struck_at,
       m.struck_by, m.strike_reason, steps.total AS steps, steps.done AS steps_done,
       steps.late AS steps_late, steps.next_on AS next_step_on
FROM matter m
JOIN cases c USING (case_id)
LEFT JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
LEFT JOIN unit lead ON lead.unit_key = c.lead_unit
LEFT JOIN unit area ON area.unit_key = c.territory_unit
LEFT JOIN LATERAL (
    SELECT count(*) AS total, count(*) FILTER (WHERE done_at IS NOT NULL) AS done,
           count(*) FILTER (WHERE done_at IS NULL AND due_on < %(today)s) AS late,
           min(due_on) FILTER (WHERE done_at IS NULL) AS next_on
    FROM plan_step s WHERE s.matter_id = m.matter_id
) steps ON true
WHERE (%(matter_id)s::bigint IS NULL OR m.matter_id = %(matter_id)s)
  AND (%(case_id)s::bigint IS NULL OR m.case_id = %(case_id)s)
  AND (%(tier)s::text IS NULL OR m.tier = %(tier)s)
  AND (%(struck)s::boolean IS NULL OR %(struck)s = (m.struck_at IS NOT NULL))
  AND (%(due)s::boolean IS NULL
       OR %(due)s = (m.struck_at IS NULL AND m.review_due_on <= %(today)s))
  AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)
ORDER BY m.struck_at IS NOT NULL, NOT (m.review_due_on <= %(today)s),
         array_position(ARRAY['high', 'mid', 'low'], m.tier), m.review_due_on, m.matter_id
LIMIT %(limit)s;

-- name: members
SELECT name, duty FROM plan_member WHERE matter_id = %s ORDER BY name;

-- name: steps
SELECT s.step_id, s.text, s.due_on, s.done_at, s.done_by, a.name AS done_by_name, s.result
FROM plan_step s LEFT JOIN account a ON 'user:' || a.username = s.done_by
WHERE s.matter_id = %s ORDER BY s.due_on, s.step_id;

-- name: actor_names
SELECT 'user:' || username, name FROM account WHERE 'user:' || username = ANY(%s);

-- name: candidates
-- Open disputes and hazards that are not on the list.
SELECT c.case_id, c.case_no, c.state, c.severity, i.body ->> 'title_zh' AS title_zh,
       i.body ->> 'title_en' AS title_en, i.body ->> 'kind' AS item_kind, c.text, c.filed_at
FROM cases c
JOIN catalogue_item i ON i.version = c.catalogue_version AND i.item_key = c.item_key
WHERE case_is_open(c.state) AND i.body ->> 'kind' IN ('dispute', 'hazard')
  AND NOT EXISTS (SELECT FROM matter m WHERE m.case_id = c.case_id AND m.struck_at IS NULL)
  AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)
ORDER BY c.filed_at DESC LIMIT %(limit)s;
